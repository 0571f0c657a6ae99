//! What a change removes and what it brings: single failures and pairs, compared set by set. Parts keep their index through a change.

use crate::answers::consequence::Harm;
use crate::answers::forecast::Forecast;
use crate::answers::overview::is_noticed;
use crate::answers::words::{harm_phrases, parts};
use crate::works::{Fate, Outcome, PartId, Subject};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One failure (twice the same) or two, ascending.
type Set = [PartId; 2];

/// The failures that bring each outcome about.
pub(super) struct Sets(HashMap<Outcome, HashSet<Set>>);

/// What a change does to failures.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Single failures that no longer do some harm: the parts, and the harm, in words.
    pub removed: Vec<(String, String)>,
    /// Single failures that do harm that they did not.
    pub brought: Vec<(String, String)>,
    /// How many single failures harm less.
    pub n_removed: usize,
    /// How many single failures harm more.
    pub n_brought: usize,
    /// Pairs that no longer do some harm.
    pub pairs_removed: usize,
    /// Pairs that do harm that they did not, each of whose parts was harmless in this alone.
    pub pairs_brought: usize,
    /// Harm removed less harm brought: by single failures, weighed by how bad it is; then by pairs.
    pub score: (i64, i64),
}

impl Effect {
    /// True when more harm is removed than brought.
    pub(super) fn is_better(&self) -> bool {
        self.score > (0, 0)
    }
}

/// Singles by part, and pairs, with what they do.
#[derive(Default)]
struct Side {
    singles: BTreeMap<PartId, BTreeSet<Outcome>>,
    pairs: HashSet<Set>,
    weight: (i64, i64),
}

impl Side {
    fn add(&mut self, set: Set, outcome: Outcome, weight: i64) {
        if set[0] == set[1] {
            self.singles.entry(set[0]).or_default().insert(outcome);
            self.weight.0 += weight;
        } else {
            self.pairs.insert(set);
            self.weight.1 += weight;
        }
    }

    /// Parts of equal harm stand together.
    fn told(&self, forecast: &Forecast<'_>) -> Vec<(String, String)> {
        let mut groups: BTreeMap<&BTreeSet<Outcome>, Vec<PartId>> = BTreeMap::new();
        self.singles.iter().for_each(|(part, outcomes)| groups.entry(outcomes).or_default().push(*part));
        let told = groups.into_iter().map(|(outcomes, group)| {
            let harm = Harm::of(forecast, outcomes.iter().copied());
            (parts(forecast, &group), harm_phrases(forecast, &harm).join("; "))
        });
        told.collect()
    }
}

impl Sets {
    /// All sets of one or two failures after which somebody notices something.
    pub(super) fn of(forecast: &Forecast<'_>) -> Self {
        let mut all = HashMap::new();
        for (_, outcome, sets) in forecast.outcomes().filter(|(_, outcome, _)| is_noticed_by_some(outcome.fate)) {
            let found = (1..=sets.complete_to.min(2)).flat_map(|order| sets.sets(order)).filter_map(|set| {
                let first = PartId(set.first()?.index() as u32);
                let last = PartId(set.last()?.index() as u32);
                Some([first.min(last), first.max(last)])
            });
            all.insert(outcome, found.collect());
        }
        Self(all)
    }

    /// What is gone and what is new in `after`.
    pub(super) fn compared_with(&self, after: &Self, forecast: &Forecast<'_>) -> Effect {
        let (mut removed, mut brought) = (Side::default(), Side::default());
        for (outcome, old) in &self.0 {
            let Some(new) = after.0.get(outcome) else { continue };
            let weight = weight(forecast, *outcome);
            let without = |sets: &HashSet<Set>, others: &HashSet<Set>, side: &mut Side| {
                let is_told = |set: &&Set| !others.contains(*set) && !set.iter().any(|&part| others.contains(&[part, part]));
                sets.iter().filter(is_told).for_each(|set| side.add(*set, *outcome, weight));
            };
            without(old, new, &mut removed);
            without(new, old, &mut brought);
        }
        let score = (removed.weight.0 - brought.weight.0, removed.weight.1 - brought.weight.1);
        Effect {
            removed: removed.told(forecast),
            brought: brought.told(forecast),
            n_removed: removed.singles.len(),
            n_brought: brought.singles.len(),
            pairs_removed: removed.pairs.len(),
            pairs_brought: brought.pairs.len(),
            score,
        }
    }
}

fn is_noticed_by_some(fate: Fate) -> bool {
    is_noticed(fate) || matches!(fate, Fate::GoneFor(_))
}

/// How bad an outcome is: loss before standstill, standstill by how critical the service is.
fn weight(forecast: &Forecast<'_>, outcome: Outcome) -> i64 {
    match (outcome.subject, outcome.fate) {
        (_, Fate::Lost) => 100,
        (Subject::Service(id), Fate::Gone) => 2 + 6 * i64::from(forecast.works[id].criticality),
        (Subject::Service(id), _) => 1 + 3 * i64::from(forecast.works[id].criticality),
        (_, Fate::NoInternet | Fate::NoQuorum) => 4,
        _ => 1,
    }
}

/// Services told with their times.
const SERVICES_MAX: usize = 3;

/// The services that gain most, with the share of time in which they are gone before and after.
pub(super) fn times(before: &Forecast<'_>, after: &Forecast<'_>) -> Vec<(String, f64, f64)> {
    let mut gained: Vec<(String, f64, f64)> = Vec::new();
    for (at, outcome, _) in before.outcomes().filter(|(_, outcome, _)| outcome.fate == Fate::Gone) {
        let old = before.probabilities().top(at).exact();
        let new = after.position(outcome).and_then(|at| after.probabilities().top(at).exact());
        if let Some((old, new)) = old.zip(new).filter(|(old, new)| old - new > 1e-6 * old) {
            gained.push((before.works.label(outcome.subject).to_owned(), old, new));
        }
    }
    gained.sort_by(|one, other| (other.1 - other.2).total_cmp(&(one.1 - one.2)).then(one.0.cmp(&other.0)));
    gained.truncate(SERVICES_MAX);
    gained
}
