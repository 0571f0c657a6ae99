//! Copies and what is wrong with them in words: where each goes, by which steps, how old it may be.

use super::super::Witness;
use crate::forecast::words;
use lab_model::derived::copies::{CopyOf, chain, lag};
use lab_model::grammar::Period;
use lab_model::lab::{DatasetId, VolumeId};
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// `photos, files and 4 more`.
pub(super) fn named(lab: &Lab, things: &[ThingId]) -> String {
    let names: Vec<String> = things.iter().map(|thing| lab.name(*thing).to_string()).collect();
    words::names(names.iter().map(String::as_str))
}

/// Where a copy goes, as written.
pub(super) fn place<'a>(copy: &CopyOf<'a>) -> &'a str {
    copy.copy.to.as_ref().map_or("a place that is not said", |to| &to.text)
}

/// The steps to a copy, the first one from the original.
pub(super) fn steps(lab: &Lab, copy: &CopyOf<'_>) -> Vec<Witness> {
    let backup = &lab.backups[copy.job];
    let way = chain(backup, copy.index).unwrap_or_else(|| vec![copy.index]);
    let step = |at: usize| {
        let step = &backup.copies[at];
        let to = step.to.as_ref().map_or("?", |to| &to.text);
        let when = step
            .every
            .as_ref()
            .map_or_else(|| "when is not said".to_owned(), |every| every.value.to_string());
        let hand = if step.by_hand.is_some_and(|hand| hand.value) { ", by hand" } else { "" };
        let span = step.every.as_ref().map_or(step.span, |every| every.span);
        Witness::new(format!("{}: copied to {to}, {when}{hand}", backup.name), Some(span))
    };
    way.into_iter().map(step).collect()
}

/// An age in words.
pub(super) fn age(age: Period) -> String {
    if age == Period::ZERO { "nearly nothing".to_owned() } else { age.to_string() }
}

/// What is wrong, and with what: one phrase for all things of which it is.
#[derive(Default)]
pub(super) struct Lacks(pub(super) BTreeMap<String, Vec<ThingId>>);

impl Lacks {
    pub(super) fn add(&mut self, what: impl Into<String>, thing: ThingId) {
        self.0.entry(what.into()).or_default().push(thing);
    }

    /// `no copy: a, b; ...`, and each thing with the place where it is written.
    pub(super) fn told(&self, lab: &Lab) -> (String, Vec<Witness>) {
        let phrases = self.0.iter().map(|(what, things)| format!("{what}: {}", named(lab, things)));
        let facts = self.0.iter().flat_map(|(what, things)| {
            let fact = move |thing: &ThingId| {
                Witness::new(format!("{}: {what}", lab.subject(*thing)), Some(lab.name(*thing).span))
            };
            things.iter().map(fact)
        });
        (phrases.collect::<Vec<_>>().join("; "), facts.collect())
    }

    /// A word on those of which nobody says how much they matter.
    pub(super) fn unsaid(&self, lab: &Lab) -> String {
        let things: BTreeSet<ThingId> = self.0.values().flatten().copied().collect();
        let is_unsaid = |thing: &&ThingId| match thing.kind {
            Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.is_none(),
            Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.is_none(),
            _ => false,
        };
        match things.iter().filter(is_unsaid).count() {
            0 => String::new(),
            n => format!(
                " Of {n} of them nobody says how much they matter (`importance`); they count as worth keeping."
            ),
        }
    }

    pub(super) fn n_things(&self) -> usize {
        self.0.values().flatten().collect::<BTreeSet<_>>().len()
    }
}

/// The copy that is least behind, with how far; the first one of unknown age when none has a known one.
pub(super) fn best<'c, 'a>(
    lab: &Lab,
    copies: impl IntoIterator<Item = &'c CopyOf<'a>>,
) -> Option<(Option<Period>, &'c CopyOf<'a>)>
where
    'a: 'c,
{
    let aged = copies.into_iter().map(|copy| (lag(&lab.backups[copy.job], copy.index), copy));
    aged.min_by_key(|(age, _)| age.unwrap_or(Period::from_milliseconds(u64::MAX)))
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
