//! Consequences of a change: what the lab before and the lab after it can survive, compared by name.

use super::overview::is_noticed;
use super::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::words::{a_year, counted, names};
use crate::works::Fate;
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Sets of more failures than this are counted, not compared one by one.
const ORDER_COMPARED: usize = 2;

/// A set of failures by name, ascending.
type Set = Vec<String>;

/// What a change brings and takes away.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// Parts that are new, and parts that are gone, by name.
    pub parts: (Vec<String>, Vec<String>),
    /// Sets of one or two failures that bring something about after the change and not before, with what.
    pub brought: BTreeMap<Set, Vec<String>>,
    /// The same that are gone. Sets with parts that are gone themselves are not told: they went with them.
    pub removed: BTreeMap<Set, Vec<String>>,
    /// Outcomes with the share of time in which they hold, before and after, where it differs; largest difference first.
    pub unavailability: Vec<(String, f64, f64)>,
    /// Outcomes of things that are only there before, or only after.
    pub n_only_before: usize,
    /// See `n_only_before`.
    pub n_only_after: usize,
}

/// Compares two states of a lab.
pub fn change(before: &Forecast<'_>, after: &Forecast<'_>) -> Change {
    let parts_of = |forecast: &Forecast<'_>| -> BTreeSet<String> {
        forecast.works.parts.iter().map(|part| part.name.clone()).collect()
    };
    let (old_parts, new_parts) = (parts_of(before), parts_of(after));
    let (old, new) = (sets_by_outcome(before), sets_by_outcome(after));
    let mut brought: BTreeMap<Set, Vec<String>> = BTreeMap::new();
    let mut removed: BTreeMap<Set, Vec<String>> = BTreeMap::new();
    for (outcome, sets) in &new {
        let Some(known) = old.get(outcome) else { continue };
        let is_new = |set: &&Set| !known.iter().any(|other| is_within(other, set));
        sets.iter().filter(is_new).for_each(|set| {
            brought.entry(set.clone()).or_default().push(outcome.clone());
        });
        let is_gone = |set: &&Set| {
            set.iter().all(|part| new_parts.contains(part)) && !sets.iter().any(|other| is_within(other, set))
        };
        known.iter().filter(is_gone).for_each(|set| {
            removed.entry(set.clone()).or_default().push(outcome.clone());
        });
    }
    Change {
        parts: (
            new_parts.difference(&old_parts).cloned().collect(),
            old_parts.difference(&new_parts).cloned().collect(),
        ),
        brought,
        removed,
        unavailability: unavailability(before, after),
        n_only_before: old.keys().filter(|outcome| !new.contains_key(*outcome)).count(),
        n_only_after: new.keys().filter(|outcome| !old.contains_key(*outcome)).count(),
    }
}

/// True when every part of `one` is in `other`: then `other` says nothing that `one` does not.
fn is_within(one: &Set, other: &Set) -> bool {
    one.iter().all(|part| other.binary_search(part).is_ok())
}

fn sets_by_outcome(forecast: &Forecast<'_>) -> BTreeMap<String, BTreeSet<Set>> {
    let tops = forecast.compiled.circuit.tops();
    let mut all = BTreeMap::new();
    for (at, outcome, sets) in forecast.outcomes() {
        if !is_noticed(outcome.fate) {
            continue;
        }
        let orders = 1..=ORDER_COMPARED.min(sets.complete_to);
        let named = orders.flat_map(|order| sets.sets(order)).map(|set| {
            let mut named: Set =
                set.iter().map(|event| forecast.works.parts[event.index()].name.clone()).collect();
            named.sort_unstable();
            named
        });
        let mut named: BTreeSet<Set> = named.collect();
        if sets.is_always {
            named.insert(Vec::new());
        }
        all.insert(tops[at].name.clone(), named);
    }
    all
}

/// Differences smaller than this share of the larger are noise of rounding.
const NOISE: f64 = 1e-6;

fn unavailability(before: &Forecast<'_>, after: &Forecast<'_>) -> Vec<(String, f64, f64)> {
    let shares = |forecast: &Forecast<'_>| -> BTreeMap<String, f64> {
        let of_gone = forecast.outcomes().filter(|(_, outcome, _)| outcome.fate == Fate::Gone);
        of_gone
            .filter_map(|(at, ..)| {
                let share = forecast.probabilities().top(at).exact()?;
                Some((forecast.works.label(forecast.compiled.outcomes[at].0.subject).to_owned(), share))
            })
            .collect()
    };
    let (old, new) = (shares(before), shares(after));
    let mut changed: Vec<(String, f64, f64)> = old
        .into_iter()
        .filter_map(|(outcome, old)| new.get(&outcome).map(|new| (outcome, old, *new)))
        .filter(|(_, old, new)| (old - new).abs() > NOISE * old.max(*new))
        .collect();
    changed.sort_by(|one, other| (other.1 - other.2).abs().total_cmp(&(one.1 - one.2).abs()));
    changed
}

/// Rows of a table before the rest is counted.
const ROWS_MAX: usize = 15;

impl Change {
    /// True when nothing that people notice differs.
    pub fn is_none(&self) -> bool {
        self.brought.is_empty() && self.removed.is_empty() && self.unavailability.is_empty()
    }

    /// The answer in words and as JSON.
    pub fn answer(&self) -> Answer {
        Answer { document: self.document(), json: self.json() }
    }

    fn document(&self) -> Document {
        let singles = |sets: &BTreeMap<Set, Vec<String>>| sets.keys().filter(|set| set.len() <= 1).count();
        let headline = format!(
            "Single points of failure: {} brought, {} removed. Pairs: {} brought, {} removed. Parts: {} new, {} gone.",
            singles(&self.brought),
            singles(&self.removed),
            self.brought.len() - singles(&self.brought),
            self.removed.len() - singles(&self.removed),
            self.parts.0.len(),
            self.parts.1.len()
        );
        let mut blocks = vec![Block::Text(headline)];
        if self.is_none() {
            blocks.push(Block::Text("Nothing that anybody would notice changes.".to_owned()));
        }
        blocks.extend(table("Brought: after the change these do harm that they did not", &self.brought));
        blocks.extend(table("Removed: these no longer do", &self.removed));
        blocks.extend(self.times());
        Document { title: "What the change means".to_owned(), blocks }
    }

    fn times(&self) -> Option<Block> {
        if self.unavailability.is_empty() {
            return None;
        }
        let mut table = Table::new(&["service", ">gone before", ">gone after"])
            .titled("Expected times without a service");
        for (service, old, new) in self.unavailability.iter().take(ROWS_MAX) {
            table.row([service.clone(), a_year(*old), a_year(*new)]);
        }
        Some(Block::Table(table))
    }

    fn json(&self) -> Value {
        let sets = |sets: &BTreeMap<Set, Vec<String>>| -> Vec<Value> {
            sets.iter().map(|(set, outcomes)| json!({ "parts": set, "outcomes": outcomes })).collect()
        };
        let times: Vec<Value> = self
            .unavailability
            .iter()
            .map(|(service, old, new)| json!({ "service": service, "before": old, "after": new }))
            .collect();
        json!({
            "version": JSON_VERSION, "question": "change",
            "parts_new": self.parts.0, "parts_gone": self.parts.1,
            "brought": sets(&self.brought), "removed": sets(&self.removed), "unavailability": times,
            "outcomes_only_before": self.n_only_before, "outcomes_only_after": self.n_only_after,
        })
    }
}

fn table(title: &str, sets: &BTreeMap<Set, Vec<String>>) -> Option<Block> {
    if sets.is_empty() {
        return None;
    }
    // Sets with the same consequences are one row, as for every other answer.
    let mut by_outcomes: BTreeMap<(usize, &[String]), Vec<&Set>> = BTreeMap::new();
    for (set, outcomes) in sets {
        by_outcomes.entry((set.len(), outcomes)).or_default().push(set);
    }
    let mut table = Table::new(&[">sets", "=together", "=what follows"]).titled(title);
    for ((_, outcomes), sets) in by_outcomes.iter().take(ROWS_MAX) {
        let shown = sets.iter().map(|set| set.join(" + ")).collect::<Vec<_>>();
        let shown = names(shown.iter().map(String::as_str));
        table.row([sets.len().to_string(), shown, names(outcomes.iter().map(String::as_str))]);
    }
    if by_outcomes.len() > ROWS_MAX {
        let rest = counted(by_outcomes.len() - ROWS_MAX, "row more", "rows more");
        table.row([String::new(), format!("{rest} (--format json has all)"), String::new()]);
    }
    Some(Block::Table(table))
}
