//! What takes which units of a rack: devices by their height, shelves by theirs. Judges nothing.

use lab_model::Lab;
use lab_model::derived::shelf_unit;
use lab_model::grammar::Face;
use lab_model::lab::{DeviceId, RackId};
use lab_source::Span;

/// Something that takes units of a rack, in half units from the first: U1 is 2.
pub(super) struct Block {
    /// The device; `None` for a shelf.
    pub(super) device: Option<DeviceId>,
    /// The shelf's name.
    pub(super) shelf: String,
    pub(super) low: u16,
    /// The first half unit above it.
    pub(super) high: u16,
    pub(super) face: Face,
    /// Whether it goes through to the other side, when that is known.
    pub(super) full_depth: Option<bool>,
    pub(super) span: Span,
    /// Its place in the text.
    pub(super) order: usize,
}

/// Everything in a rack whose units are known. Devices on shelves are the shelf's matter.
pub(super) fn blocks(lab: &Lab, rack: RackId) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (name, shelf) in lab.racks[rack].shelves.iter() {
        let Some(low) = shelf_unit(shelf) else { continue };
        let height = shelf.height.as_ref().map_or(2, |height| height.value.half_units());
        blocks.push(Block {
            device: None,
            shelf: name.text.to_string(),
            low,
            high: low.saturating_add(u16::try_from(height).unwrap_or(u16::MAX)),
            face: Face::Front,
            full_depth: None,
            span: name.span,
            order: blocks.len(),
        });
    }
    for &id in lab.derived.devices_in(rack) {
        let device = &lab.devices[id];
        let Some(place) = lab.derived.place(id) else { continue };
        let (Some(low), None, true) = (place.lowest, &place.shelf, place.height > 0) else { continue };
        if device.inside.is_some() {
            continue;
        }
        let ty = lab.derived.device(id).ty.as_ref();
        blocks.push(Block {
            device: Some(id),
            shelf: String::new(),
            low,
            high: low.saturating_add(place.height),
            face: place.face.unwrap_or(Face::Front),
            full_depth: ty.and_then(|ty| ty.is_full_depth.as_ref()).map(|full| full.value),
            span: place.span,
            order: blocks.len(),
        });
    }
    blocks
}

/// `node-1` or `shelf shelf-1`.
pub(super) fn occupant(lab: &Lab, block: &Block) -> String {
    match block.device {
        Some(device) => lab.devices[device].name.to_string(),
        None => format!("shelf {}", block.shelf),
    }
}

/// `U4`, `U4 to U5`, from the first half unit and the one above the last.
pub(super) fn units(low: u16, high: u16) -> String {
    let name = |half: u16| {
        if half.is_multiple_of(2) { format!("U{}", half / 2) } else { format!("U{}.5", half / 2) }
    };
    let last = high.saturating_sub(2);
    if last <= low { name(low) } else { format!("{} to {}", name(low), name(last)) }
}
