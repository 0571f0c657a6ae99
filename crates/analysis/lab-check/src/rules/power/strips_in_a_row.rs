//! A power strip on a power strip, or a UPS behind a UPS.

use super::feeds::{Feeder, is_active, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::DeviceRole;
use std::collections::BTreeSet;

rule!("strips-in-a-row", Note, Power, "a power strip hangs on another, or a UPS on a UPS");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let role = lab.derived.device(id).role;
        let why = match role {
            Some(DeviceRole::Pdu) => "the first strip carries the load of both, and most makers forbid it",
            Some(DeviceRole::Ups) => {
                "the first counts the second's charging as load, and its output may look bad to the second"
            }
            _ => continue,
        };
        for (inlet, source) in plugged(lab, id) {
            let Feeder::Device(feeder) = source else { continue };
            let span = source_span(lab, inlet);
            if feeder == id || lab.derived.device(feeder).role != role || !told.insert(span) {
                continue;
            }
            let finding = context
                .finding(
                    format!("{} hangs on {}", device.name, lab.devices[feeder].name),
                    span,
                    "plugged in here",
                )
                .about(lab.subject(id))
                .about(lab.subject(feeder))
                .because(why);
            context.report(finding);
        }
    }
}
