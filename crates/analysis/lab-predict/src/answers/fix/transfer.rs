//! A transfer switch before a unit with one supply: fed from where the unit hangs now and from a second place.

use super::plug::{carries, free_for};
use super::{Candidate, Cost};
use crate::answers::forecast::Forecast;
use crate::works::{Mode, Part, PartKind, PointId, Source, Supply, Unit, UnitId, Works};
use lab_model::Lab;
use lab_model::written::DeviceRole;

/// Every unit with one plug, with each second place to plug into.
pub(super) fn candidates<'a>(forecast: &'a Forecast<'_>) -> Vec<Candidate<'a>> {
    let works = &forecast.works;
    let mut all = Vec::new();
    for (id, unit) in (0..).map(UnitId).zip(&works.units) {
        let [supply] = &unit.supplies[..] else { continue };
        if matches!(supply.source, Source::Poe(_) | Source::Unknown) || feeds_others(works, id) {
            continue;
        }
        for (source, name) in second_places(forecast, id, supply) {
            let change = move |works: &mut Works| put_before(works, id, source);
            if !carries(works, &change) {
                continue;
            }
            all.push(Candidate {
                group: format!("transfer {}", unit.label),
                what: format!("a transfer switch before {}, with its second cord in {name}", unit.label),
                hint: format!("devices.{}.inlets.{}: NEW-SWITCH:1", unit.label, supply.label),
                span: supply.span,
                cost: price(forecast.lab),
                change: Box::new(change),
            });
        }
    }
    all
}

fn feeds_others(works: &Works, unit: UnitId) -> bool {
    let mut supplies = works.units.iter().flat_map(|unit| &unit.supplies);
    supplies.any(|supply| matches!(supply.source, Source::Outlet { unit: feeder, .. } if feeder == unit))
}

/// Free outlets, and power circuits that something is plugged into already, so that there is a socket.
fn second_places(forecast: &Forecast<'_>, unit: UnitId, supply: &Supply) -> Vec<(Source, String)> {
    let works = &forecast.works;
    let outlets = free_for(forecast, unit, supply).into_iter().map(|free| (free.source, free.name));
    let is_used = |point: &PointId| {
        let source = Source::Point(*point);
        let mut supplies = works.units.iter().flat_map(|unit| &unit.supplies);
        source != supply.source && supplies.any(|supply| supply.source == source)
    };
    let points = (0..works.points.len() as u32).map(PointId).filter(is_used);
    outlets.chain(points.map(|point| (Source::Point(point), works[point].label.clone()))).collect()
}

fn put_before(works: &mut Works, unit: UnitId, second: Source) {
    let row = works[unit].clone();
    let first = row.supplies[0].source;
    let usual = works.parts.iter().find(|part| part.kind == PartKind::Pdu).cloned();
    let label = format!("the new transfer switch of {}", row.label);
    let part = works.parts(Part {
        name: format!("device/new-transfer-switch {}", row.label),
        label: label.clone(),
        kind: PartKind::Pdu,
        mode: Mode::Fails,
        thing: None,
        span: None,
        per_year: usual.as_ref().and_then(|part| part.per_year),
        hours_to_mend: usual.as_ref().and_then(|part| part.hours_to_mend),
        figures_assumed: true,
    });
    let cord = |source, label: &str| Supply { label: label.to_owned(), source, fails: Vec::new(), span: None };
    let switch = works.units(Unit {
        label,
        fails: vec![part],
        supplies: vec![cord(first, "first"), cord(second, "second")],
        supplies_needed: 1,
        inside: None,
        battery: None,
        watts: Some(0.0),
        watts_peak: Some(0.0),
        limit_watts: None,
        starts_with_power: Some(true),
        span: None,
        thing: row.thing,
    });
    let source = Source::Outlet { unit: switch, supply: None, on_battery: false };
    works.units[unit.index()].supplies[0].source = source;
}

/// What a transfer switch costs in this lab, when one is priced.
fn price(lab: &Lab) -> Cost {
    let mut devices = lab.devices.iter();
    let priced = devices.find_map(|(id, device)| {
        let is_one = lab.derived.device(id).role == Some(DeviceRole::TransferSwitch);
        device.price.as_ref().filter(|_| is_one).map(|price| price.value.to_string())
    });
    priced.map_or(Cost::NotKnown, Cost::Amount)
}
