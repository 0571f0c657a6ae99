//! Two plugs in one socket: two cables, a cable into a port whose leg another cable takes, or two lines that end at
//! one port.

use super::ends::{called, ends, kind, socket, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{CableId, Connector, PortId};
use lab_model::lab::CircuitId;
use lab_model::written::{CableKind, Circuit};
use lab_source::Span;
use std::collections::BTreeSet;

rule!("port-used-twice", Error, Cabling, "two plugs are in one port");

#[derive(Clone, Copy)]
struct Plug {
    socket: PortId,
    port: PortId,
    cable: CableId,
    span: Span,
}

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut plugs = plugs(lab);
    plugs.sort_by_key(|plug| plug.socket);
    let mut told = BTreeSet::new();
    for same in plugs.chunk_by(|one, other| one.socket == other.socket) {
        let Some((first, second)) = first_clash(same) else { continue };
        if !told.insert((first.span, second.span)) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} has two cables", called(lab, second.socket)),
                second.span,
                format!("this plug goes into {}", called(lab, second.port)),
            )
            .and(first.span, format!("and this one is already in {}", called(lab, first.port)))
            .about(subject(lab, second.socket))
            .because("a port takes one plug");
        context.report(match free_like(lab, second.socket) {
            Some(free) => finding.help(format!("{free} is free and of the same kind")),
            None => finding,
        });
    }
    lines(context);
}

fn plugs(lab: &Lab) -> Vec<Plug> {
    let derived = &lab.derived;
    let mut plugs = Vec::new();
    for (id, cable) in (0u32..).map(CableId).zip(&derived.cables) {
        // Many stations share one radio, and coaxial lines have splitters.
        if matches!(kind(&lab.cables[cable.group]), Some(CableKind::Wireless | CableKind::Coax)) {
            continue;
        }
        for (port, span) in ends(cable) {
            if derived.port(port).ty.connector != Connector::Radio {
                plugs.push(Plug { socket: socket(derived, port), port, cable: id, span });
            }
        }
    }
    plugs
}

/// Legs of one socket go together; the whole of it and anything else do not.
fn first_clash(plugs: &[Plug]) -> Option<(Plug, Plug)> {
    let mut seen: Vec<Plug> = Vec::new();
    for plug in plugs {
        let clashes = |other: &&Plug| {
            let whole = plug.port == plug.socket || other.port == other.socket;
            other.cable != plug.cable && (other.port == plug.port || whole)
        };
        if let Some(other) = seen.iter().find(clashes) {
            return Some((*other, *plug));
        }
        seen.push(*plug);
    }
    None
}

/// A port of the same device and type with nothing in it.
fn free_like(lab: &Lab, port: PortId) -> Option<String> {
    let derived = &lab.derived;
    let wanted = derived.port(port);
    let fits = |id: &PortId| {
        let other = derived.port(*id);
        other.type_word == wanted.type_word
            && other.class == wanted.class
            && other.management == wanted.management
            && other.enabled
            && derived.links_of(*id).is_empty()
            && other.split_into.is_empty()
            && derived.vlans_of(*id).is_none_or(|mode| mode.enabled)
    };
    derived.device(wanted.device).ports.iter().copied().find(fits).map(|free| called(lab, free))
}

/// Lines of providers that end at one port.
fn lines(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut ends: Vec<(PortId, CircuitId, Span)> = Vec::new();
    // A tunnel rides on another line and has no plug.
    let has_plug = |kind: &str| !kind.contains("tunnel") && !kind.contains("vpn");
    let plugged = |circuit: &Circuit| circuit.kind.as_ref().is_none_or(|kind| has_plug(&kind.text));
    for (id, circuit) in lab.circuits.iter().filter(|(_, circuit)| plugged(circuit)) {
        let Some(end) = &circuit.ends_at else { continue };
        let device = lab.devices.find(&end.value.device.name);
        let port = device.and_then(|device| lab.derived.find_port(device, &end.value.interface.name));
        ends.extend(port.map(|port| (port, id, end.span)));
    }
    ends.sort_by_key(|(port, ..)| *port);
    for same in ends.chunk_by(|one, other| one.0 == other.0) {
        let [first, second, ..] = same else { continue };
        let finding = context
            .finding(
                format!("two lines end at {}", called(lab, second.0)),
                second.2,
                format!("line `{}`", lab.circuits[second.1].name),
            )
            .and(first.2, format!("line `{}`", lab.circuits[first.1].name))
            .about(lab.subject(second.1))
            .about(subject(lab, second.0))
            .because("a port takes one plug");
        context.report(finding);
    }
}
