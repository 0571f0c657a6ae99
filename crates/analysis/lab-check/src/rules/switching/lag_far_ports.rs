//! Far ports that an aggregate names and its cables do not reach, or the other way around.

use super::lag_sides::{lags, port_names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortId;
use lab_model::lab::LagId;
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
        left_out(context, id, &said);
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

/// A far port that is named, and whose cable leads to a port of the near device that the aggregate leaves out.
fn left_out(context: &mut Context<'_>, id: LagId, said: &BTreeSet<PortId>) {
    let lab = context.lab;
    let near = &lab.derived.lag(id).near;
    let forgotten: Vec<PortId> = said
        .iter()
        .filter_map(|port| lab.derived.peer(*port))
        .filter(|port| near.devices.contains(&super::wire::device_of(lab, *port)))
        .filter(|port| lab.derived.lag_of(*port).is_none())
        .collect();
    let Some(&first) = forgotten.first() else { return };
    let record = &lab.lags[id];
    let place = record.of.items.first().map_or(record.name.span, |end| end.span);
    let names = port_names(lab, &forgotten);
    let mut finding = context
        .finding(format!("the aggregate `{}` leaves out {names}, whose far end it names", record.name), place, "its ports")
        .about(lab.subject(id))
        .about(lab.subject(super::wire::device_of(lab, first)))
        .because("the far side puts the link into the aggregate and this side does not: frames loop, or the link stays down")
        .help(format!("add {names} to the aggregate, or take the far ports out"));
    if let Some(span) = super::wire::plug(lab, first) {
        finding = finding.and(span, "the cable that is left out");
    }
    context.report_once(finding);
}
