//! A device without a height in units that is given a unit of a rack.

use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("not-rack-mountable", Warning, Rack, "a device without a height in units is put at a unit of a rack");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let Some(place) = lab.derived.place(id) else { continue };
        let height = lab.derived.device(id).ty.as_ref().and_then(|ty| ty.u_height.as_ref());
        let is_flat = height.is_some_and(|height| height.text.parse::<f32>().is_ok_and(|units| units == 0.0));
        let at_unit = place.rack.is_some() && place.lowest.is_some() && place.shelf.is_none();
        if !is_flat || !at_unit || device.inside.is_some() || !told.insert(place.span) {
            continue;
        }
        let finding = context
            .finding(format!("{} cannot be screwed into a rack", device.name), place.span, "put at a unit")
            .about(lab.subject(id))
            .because("its type has no height in units, so nothing is kept free for it")
            .help("put it on a shelf, as `rack-1/shelf-1/2`, or only in the rack, as `rack-1`");
        context.report(finding);
    }
}
