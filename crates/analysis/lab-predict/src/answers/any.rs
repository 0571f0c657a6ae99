//! Any two, any three: every combination that brings down something which none of its parts brings down alone, as patterns.

use super::overview::is_noticed;
use super::select::{SelectError, parts_of};
use super::{Answer, JSON_VERSION};
use crate::circuit::EventId;
use crate::cutsets::{Pattern, patterns};
use crate::forecast::Forecast;
use crate::forecast::words::{counted, drawn_together, kind_counted, names};
use crate::works::{Fate, PartId, PartKind, Subject};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Combinations of one size.
#[derive(Clone, Debug)]
pub struct Any {
    /// How many fail at once.
    pub order: usize,
    /// What the user chose from, when they did.
    pub of: Option<String>,
    /// How many different combinations the patterns stand for, which may overlap.
    pub n_sets: u64,
    /// Each pattern with all outcomes that it brings about, worst first.
    pub patterns: Vec<(Pattern, Vec<usize>)>,
    /// Outcomes of which no combination is left: nothing of this size brings them about that less does not.
    pub n_safe: usize,
    /// Outcomes that were looked at.
    pub n_looked_at: usize,
}

/// All combinations of `order` parts, chosen from `of`.
///
/// # Errors
/// When `of` stands for nothing.
pub fn any(forecast: &Forecast<'_>, order: usize, of: Option<&str>) -> Result<Any, SelectError> {
    let chosen: Option<BTreeSet<PartId>> =
        of.map(|of| parts_of(forecast, of)).transpose()?.map(BTreeSet::from_iter);
    let is_chosen = |pattern: &Pattern| match &chosen {
        None => true,
        Some(chosen) => {
            let mut events = pattern.parts.iter().flat_map(|part| part.groups.iter().flatten());
            events.all(|event| chosen.contains(&PartId(event.index() as u32)))
        }
    };
    let mut outcomes_of: BTreeMap<Key, (Pattern, Vec<usize>)> = BTreeMap::new();
    let (mut n_safe, mut n_looked_at) = (0, 0);
    for (at, outcome, sets) in forecast.outcomes() {
        if !is_noticed(outcome.fate) || sets.is_always {
            continue;
        }
        n_looked_at += 1;
        let found: Vec<Pattern> = match order <= sets.complete_to {
            true => patterns(sets, order).into_iter().filter(is_chosen).collect(),
            false => Vec::new(),
        };
        n_safe += usize::from(found.is_empty());
        for pattern in found {
            outcomes_of.entry(key(&pattern)).or_insert_with(|| (pattern, Vec::new())).1.push(at);
        }
    }
    let mut patterns: Vec<(Pattern, Vec<usize>)> = outcomes_of.into_values().collect();
    patterns.sort_by_cached_key(|(_, outcomes)| std::cmp::Reverse(weight(forecast, outcomes)));
    let n_sets = n_distinct(&patterns);
    Ok(Any { order, of: of.map(str::to_owned), n_sets, patterns, n_safe, n_looked_at })
}

/// How many sets are counted one by one; beyond that, those of several patterns are counted in each.
const COUNTED_MAX: u64 = 500_000;

fn n_distinct(patterns: &[(Pattern, Vec<usize>)]) -> u64 {
    let n_sets: u64 = patterns.iter().map(|(pattern, _)| pattern.n_sets).sum();
    if n_sets > COUNTED_MAX {
        return n_sets;
    }
    let sets: BTreeSet<Vec<EventId>> = patterns.iter().flat_map(|(pattern, _)| pattern.sets()).collect();
    sets.len() as u64
}

/// A pattern as something that can be sorted and compared: how many of which groups.
type Key = Vec<(usize, Vec<Vec<u32>>)>;

fn key(pattern: &Pattern) -> Key {
    let numbers = |group: &Vec<EventId>| group.iter().map(|event| event.index() as u32).collect();
    pattern.parts.iter().map(|part| (part.n, part.groups.iter().map(numbers).collect())).collect()
}

fn weight(forecast: &Forecast<'_>, outcomes: &[usize]) -> (usize, u32) {
    let of = |at: &usize| forecast.compiled.outcomes[*at].0;
    let lost = outcomes.iter().filter(|at| of(at).fate == Fate::Lost).count();
    let service = |at: &usize| match of(at).subject {
        Subject::Service(id) => 1 + 3 * u32::from(forecast.works[id].criticality),
        _ => 1,
    };
    (lost, outcomes.iter().map(service).sum())
}

/// Patterns that fit one look.
const PATTERNS_MAX: usize = 25;

impl Any {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>, all: bool) -> Answer {
        Answer { document: self.document(forecast, all), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>, all: bool) -> Document {
        let of = self.of.as_ref().map_or_else(String::new, |of| format!(" of {of}"));
        let title = format!("Any {} at once{of} in {}", self.order, super::overview::lab_name(forecast));
        let mut blocks = vec![Block::Text(format!(
            "{}, {}, bring down what none of their parts does alone. {} of {} outcomes have none.",
            counted(usize::try_from(self.n_sets).unwrap_or(usize::MAX), "combination", "combinations"),
            counted(self.patterns.len(), "pattern", "patterns"),
            self.n_safe,
            self.n_looked_at
        ))];
        if self.order > forecast.order {
            blocks = vec![Block::Text(format!("Sets of {} were not computed.", self.order))];
        }
        if !forecast.is_complete() {
            blocks.push(Block::Text("Not complete: some outcome has more sets than are kept.".to_owned()));
        }
        let n_shown = if all { usize::MAX } else { PATTERNS_MAX };
        if !self.patterns.is_empty() {
            let mut table = Table::new(&[">sets", "=together", "=and this follows"]);
            for (pattern, outcomes) in self.patterns.iter().take(n_shown) {
                let cells =
                    [pattern.n_sets.to_string(), shown(forecast, pattern), follows(forecast, outcomes)];
                table.row(cells);
            }
            blocks.push(Block::Table(table));
        }
        if let Some(rest) = self.patterns.get(n_shown..).filter(|rest| !rest.is_empty()) {
            let rest = counted(rest.len(), "milder pattern", "milder patterns");
            blocks.push(Block::Text(format!("And {rest}; --all prints them.")));
        }
        Document { title, blocks }
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let tops = forecast.compiled.circuit.tops();
        let name = |event: &EventId| forecast.works.parts[event.index()].name.as_str();
        let patterns: Vec<Value> = self
            .patterns
            .iter()
            .map(|(pattern, outcomes)| {
                let parts: Vec<Value> = pattern
                    .parts
                    .iter()
                    .map(|part| {
                        let groups: Vec<Vec<&str>> =
                            part.groups.iter().map(|group| group.iter().map(name).collect()).collect();
                        json!({ "any": part.n, "of": groups })
                    })
                    .collect();
                json!({
                    "sets": pattern.n_sets, "parts": parts,
                    "outcomes": outcomes.iter().map(|at| tops[*at].name.as_str()).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "version": JSON_VERSION, "question": "any", "order": self.order, "of": self.of,
            "sets": self.n_sets, "outcomes": self.n_looked_at, "outcomes_without": self.n_safe, "patterns": patterns,
        })
    }
}

/// A pattern in words: `any 3 of bay-1..6 of nas-1`.
pub(super) fn shown(forecast: &Forecast<'_>, pattern: &Pattern) -> String {
    let works = &forecast.works;
    let label = |event: &EventId| works.parts[event.index()].label.as_str();
    let listed = |events: &[EventId]| {
        let runs = drawn_together(events.iter().map(label));
        if runs.len() <= 5 {
            return runs.join(", ");
        }
        let mut kinds: BTreeMap<PartKind, usize> = BTreeMap::new();
        events.iter().for_each(|event| *kinds.entry(works.parts[event.index()].kind).or_default() += 1);
        let counts: Vec<String> = kinds.iter().map(|(kind, n)| kind_counted(*kind, *n)).collect();
        format!("{} ({}, ...)", counts.join(", "), runs[..2].join(", "))
    };
    let part = |part: &crate::cutsets::PatternPart| match part.groups.as_slice() {
        [only] if only.len() == 1 => listed(only),
        [only] => format!("one of {}", listed(only)),
        groups if groups.iter().all(|group| group.len() == 1) => {
            format!("any {} of {}", part.n, listed(&groups.concat()))
        }
        groups => {
            let groups: Vec<String> = groups.iter().map(|group| format!("({})", listed(group))).collect();
            format!("any {} of {}", part.n, groups.join(", "))
        }
    };
    pattern.parts.iter().map(part).collect::<Vec<_>>().join(" + ")
}

/// Outcomes in words, without data whose pool is named already.
pub(super) fn follows(forecast: &Forecast<'_>, outcomes: &[usize]) -> String {
    let harm = super::Harm::of(forecast, outcomes.iter().map(|at| forecast.compiled.outcomes[*at].0));
    let phrases = crate::forecast::words::harm_phrases(forecast, &harm);
    if phrases.is_empty() { names(outcomes.iter().map(|_| "something")) } else { phrases.join("; ") }
}
