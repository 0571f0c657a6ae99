//! Plugs that could be elsewhere: one of two supplies of a device on another strip, a single one past the strip, a supply that is in no
//! outlet at all.
//!
//! An outlet is offered when nothing is in it, its current is enough, a cord exists for it, it is in the same room, and what feeds it is not
//! fed by the device itself. A socket in the wall is offered where the lab has a circuit. Whether cords are long enough nobody knows.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use crate::forecast::Forecast;
use crate::forecast::words::drawn_together;
use lab_model::Lab;
use lab_model::derived::{InletUse, Outlet, PowerSource};
use lab_model::lab::{DeviceId, PowerId};
use lab_model::written::{DeviceRole, PowerKind};

/// Where a plug could be.
#[derive(Clone)]
pub(super) struct Socket {
    /// As it is written: `pdu-2:5`; only the device where plugs of it do not say which outlet they are in.
    pub(super) name: String,
    pub(super) cost: Cost,
    pub(super) takes: Vec<String>,
}

/// Every plug in every kind of outlet that it fits.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = together(lab);
    for (device, record) in lab.devices.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_fed = lab.derived.inlets_of(device).any(|(_, inlet)| inlet.source.is_some());
        for (_, inlet) in lab.derived.inlets_of(device).filter(|_| is_fed) {
            for Socket { name, cost, takes } in sockets(lab, inlet) {
                let mut edit = Edit::default();
                let path = ["devices", &record.name.text, "inlets", &inlet.name];
                if !edit.set(lab, &path, "from", name.clone()) {
                    continue;
                }
                let now = inlet.source.map(|source| words(lab, source));
                let what = match now {
                    Some(now) => {
                        format!("plug {} of {} into {name} instead of {now}", inlet.name, record.name)
                    }
                    None => {
                        format!("plug {} of {}, which is in no outlet, into {name}", inlet.name, record.name)
                    }
                };
                all.push(Candidate {
                    group: format!("plug {}", record.name),
                    what,
                    takes,
                    covers: Vec::new(),
                    edit,
                    cost,
                });
            }
        }
    }
    all
}

/// The plugs of several devices of one entry, such as `node-1..3`, all moved from one strip to another.
fn together(lab: &Lab) -> Vec<Candidate> {
    let mut entries: Vec<Vec<DeviceId>> = Vec::new();
    for (id, record) in lab.devices.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_same = |known: &&mut Vec<DeviceId>| lab.devices[known[0]].name.span == record.name.span;
        match entries.iter_mut().find(is_same) {
            Some(known) => known.push(id),
            None => entries.push(vec![id]),
        }
    }
    let mut all = Vec::new();
    for devices in entries.iter().filter(|devices| devices.len() > 1) {
        for (_, inlet) in lab.derived.inlets_of(devices[0]).filter(|(_, inlet)| inlet.source.is_some()) {
            let targets = sockets(lab, inlet);
            all.extend(targets.iter().filter_map(|socket| all_into(lab, devices, &inlet.name, socket)));
        }
    }
    all
}

/// One change that moves the same plug of all devices to where `socket` is.
fn all_into(lab: &Lab, devices: &[DeviceId], inlet: &str, socket: &Socket) -> Option<Candidate> {
    let feeder = socket.name.split(':').next()?;
    let id = lab.devices.find(feeder)?;
    let n_free = lab.derived.outlets_of(id).count().checked_sub(lab.derived.fed_by_device(id).count())?;
    if n_free < devices.len() {
        return None;
    }
    let free = lab.derived.outlets_of(id).filter(|(_, outlet)| outlet.feeds.is_empty());
    let mut outlets = free.map(|(_, outlet)| format!("{feeder}:{}", outlet.name));
    let (mut edit, mut names, mut covers) = (Edit::default(), Vec::new(), Vec::new());
    for &device in devices {
        let name = &lab.devices[device].name;
        let outlet = if is_vague(lab, id) { feeder.to_owned() } else { outlets.next()? };
        if !edit.set(lab, &["devices", &name.text, "inlets", inlet], "from", outlet) {
            return None;
        }
        names.push(&*name.text);
        covers.push(format!("plug {name}"));
    }
    let mut takes = socket.takes.clone();
    takes.iter_mut().for_each(|phrase| phrase.push_str(&format!(" ({} times)", devices.len())));
    let who = drawn_together(names.iter().copied()).join(", ");
    Some(Candidate {
        group: format!("plugs {who}"),
        what: format!("plug {inlet} of {who} into {feeder}"),
        takes,
        covers,
        edit,
        cost: socket.cost.clone(),
    })
}

fn words(lab: &Lab, source: PowerSource) -> String {
    match source {
        PowerSource::Node(node) => lab.power[node].name.to_string(),
        PowerSource::Device(device) => lab.devices[device].name.to_string(),
        PowerSource::Outlet(outlet) => {
            let outlet = lab.derived.outlet(outlet);
            format!("{}:{}", lab.devices[outlet.device].name, outlet.name)
        }
    }
}

/// Outlets that differ in what feeds them, the first of each, and sockets in the wall.
pub(super) fn sockets(lab: &Lab, inlet: &InletUse) -> Vec<Socket> {
    let mut all = Vec::new();
    let feeders = lab.devices.iter().map(|(id, _)| id).filter(|id| lab.is_active(*id));
    for feeder in feeders {
        let is_open = !is_fed_by(lab, feeder, inlet.device) && is_near(lab, feeder, inlet.device);
        if !is_open || !has_room(lab, feeder) || !feeds(lab, feeder) {
            continue;
        }
        let mut known: Vec<(Option<&str>, bool)> = Vec::new();
        for (_, outlet) in lab.derived.outlets_of(feeder) {
            let kind = (outlet.inlet.as_deref(), outlet.on_battery);
            if !outlet.feeds.is_empty() || known.contains(&kind) || is_there_now(lab, inlet, feeder, kind) {
                continue;
            }
            let Some((cost, takes)) =
                cord(lab, inlet, outlet.connector.as_deref()).filter(|_| carries(lab, inlet, outlet))
            else {
                continue;
            };
            known.push(kind);
            let name = match is_vague(lab, feeder) {
                true => lab.devices[feeder].name.to_string(),
                false => format!("{}:{}", lab.devices[feeder].name, outlet.name),
            };
            all.push(Socket { name, cost, takes });
        }
    }
    all.extend(walls(lab, inlet));
    all
}

/// Circuits with a socket in the wall, for whoever has a cord.
fn walls(lab: &Lab, inlet: &InletUse) -> Vec<Socket> {
    let is_circuit = |id: &PowerId| {
        let kind = lab.power[*id].kind.as_ref().map(|kind| kind.value);
        let kind = kind.or_else(|| (!lab.power[*id].from.is_empty()).then_some(PowerKind::Circuit));
        kind == Some(PowerKind::Circuit) && inlet.source != Some(PowerSource::Node(*id))
    };
    let circuits = lab.power.iter().map(|(id, _)| id).filter(is_circuit);
    circuits
        .filter_map(|id| {
            let node = &lab.power[id];
            let (cost, mut takes) = cord(lab, inlet, Some("the wall"))?;
            takes.insert(0, format!("a free socket in the wall on {}", node.name));
            Some(Socket { name: node.name.to_string(), cost, takes })
        })
        .collect()
}

/// What feeds something: strips, battery supplies and transfer switches that are plugged in themselves.
fn feeds(lab: &Lab, device: DeviceId) -> bool {
    let role = lab.derived.device(device).role;
    let is_feeder = matches!(role, Some(DeviceRole::Ups | DeviceRole::Pdu | DeviceRole::TransferSwitch));
    is_feeder && lab.derived.inlets_of(device).any(|(_, inlet)| inlet.source.is_some())
}

fn is_there_now(lab: &Lab, inlet: &InletUse, feeder: DeviceId, kind: (Option<&str>, bool)) -> bool {
    match inlet.source {
        Some(PowerSource::Device(now)) => now == feeder,
        Some(PowerSource::Outlet(now)) => {
            let now = lab.derived.outlet(now);
            now.device == feeder && (now.inlet.as_deref(), now.on_battery) == kind
        }
        _ => false,
    }
}

/// True when of some plug in the device the lab does not say which outlet it is in.
fn is_vague(lab: &Lab, feeder: DeviceId) -> bool {
    lab.derived.fed_by_device(feeder).any(|(_, inlet)| matches!(inlet.source, Some(PowerSource::Device(_))))
}

/// True when fewer plugs are in it than it has outlets.
fn has_room(lab: &Lab, device: DeviceId) -> bool {
    lab.derived.fed_by_device(device).count() < lab.derived.outlets_of(device).count()
}

/// True when the feeder is the device, or hangs on it.
fn is_fed_by(lab: &Lab, feeder: DeviceId, device: DeviceId) -> bool {
    let (mut open, mut seen) = (vec![feeder], Vec::new());
    while let Some(next) = open.pop() {
        if next == device {
            return true;
        }
        if seen.contains(&next) {
            continue;
        }
        seen.push(next);
        open.extend(lab.derived.inlets_of(next).filter_map(|(_, inlet)| match inlet.source? {
            PowerSource::Device(device) => Some(device),
            PowerSource::Outlet(outlet) => Some(lab.derived.outlet(outlet).device),
            PowerSource::Node(_) => None,
        }));
    }
    false
}

/// True unless the lab says that they stand in different rooms or racks of different rooms.
fn is_near(lab: &Lab, one: DeviceId, other: DeviceId) -> bool {
    let room = |device| lab.derived.place(device).and_then(|place| place.room);
    room(one).zip(room(other)).is_none_or(|(one, other)| one == other)
}

/// What cord it takes; None when there is none that fits. Cords are cheap, plugs that are part of a device are not changed.
fn cord(lab: &Lab, inlet: &InletUse, outlet: Option<&str>) -> Option<(Cost, Vec<String>)> {
    let free = Some((Cost::Free, Vec::new()));
    let Some(outlet) = outlet else { return free };
    let own = inlet.connector.as_deref().map(str::to_ascii_lowercase);
    let own = own.as_deref().map(|own| own.trim_start_matches("iec-60320-"));
    if connector_now(lab, inlet).is_some_and(|now| &*now == outlet) {
        return free;
    }
    let to = outlet.trim_start_matches("iec-60320-").to_ascii_uppercase();
    let takes = |own: &str| Some((Cost::Cable, vec![format!("a cord for a {to} outlet and a {own} inlet")]));
    match (own, outlet) {
        (Some("c14"), "iec-60320-c13") if inlet.source.is_none() => takes("C14"),
        (Some("c14"), "the wall") => Some((Cost::Cable, vec!["a cord for that socket".to_owned()])),
        (Some("c14"), outlet) if outlet.starts_with("nema-5-") || outlet == "iec-60320-c13" => takes("C14"),
        (Some("c20"), "iec-60320-c19") => takes("C20"),
        (Some(own), outlet) if own.ends_with('p') && outlet == format!("{}r", own.trim_end_matches('p')) => {
            free
        }
        (None, "the wall") => {
            Some((Cost::Free, vec!["a plug that fits it: nothing says what plug it has".to_owned()]))
        }
        _ => None,
    }
}

/// The kind of outlet that a plug is in now.
fn connector_now(lab: &Lab, inlet: &InletUse) -> Option<std::sync::Arc<str>> {
    match inlet.source? {
        PowerSource::Outlet(outlet) => lab.derived.outlet(outlet).connector.clone(),
        PowerSource::Device(device) => lab.derived.outlets_of(device).next()?.1.connector.clone(),
        PowerSource::Node(_) => None,
    }
}

/// True unless the outlet's current is known to be too small for what the device draws at most.
fn carries(lab: &Lab, inlet: &InletUse, outlet: &Outlet) -> bool {
    let voltage = lab.head.voltage.as_ref().map(|voltage| voltage.value.millivolts() as f64 / 1e3);
    let amperes = outlet.current.map(|current| current.milliamperes() as f64 / 1e3);
    let peak = lab.derived.draw(inlet.device).peak.map(|peak| peak.milliwatts() as f64 / 1e3);
    voltage.zip(amperes).zip(peak).is_none_or(|((volts, amperes), peak)| peak <= volts * amperes)
}
