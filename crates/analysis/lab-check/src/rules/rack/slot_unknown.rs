//! A card in a slot that its device does not have.

use super::fit::slot_names;
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("slot-unknown", Error, Rack, "a card is in a slot that its device does not have");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for card in &lab.derived.cards {
        let Some(ty) = &lab.derived.device(card.device).ty else { continue };
        let known = slot_names(ty);
        if known.is_empty() || known.iter().any(|name| **name == *card.slot) || !told.insert(card.span) {
            continue;
        }
        let device = &lab.devices[card.device];
        let free = |name: &&String| device.cards.get(name).is_none();
        let finding = context
            .finding(format!("{} has no slot {}", device.name, card.slot), card.span, "no such slot")
            .about(lab.subject(card.device))
            .because(format!("its slots: {}", known.join(", ")));
        let near = lab_source::suggest::nearest(&card.slot, known.iter().map(String::as_str));
        context.report(match near.map(str::to_owned).or_else(|| known.iter().find(free).cloned()) {
            Some(near) => finding.help(format!("write `{near}`")),
            None => finding,
        });
    }
}
