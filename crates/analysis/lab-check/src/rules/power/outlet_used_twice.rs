//! Two inlets in one outlet.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::power::feeds::source_span;
use std::collections::BTreeSet;

rule!("outlet-used-twice", Error, Power, "two inlets are plugged into one outlet");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for outlet in &lab.derived.outlets {
        let [first, second, ..] = &outlet.feeds[..] else { continue };
        let (at, there) = (source_span(lab, *second), source_span(lab, *first));
        if !told.insert((at, there)) {
            continue;
        }
        let holder = |inlet| {
            let inlet = lab.derived.inlet(inlet);
            format!("`{}`, inlet {}", lab.devices[inlet.device].name, inlet.name)
        };
        let strip = &lab.devices[outlet.device].name;
        let free = lab
            .derived
            .outlets_of(outlet.device)
            .map(|(_, other)| other)
            .find(|other| other.feeds.is_empty() && other.connector == outlet.connector);
        let finding = context
            .finding(format!("outlet {} of {strip} feeds two inlets", outlet.name), at, holder(*second))
            .and(there, holder(*first))
            .about(lab.subject(lab.derived.inlet(*second).device))
            .about(lab.subject(outlet.device))
            .about(lab.subject(lab.derived.inlet(*first).device))
            .because("an outlet takes one plug, so one of the two is fed by something else");
        context.report(match free {
            Some(free) => {
                finding.help(format!("outlet {} of {strip} is free: `{strip}:{}`", free.name, free.name))
            }
            None => finding.help(format!("no outlet of that kind is free at {strip}")),
        });
    }
}
