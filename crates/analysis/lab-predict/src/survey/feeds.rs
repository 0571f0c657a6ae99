//! What feeds each unit: its inlets, its network cable, or the chassis it sits in.

use super::Surveyor;
use crate::works::{Mode, PartId, PartKind, Source, Supply, UnitId};
use lab_model::derived::{InletUse, PortId, PowerSource};
use lab_model::grammar::Watts;
use lab_model::lab::DeviceId;
use lab_model::written::DeviceRole;

/// How a unit is fed.
pub(super) struct Feed {
    /// Its supplies.
    pub(super) supplies: Vec<Supply>,
    /// How many of them it needs.
    pub(super) needed: u32,
    /// The chassis that powers it.
    pub(super) inside: Option<UnitId>,
}

/// How a device is fed; what cannot be known is noted as taken for granted.
pub(super) fn survey(surveyor: &mut Surveyor<'_>, device: DeviceId) -> Feed {
    let lab = surveyor.lab;
    let mut supplies = Vec::new();
    for inlet in plugged(surveyor, device) {
        let source = source(surveyor, inlet);
        let part = supply_part(surveyor, inlet);
        let (label, span) = (inlet.name.to_string(), Some(inlet.span));
        supplies.push(Supply { label, source, fails: vec![part], span });
    }
    if !supplies.is_empty() {
        let needed = needed(surveyor, device);
        return Feed { supplies, needed, inside: None };
    }
    let alone = |supplies| Feed { supplies, needed: 1, inside: None };
    if let Some(supply) =
        lab.derived.poe_source(device).and_then(|port| over_ethernet(surveyor, device, port))
    {
        return alone(vec![supply]);
    }
    if let Some(inside) = chassis(surveyor, device) {
        return Feed { supplies: Vec::new(), needed: 0, inside: Some(inside) };
    }
    let ty = lab.derived.device(device).ty.as_ref();
    if ty.and_then(|ty| ty.is_powered.as_ref()).is_some_and(|powered| !powered.value) {
        return Feed { supplies: Vec::new(), needed: 0, inside: None };
    }
    let name = &lab.devices[device].name;
    let is_said = lab.derived.inlets_of(device).any(|(_, inlet)| inlet.source.is_some());
    let why = if is_said { "what feeds it is not in use" } else { "nothing says what feeds it" };
    surveyor.assume(format!("{name} is always powered: {why}"), Some(name.span));
    let (label, span) = ("power".to_owned(), Some(name.span));
    alone(vec![Supply { label, source: Source::Unknown, fails: Vec::new(), span }])
}

/// Inlets of a device that are plugged into something that is in use.
fn plugged<'l>(surveyor: &Surveyor<'l>, device: DeviceId) -> Vec<&'l InletUse> {
    let lab = surveyor.lab;
    let is_there = |inlet: &InletUse| match inlet.source {
        None => false,
        Some(PowerSource::Node(node)) => surveyor.point_of.contains_key(&node),
        Some(PowerSource::Device(feeder)) => surveyor.unit_of.contains_key(&feeder),
        Some(PowerSource::Outlet(outlet)) => {
            surveyor.unit_of.contains_key(&lab.derived.outlet(outlet).device)
        }
    };
    lab.derived.inlets_of(device).map(|(_, inlet)| inlet).filter(|inlet| is_there(inlet)).collect()
}

fn source(surveyor: &mut Surveyor<'_>, inlet: &InletUse) -> Source {
    let lab = surveyor.lab;
    match inlet.source {
        None => Source::Unknown,
        Some(PowerSource::Node(node)) => Source::Point(surveyor.point_of[&node]),
        Some(PowerSource::Outlet(outlet)) => {
            let outlet = lab.derived.outlet(outlet);
            let supply = outlet.inlet.as_ref().and_then(|name| position(surveyor, outlet.device, name));
            let on_battery = outlet.on_battery && has_battery(surveyor, outlet.device);
            Source::Outlet { unit: surveyor.unit_of[&outlet.device], supply, on_battery }
        }
        Some(PowerSource::Device(feeder)) => {
            let on_battery = has_battery(surveyor, feeder);
            if on_battery && lab.derived.outlets_of(feeder).any(|(_, outlet)| !outlet.on_battery) {
                let what = format!(
                    "{} hangs on an outlet of {} that the battery carries: which outlet it is on is not said",
                    lab.devices[inlet.device].name, lab.devices[feeder].name
                );
                surveyor.assume(what, Some(inlet.span));
            }
            Source::Outlet { unit: surveyor.unit_of[&feeder], supply: None, on_battery }
        }
    }
}

/// Which supply of a unit an inlet is; None when it has just one, so that nothing needs telling apart.
fn position(surveyor: &Surveyor<'_>, device: DeviceId, inlet: &str) -> Option<u32> {
    let plugged = plugged(surveyor, device);
    if plugged.len() < 2 {
        return None;
    }
    let position = plugged.iter().position(|plugged| &*plugged.name == inlet)?;
    u32::try_from(position).ok()
}

/// A supply of a device. Strips, battery supplies and transfer switches have none of their own: there it is the cord.
fn supply_part(surveyor: &mut Surveyor<'_>, inlet: &InletUse) -> PartId {
    let lab = surveyor.lab;
    let device = &lab.devices[inlet.device].name;
    let role = lab.derived.device(inlet.device).role;
    let is_cord = matches!(role, Some(DeviceRole::Ups | DeviceRole::Pdu | DeviceRole::TransferSwitch));
    let (kind, label) = if is_cord {
        (PartKind::Cord, format!("the cord of {device} at {}", inlet.name))
    } else {
        (PartKind::Supply, format!("{} of {device}", inlet.name))
    };
    let (thing, span) = (inlet.device.into(), Some(inlet.span));
    let piece = Some(&*inlet.name);
    surveyor.part(super::parts::NewPart { thing, piece, kind, mode: Mode::Fails, label, span })
}

/// How many supplies a device needs: as many of the weakest as it takes to carry its peak, when both are known.
fn needed(surveyor: &mut Surveyor<'_>, device: DeviceId) -> u32 {
    let lab = surveyor.lab;
    let draw = lab.derived.draw(device);
    let inlets = plugged(surveyor, device);
    let ratings: Option<Vec<Watts>> = inlets.iter().map(|inlet| inlet.rating).collect();
    let (Some(peak), Some(mut ratings), true) = (draw.peak, ratings, draw.known) else { return 1 };
    ratings.sort_unstable();
    let mut carried = Watts::ZERO;
    for (count, rating) in (1..).zip(&ratings) {
        carried = carried + *rating;
        if carried < peak {
            continue;
        }
        if count > 1 {
            let name = &lab.devices[device].name;
            let what = format!("{name} needs {count} of its supplies: one alone does not carry its {peak}");
            surveyor.assume(what, Some(name.span));
        }
        return count;
    }
    u32::try_from(ratings.len()).expect("a device has few supplies")
}

/// The supply of a device that its network cable powers.
fn over_ethernet(surveyor: &mut Surveyor<'_>, device: DeviceId, port: PortId) -> Option<Supply> {
    let lab = surveyor.lab;
    let giver = lab.derived.port(port);
    let unit = *surveyor.unit_of.get(&giver.device)?;
    let paths = lab.derived.paths_from(port);
    let path = paths.iter().find(|path| lab.derived.port(path.end).device == device)?;
    let mut fails: Vec<PartId> = path.cables.iter().map(|&cable| surveyor.cable(cable)).collect();
    let mut panels: Vec<DeviceId> = path.through.iter().map(|&port| lab.derived.port(port).device).collect();
    panels.dedup();
    fails.extend(panels.into_iter().map(|panel| surveyor.device(panel)));
    let label = format!("PoE from {}:{}", lab.devices[giver.device].name, giver.name);
    Some(Supply { label, source: Source::Poe(unit), fails, span: Some(lab.devices[device].name.span) })
}

/// The unit in whose bay a device sits.
fn chassis(surveyor: &Surveyor<'_>, device: DeviceId) -> Option<UnitId> {
    let lab = surveyor.lab;
    let inside = &lab.devices[device].inside.as_ref()?.text;
    let name = inside.split_once('/').map_or(&**inside, |(name, _)| name);
    let around = lab.devices.find(name).filter(|&around| around != device)?;
    surveyor.unit_of.get(&around).copied()
}

/// True for a battery supply and for whatever else has a battery.
pub(super) fn has_battery(surveyor: &Surveyor<'_>, device: DeviceId) -> bool {
    let facts = surveyor.lab.derived.device(device);
    facts.role == Some(DeviceRole::Ups)
        || surveyor.lab.devices[device].battery.is_some()
        || facts.ty.as_ref().is_some_and(|ty| ty.battery.is_some())
}
