//! Data that matters and of which no copy is made.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::copies::{by_thing, copies_of, holders, valued};
use lab_model::lab::ThingId;
use lab_model::written::Importance;
use lab_source::{Span, Spanned};
use std::collections::BTreeMap;

rule!("no-backup", Warning, Backup, "data that matters has no copy");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    let mut bare: BTreeMap<Span, (&Spanned<Importance>, Vec<ThingId>)> = BTreeMap::new();
    for (thing, importance) in valued(lab) {
        let matters = matches!(importance.value, Importance::Important | Importance::Irreplaceable);
        if matters && copies_of(lab, &all, thing).is_empty() {
            bare.entry(lab.name(thing).span).or_insert((importance, Vec::new())).1.push(thing);
        }
    }
    for (span, (importance, things)) in bare {
        let called: Vec<String> = things.iter().map(|thing| lab.name(*thing).to_string()).collect();
        let verb = if things.len() == 1 { "has" } else { "have" };
        let mut finding = context
            .finding(
                format!("{} {verb} no backup", names(&called)),
                span,
                format!("{}, one copy only", importance.value),
            )
            .and(importance.span, "said to matter")
            .because("a deletion, a fire, a thief or a fault of the pool takes the only copy")
            .help("name it under `of` of a backup job, or say that it is `replaceable`");
        for thing in &things {
            finding = finding.about(lab.subject(*thing));
        }
        if snapshots(lab, things[0]) {
            finding = finding.because("snapshots are on the same drives and are no copy");
        }
        if let Some((job, span)) = unmade(lab, things[0]) {
            finding = finding.and(span, format!("`{job}` has it, but none of its copies is in use"));
        }
        context.report_once(finding);
    }
}

fn snapshots(lab: &Lab, thing: ThingId) -> bool {
    lab.dataset_of(thing).is_some_and(|dataset| lab.datasets[dataset].snapshots.is_some())
}

/// A job that names the thing and makes no copy.
fn unmade(lab: &Lab, thing: ThingId) -> Option<(String, Span)> {
    let holders = holders(lab, thing);
    lab.backups.iter().find_map(|(_, backup)| {
        let named = backup.of.items.iter().find(|of| of.id.is_some_and(|id| holders.contains(&id)))?;
        Some((backup.name.to_string(), named.span))
    })
}
