//! A card that is too high for its slot, or made for another kind of slot.

use super::fit::slot;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::Card;
use lab_model::device_type::SlotKind;
use std::collections::BTreeSet;

rule!("card-does-not-fit", Error, Rack, "a card does not fit the slot it is in");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for card in &lab.derived.cards {
        let Some(why) = obstacle(lab, card) else { continue };
        if !told.insert(card.span) {
            continue;
        }
        let device = &lab.devices[card.device];
        let name = card.type_name.as_ref().map_or("the card", |name| &name.text);
        let finding = context
            .finding(format!("{name} does not fit slot {} of {}", card.slot, device.name), card.span, why)
            .about(lab.subject(card.device));
        context.report(match other_slot(lab, card) {
            Some(other) => finding.help(format!("slot {other} is free and takes it")),
            None => finding,
        });
    }
}

fn obstacle(lab: &Lab, card: &Card) -> Option<String> {
    let device = lab.derived.device(card.device).ty.as_ref()?;
    misfit(device, &card.slot, &card.ty.as_ref()?.card_height.as_ref()?.text)
}

/// Why a card of a length class does not go into a slot.
fn misfit(device: &lab_model::device_type::DeviceType, name: &str, height: &str) -> Option<String> {
    let slot = slot(device, name)?;
    let kind = slot.kind.as_ref().map_or(SlotKind::Pcie, |kind| kind.value);
    let takes_cards_of_maker = matches!(kind, SlotKind::Mezzanine | SlotKind::Ocp);
    match height {
        "mezzanine" if !takes_cards_of_maker => Some("a mezzanine card in an ordinary slot".to_owned()),
        "full-height" | "low-profile" if takes_cards_of_maker => {
            Some(format!("an ordinary card in a `{kind}` slot"))
        }
        "full-height" if slot.height.as_ref().is_some_and(|height| &*height.text == "low-profile") => {
            Some("a card of full height in a slot for low-profile cards".to_owned())
        }
        _ => None,
    }
}

/// A free slot of the device that the card fits.
fn other_slot(lab: &Lab, card: &Card) -> Option<String> {
    let ty = lab.derived.device(card.device).ty.as_ref()?;
    let height = &card.ty.as_ref()?.card_height.as_ref()?.text;
    let taken = |name: &String| lab.devices[card.device].cards.get(name).is_some();
    super::fit::slot_names(ty)
        .into_iter()
        .find(|name| !taken(name) && slot(ty, name).is_some() && misfit(ty, name, height).is_none())
}
