//! Irreplaceable data all copies of which can be reached by whoever breaks the original.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::{by_thing, copies_of, is_offline, valued};
use lab_model::written::Importance;

rule!("no-offline-copy", Warning, Backup, "irreplaceable data has no copy that an intruder cannot reach");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    for (thing, importance) in valued(lab) {
        let copies = copies_of(lab, &all, thing);
        let reached = copies.iter().all(|copy| !is_offline(lab, copy.copy));
        if importance.value != Importance::Irreplaceable || copies.is_empty() || !reached {
            continue;
        }
        let name = lab.name(thing);
        let mut finding = context
            .finding(format!("every copy of `{name}` can be changed from inside"), name.span, "irreplaceable")
            .about(lab.subject(thing))
            .because(
                "whoever gets in, or a script gone wrong, encrypts or deletes the copies with the original",
            )
            .help("add one that is put away or cannot be changed, and write `offline: true`");
        for copy in &copies {
            finding = finding.and(copy.span(), "online");
            if let Some(said) = &copy.copy.offline {
                finding = finding.and(said.span, "not put away");
            }
        }
        context.report_once(finding);
    }
}
