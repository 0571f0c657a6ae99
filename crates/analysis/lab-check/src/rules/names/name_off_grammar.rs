//! Names that are not in the lab's own grammar.

use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::lab::Kind;
use lab_source::Span;

rule!("name-off-grammar", Warning, Names, "a name does not follow the lab's own grammar of names");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (key, grammar) in lab.head.names.iter() {
        let Some(kind) = Kind::ALL.iter().copied().find(|kind| kind.key() == *key.text) else {
            unknown_kind(context, &key.text, key.span);
            continue;
        };
        let pieces = pieces(&grammar.text);
        for index in 0..u32::try_from(lab.count(kind)).unwrap_or(u32::MAX) {
            let thing = ThingId { kind, index };
            let name = lab.name(thing);
            if fits(&pieces, &name.text) {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{name}` is not named as {} are here", kind.key()),
                    name.span,
                    format!("not of the form `{grammar}`"),
                )
                .and(grammar.span, "the lab's own grammar")
                .about(lab.subject(thing))
                .help("rename it, or change the grammar when the lab has outgrown it");
            context.report_once(finding);
        }
    }
}

fn unknown_kind(context: &mut Context<'_>, key: &str, span: Span) {
    let known: Vec<String> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    let finding =
        context.finding(format!("there is no kind of thing called `{key}`"), span, "a grammar for no names");
    let near = lab_source::suggest::nearest(key, known.iter().map(String::as_str));
    context.report(match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write the key that holds the things: `hosts`, `devices`, `vms`"),
    });
}

/// A part of a grammar.
enum Piece<'g> {
    Literal(&'g str),
    Digits,
    Word,
}

fn pieces(grammar: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut rest = grammar;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((word, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            all.push(Piece::Literal(before));
        }
        all.push(if word == "number" { Piece::Digits } else { Piece::Word });
        rest = behind;
    }
    if !rest.is_empty() {
        all.push(Piece::Literal(rest));
    }
    all
}

fn fits(pieces: &[Piece<'_>], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let longest = |is_part: fn(char) -> bool| text.find(|c| !is_part(c)).unwrap_or(text.len());
    let mut ends = match first {
        Piece::Literal(literal) => return text.strip_prefix(literal).is_some_and(|after| fits(rest, after)),
        Piece::Digits => 1..=longest(|c| c.is_ascii_digit()),
        Piece::Word if !text.starts_with(|c: char| c.is_ascii_lowercase()) => return false,
        Piece::Word => 1..=longest(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
    };
    ends.any(|end| fits(rest, &text[end..]))
}
