//! A device that lives on power over Ethernet, on a port that gives none, and ports told to give what they cannot.

use super::poe::{called, mode, powered};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{PortClass, PortId, PortOrigin};
use lab_source::{Severity, Span};
use std::collections::BTreeSet;

rule!("powered-device-without-power", Error, Power, "a device that its network cable powers gets no power");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    let some_are_fed = lab.devices.iter().any(|(id, _)| lab.derived.poe_source(id).is_some());
    for (id, port) in powered(lab) {
        let device = &lab.devices[id];
        let Some(peer) = lab.derived.peer(port) else {
            if some_are_fed && lab.derived.links_of(port).is_empty() && told.insert(device.name.span) {
                let mut finding = context
                    .finding(format!("nothing powers {}", device.name), device.name.span, "has no cable")
                    .about(lab.subject(id))
                    .because(format!(
                        "it lives on power over Ethernet at {}, where nothing is plugged in",
                        called(lab, port)
                    ));
                finding.severity = Severity::Warning;
                context.report(finding);
            }
            continue;
        };
        let Some((why, place)) = obstacle(lab, peer) else { continue };
        let span = cable_end(lab, port);
        if !told.insert(span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} gets no power from {}", device.name, called(lab, peer)),
                span,
                "its only source of power",
            )
            .about(lab.subject(id))
            .about(lab.subject(lab.derived.port(peer).device));
        let finding = match place {
            Some(place) => finding.and(place, why),
            None => finding.because(why),
        };
        context.report(match other_port(lab, peer) {
            Some(other) => finding.help(format!("{other} gives power and is free")),
            None => finding,
        });
    }
    for (port, modes) in &lab.derived.port_vlans {
        if modes.poe == Some(true) && gives_none(lab, *port) && told.insert(modes.span) {
            let finding = context
                .finding(
                    format!("{} is told to give power and cannot", called(lab, *port)),
                    modes.span,
                    "`poe: true` here",
                )
                .about(lab.subject(lab.derived.port(*port).device))
                .because("by the type of the device the port has no power over Ethernet");
            context.report(finding);
        }
    }
}

/// Why a port gives no power; `None` when it does or nobody knows.
fn obstacle(lab: &Lab, port: PortId) -> Option<(&'static str, Option<Span>)> {
    if gives_none(lab, port) {
        return Some(("the port at the other end has no power over Ethernet", None));
    }
    let modes = lab.derived.vlans_of(port)?;
    match (modes.poe, modes.enabled) {
        (Some(false), _) => Some(("power is switched off here", Some(modes.span))),
        (_, false) => Some(("the port is switched off here", Some(modes.span))),
        _ => None,
    }
}

/// True for ports of a known type that do not give power.
fn gives_none(lab: &Lab, port: PortId) -> bool {
    let facts = lab.derived.port(port);
    let is_known =
        matches!(facts.origin, PortOrigin::Type | PortOrigin::Card(_)) && !facts.type_word.is_empty();
    facts.class == PortClass::Network && is_known && mode(lab, port, "pse").is_none()
}

fn other_port(lab: &Lab, port: PortId) -> Option<String> {
    let mut ports = lab.derived.device(lab.derived.port(port).device).ports.iter().copied();
    let fits = |port: &PortId| mode(lab, *port, "pse").is_some() && lab.derived.links_of(*port).is_empty();
    ports.find(|port| fits(port) && obstacle(lab, *port).is_none()).map(|port| called(lab, port))
}

/// Where the plug in a port is written.
fn cable_end(lab: &Lab, port: PortId) -> Span {
    let Some(link) = lab.derived.links_of(port).first() else { return lab.derived.port(port).span };
    let cable = lab.derived.cable(lab.derived.link(*link).cable);
    let far = cable.far.iter().position(|end| *end == port);
    far.and_then(|at| cable.far_spans.get(at).copied()).unwrap_or(cable.near_span)
}
