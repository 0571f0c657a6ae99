//! A cable whose two ends are on one device: a loop, or a slip of the pen. Panels and boxes that pass signals on are
//! not this.

use super::ends::{called, ends, kind, socket, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{PortClass, PortId};
use lab_model::written::{CableKind, DeviceRole};
use lab_source::{Severity, Span};

rule!("cable-to-same-device", Warning, Cabling, "both ends of a cable are on one device");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for cable in &lab.derived.cables {
        let group = &lab.cables[cable.group];
        let all: Vec<(PortId, Span)> = ends(cable).collect();
        let Some((first, second)) = first_pair(lab, &all) else { continue };
        let carries_frames = |port: PortId| lab.derived.port(port).class == PortClass::Network;
        let is_storage = matches!(kind(group), Some(CableKind::SasExternal | CableKind::Coax));
        let same_socket = socket(&lab.derived, first.0) == socket(&lab.derived, second.0);
        if !same_socket && (is_storage || !carries_frames(first.0) || !carries_frames(second.0)) {
            continue;
        }
        let device = lab.derived.port(first.0).device;
        let facts = lab.derived.device(device);
        let message = if same_socket {
            format!("a cable leads from {} to itself", called(lab, first.0))
        } else {
            format!(
                "a cable leads from {} to {} of the same device",
                called(lab, first.0),
                called(lab, second.0)
            )
        };
        let mut finding = context
            .finding(message, second.1, "this end")
            .and(first.1, "and this end")
            .about(subject(lab, first.0))
            .about(lab.subject(cable.group));
        if facts.role == Some(DeviceRole::Switch) && !same_socket {
            let guarded = lab.devices[device].spanning_tree.as_ref().is_some_and(|runs| runs.value);
            finding = finding.because(if guarded {
                "spanning tree blocks one of the two ports, so the cable carries nothing"
            } else {
                "without spanning tree a broadcast goes round for ever and the network stops"
            });
        }
        if same_socket {
            finding.severity = Severity::Error;
        }
        context.report(finding);
    }
}

/// The first two ends on one device; legs of a breakout may well share theirs.
fn first_pair(lab: &lab_model::Lab, all: &[(PortId, Span)]) -> Option<((PortId, Span), (PortId, Span))> {
    let (near, far) = all.split_first()?;
    let device = |end: &(PortId, Span)| lab.derived.port(end.0).device;
    if let Some(same) = far.iter().find(|end| device(end) == device(near)) {
        return Some((*near, *same));
    }
    let twice = |(index, end): (usize, &(PortId, Span))| {
        far[..index].iter().find(|other| other.0 == end.0).map(|other| (*other, *end))
    };
    far.iter().enumerate().find_map(twice)
}
