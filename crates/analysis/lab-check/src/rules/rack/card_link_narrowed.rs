//! A card whose slot has fewer lanes or an older generation than the card.

use super::fit::slot;
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::{BitRate, Grammar, Pattern};
use lab_source::Severity;
use std::collections::BTreeSet;

rule!("card-link-narrowed", Note, Rack, "a slot gives a card less than it could use");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for card in &lab.derived.cards {
        let (Some(ty), Some(device)) = (&card.ty, &lab.derived.device(card.device).ty) else { continue };
        let there = slot(device, &card.slot).and_then(|slot| slot.pcie.as_ref());
        let (Some(wanted), Some(there)) = (&ty.pcie, there) else { continue };
        let link = wanted.value.negotiated(there.value);
        if link == wanted.value || !told.insert(card.span) {
            continue;
        }
        let ports = ty.interfaces.iter().flat_map(|port| {
            let word = port.r#type.as_ref().map_or("", |word| &word.text);
            let several = port
                .names
                .as_ref()
                .map_or(1, |names| Pattern::parse(&names.text).map_or(1, |names| names.count()));
            std::iter::repeat_n(lab_model::derived::port_type(word).speed, several)
        });
        let needed: u64 = ports.flatten().map(BitRate::bits_per_second).sum();
        let (whole, rest) = (wanted.value.bandwidth(), link.bandwidth());
        let percent = (rest.bits_per_second() as f64 * 100.0 / whole.bits_per_second() as f64).round();
        let starves = needed > rest.bits_per_second() && whole.bits_per_second() > rest.bits_per_second();
        let device = &lab.devices[card.device];
        let name = card.type_name.as_ref().map_or("the card", |name| &name.text);
        let mut finding = context
            .finding(
                format!("{name} gets {percent} % of its link in slot {} of {}", card.slot, device.name),
                card.span,
                format!("{} card in a {} slot runs at {link}", wanted.value, there.value),
            )
            .about(lab.subject(card.device))
            .because(format!("{} of {} one way", gigabits(rest), gigabits(whole)));
        if starves {
            finding = finding.because(format!(
                "its ports together carry {}",
                gigabits(BitRate::from_bits_per_second(needed))
            ));
        }
        if starves || percent < 50.0 {
            finding.severity = Severity::Warning;
        }
        context.report(finding);
    }
}

fn gigabits(rate: BitRate) -> String {
    format!("{:.1} Gb/s", rate.bits_per_second() as f64 / 1e9)
}
