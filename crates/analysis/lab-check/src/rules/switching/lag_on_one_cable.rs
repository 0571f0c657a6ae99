//! An aggregate whose links all run in one cable, or all come from one split port.

use super::lag_sides::{lags, sides};
use super::wire::port_name;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{CableId, PortId, PortOrigin};
use std::collections::BTreeSet;

rule!("lag-on-one-cable", Warning, Switching, "all links of an aggregate run in one cable or from one port");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        if facts.near.ports.len() < 2 || !facts.uncabled.is_empty() {
            continue;
        }
        let cables: BTreeSet<CableId> = facts
            .near
            .ports
            .iter()
            .flat_map(|port| lab.derived.links_of(*port))
            .map(|link| lab.derived.link(*link).cable)
            .collect();
        let parent = sides(facts).find_map(|side| one_parent(lab, &side.ports));
        let (what, span) = match (&cables.iter().collect::<Vec<_>>()[..], parent) {
            ([cable], _) => {
                let cable = lab.derived.cable(**cable);
                (format!("one cable from {}", port_name(lab, cable.near)), cable.near_span)
            }
            (_, Some(parent)) => {
                let Some(span) = super::wire::plug(lab, facts.near.ports[0]) else { continue };
                (format!("the one port {}", port_name(lab, parent)), span)
            }
            _ => continue,
        };
        let lag = &lab.lags[id];
        let finding = context
            .finding(
                format!(
                    "all {} links of the aggregate `{}` hang on {what}",
                    facts.near.ports.len(),
                    lag.name
                ),
                span,
                "they all run here",
            )
            .and(lag.name.span, "the aggregate")
            .about(lab.subject(id))
            .because("it gives speed and no safety: one plug takes all links down")
            .help("take its links from two cables on two ports");
        context.report_once(finding);
    }
}

/// The split port that all ports are parts of.
fn one_parent(lab: &Lab, ports: &[PortId]) -> Option<PortId> {
    let parent = |port: &PortId| match lab.derived.port(*port).origin {
        PortOrigin::Split(parent) => Some(parent),
        _ => None,
    };
    let first = parent(ports.first()?)?;
    ports.iter().all(|port| parent(port) == Some(first)).then_some(first)
}
