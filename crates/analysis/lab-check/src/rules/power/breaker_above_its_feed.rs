//! A breaker with a higher rating than the one that feeds it.

use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("breaker-above-its-feed", Warning, Power, "a breaker is rated above the one that feeds it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, node) in lab.power.iter() {
        for feed in node.from.ids() {
            let (Some(own), Some(above)) = (&node.breaker, &lab.power[feed].breaker) else { continue };
            if own.value <= above.value || !told.insert((own.span, above.span)) {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "{} has {} behind the {} of {}",
                        node.name, own.value, above.value, lab.power[feed].name
                    ),
                    own.span,
                    "the larger breaker",
                )
                .and(above.span, "feeds it")
                .about(lab.subject(id))
                .about(lab.subject(feed))
                .because(format!(
                    "the breaker upstream opens first, and takes everything else behind it down; count on {}",
                    above.value
                ));
            context.report(finding);
        }
    }
}
