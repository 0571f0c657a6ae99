//! How a machine gets at a drive: through the device the drive is in, or through the card that a shelf is cabled to.

use lab_model::Lab;
use lab_model::derived::{CardId, DriveId, PortOrigin};
use lab_model::grammar::{Grammar, Pattern};
use lab_model::lab::DeviceId;
use lab_model::written::{DeviceRole, Status};
use std::collections::BTreeSet;

/// One way to a drive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Route {
    /// The device from whose slots or board the drive is reached.
    pub(crate) device: DeviceId,
    /// The card on the way, when it is known.
    pub(crate) card: Option<CardId>,
}

/// All ways to a drive; none when the cables of its shelf are not known.
pub(crate) fn routes(lab: &Lab, drive: DriveId) -> Vec<Route> {
    let device = lab.derived.drive(drive).device;
    if is_shelf(lab, device) {
        return of_shelf(lab, device).into_iter().map(|(_, route)| route).collect();
    }
    vec![Route { device, card: card_of_bay(lab, drive) }]
}

/// The ways from a shelf to the devices it is cabled to, other shelves passed through, each with the name of the
/// shelf's own port that it begins at.
pub(crate) fn of_shelf(lab: &Lab, shelf: DeviceId) -> Vec<(String, Route)> {
    let mut found = BTreeSet::new();
    for &port in &lab.derived.device(shelf).ports {
        let mut seen = BTreeSet::from([shelf]);
        let mut open: Vec<_> = lab.derived.paths_from(port).into_iter().map(|path| path.end).collect();
        while let Some(end) = open.pop() {
            let end = lab.derived.port(end);
            if !is_shelf(lab, end.device) {
                let card = match end.origin {
                    PortOrigin::Card(card) => Some(card),
                    _ => None,
                };
                let name = lab.derived.port(port).name.to_string();
                found.insert((name, Route { device: end.device, card }));
            } else if seen.insert(end.device) {
                let ports = lab.derived.device(end.device).ports.iter();
                open.extend(ports.flat_map(|port| lab.derived.paths_from(*port)).map(|path| path.end));
            }
        }
    }
    found.into_iter().collect()
}

/// True for devices that only hold drives for others.
pub(crate) fn is_shelf(lab: &Lab, device: DeviceId) -> bool {
    lab.derived.device(device).role == Some(DeviceRole::DiskShelf)
}

/// The card that the bay of a drive hangs on, as the device's type says, or the card that has the bay.
fn card_of_bay(lab: &Lab, drive: DriveId) -> Option<CardId> {
    let drive = lab.derived.drive(drive);
    let facts = lab.derived.device(drive.device);
    let has_bay = |ty: &lab_model::device_type::DeviceType| {
        ty.drive_bays.iter().position(|bay| {
            let name = bay.name.as_ref().is_some_and(|name| name.text == drive.bay);
            let several = bay.names.as_ref().and_then(|names| Pattern::parse(&names.text).ok());
            name || several.is_some_and(|names| names.expand().iter().any(|name| **name == *drive.bay))
        })
    };
    if let Some(ty) = &facts.ty
        && let Some(index) = has_bay(ty)
    {
        let slot = ty.drive_bays[index].needs_card.as_ref()?;
        return facts.cards.iter().copied().find(|card| lab.derived.card(*card).slot == slot.text);
    }
    let has = |card: &CardId| lab.derived.card(*card).ty.as_ref().is_some_and(|ty| has_bay(ty).is_some());
    facts.cards.iter().copied().find(has)
}

/// The virtual machine in use that a card is handed to, and where that is written.
pub(crate) fn given_to(lab: &Lab, card: CardId) -> Option<(lab_model::lab::VmId, lab_source::Span)> {
    let mut all = lab.derived.passed_through.iter();
    all.find(|given| given.card == Some(card) && lab.is_active(given.vm)).map(|given| (given.vm, given.span))
}

/// True when a card is in its slot and in use.
pub(crate) fn works(lab: &Lab, card: CardId) -> bool {
    lab.derived.card(card).status == Status::Active
}
