//! A known difference of rehearsals about something that is not in the lab. Looks at things only: whether a rehearsal puts such a
//! question, and whether it still differs, a rehearsal says itself.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Kind, Lab, ThingId};
use lab_model::{Name, Text};
use lab_source::Diagnostic;

rule!(
    "known-difference-of-nothing",
    Warning,
    Policy,
    "a known difference is about something that is not in the lab"
);

/// What a known difference names when it is there while all is well.
const NOTHING_FAILED: &str = "nothing";

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (name, known) in &lab.known_differences {
        if let Some(fault) = &known.fault {
            let is_there = |word: &str| is_named(lab, word, |thing| lab.subject(thing));
            let missing = fault.text.split(" + ").find(|one| *one != NOTHING_FAILED && !is_there(begin(one)));
            let findings = missing.map(|one| {
                finding(context, name, fault, "nothing in the lab that can fail is called so").help(near(
                    lab,
                    one,
                    |thing| lab.subject(thing),
                ))
            });
            findings.into_iter().for_each(|finding| context.report(finding));
        }
        if let Some(probe) = &known.probe {
            let who = probe.text.split(": ").next().unwrap_or_default();
            let own = |thing: ThingId| lab.name(thing).to_string();
            if !is_named(lab, who, own) {
                let finding = finding(context, name, probe, "nobody in the lab who asks is called so")
                    .help(near(lab, who, own));
                context.report(finding);
            }
        }
    }
}

/// The thing at the beginning of a part's name: `cable/fibres` of `cable/fibres switch-1:1`.
fn begin(part: &str) -> &str {
    let end = part.find(' ').filter(|space| part.find('*').is_none_or(|star| *space < star));
    end.map_or(part, |end| &part[..end])
}

/// Whether any thing is called so, or begins so where `*` stands.
fn is_named(lab: &Lab, word: &str, shown: impl Fn(ThingId) -> String) -> bool {
    let is_meant = |thing| match word.split_once('*') {
        // What follows the star may be about a piece of the thing, or about others that fail with it.
        Some((head, _)) => {
            let shown = shown(thing);
            shown.starts_with(head) || head.strip_prefix(&shown).is_some_and(|rest| rest.starts_with(' '))
        }
        None => shown(thing) == word,
    };
    things(lab).any(is_meant)
}

fn things(lab: &Lab) -> impl Iterator<Item = ThingId> {
    Kind::ALL.iter().flat_map(|&kind| (0..lab.count(kind) as u32).map(move |index| ThingId { kind, index }))
}

fn finding(context: &Context<'_>, name: &Name, text: &Text, label: &str) -> Diagnostic {
    context.finding(format!("known difference `{name}` is about nothing in the lab"), text.span, label)
}

fn near(lab: &Lab, word: &str, shown: impl Fn(ThingId) -> String) -> String {
    let names: Vec<String> = things(lab).map(shown).collect();
    match lab_source::suggest::nearest(word.trim_end_matches('*'), names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write it as the report of a rehearsal does, or remove it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::begin;

    #[test]
    fn a_part_begins_with_its_thing() {
        for (part, expect) in [
            ("cable/fibres switch-1:1", "cable/fibres"),
            ("cable/fib* switch-1:1", "cable/fib* switch-1:1"),
            ("device/switch-1", "device/switch-1"),
        ] {
            assert_eq!(begin(part), expect);
        }
    }
}
