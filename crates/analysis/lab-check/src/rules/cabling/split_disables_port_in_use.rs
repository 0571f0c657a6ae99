//! A port in use that the split of a neighbour switches off.

use super::ends::{called, span_of};
use crate::context::Context;
use crate::rule::rule;
use lab_source::Severity;
use std::collections::BTreeSet;

rule!("split-disables-port-in-use", Error, Cabling, "a port in use is switched off by the split of another");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let derived = &lab.derived;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let Some(ty) = &derived.device(id).ty else { continue };
        for (name, split) in
            device.split.iter().filter(|(_, split)| split.into.as_ref().is_some_and(|into| into.value > 1))
        {
            let victims = ty.breakouts.iter().flat_map(|breakout| breakout.disables.iter());
            for (_, victim) in victims.filter(|(splits, _)| splits.text == name.text) {
                let Some(port) = derived.find_port(id, &victim.text) else { continue };
                let facts = derived.port(port);
                let mode = derived.vlans_of(port).filter(|mode| mode.enabled);
                let (severity, span, what) = if let Some(link) = derived.links_of(port).first() {
                    (Severity::Error, span_of(derived, derived.link(*link).cable, port), "a cable is in it")
                } else if !facts.split_into.is_empty() {
                    (Severity::Error, facts.span, "it is split itself")
                } else if let Some(mode) =
                    mode.filter(|mode| mode.untagged.is_some() || !mode.tagged.is_empty())
                {
                    (Severity::Warning, mode.span, "it is set up for use")
                } else {
                    continue;
                };
                if !told.insert((span, name.span)) {
                    continue;
                }
                let mut finding = context
                    .finding(
                        format!("{} is switched off by the split of {}", called(lab, port), name),
                        span,
                        what,
                    )
                    .and(
                        split.into.as_ref().map_or(name.span, |_| name.span),
                        format!("splitting {name} takes its lanes"),
                    )
                    .about(lab.subject(id))
                    .because("the switch has no lanes left for the port")
                    .help("use another port, or split one whose neighbour is free");
                finding.severity = severity;
                context.report(finding);
            }
        }
    }
}
