//! Plugs that could be in another outlet: one of two supplies of a unit on another strip, a single one behind a battery or off it.
//!
//! An outlet is offered when nothing is in it, its connector and current fit, it is in the same room, what feeds it is not fed by the
//! unit itself, and nothing more is overloaded at peak than before. Whether the cord is long enough nobody knows.

use super::{Candidate, Cost};
use crate::answers::forecast::Forecast;
use crate::simulate::Simulator;
use crate::simulate::overload::{Draw, cascade};
use crate::works::{Source, Supply, UnitId, Works};
use lab_model::derived::{InletUse, Outlet, PowerSource};
use lab_model::lab::DeviceId;
use lab_model::{Kind, Lab};

/// A free outlet.
pub(super) struct Free {
    /// The source that a supply in it has.
    pub(super) source: Source,
    /// As it is written: `pdu-2:5`.
    pub(super) name: String,
}

/// Every plug in every outlet that it fits.
pub(super) fn candidates<'a>(forecast: &'a Forecast<'_>) -> Vec<Candidate<'a>> {
    let works = &forecast.works;
    let mut all = Vec::new();
    for (id, unit) in (0..).map(UnitId).zip(&works.units) {
        for (at, supply) in unit.supplies.iter().enumerate() {
            for free in free_for(forecast, id, supply) {
                let source = free.source;
                let change = move |works: &mut Works| works.units[id.index()].supplies[at].source = source;
                if !carries(works, &change) {
                    continue;
                }
                all.push(Candidate {
                    group: format!("plug {}", unit.label),
                    what: format!("plug {} of {} into {}", supply.label, unit.label, free.name),
                    hint: format!("devices.{}.inlets.{}: {}", unit.label, supply.label, free.name),
                    span: supply.span,
                    cost: Cost::Free,
                    change: Box::new(change),
                });
            }
        }
    }
    all
}

/// Free outlets that differ in what feeds them, the first of each, for a supply that has a plug.
pub(super) fn free_for(forecast: &Forecast<'_>, unit: UnitId, supply: &Supply) -> Vec<Free> {
    let (works, lab) = (&forecast.works, forecast.lab);
    let Some(inlet) = inlet_of(lab, works, unit, supply) else { return Vec::new() };
    let mut all: Vec<Free> = Vec::new();
    for (feeder, row) in (0..).map(UnitId).zip(&works.units) {
        let Some(device) = device_of(works, feeder) else { continue };
        if is_fed_by(works, feeder, unit) || !is_near(lab, device, inlet.device) || !has_room(lab, device) {
            continue;
        }
        for (_, outlet) in lab.derived.outlets_of(device) {
            let position = outlet.inlet.as_ref().filter(|_| row.supplies.len() > 1);
            let position = position
                .and_then(|name| row.supplies.iter().position(|supply| supply.label == **name))
                .and_then(|at| u32::try_from(at).ok());
            let on_battery = outlet.on_battery && row.battery.is_some();
            let source = Source::Outlet { unit: feeder, supply: position, on_battery };
            let is_known = source == supply.source || all.iter().any(|known| known.source == source);
            if !is_known && fits(forecast, unit, inlet, outlet) {
                all.push(Free { source, name: format!("{}:{}", row.label, outlet.name) });
            }
        }
    }
    all
}

/// True when after the change nothing is overloaded at peak that was not before.
pub(super) fn carries(works: &Works, change: &dyn Fn(&mut Works)) -> bool {
    let trips = |works: &Works| cascade(&Simulator::new(works), &[], Draw::Peak).trips.len();
    let mut after = works.clone();
    change(&mut after);
    trips(&after) <= trips(works)
}

fn device_of(works: &Works, unit: UnitId) -> Option<DeviceId> {
    let thing = works[unit].thing;
    (thing.kind == Kind::Device).then_some(DeviceId(thing.index))
}

fn inlet_of<'l>(lab: &'l Lab, works: &Works, unit: UnitId, supply: &Supply) -> Option<&'l InletUse> {
    let mut inlets = lab.derived.inlets_of(device_of(works, unit)?);
    inlets.find(|(_, inlet)| *inlet.name == *supply.label).map(|(_, inlet)| inlet)
}

/// True when the feeder is the unit, or hangs on it.
fn is_fed_by(works: &Works, feeder: UnitId, unit: UnitId) -> bool {
    let mut open = vec![feeder];
    let mut seen = Vec::new();
    while let Some(next) = open.pop() {
        if next == unit {
            return true;
        }
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        open.extend(works[next].inside);
        open.extend(works[next].supplies.iter().filter_map(|supply| match supply.source {
            Source::Outlet { unit, .. } | Source::Poe(unit) => Some(unit),
            Source::Point(_) | Source::Unknown => None,
        }));
    }
    false
}

/// True unless the lab says that they stand in different rooms.
fn is_near(lab: &Lab, one: DeviceId, other: DeviceId) -> bool {
    let room = |device| lab.derived.place(device).and_then(|place| place.room);
    room(one).zip(room(other)).is_none_or(|(one, other)| one == other)
}

/// True when fewer plugs are in it than it has outlets: of some plugs the lab does not say which outlet they are in.
fn has_room(lab: &Lab, device: DeviceId) -> bool {
    lab.derived.fed_by_device(device).count() < lab.derived.outlets_of(device).count()
}

fn fits(forecast: &Forecast<'_>, unit: UnitId, inlet: &InletUse, outlet: &Outlet) -> bool {
    let lab = forecast.lab;
    let now = match inlet.source {
        Some(PowerSource::Outlet(now)) => lab.derived.outlet(now).connector.as_deref(),
        _ => None,
    };
    let wanted = now.or(match inlet.connector.as_deref() {
        Some("iec-60320-c14") => Some("iec-60320-c13"),
        Some("iec-60320-c20") => Some("iec-60320-c19"),
        _ => None,
    });
    let is_same = wanted.zip(outlet.connector.as_deref()).is_none_or(|(wanted, given)| wanted == given);
    let limit = outlet.current.zip(lab.head.voltage.as_ref()).map(|(current, voltage)| {
        current.milliamperes() as f64 * voltage.value.millivolts() as f64 / 1e6
    });
    let carries = limit.zip(forecast.works[unit].watts_peak).is_none_or(|(limit, peak)| peak <= limit);
    outlet.feeds.is_empty() && is_same && carries
}
