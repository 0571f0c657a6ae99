//! Far ports that an aggregate names and its cables do not reach, or the other way around.

use super::lag_sides::{lags, port_names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortId;
use std::collections::BTreeSet;

rule!("lag-far-ports", Error, Switching, "the cables of an aggregate end at other ports than it says");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        let Some(far) = lab.lags[id].far.as_ref().filter(|far| !far.of.items.is_empty()) else { continue };
        let said: BTreeSet<PortId> = far
            .of
            .items
            .iter()
            .filter_map(|end| {
                lab.derived.find_port(lab.devices.find(&end.value.device.name)?, &end.value.interface.name)
            })
            .collect();
        let stray: Vec<PortId> =
            facts.far.ports.iter().copied().filter(|port| !said.contains(port)).collect();
        let Some(&first) = stray.first() else { continue };
        // A range gives every aggregate all far ports; then only ports outside of all of them are wrong.
        let place = far.of.items[0].span;
        let finding = context
            .finding(format!("a cable of the aggregate `{}` ends at {}, which it does not name", lab.lags[id].name, port_names(lab, &stray)), super::wire::plug(lab, first).unwrap_or(place), "ends here")
            .and(place, "the ports it names")
            .about(lab.subject(id))
            .about(lab.subject(super::wire::device_of(lab, first)))
            .because("the port at the end is not set up as part of the aggregate, so the link stays out of it or frames loop")
            .help("plug the cable into the port that is named, or name the port");
        context.report_once(finding);
    }
}
