//! A drive in a bay that works only with a certain card, which is not there.

use super::fit::drive_bay;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::Drive;
use lab_source::{Severity, Span};
use std::collections::BTreeMap;

rule!("bay-needs-card", Error, Rack, "a drive is in a bay whose controller is missing");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut by_place: BTreeMap<(Span, String), Vec<&Drive>> = BTreeMap::new();
    for drive in &lab.derived.drives {
        let Some(needed) = drive_bay(lab, drive.device, &drive.bay).and_then(|bay| bay.needs_card.as_ref())
        else {
            continue;
        };
        by_place.entry((drive.span, needed.text.to_string())).or_default().push(drive);
    }
    for ((span, slot), drives) in by_place {
        let first = drives[0];
        let device = &lab.devices[first.device];
        let cards = lab.derived.device(first.device).cards.iter().map(|card| lab.derived.card(*card));
        let card = cards.clone().find(|card| *card.slot == slot);
        let bays: Vec<&str> =
            drives.iter().filter(|drive| drive.device == first.device).map(|drive| &*drive.bay).collect();
        let bays = match &bays[..] {
            [first, .., last] => format!("{first} to {last}"),
            _ => bays.concat(),
        };
        let finding = match card {
            None => context.finding(
                format!("{bays} of {} has no controller: slot `{slot}` is empty", device.name),
                span,
                format!("works only with a card in slot `{slot}`"),
            ),
            Some(card) if is_network_card(card.ty.as_deref()) => {
                let mut finding = context
                    .finding(
                        format!(
                            "{bays} of {} has no controller: slot `{slot}` holds a network card",
                            device.name
                        ),
                        span,
                        format!("works only with a controller in slot `{slot}`"),
                    )
                    .and(card.span, "this card has network ports only");
                finding.severity = Severity::Warning;
                finding
            }
            Some(_) => continue,
        };
        let elsewhere = cards.clone().find(|card| *card.slot != slot && is_controller(card.ty.as_deref()));
        let finding = finding.about(lab.subject(first.device));
        context.report(match elsewhere {
            Some(card) => finding
                .and(card.span, "a controller is here")
                .help(format!("put it into slot `{slot}`, which the cables of the bays lead to")),
            None => finding.help(format!("put a controller into slot `{slot}`")),
        });
    }
}

/// True for cards with Ethernet ports and nothing for drives.
fn is_network_card(ty: Option<&lab_model::device_type::DeviceType>) -> bool {
    ty.is_some_and(|ty| {
        !ty.interfaces.is_empty()
            && ty.drive_bays.is_empty()
            && ty
                .interfaces
                .iter()
                .all(|port| port.r#type.as_ref().is_some_and(|word| word.text.contains("base")))
    })
}

/// True for cards without ports of a network, and without a graphics processor.
fn is_controller(ty: Option<&lab_model::device_type::DeviceType>) -> bool {
    ty.is_some_and(|ty| ty.interfaces.is_empty() && ty.gpu_memory.is_none() && ty.provides.is_empty())
}
