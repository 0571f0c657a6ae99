//! A cable in a port that is switched off.

use super::ends::{called, ends, subject};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("cable-in-disabled-port", Warning, Cabling, "a cable is in a port that is switched off");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for cable in &lab.derived.cables {
        for (port, span) in ends(cable) {
            let facts = lab.derived.port(port);
            let off = match lab.derived.vlans_of(port) {
                Some(mode) if !mode.enabled => Some(mode.span),
                _ if !facts.enabled => Some(facts.span),
                _ => None,
            };
            let Some(off) = off.filter(|off| told.insert((span, *off))) else { continue };
            let finding = context
                .finding(format!("{} is switched off and has a cable", called(lab, port)), span, "the cable")
                .and(off, "switched off here")
                .about(subject(lab, port))
                .about(lab.subject(cable.group))
                .help("switch the port on, or move the cable");
            context.report(finding);
        }
    }
}
