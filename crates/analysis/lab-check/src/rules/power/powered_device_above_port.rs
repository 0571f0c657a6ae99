//! A device that takes more power over Ethernet than the standard of its port gives.

use super::load::Draws;
use super::poe::{called, gives, mode, powered};
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Watts;
use std::collections::BTreeSet;

rule!("powered-device-above-port", Warning, Power, "a device takes more than its powered port gives");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, port) in powered(lab) {
        let Some(peer) = lab.derived.peer(port) else { continue };
        let (Some(Some(wanted)), Some(Some(given))) = (mode(lab, port, "pd"), mode(lab, peer, "pse")) else {
            continue;
        };
        let (Some(most), Some(limit)) = (gives(wanted), gives(given)) else { continue };
        let device = &lab.devices[id];
        let peak = Draws::peak_of(lab, id).map(|peak: Watts| peak.milliwatts() as f64 / 1000.0);
        // A device known to draw little is content with less than its standard allows.
        let needed = peak.unwrap_or(most);
        if needed <= limit || !told.insert(device.name.span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} may draw {needed} W and {} gives {limit} W", device.name, called(lab, peer)),
                device.name.span,
                format!("`{wanted}`"),
            )
            .about(lab.subject(id))
            .about(lab.subject(lab.derived.port(peer).device))
            .because(format!("the port gives power by `{given}`"))
            .because("it does not start, or switches off when it works hard");
        context.report(finding);
    }
}
