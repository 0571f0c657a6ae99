//! A copy of data that has none: one more backup job, to a place that other jobs of the lab write to already.
//!
//! Only data that matters and that one failure loses. A copy on the devices of the original is none.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use super::new_name;
use crate::forecast::Forecast;
use crate::forecast::words::names;
use crate::promises::copies::has_copy;
use crate::works::{Fate, Subject};
use lab_model::derived::copies::{devices, is_made};
use lab_model::lab::{DatasetId, VolumeId};
use lab_model::written::Importance;
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeMap;

/// All data without a copy, to each place that is on other devices.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let alone: Vec<ThingId> = at_risk(forecast)
        .into_iter()
        .filter(|thing| is_dear(lab, *thing) && !has_copy(lab, *thing))
        .collect();
    let places = places(lab).into_iter();
    places.filter_map(|(place, text)| to(lab, &alone, place, &text)).collect()
}

/// Data that some single failure loses.
fn at_risk(forecast: &Forecast<'_>) -> Vec<ThingId> {
    let lost = forecast.outcomes().filter(|(_, outcome, sets)| {
        outcome.fate == Fate::Lost && sets.complete_to > 0 && sets.sets(1).next().is_some()
    });
    let data = lost.filter_map(|(_, outcome, _)| match outcome.subject {
        Subject::Data(id) => Some(forecast.works[id].thing),
        _ => None,
    });
    data.collect()
}

fn is_dear(lab: &Lab, thing: ThingId) -> bool {
    let importance = match thing.kind {
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.as_ref(),
        Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.as_ref(),
        _ => return false,
    };
    !matches!(
        importance.map(|importance| importance.value),
        Some(Importance::Ephemeral | Importance::Replaceable)
    )
}

/// Where jobs of the lab write to by themselves, as it is written.
fn places(lab: &Lab) -> BTreeMap<ThingId, String> {
    let copies = lab.backups.iter().flat_map(|(_, job)| &job.record.copies);
    let by_itself = copies.filter(|copy| is_made(copy) && copy.by_hand.is_none_or(|hand| !hand.value));
    by_itself
        .filter_map(|copy| copy.to.as_ref())
        .filter_map(|to| Some((to.id?, to.text.to_string())))
        .collect()
}

fn to(lab: &Lab, alone: &[ThingId], place: ThingId, text: &str) -> Option<Candidate> {
    let there = devices(lab, place);
    let is_apart = |thing: &&ThingId| there.is_empty() || !there.is_subset(&devices(lab, **thing));
    let of: Vec<ThingId> = alone.iter().filter(is_apart).copied().collect();
    let labels: Vec<String> = of.iter().map(|thing| lab.name(*thing).to_string()).collect();
    if of.is_empty() {
        return None;
    }
    let job = new_name("copy", |name| lab.backups.find(name).is_some());
    let copy = vec![("to".to_owned(), text.to_owned()), ("every".to_owned(), "daily".to_owned())];
    let of_job = |key| ["backups", job.as_str(), key];
    let mut edit = Edit::default();
    let is_set =
        edit.set(lab, &of_job("of"), "", Value::List(of.iter().map(|thing| lab.subject(*thing)).collect()))
            && edit.set(lab, &of_job("copies"), "", Value::Maps(vec![copy]));
    is_set.then(|| Candidate {
        group: "copy".to_owned(),
        what: format!("a daily copy of {} at {text}", names(labels.iter().map(String::as_str))),
        takes: vec![format!("room at {text}"), "a restore that is tried once".to_owned()],
        covers: Vec::new(),
        edit,
        cost: Cost::Free,
    })
}
