//! Drives, and the ways from the machine that uses them to their bays: cards, cables, modules of a shelf.

use super::Surveyor;
use super::parts::NewPart;
use crate::works::{Drive, Mode, PartId, PartKind};
use lab_model::Kind;
use lab_model::derived::{CardId, DriveId, LinkId, PortId, PortOrigin};
use lab_model::grammar::{Grammar, Pattern};
use lab_model::lab::{DeviceId, HostId, PoolId};
use lab_model::record::Text;
use lab_model::written::{CableKind, DeviceRole, DriveKind};

/// Adds every drive.
pub(super) fn survey(surveyor: &mut Surveyor<'_>) {
    let drives: Vec<_> = surveyor.drive_of.iter().map(|(&drive, &row)| (drive, row)).collect();
    // All parts first: a card in a slot that is called like a bay gets the longer name.
    let parts: Vec<PartId> = drives.iter().map(|&(drive, _)| part(surveyor, drive)).collect();
    for ((drive, promised), part) in drives.into_iter().zip(parts) {
        let facts = surveyor.lab.derived.drive(drive);
        let row = Drive {
            label: surveyor.lab.drive_name(drive),
            fails: vec![part],
            unit: surveyor.unit_of[&facts.device],
            paths: paths(surveyor, drive),
            span: Some(facts.span),
        };
        Surveyor::added(surveyor.works.drives(row), promised);
    }
}

fn part(surveyor: &mut Surveyor<'_>, drive: DriveId) -> PartId {
    let facts = surveyor.lab.derived.drive(drive);
    let label = format!("the drive in {} of {}", facts.bay, surveyor.lab.devices[facts.device].name);
    let (thing, piece, span) = (facts.device.into(), Some(&*facts.bay), Some(facts.span));
    let kind = PartKind::Drive;
    let part = surveyor.part(NewPart { thing, piece, kind, mode: Mode::Fails, label, span });
    let is_flash = facts.ty.as_ref().and_then(|ty| ty.kind.as_ref());
    if is_flash.is_some_and(|kind| matches!(kind.value, DriveKind::Ssd | DriveKind::Optane)) {
        surveyor.set_figures(part, super::figures::FLASH_DRIVE, true);
    }
    part
}

/// Every way to a drive. In the machine's own case: the card behind its bay, if there is one. In another: card, cable and
/// module of the shelf for each way through.
fn paths(surveyor: &mut Surveyor<'_>, drive: DriveId) -> Vec<Vec<PartId>> {
    let device = surveyor.lab.derived.drive(drive).device;
    let behind: Vec<PartId> =
        card_behind(surveyor, drive).map(|card| surveyor.card(card)).into_iter().collect();
    let near = if behind.is_empty() { Vec::new() } else { vec![behind.clone()] };
    let Some(server) = user(surveyor, drive).filter(|&server| server != device) else { return near };
    let mut ways = Vec::new();
    let mut walk = Walk { to: device, way: Vec::new(), seen: vec![server], steps: 0, ways: &mut ways };
    walk.from(surveyor, server, None);
    let lab = surveyor.lab;
    let (server, device) = (&lab.devices[server].name, &lab.devices[device].name);
    if ways.is_empty() {
        let what =
            format!("{server} always reaches the drives of {device}: no cable between them is written down");
        surveyor.assume(what, Some(device.span));
        return near;
    }
    if ways.len() > 1 {
        match is_multipath(surveyor, drive) {
            Some(true) => {}
            Some(false) => ways.truncate(1),
            None => {
                let what = format!("{server} uses every cable to {device}: its pools do not say `multipath`");
                surveyor.assume(what, Some(device.span));
            }
        }
    }
    ways.iter_mut().for_each(|way| way.extend(&behind));
    ways
}

/// Whether the pool of a drive uses several ways to it, when it says so.
fn is_multipath(surveyor: &Surveyor<'_>, drive: DriveId) -> Option<bool> {
    let lab = surveyor.lab;
    let pools = lab.derived.owners_of(drive).filter_map(|owner| PoolId::try_from(owner.owner).ok());
    pools.filter_map(|pool| lab.pools[pool].multipath.as_ref()).map(|said| said.value).next()
}

/// The device of the machine that uses a drive.
fn user(surveyor: &Surveyor<'_>, drive: DriveId) -> Option<DeviceId> {
    let lab = surveyor.lab;
    let device_under = |thing: lab_model::ThingId| match thing.kind {
        Kind::Device => Some(DeviceId(thing.index)),
        Kind::Host => lab.hosts[HostId(thing.index)].on.as_ref()?.id,
        _ => lab.derived.machine(thing)?.devices.first().copied(),
    };
    lab.derived.owners_of(drive).find_map(|owner| match owner.owner.kind {
        Kind::Pool => device_under(lab.pools[PoolId(owner.owner.index)].on.as_ref()?.id?),
        Kind::Host | Kind::Vm => device_under(owner.owner),
        _ => None,
    })
}

/// The card that a bay is part of, or needs.
fn card_behind(surveyor: &Surveyor<'_>, drive: DriveId) -> Option<CardId> {
    let lab = surveyor.lab;
    let facts = lab.derived.drive(drive);
    let device = lab.derived.device(facts.device);
    let has = |name: Option<&Text>, names: Option<&Text>| {
        let several = names.and_then(|names| Pattern::parse(&names.text).ok());
        name.is_some_and(|name| name.text == facts.bay)
            || several.is_some_and(|several| several.expand().iter().any(|name| **name == *facts.bay))
    };
    let own = device.ty.iter().flat_map(|ty| &ty.drive_bays);
    let bay = own.into_iter().find(|bay| has(bay.name.as_ref(), bay.names.as_ref()));
    if let Some(slot) = bay.and_then(|bay| bay.needs_card.as_ref()) {
        return device.cards.iter().copied().find(|&card| lab.derived.card(card).slot == slot.text);
    }
    if bay.is_some() {
        return None;
    }
    device.cards.iter().copied().find(|&card| {
        let bays = lab.derived.card(card).ty.iter().flat_map(|ty| &ty.drive_bays);
        bays.into_iter().any(|bay| has(bay.name.as_ref(), bay.names.as_ref()))
    })
}

/// How many cables a walk follows. A rack of shelves in two chains takes some dozens; shelves that are all cabled to each other would
/// take forever. Ways beyond it are left out, which only makes a prediction worse than the lab.
const STEPS_MAX: u32 = 2_000;

/// A walk from the machine over storage cables to the device with the bays.
struct Walk<'w> {
    to: DeviceId,
    way: Vec<PartId>,
    seen: Vec<DeviceId>,
    steps: u32,
    ways: &'w mut Vec<Vec<PartId>>,
}

impl Walk<'_> {
    /// Goes on from a device; at a shelf only by the module `by` that the way came in by.
    fn from(&mut self, surveyor: &mut Surveyor<'_>, device: DeviceId, by: Option<CardId>) {
        let ports = surveyor.lab.derived.device(device).ports.clone();
        for port in ports {
            if by.is_some() && card_of(surveyor, port) != by {
                continue;
            }
            for link in surveyor.lab.derived.links_of(port).to_vec() {
                self.over(surveyor, port, link);
            }
        }
    }

    fn over(&mut self, surveyor: &mut Surveyor<'_>, port: PortId, link: LinkId) {
        let derived = &surveyor.lab.derived;
        let link = derived.link(link);
        let other = if link.near == port { link.far } else { link.near };
        let next = derived.port(other).device;
        self.steps += 1;
        if self.steps > STEPS_MAX || self.seen.contains(&next) || !carries_storage(surveyor, link.cable, next)
        {
            return;
        }
        let length = self.way.len();
        let (near, far) = (card_of(surveyor, port), card_of(surveyor, other));
        let near = near.map(|card| surveyor.card(card)).filter(|card| !self.way.contains(card));
        self.way.extend(near);
        self.way.push(surveyor.cable(link.cable));
        self.way.extend(far.map(|card| surveyor.card(card)));
        if next == self.to {
            self.ways.push(self.way.clone());
        } else {
            // A shelf in between has to be up; it stands for itself as a part.
            self.way.push(surveyor.device(next));
            self.seen.push(next);
            self.from(surveyor, next, far);
            self.seen.pop();
        }
        self.way.truncate(length);
    }
}

fn card_of(surveyor: &Surveyor<'_>, port: PortId) -> Option<CardId> {
    match surveyor.lab.derived.port(port).origin {
        PortOrigin::Card(card) => Some(card),
        PortOrigin::Split(parent) => card_of(surveyor, parent),
        PortOrigin::Type | PortOrigin::Said => None,
    }
}

fn carries_storage(surveyor: &Surveyor<'_>, cable: lab_model::derived::CableId, next: DeviceId) -> bool {
    let lab = surveyor.lab;
    let kind = lab.cables[lab.derived.cable(cable).group].kind.as_ref().map(|kind| kind.value);
    let by_cable = matches!(kind, Some(CableKind::SasExternal | CableKind::Usb | CableKind::Thunderbolt));
    surveyor.unit_of.contains_key(&next)
        && (by_cable || lab.derived.device(next).role == Some(DeviceRole::DiskShelf))
}
