//! A cable between ports that speak different languages: Fibre Channel and Ethernet, SAS and Ethernet.

use super::ends::{called, family, joined, subject};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("unlike-ports-joined", Error, Cabling, "a cable joins ports that do not speak the same");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        let (Some(one), Some(other)) = (family(lab, link.a), family(lab, link.b)) else { continue };
        if one == other || !told.insert((link.at(), link.other())) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} and {} do not speak the same", called(lab, link.a), called(lab, link.b)),
                link.at(),
                format!("{} speaks {}", called(lab, link.a), one.word()),
            )
            .and(link.other(), format!("{} speaks {}", called(lab, link.b), other.word()))
            .about(subject(lab, link.a))
            .about(subject(lab, link.b))
            .because("the plugs may fit each other's cages, but no link comes up");
        context.report(finding);
    }
}
