//! Physical devices that are powered as one, with their batteries and rooms.

use super::power::thousandths;
use super::{Surveyor, feeds, figures};
use crate::works::{Battery, PartId, PartKind, Unit};
use lab_model::derived::DeviceFacts;
use lab_model::lab::{DeviceId, RoomId};
use lab_model::written::{Device, DeviceRole, PowerRestore};
use std::collections::BTreeMap;

/// Adds every unit with its supplies.
pub(super) fn survey(surveyor: &mut Surveyor<'_>) {
    let rooms = shared_rooms(surveyor);
    let units: Vec<_> = surveyor.unit_of.iter().map(|(&device, &unit)| (device, unit)).collect();
    for (device, promised) in units {
        let unit = unit(surveyor, device, &rooms);
        Surveyor::added(surveyor.works.units(unit), promised);
    }
}

/// Rooms in which several units stand: what happens to the room happens to all of them.
fn shared_rooms(surveyor: &mut Surveyor<'_>) -> BTreeMap<RoomId, PartId> {
    let mut units: BTreeMap<RoomId, u32> = BTreeMap::new();
    for room in surveyor.unit_of.keys().filter_map(|&device| surveyor.lab.derived.place(device)?.room) {
        *units.entry(room).or_default() += 1;
    }
    let shared = units.into_iter().filter(|(_, count)| *count > 1);
    shared.map(|(room, _)| (room, surveyor.whole(room, PartKind::Shared))).collect()
}

fn unit(surveyor: &mut Surveyor<'_>, device: DeviceId, rooms: &BTreeMap<RoomId, PartId>) -> Unit {
    let lab = surveyor.lab;
    let (record, facts) = (&lab.devices[device], lab.derived.device(device));
    let room = lab.derived.place(device).and_then(|place| place.room);
    let mut fails = vec![surveyor.device(device)];
    fails.extend(room.and_then(|room| rooms.get(&room)));
    let feed = feeds::survey(surveyor, device);
    if let Some(count) = record.count.as_ref().filter(|count| count.value > 1) {
        let what = format!("{} fail together: {} devices stand as one entry", record.name, count.value);
        surveyor.assume(what, Some(count.span));
    }
    let draw = lab.derived.draw(device);
    Unit {
        thing: device.into(),
        label: record.name.to_string(),
        fails,
        supplies: feed.supplies,
        supplies_needed: feed.needed,
        inside: feed.inside,
        battery: battery(surveyor, device),
        watts: draw.typical.map(|watts| thousandths(watts.milliwatts())),
        watts_peak: draw.peak.map(|watts| thousandths(watts.milliwatts())),
        limit_watts: limit(surveyor, facts),
        starts_with_power: record
            .power_restore
            .as_ref()
            .map(|restore| restore.value != PowerRestore::Off)
            .or_else(|| has_no_button(facts).then_some(true)),
        span: Some(record.name.span),
    }
}

/// True for what runs as soon as it has power, having no power button that could have been off: switches, strips, modems. Computers
/// have a setting for it, and so have printers.
fn has_no_button(facts: &DeviceFacts) -> bool {
    use DeviceRole as Role;
    matches!(
        facts.role,
        Some(
            Role::Switch
                | Role::AccessPoint
                | Role::Ups
                | Role::Pdu
                | Role::TransferSwitch
                | Role::PatchPanel
                | Role::Modem
                | Role::DiskShelf
                | Role::Console
                | Role::Appliance
        )
    )
}

fn battery(surveyor: &mut Surveyor<'_>, device: DeviceId) -> Option<Battery> {
    if !feeds::has_battery(surveyor, device) {
        return None;
    }
    let lab = surveyor.lab;
    let record = &lab.devices[device];
    let of_type = lab.derived.device(device).ty.as_ref().and_then(|ty| ty.battery.as_ref());
    let own = record.battery.as_ref();
    let capacity = own.and_then(|own| own.capacity.as_ref()).or(of_type.and_then(|ty| ty.capacity.as_ref()));
    let new = capacity.map(|capacity| thousandths(capacity.value.milliwatt_hours()));
    let left = left(surveyor, record, device);
    Some(Battery {
        watt_hours: new.map(|new| new * left),
        watt_hours_new: new,
        efficiency: figures::BATTERY_EFFICIENCY,
    })
}

/// The share of a battery's energy that is left: what is said, else what is usual at its age.
fn left(surveyor: &mut Surveyor<'_>, record: &Device, device: DeviceId) -> f64 {
    let of_type = surveyor.lab.derived.device(device).ty.as_ref().and_then(|ty| ty.battery.as_ref());
    let own = record.battery.as_ref();
    let health = own.and_then(|own| own.health.as_ref());
    if let Some(health) = health {
        return thousandths(health.value.thousandths()) / 100.0;
    }
    let life = own.and_then(|own| own.life.as_ref()).or(of_type.and_then(|ty| ty.life.as_ref()));
    let installed = own.and_then(|own| own.installed.as_ref());
    let Some((installed, life)) = installed.zip(life) else { return 1.0 };
    let days = (surveyor.today - installed.value.0).get_days();
    let age = f64::from(days.max(0)) * 24.0 / figures::hours(life.value).max(1.0);
    let left = figures::battery_left(age);
    if left < 1.0 {
        let device = surveyor.lab.devices[device].name.text.clone();
        let percent = (left * 100.0).round();
        let what = format!(
            "the battery of {device} gives {percent} % of what it gave when new: nobody says its health, so that its age decides"
        );
        surveyor.assume(what, Some(installed.span));
    }
    left
}

/// What the outlets of a unit can give together.
fn limit(surveyor: &Surveyor<'_>, facts: &DeviceFacts) -> Option<f64> {
    let rating = facts.ty.as_ref()?.rating.as_ref()?;
    let voltage = rating.voltage.as_ref().or(surveyor.lab.head.voltage.as_ref());
    let real = rating.real.as_ref().map(|watts| thousandths(watts.value.milliwatts()));
    let apparent = rating.apparent.as_ref().map(|power| thousandths(power.value.millivolt_amperes()));
    let by_input = rating.input.as_ref().zip(voltage);
    let by_input = by_input.map(|(input, voltage)| {
        thousandths(input.value.milliamperes()) * thousandths(voltage.value.millivolts())
    });
    [real, apparent, by_input].into_iter().flatten().reduce(f64::min)
}
