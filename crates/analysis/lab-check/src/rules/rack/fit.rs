//! Slots and bays of a device by name, those of its cards included. Judges nothing.

use lab_model::device_type::{DeviceType, DriveBay, Slot};
use lab_model::grammar::Grammar;
use lab_model::grammar::Pattern;
use lab_model::lab::DeviceId;
use lab_model::{Lab, Text};

/// True when a component of a type is called `wanted`.
fn is_called(name: Option<&Text>, names: Option<&Text>, wanted: &str) -> bool {
    let in_range = |names: &Text| {
        Pattern::parse(&names.text).is_ok_and(|names| names.expand().iter().any(|name| name == wanted))
    };
    match (names, name) {
        (Some(names), _) => in_range(names),
        (None, Some(name)) => &*name.text == wanted,
        (None, None) => false,
    }
}

/// The slot of a type called `name`.
pub(super) fn slot<'a>(ty: &'a DeviceType, name: &str) -> Option<&'a Slot> {
    ty.slots.iter().find(|slot| is_called(slot.name.as_ref(), slot.names.as_ref(), name))
}

/// The names of all slots of a type, those of the community library's module bays included.
pub(super) fn slot_names(ty: &DeviceType) -> Vec<String> {
    let slots = ty.slots.iter().map(|slot| (slot.name.as_ref(), slot.names.as_ref()));
    let bays = ty.module_bays.iter().map(|bay| (bay.name.as_ref(), bay.names.as_ref()));
    slots.chain(bays).flat_map(|(name, names)| expand(name, names)).collect()
}

/// The names of all bays for devices of a type.
pub(super) fn device_bay_names(ty: &DeviceType) -> Vec<String> {
    ty.device_bays.iter().flat_map(|bay| expand(bay.name.as_ref(), bay.names.as_ref())).collect()
}

fn expand(name: Option<&Text>, names: Option<&Text>) -> Vec<String> {
    match (names, name) {
        (Some(names), _) => Pattern::parse(&names.text).map(|names| names.expand()).unwrap_or_default(),
        (None, Some(name)) => vec![name.text.to_string()],
        (None, None) => Vec::new(),
    }
}

/// The drive bay of a device or of one of its cards.
pub(super) fn drive_bay<'a>(lab: &'a Lab, device: DeviceId, name: &str) -> Option<&'a DriveBay> {
    let facts = lab.derived.device(device);
    let cards = facts.cards.iter().filter_map(|card| lab.derived.card(*card).ty.as_deref());
    let mut bays = facts.ty.as_deref().into_iter().chain(cards).flat_map(|ty| &ty.drive_bays);
    bays.find(|bay| is_called(bay.name.as_ref(), bay.names.as_ref(), name))
}
