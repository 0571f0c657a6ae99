//! A device or shelf above the top of its rack, or below its first unit.

use super::space::{blocks, occupant, units};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::Mounted;
use lab_model::lab::RackId;
use std::collections::BTreeSet;

rule!("outside-rack", Error, Rack, "a device is above the top or below the bottom of its rack");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (rack, record) in lab.racks.iter() {
        let Some(height) = &record.height else { continue };
        let top = 2 + height.value.half_units();
        beyond_the_top(context, rack, top);
        for block in blocks(lab, rack) {
            // Told above, whatever its height.
            if block
                .device
                .is_some_and(|device| lab.derived.place(device).is_some_and(|place| is_beyond(place, top)))
            {
                continue;
            }
            let is_inside = block.low >= 2 && u64::from(block.high) <= top;
            if is_inside || !told.insert(block.span) {
                continue;
            }
            let who = occupant(lab, &block);
            let finding = context
                .finding(
                    format!("{who} does not fit into {}", record.name),
                    block.span,
                    format!("takes {}", units(block.low, block.high)),
                )
                .and(height.span, format!("the rack has {}", height.value));
            let finding = match block.device {
                Some(device) => finding.about(lab.subject(device)),
                None => finding,
            };
            context.report(finding.about(lab.subject(rack)));
        }
    }
}

/// Devices whose very unit is not there, also those whose height nobody knows.
fn beyond_the_top(context: &mut Context<'_>, rack: RackId, top: u64) {
    let lab = context.lab;
    let record = &lab.racks[rack];
    let Some(height) = &record.height else { return };
    for &id in lab.derived.devices_in(rack) {
        let device = &lab.devices[id];
        let Some(place) = lab.derived.place(id) else { continue };
        if !is_beyond(place, top) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} is at a unit that {} does not have", device.name, record.name),
                place.span,
                "no such unit",
            )
            .and(height.span, format!("the rack has {}", height.value))
            .about(lab.subject(id));
        context.report_once(finding.about(lab.subject(rack)));
    }
}

fn is_beyond(place: &Mounted, top: u64) -> bool {
    place.shelf.is_none() && place.lowest.is_some_and(|low| u64::from(low) >= top)
}
