//! Two ends of a link that are set to different speeds.

use super::ends::{called, joined, set_speeds, subject};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("speed-differs-at-ends", Error, Cabling, "the two ends of a link are set to different speeds");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = set_speeds(lab);
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        let (Some((one, at)), Some((other, there))) = (set.get(&link.a), set.get(&link.b)) else { continue };
        if one == other || !told.insert((*at, *there)) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} and {} are set to different speeds", called(lab, link.a), called(lab, link.b)),
                *at,
                format!("{} at {}", one, called(lab, link.a)),
            )
            .and(*there, format!("{} at {}", other, called(lab, link.b)))
            .and(link.at(), "joined by this cable")
            .about(subject(lab, link.a))
            .about(subject(lab, link.b))
            .because("ports with a fixed speed do not ask each other: the link stays down")
            .help(format!("set both to {}", one.min(other)));
        context.report(finding);
    }
}
