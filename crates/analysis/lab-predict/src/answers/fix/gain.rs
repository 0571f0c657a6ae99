//! What a change removes and what it brings: single failures and pairs, compared set by set. Parts are told apart by name, since a
//! change may add and remove some.

use crate::answers::overview::is_noticed;
use crate::forecast::Forecast;
use crate::forecast::consequence::Harm;
use crate::forecast::words::{harm_phrases, parts};
use crate::promises::copies::has_copy;
use crate::works::{Fate, Mode, Outcome, PartId, Subject};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One failure (twice the same) or two, ascending, by number.
type Set = [u32; 2];

/// The set of what has failed from the outset.
const ALWAYS: Set = [u32::MAX; 2];

/// Numbers of parts by name: those of the lab as it is are their positions.
#[derive(Clone)]
pub(super) struct Numbers(HashMap<String, u32>);

impl Numbers {
    pub(super) fn of(forecast: &Forecast<'_>) -> Self {
        let names = forecast.works.parts.iter().map(|part| part.name.clone());
        Self(names.zip(0..).collect())
    }

    /// The number of each part of a changed lab. What is new is numbered on.
    fn of_changed(&self, forecast: &Forecast<'_>) -> Vec<u32> {
        let first_new = self.0.len() as u32;
        let number = |(at, part): (u32, &crate::works::Part)| {
            self.0.get(&part.name).copied().unwrap_or(first_new + at)
        };
        (0..).zip(&forecast.works.parts).map(number).collect()
    }
}

/// The failures that bring each outcome about, by its name.
pub(super) struct Sets {
    by_outcome: BTreeMap<String, (Outcome, HashSet<Set>)>,
    part_of: HashMap<u32, PartId>,
}

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
    /// Minimal cut sets of one and of two failures that are gone, over all that people notice.
    pub sets_removed: [usize; 2],
    /// The same that are new.
    pub sets_brought: [usize; 2],
    /// The worst pair that is gone, and the worst that is new: the parts, and the harm.
    pub worst_pairs: [Option<(String, String)>; 2],
    /// Data that some failure loses and that had no copy elsewhere, and now has one.
    pub copied: Vec<String>,
    /// True when a power cut of a moment does harm that it did not: something is no longer behind a battery.
    pub leaves_battery: bool,
    /// Harm removed less harm brought: by single failures, weighed by how bad it is; then by pairs.
    pub score: (i64, i64),
}

impl Effect {
    /// True when more harm is removed than brought, and nothing leaves its battery for it.
    pub(super) fn is_better(&self) -> bool {
        self.score > (0, 0) && !self.leaves_battery
    }
}

/// Singles by part, and pairs, with what they do.
#[derive(Default)]
struct Side {
    singles: BTreeMap<u32, BTreeSet<Outcome>>,
    pairs: BTreeMap<Set, BTreeSet<Outcome>>,
    sets: [usize; 2],
    weight: (i64, i64),
}

impl Side {
    fn add(&mut self, set: Set, outcome: Outcome, weight: i64) {
        if set[0] == set[1] {
            self.singles.entry(set[0]).or_default().insert(outcome);
            self.weight.0 += weight;
            self.sets[0] += 1;
        } else {
            self.pairs.entry(set).or_default().insert(outcome);
            self.weight.1 += weight;
            self.sets[1] += 1;
        }
    }

    /// Parts of equal harm stand together, the worst first.
    fn told(&self, forecast: &Forecast<'_>, sets: &Sets) -> Vec<(String, String)> {
        let mut groups: BTreeMap<&BTreeSet<Outcome>, Vec<u32>> = BTreeMap::new();
        self.singles.iter().for_each(|(part, outcomes)| groups.entry(outcomes).or_default().push(*part));
        let mut told: Vec<_> = groups
            .into_iter()
            .map(|(outcomes, group)| {
                let harm = Harm::of(forecast, outcomes.iter().copied());
                let group: Vec<PartId> =
                    group.iter().filter_map(|number| sets.part_of.get(number).copied()).collect();
                let who =
                    if group.is_empty() { "all being well".to_owned() } else { parts(forecast, &group) };
                (std::cmp::Reverse(harm.weight(forecast)), who, harm_phrases(forecast, &harm).join("; "))
            })
            .collect();
        told.sort();
        told.into_iter().map(|(_, who, harm)| (who, harm)).collect()
    }
}

impl Side {
    /// The pair that does most harm.
    fn worst_pair(&self, forecast: &Forecast<'_>, sets: &Sets) -> Option<(String, String)> {
        let harm = |outcomes: &BTreeSet<Outcome>| Harm::of(forecast, outcomes.iter().copied());
        let weigh = |entry: &(&Set, &BTreeSet<Outcome>)| {
            (harm(entry.1).weight(forecast), std::cmp::Reverse(*entry.0))
        };
        let (pair, outcomes) = self.pairs.iter().max_by_key(weigh)?;
        let label = |number: &u32| Some(forecast.works[*sets.part_of.get(number)?].label.clone());
        let who: Vec<String> = pair.iter().filter_map(label).collect();
        Some((who.join(" + "), harm_phrases(forecast, &harm(outcomes)).join("; ")))
    }

    fn has_brief_one(&self, forecast: &Forecast<'_>, sets: &Sets) -> bool {
        let parts = self.singles.keys().filter_map(|number| sets.part_of.get(number));
        parts.into_iter().any(|part| forecast.works[*part].mode == Mode::Briefly)
    }
}

impl Sets {
    /// All sets of one or two failures after which somebody notices something.
    pub(super) fn of(forecast: &Forecast<'_>, numbers: &Numbers) -> Self {
        let numbers = numbers.of_changed(forecast);
        let tops = forecast.compiled.circuit.tops();
        let mut by_outcome = BTreeMap::new();
        for (at, outcome, sets) in forecast.outcomes().filter(|(_, outcome, _)| is_felt(outcome.fate)) {
            let mut found: HashSet<Set> = (1..=sets.complete_to.min(2))
                .flat_map(|order| sets.sets(order))
                .filter_map(|set| {
                    let first = numbers[set.first()?.index()];
                    let last = numbers[set.last()?.index()];
                    Some([first.min(last), first.max(last)])
                })
                .collect();
            if sets.is_always {
                found.insert(ALWAYS);
            }
            by_outcome.insert(tops[at].name.clone(), (outcome, found));
        }
        let part_of = numbers.into_iter().zip((0..).map(PartId)).collect();
        Self { by_outcome, part_of }
    }

    /// What is gone and what is new in `after`.
    pub(super) fn compared_with(
        &self,
        after: &Self,
        before_forecast: &Forecast<'_>,
        after_forecast: &Forecast<'_>,
    ) -> Effect {
        let (mut removed, mut brought) = (Side::default(), Side::default());
        for (name, (outcome, old)) in &self.by_outcome {
            let Some((new_outcome, new)) = after.by_outcome.get(name) else { continue };
            let weight = weight(before_forecast, *outcome);
            collect(old, new, *outcome, weight, &mut removed);
            collect(new, old, *new_outcome, weight, &mut brought);
        }
        let mut score = (removed.weight.0 - brought.weight.0, removed.weight.1 - brought.weight.1);
        let copied = after.copied(before_forecast, after_forecast);
        for (_, sets) in &copied {
            let n_singles = sets.iter().filter(|set| set[0] == set[1]).count();
            score.0 += COPY * n_singles as i64;
            score.1 += COPY * (sets.len() - n_singles) as i64;
        }
        Effect {
            removed: removed.told(before_forecast, self),
            brought: brought.told(after_forecast, after),
            n_removed: removed.singles.len(),
            n_brought: brought.singles.len(),
            pairs_removed: removed.pairs.len(),
            pairs_brought: brought.pairs.len(),
            sets_removed: removed.sets,
            sets_brought: brought.sets,
            worst_pairs: [
                removed.worst_pair(before_forecast, self),
                brought.worst_pair(after_forecast, after),
            ],
            copied: copied.into_iter().map(|(label, _)| label).collect(),
            leaves_battery: brought.has_brief_one(after_forecast, after),
            score,
        }
    }
}

impl Sets {
    /// Data that has a copy now and had none, with the failures that lose the original.
    fn copied(&self, before: &Forecast<'_>, after: &Forecast<'_>) -> Vec<(String, &HashSet<Set>)> {
        if before.lab.backups.len() == after.lab.backups.len() {
            return Vec::new();
        }
        let lost =
            self.by_outcome.values().filter(|(outcome, sets)| outcome.fate == Fate::Lost && !sets.is_empty());
        let is_new = |subject: Subject| {
            let thing = after.works.thing(subject)?;
            let had = before.works.data.iter().find(|data| data.label == after.works.label(subject))?.thing;
            Some(!has_copy(before.lab, had) && has_copy(after.lab, thing))
        };
        let data = lost.filter(|(outcome, _)| matches!(outcome.subject, Subject::Data(_)));
        data.filter(|(outcome, _)| is_new(outcome.subject) == Some(true))
            .map(|(outcome, sets)| (after.works.label(outcome.subject).to_owned(), sets))
            .collect()
    }
}

/// Adds what is in `sets` and follows from nothing in `others`.
fn collect(sets: &HashSet<Set>, others: &HashSet<Set>, outcome: Outcome, weight: i64, side: &mut Side) {
    if others.contains(&ALWAYS) {
        return;
    }
    let is_new =
        |set: &&Set| !others.contains(*set) && !set.iter().any(|&part| others.contains(&[part, part]));
    sets.iter().filter(is_new).for_each(|set| side.add(*set, outcome, weight));
}

fn is_felt(fate: Fate) -> bool {
    is_noticed(fate) || matches!(fate, Fate::GoneFor(_))
}

/// How much less bad it is to lose data of which a copy is left: half of [`weight`].
const COPY: i64 = 50;

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

/// The share of time in which a service is gone, before and after.
#[derive(Clone, PartialEq, Debug)]
pub struct Time {
    /// The service.
    pub service: String,
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
}

/// Expected times of services, by name, with their weight.
pub(super) struct Times(BTreeMap<String, (f64, f64)>);

/// Differences smaller than this share are noise of rounding.
const NOISE: f64 = 1e-6;

impl Times {
    pub(super) fn of(forecast: &Forecast<'_>) -> Self {
        let mut times = BTreeMap::new();
        for (at, outcome, _) in forecast.outcomes().filter(|(_, outcome, _)| outcome.fate == Fate::Gone) {
            if let Some(share) = forecast.probabilities().top(at).exact() {
                let weight = weight(forecast, outcome) as f64;
                times.insert(forecast.works.label(outcome.subject).to_owned(), (share, weight));
            }
        }
        Self(times)
    }

    /// Services with less time gone, most gained first, and those with more.
    pub(super) fn compared_with(&self, after: &Self) -> (Vec<Time>, Vec<Time>) {
        let changed = self.0.iter().filter_map(|(service, (before, _))| {
            let (after, _) = after.0.get(service)?;
            let is_other = (before - after).abs() > NOISE * before.max(*after);
            is_other.then(|| Time { service: service.clone(), before: *before, after: *after })
        });
        let (mut less, mut more): (Vec<Time>, Vec<Time>) = changed.partition(|time| time.after < time.before);
        let size = |time: &Time| (time.before - time.after).abs();
        for side in [&mut less, &mut more] {
            side.sort_by(|one, other| {
                size(other).total_cmp(&size(one)).then(one.service.cmp(&other.service))
            });
        }
        (less, more)
    }

    /// Time gained, weighed by how bad it is to be without each service. Below 0: the change costs more than it gives.
    pub(super) fn gain(&self, after: &Self) -> f64 {
        let of = |(service, (before, weight)): (&String, &(f64, f64))| {
            Some((before - after.0.get(service)?.0) * weight)
        };
        self.0.iter().filter_map(of).sum()
    }
}
