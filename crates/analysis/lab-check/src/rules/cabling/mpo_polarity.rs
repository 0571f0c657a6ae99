//! A multi-fibre cable straight from one transceiver to another that does not cross its fibres.

use super::ends::{called, group, is_breakout, joined, kind, subject};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("mpo-polarity", Error, Cabling, "a multi-fibre cable joins senders with senders");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for way in joined(lab) {
        let [cable] = way.cables else { continue };
        let record = group(lab, *cable);
        let is_mpo =
            record.connector.as_ref().is_some_and(|said| said.text.to_ascii_lowercase().starts_with("mpo"));
        let Some(polarity) = record.polarity.as_ref().filter(|_| is_mpo) else { continue };
        // Panels and cassettes cross fibres of their own; legs of a breakout are single pairs.
        let splits = kind(record).is_some_and(is_breakout) || lab.derived.cable(*cable).far.len() > 1;
        if splits || polarity.text.eq_ignore_ascii_case("b") || !told.insert(polarity.span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} and {} send into each other's senders", called(lab, way.a), called(lab, way.b)),
                polarity.span,
                format!("polarity {}", polarity.text),
            )
            .and(way.at(), "straight from one transceiver to the other")
            .about(lab.subject(lab.derived.cable(*cable).group))
            .about(subject(lab, way.a))
            .about(subject(lab, way.b))
            .because(
                "fibre 1 must arrive as fibre 12: only a cable of type B turns them round (ANSI/TIA-568.3)",
            )
            .help("take a cable of polarity B");
        context.report(finding);
    }
}
