//! Promises that count something, against what there is.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Kind;
use lab_model::derived::Card;
use lab_model::device_type::DeviceType;
use lab_model::lab::{Lab, ThingId};

rule!("promise-count", Warning, Policy, "a promise counts more or fewer than there are");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, promise) in lab.promises.iter() {
        let Some(claim) = &promise.claim else { continue };
        let (Some(what), Some(said)) = (&claim.count, &claim.is) else { continue };
        let Some(there) = count(lab, &what.text) else { continue };
        if there == said.value as usize {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` says {} {}, and there are {there} in use", promise.name, said.value, what.text),
                said.span,
                "as promised",
            )
            .and(promise.says.as_ref().map_or(promise.name.span, |says| says.span), "the words")
            .about(lab.subject(id))
            .help(format!("write {there}, or mend the list of {}", what.text));
        context.report_once(finding);
    }
}

/// How many of a kind are in use; `None` for words that are no kind.
fn count(lab: &Lab, what: &str) -> Option<usize> {
    if what == "drives" {
        return Some(lab.derived.drives.len());
    }
    if what == "gpu" {
        let is_gpu =
            |card: &&Card| card.ty.as_ref().is_some_and(|ty| ty.gpu_memory.is_some() || provides(ty, "gpu"));
        let has_unknown = lab.derived.cards.iter().any(|card| card.ty.is_none());
        return (!has_unknown).then(|| lab.derived.cards.iter().filter(is_gpu).count());
    }
    let kind = *Kind::ALL.iter().find(|kind| kind.key() == what || kind.word() == what)?;
    let all = (0u32..).take(lab.count(kind)).map(|index| ThingId { kind, index });
    Some(all.filter(|thing| lab.is_active(*thing)).count())
}

fn provides(ty: &DeviceType, what: &str) -> bool {
    ty.provides.iter().any(|word| &*word.text == what)
}
