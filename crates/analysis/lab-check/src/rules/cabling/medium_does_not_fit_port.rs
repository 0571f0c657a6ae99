//! A cable of one medium in a port of another: twisted pair in a cage, a direct-attach cable in a copper socket.
//! Cages whose transceiver nobody names are taken to have the right one for fibre.

use super::ends::{Light, called, ends, is_direct, is_fibre, is_twisted, kind, light, subject, transceiver};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{Connector, PortClass, PortId};
use lab_model::written::CableKind;
use lab_source::{Severity, Span};
use std::collections::BTreeSet;

rule!("medium-does-not-fit-port", Error, Cabling, "a cable does not fit the port it is in");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told: BTreeSet<(Span, &'static str)> = BTreeSet::new();
    for cable in &lab.derived.cables {
        let group = &lab.cables[cable.group];
        let (Some(kind), Some(said)) = (kind(group), &group.kind) else { continue };
        for (port, span) in ends(cable) {
            let Some((severity, why)) = misfit(lab, kind, port) else { continue };
            if !told.insert((span, why)) {
                continue;
            }
            let mut finding = context
                .finding(format!("a `{kind}` cable does not fit {}", called(lab, port)), span, why)
                .and(said.span, "what the cable is")
                .about(subject(lab, port))
                .about(lab.subject(cable.group));
            finding.severity = severity;
            if let Some(standard) = transceiver(lab, port).and_then(|optic| optic.standard.as_ref()) {
                finding = finding.and(standard.span, "the transceiver there");
            } else if severity == Severity::Warning {
                let name = &lab.derived.port(port).name;
                finding = finding.help(format!(
                    "say which transceiver is in it, as `transceivers: {{ {name}: 10gbase-t }}`"
                ));
            }
            context.report(finding);
        }
    }
}

/// Why a cable does not go into a port; `None` when it does or nobody knows.
fn misfit(lab: &Lab, kind: CableKind, port: PortId) -> Option<(Severity, &'static str)> {
    let facts = lab.derived.port(port);
    if facts.class != PortClass::Network {
        return panel_misfit(kind, &facts.type_word);
    }
    let optic = transceiver(lab, port);
    let speaks = optic.and_then(|optic| optic.standard.as_ref()).and_then(light);
    let error = |why| Some((Severity::Error, why));
    match facts.ty.connector {
        Connector::Rj45 if is_direct(kind) => error("a socket for twisted pair, not a cage"),
        Connector::Rj45 if is_fibre(kind) => error("a socket for twisted pair"),
        Connector::Rj45 if matches!(kind, CableKind::Usb | CableKind::SasExternal | CableKind::Coax) => {
            error("a socket for twisted pair")
        }
        Connector::Cage(_) if is_direct(kind) && optic.is_some() => {
            error("a transceiver is in this cage, so the plug of the cable has no room")
        }
        Connector::Cage(_) if is_twisted(kind) => match (speaks, optic) {
            (Some(Light::Copper), _) => None,
            (Some(_), _) => error("the transceiver here speaks by light"),
            (None, None) => Some((Severity::Warning, "a cage, and no transceiver for twisted pair is named")),
            (None, Some(_)) => None,
        },
        Connector::Cage(_) if is_fibre(kind) && speaks == Some(Light::Copper) => {
            error("the transceiver here is for twisted pair")
        }
        Connector::Cage(_) if kind == CableKind::SasExternal => {
            error("a cage for a network, not a SAS socket")
        }
        Connector::Sas if is_twisted(kind) || is_fibre(kind) => error("a SAS socket"),
        Connector::Fibre if is_twisted(kind) || is_direct(kind) => error("a socket for fibre"),
        Connector::Virtual => error("a port inside a machine: nothing can be plugged into it"),
        _ => None,
    }
}

/// The same for the ports of panels, by the connector that the library gives them.
fn panel_misfit(kind: CableKind, word: &str) -> Option<(Severity, &'static str)> {
    let is_copper = word == "8p8c" || word.starts_with("110-punch");
    let is_optical = ["lc", "sc", "st", "mpo", "mtrj", "fc", "lsh"]
        .iter()
        .any(|start| word.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
    match kind {
        _ if is_optical && (is_twisted(kind) || is_direct(kind)) => {
            Some((Severity::Error, "a coupler for fibre"))
        }
        _ if is_copper && (is_fibre(kind) || is_direct(kind)) => {
            Some((Severity::Error, "a coupler for twisted pair"))
        }
        _ => None,
    }
}
