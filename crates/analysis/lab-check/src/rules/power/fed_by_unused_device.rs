//! A device in use on a strip or UPS that is planned, spare, unused or switched off.

use super::feeds::{Feeder, is_active, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("fed-by-unused-device", Warning, Power, "a device in use is fed by one that is not");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        for (inlet, source) in plugged(lab, id) {
            let Feeder::Device(feeder) = source else { continue };
            let Some(status) = lab.devices[feeder].status.as_ref().filter(|_| !is_active(lab, feeder)) else {
                continue;
            };
            let span = source_span(lab, inlet);
            if !told.insert(span) {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "{} is in use and {}, which feeds it, is {}",
                        device.name, lab.devices[feeder].name, status.value
                    ),
                    span,
                    "plugged in here",
                )
                .and(status.span, format!("{} says so", lab.devices[feeder].name))
                .about(lab.subject(id))
                .about(lab.subject(feeder));
            context.report(finding);
        }
    }
}
