//! Ports of one aggregate that carry different VLANs.

use super::lag_sides::{lags, sides};
use super::wire::{carried, device_of, port_name};
use crate::context::Context;
use crate::rule::rule;

rule!("lag-member-vlans", Error, Switching, "the ports of an aggregate carry different VLANs");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        for side in sides(facts) {
            let known: Vec<_> =
                side.ports.iter().filter_map(|port| Some((*port, lab.derived.vlans_of(*port)?))).collect();
            let Some(((first, here), others)) = known.split_first() else { continue };
            let alike = |there: &lab_model::derived::PortVlans| {
                (here.untagged, &here.tagged, here.enabled, here.private)
                    == (there.untagged, &there.tagged, there.enabled, there.private)
            };
            let Some((other, there)) = others.iter().find(|(_, there)| !alike(there)) else { continue };
            let finding = context
                .finding(
                    format!("ports of the aggregate `{}` carry different VLANs", lab.lags[id].name),
                    there.span,
                    format!("{}: {}", port_name(lab, *other), carried(lab, there)),
                )
                .and(here.span, format!("{}: {}", port_name(lab, *first), carried(lab, here)))
                .about(lab.subject(id))
                .about(lab.subject(device_of(lab, *other)))
                .because("whether a frame gets through depends on the link that its flow is given")
                .help("set all ports of the aggregate alike");
            context.report_once(finding);
        }
    }
}
