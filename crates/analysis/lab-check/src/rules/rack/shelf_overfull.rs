//! A shelf with more on it than it has places, a place taken twice, or a device that is higher than the shelf.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{DeviceId, RackId};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

rule!("shelf-overfull", Error, Rack, "a shelf has more on it than it has places");

/// A device on a shelf: device, place there, where that is written, height in half units.
type OnShelf = (DeviceId, Option<Arc<str>>, Span, u16);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for ((rack, shelf), devices) in shelves(lab) {
        let Some(record) = lab.racks[rack].shelves.get(&shelf) else { continue };
        let named = lab.racks[rack].shelves.iter().find(|(name, _)| *name.text == *shelf);
        let span = named.map_or(lab.racks[rack].name.span, |(name, _)| name.span);
        let places = record.places.as_ref().map(|places| places.value);
        let clashed = place_twice(context, &devices);
        let mut told = BTreeSet::new();
        for (device, place, at, height) in &devices {
            let number = place.as_ref().and_then(|place| place.parse::<u32>().ok());
            if let (Some(number), Some(places)) = (number, places)
                && (number == 0 || number > places)
                && told.insert(*at)
            {
                let finding = context
                    .finding(
                        format!("{shelf} has no place {number} for {}", lab.devices[*device].name),
                        *at,
                        "stands here",
                    )
                    .and(span, format!("the shelf has {places} places"))
                    .about(lab.subject(*device))
                    .about(lab.subject(rack));
                context.report(finding);
            }
            let room = record.height.as_ref().map(|height| height.value.half_units());
            if let Some(room) = room.filter(|room| u64::from(*height) > *room && told.insert(*at)) {
                let finding = context
                    .finding(
                        format!("{} is too high for {shelf}", lab.devices[*device].name),
                        *at,
                        format!("takes {} U", f32::from(*height) / 2.0),
                    )
                    .and(span, format!("the shelf leaves {} U", room as f64 / 2.0))
                    .about(lab.subject(*device))
                    .about(lab.subject(rack));
                context.report(finding);
            }
        }
        if let Some(places) =
            places.filter(|places| devices.len() > *places as usize && told.is_empty() && !clashed)
        {
            let last = &devices[devices.len() - 1];
            let finding = context
                .finding(
                    format!("{shelf} has {places} places for {} devices", devices.len()),
                    last.2,
                    format!("{} finds no place", lab.devices[last.0].name),
                )
                .and(span, format!("the shelf has {places} places"))
                .about(lab.subject(last.0))
                .about(lab.subject(rack));
            context.report(finding);
        }
    }
}

fn shelves(lab: &Lab) -> BTreeMap<(RackId, Arc<str>), Vec<OnShelf>> {
    let mut shelves: BTreeMap<(RackId, Arc<str>), Vec<OnShelf>> = BTreeMap::new();
    for (id, _) in lab.devices.iter() {
        let Some(place) = lab.derived.place(id) else { continue };
        if let (Some(rack), Some((shelf, on))) = (place.rack, &place.shelf) {
            shelves.entry((rack, shelf.clone())).or_default().push((
                id,
                on.clone(),
                place.span,
                place.height,
            ));
        }
    }
    shelves
}

/// Reports places that two devices take; true when there were some.
fn place_twice(context: &mut Context<'_>, devices: &[OnShelf]) -> bool {
    let lab = context.lab;
    let mut taken: BTreeMap<&str, &OnShelf> = BTreeMap::new();
    let mut told: BTreeSet<(Span, Span)> = BTreeSet::new();
    for here in devices {
        let Some(place) = &here.1 else { continue };
        let Some(first) = taken.get(&**place) else {
            taken.insert(place, here);
            continue;
        };
        if told.insert((first.2, here.2)) {
            let finding = context
                .finding(
                    format!(
                        "{} and {} stand in one place",
                        lab.devices[first.0].name, lab.devices[here.0].name
                    ),
                    here.2,
                    format!("{} is put here", lab.devices[here.0].name),
                )
                .and(first.2, format!("{} is already here", lab.devices[first.0].name))
                .about(lab.subject(here.0))
                .about(lab.subject(first.0));
            context.report(finding);
        }
    }
    !told.is_empty()
}
