//! A device that needs more depth than its rack has.

use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("device-too-deep", Warning, Rack, "a device is deeper than its rack");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let Some(place) = lab.derived.place(id) else { continue };
        let Some(depth) = place.rack.and_then(|rack| lab.racks[rack].depth.as_ref()) else { continue };
        let needed = lab.derived.device(id).ty.as_ref().and_then(|ty| ty.depth.as_ref());
        let Some(needed) = needed.filter(|needed| needed.value > depth.value) else { continue };
        if !told.insert(place.span) {
            continue;
        }
        let finding = context
            .finding(
                format!("{} needs {} and its rack has {}", device.name, needed.value, depth.value),
                place.span,
                format!("{} deep by its type", needed.value),
            )
            .and(depth.span, format!("{} from rail to rail", depth.value))
            .about(lab.subject(id))
            .because("it stands out at the back: the door does not close and cables are bent");
        context.report(finding);
    }
}
