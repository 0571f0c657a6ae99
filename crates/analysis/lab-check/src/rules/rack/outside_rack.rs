//! A device or shelf above the top of its rack, or below its first unit.

use super::space::{blocks, occupant, units};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("outside-rack", Error, Rack, "a device is above the top or below the bottom of its rack");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (rack, record) in lab.racks.iter() {
        let Some(height) = &record.height else { continue };
        let top = 2 + height.value.half_units();
        for block in blocks(lab, rack) {
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
