//! A second storage card of the same type, where two cables to a disk shelf leave from one card: one of them moves over.
//!
//! Only where a free slot of the machine has a link at least as wide as the card's own, and each cable ends in a module of its own.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::derived::{Cable, Card, CardId, PortOrigin};
use lab_model::device_type::{DeviceType, Slot, SlotKind};
use lab_model::grammar::{Grammar, Pattern, PcieLink};
use lab_model::lab::DeviceId;

/// Every card that two cables leave from to one other device.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut cards: Vec<CardId> =
        lab.derived.cables.iter().filter_map(|cable| storage_card(lab, cable)).collect();
    cards.sort_unstable();
    cards.dedup();
    cards.into_iter().filter_map(|card| of_card(lab, card)).collect()
}

/// The storage card that a cable leaves from: straight, and to a device that holds drives.
fn storage_card(lab: &Lab, cable: &Cable) -> Option<CardId> {
    let [far] = cable.far[..] else { return None };
    let shelf = lab.derived.port(far).device;
    let holds_drives = !lab.derived.device(shelf).drives.is_empty();
    match lab.derived.port(cable.near).origin {
        PortOrigin::Card(card) if holds_drives && is_sas(lab, cable) => Some(card),
        _ => None,
    }
}

fn is_sas(lab: &Lab, cable: &Cable) -> bool {
    lab.derived.port(cable.near).ty.connector == lab_model::derived::Connector::Sas
}

fn of_card(lab: &Lab, id: CardId) -> Option<Candidate> {
    let card = lab.derived.card(id);
    let own: Vec<&Cable> =
        lab.derived.cables.iter().filter(|cable| storage_card(lab, cable) == Some(id)).collect();
    let [first, second] = own[..] else { return None };
    let ends = [first, second].map(|cable| lab.derived.port(cable.far[0]));
    if ends[0].device != ends[1].device || ends[0].origin == ends[1].origin {
        return None;
    }
    let slot = free_slot(lab, card)?;
    let device = &lab.devices[card.device].name;
    let model = card.type_name.as_ref()?.text.to_string();
    let moved = &lab.derived.port(second.near).name;
    let new = |path: &str| format!("second-{path}");
    if lab.derived.find_port(card.device, &new(moved)).is_some() {
        return None;
    }
    let of_slot = ["devices", &*device.text, "cards", slot.name.as_str()];
    let mut edit = Edit::default();
    let is_set = edit.set(lab, &[of_slot[0], of_slot[1], of_slot[2], of_slot[3], "type"], "", model.clone())
        && edit.set(lab, &[of_slot[0], of_slot[1], of_slot[2], of_slot[3], "prefix"], "", "second-")
        && move_cable(lab, [first, second], &new(moved), &mut edit);
    let mut takes = vec![format!("a {model}, and a free place at the back for {}", slot.name)];
    takes.extend(slot.other_height.map(|height| format!("a bracket for a slot of {height}")));
    is_set.then(|| Candidate {
        group: format!("second card {device}"),
        what: format!(
            "a second {model} in {} of {device}, and one of the cables to {} into it",
            slot.name, lab.devices[ends[0].device].name
        ),
        takes,
        covers: Vec::new(),
        edit,
        cost: Cost::NotKnown,
    })
}

/// Writes both cables anew, the second one from the new port. They are entries of their own, or of one range.
fn move_cable(lab: &Lab, cables: [&Cable; 2], new: &str, edit: &mut Edit) -> bool {
    let group = &lab.cables[cables[0].group].name.text;
    if cables[0].group != cables[1].group {
        return false;
    }
    let full = |port: lab_model::derived::PortId| {
        let port = lab.derived.port(port);
        format!("{}:{}", lab.devices[port.device].name, port.name)
    };
    let [first, second] = cables;
    let device = &lab.devices[lab.derived.port(second.near).device].name;
    for cable in cables {
        if !edit.remove(lab, &["cables", group, "between", &full(cable.near)]) {
            return false;
        }
    }
    edit.add(lab, &["cables", group, "between"], &full(first.near), full(first.far[0]))
        && edit.add(lab, &["cables", group, "between"], &format!("{device}:{new}"), full(second.far[0]))
}

/// A slot with nothing in it that the card fits.
struct FreeSlot {
    name: String,
    /// Its height, when it is not that of the card's own slot.
    other_height: Option<String>,
}

fn free_slot(lab: &Lab, card: &Card) -> Option<FreeSlot> {
    let ty = lab.derived.device(card.device).ty.clone()?;
    let all = slots(&ty);
    let (_, own) = all.iter().find(|(name, _)| **name == *card.slot)?;
    let wanted = link(own)?;
    let is_fit = |(name, slot): &&(String, &Slot)| {
        let is_pcie = slot.kind.as_ref().is_none_or(|kind| kind.value == SlotKind::Pcie);
        let is_wide = link(slot)
            .is_some_and(|link| link.lanes() >= wanted.lanes() && link.generation() >= wanted.generation());
        is_pcie && is_wide && !is_taken(lab, card.device, name)
    };
    let (name, slot) = all.iter().find(is_fit)?;
    let height = |slot: &Slot| slot.height.as_ref().map(|height| height.text.to_string());
    let other_height = height(slot).filter(|other| Some(other) != height(own).as_ref());
    Some(FreeSlot { name: name.clone(), other_height })
}

fn is_taken(lab: &Lab, device: DeviceId, slot: &str) -> bool {
    lab.derived.device(device).cards.iter().any(|&card| *lab.derived.card(card).slot == *slot)
}

fn link(slot: &Slot) -> Option<PcieLink> {
    slot.pcie.as_ref().map(|link| link.value)
}

fn slots(ty: &DeviceType) -> Vec<(String, &Slot)> {
    let names = |slot: &Slot| {
        let text = slot.name.as_ref().or(slot.names.as_ref());
        let pattern = text.and_then(|text| Pattern::parse(&text.text).ok());
        pattern.map(|pattern| pattern.expand()).unwrap_or_default()
    };
    ty.slots.iter().flat_map(|slot| names(slot).into_iter().map(move |name| (name, slot))).collect()
}
