//! Which failures are rehearsed: a small set in which every redundancy is survived once and exhausted once.
//!
//! What shall be seen are *goals*: each group of single failures that costs somebody something, once; each redundancy (a pattern of
//! minimal cut sets of two) once with one half gone and once with both. A failure reaches several goals, so the set is found greedily,
//! the one that reaches most first, and the same every time. Nothing here touches a box; what it can do it says through [`Means`].

use crate::acts::{Act, Means, acts};
use lab_predict::answers::{Forecast, any, overview};
use lab_predict::circuit::EventId;
use lab_predict::cutsets::Pattern;
use lab_predict::simulate::Simulator;
use lab_predict::works::{Fate, Mode, PartId, PartKind};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that are tried for one redundancy before it is given up: they are alike in effect.
const PAIRS_MAX: usize = 24;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Every goal, with at most so many failures.
    Cover {
        /// The most failures.
        at_most: Option<usize>,
    },
    /// Every single failure that the box can show.
    EverySingle,
    /// These failures, each of parts that fail together.
    These(Vec<Vec<PartId>>),
    /// The failures that the lab's promises speak of.
    Promises {
        /// The parts that they name or mean.
        parts: Vec<PartId>,
        /// The most failures.
        at_most: Option<usize>,
    },
}

/// What shall be seen once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Goal {
    /// Which kind.
    pub aim: Aim,
    /// In words: `any 1 of router-1, router-2: gone: photos`.
    pub words: String,
}

/// The kinds of goals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Aim {
    /// A single failure that costs somebody something.
    Alone,
    /// One half of a redundancy fails, and the other does.
    Survived,
    /// Both halves fail.
    Exhausted,
}

impl Aim {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Aim::Alone => "single point",
            Aim::Survived => "survived",
            Aim::Exhausted => "exhausted",
        }
    }
}

/// One failure to rehearse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What fails, by the parts' names, the same in every run: `device/router-1 + device/router-2`.
    pub id: String,
    /// What fails, for people.
    pub label: String,
    /// The parts.
    pub parts: Vec<PartId>,
    /// What is done to the box.
    pub acts: Vec<Act>,
    /// The goals that it reaches and none before it did.
    pub reaches: Vec<Goal>,
}

/// A goal that no failure of the set reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The goal.
    pub goal: Goal,
    /// Why.
    pub why: String,
}

/// What is rehearsed and what is not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// In the order in which they were chosen.
    pub faults: Vec<Fault>,
    /// Goals that are not reached.
    pub left_out: Vec<LeftOut>,
    /// Single failures that the box cannot show, by reason, with what fails.
    pub refused: BTreeMap<String, Vec<String>>,
    /// How many goals there are.
    pub n_goals: usize,
}

/// Chooses the failures.
pub fn choose(forecast: &Forecast<'_>, wanted: &Wanted, means: &impl Means) -> Choice {
    let simulator = Simulator::new(&forecast.works);
    let chooser = Chooser {
        forecast,
        simulator: &simulator,
        means,
        playable: BTreeMap::new(),
        refused: BTreeMap::new(),
    };
    match wanted {
        Wanted::EverySingle => {
            let works = &forecast.works;
            let ids = (0..works.parts.len() as u32).map(PartId);
            chooser.these(ids.filter(|part| works[*part].mode != Mode::Briefly).map(|part| vec![part]))
        }
        Wanted::These(failures) => chooser.these(failures.iter().cloned()),
        Wanted::Cover { at_most } => chooser.cover(None, at_most.unwrap_or(usize::MAX)),
        Wanted::Promises { parts, at_most } => {
            let parts: BTreeSet<PartId> = parts.iter().copied().collect();
            chooser.cover(Some(&parts), at_most.unwrap_or(usize::MAX))
        }
    }
}

struct Chooser<'a, 'w, M> {
    forecast: &'a Forecast<'w>,
    simulator: &'a Simulator<'a>,
    means: &'a M,
    playable: BTreeMap<Vec<PartId>, Result<Vec<Act>, String>>,
    refused: BTreeMap<String, Vec<String>>,
}

/// A goal with the failures that would reach it.
struct Open {
    goal: Goal,
    by: Vec<Vec<PartId>>,
}

impl<M: Means> Chooser<'_, '_, M> {
    fn acts(&mut self, parts: &[PartId]) -> Result<Vec<Act>, String> {
        if let Some(known) = self.playable.get(parts) {
            return known.clone();
        }
        let found = acts(self.forecast.lab, self.simulator, &self.forecast.works, parts, self.means);
        self.playable.insert(parts.to_vec(), found.clone());
        found
    }

    fn these(mut self, failures: impl Iterator<Item = Vec<PartId>>) -> Choice {
        let mut faults: Vec<Fault> = Vec::new();
        for parts in failures {
            match self.acts(&parts) {
                Ok(acts) => faults.push(self.fault(parts, acts, Vec::new())),
                Err(why) => self.refuse(&parts, &why),
            }
        }
        let n_goals = faults.len();
        Choice { faults, left_out: Vec::new(), refused: self.refused, n_goals }
    }

    fn refuse(&mut self, parts: &[PartId], why: &str) {
        let labels: Vec<&str> = parts.iter().map(|part| self.forecast.works[*part].label.as_str()).collect();
        let label = labels.join(" + ");
        let reason = why.strip_prefix(&format!("{label}: ")).unwrap_or(why).to_owned();
        let reason = reason.rsplit_once(": ").map_or(reason.clone(), |(_, reason)| reason.to_owned());
        self.refused.entry(reason).or_default().push(label);
    }

    fn fault(&self, parts: Vec<PartId>, acts: Vec<Act>, reaches: Vec<Goal>) -> Fault {
        let works = &self.forecast.works;
        let joined = |text: fn(&lab_predict::works::Part) -> &str| {
            parts.iter().map(|part| text(&works[*part])).collect::<Vec<_>>().join(" + ")
        };
        Fault { id: joined(|part| &part.name), label: joined(|part| &part.label), acts, reaches, parts }
    }

    fn cover(mut self, within: Option<&BTreeSet<PartId>>, at_most: usize) -> Choice {
        let (mut open, mut left_out) = (Vec::new(), Vec::new());
        for goal in self.goals(within) {
            match self.narrowed(goal) {
                Ok(goal) => open.push(goal),
                Err(missed) => left_out.push(missed),
            }
        }
        let n_goals = open.len() + left_out.len();
        let mut faults = Vec::new();
        while !open.is_empty() && faults.len() < at_most {
            let Some(best) = best(&open) else { break };
            let (reached, rest): (Vec<Open>, Vec<Open>) =
                open.into_iter().partition(|goal| goal.by.contains(&best));
            open = rest;
            let acts = self.acts(&best).expect("only failures that the box can show are candidates");
            faults.push(self.fault(best, acts, reached.into_iter().map(|open| open.goal).collect()));
        }
        let why = || format!("only {at_most} failures were asked for");
        left_out.extend(open.into_iter().map(|open| LeftOut { goal: open.goal, why: why() }));
        self.refuse_singles();
        Choice { faults, left_out, refused: self.refused, n_goals }
    }

    /// Single failures that were looked at and refused.
    fn refuse_singles(&mut self) {
        let singles: Vec<(PartId, String)> = self
            .playable
            .iter()
            .filter_map(|(parts, found)| match (parts.as_slice(), found) {
                ([part], Err(why)) => Some((*part, why.clone())),
                _ => None,
            })
            .collect();
        singles.into_iter().for_each(|(part, why)| self.refuse(&[part], &why));
    }

    /// The same with only failures that the box can show.
    fn narrowed(&mut self, open: Open) -> Result<Open, LeftOut> {
        let mut why = None;
        let mut by = Vec::new();
        for parts in open.by {
            match self.acts(&parts) {
                Ok(_) => by.push(parts),
                Err(reason) => drop(why.get_or_insert(reason)),
            }
        }
        if by.is_empty() {
            let why = why.unwrap_or_else(|| "nothing that was asked for brings it about".to_owned());
            return Err(LeftOut { goal: open.goal, why });
        }
        Ok(Open { goal: open.goal, by })
    }

    fn goals(&self, within: Option<&BTreeSet<PartId>>) -> Vec<Open> {
        let is_within =
            |parts: &Vec<PartId>| within.is_none_or(|within| parts.iter().all(|part| within.contains(part)));
        let mut goals = self.singles();
        if let Ok(found) = any(self.forecast, 2, None) {
            for (pattern, outcomes) in &found.patterns {
                goals.extend(self.redundancy(pattern, outcomes));
            }
        }
        goals.iter_mut().for_each(|goal| goal.by.retain(is_within));
        goals.retain(|goal| within.is_none() || !goal.by.is_empty());
        goals
    }

    fn singles(&self) -> Vec<Open> {
        let groups = overview(self.forecast).harmful;
        let is_seen = |group: &lab_predict::answers::Group| {
            let harm = &group.harm;
            !(harm.services_gone.is_empty() && harm.gone_for_some.is_empty() && harm.no_internet.is_empty())
        };
        let groups = groups.into_iter().filter(is_seen);
        groups
            .map(|group| Open {
                goal: Goal { aim: Aim::Alone, words: self.any_of(&group.parts) },
                by: group.parts.iter().map(|part| vec![*part]).collect(),
            })
            .collect()
    }

    fn any_of(&self, parts: &[PartId]) -> String {
        let labels: Vec<&str> =
            parts.iter().take(3).map(|part| self.forecast.works[*part].label.as_str()).collect();
        let more = if parts.len() > 3 { format!(" and {} like it", parts.len() - 3) } else { String::new() };
        format!("{}{more}", labels.join(", "))
    }

    /// Survived and exhausted; nothing when nobody in a box would notice.
    fn redundancy(&self, pattern: &Pattern, outcomes: &[usize]) -> Vec<Open> {
        let is_seen = |at: &&usize| {
            matches!(
                self.forecast.compiled.outcomes[**at].0.fate,
                Fate::Gone | Fate::GoneFor(_) | Fate::NoInternet
            )
        };
        if outcomes.iter().find(is_seen).is_none() {
            return Vec::new();
        }
        let pairs = pairs(pattern);
        let halves: BTreeSet<PartId> = pairs.iter().flatten().copied().collect();
        let words = self.words(&pairs);
        let goal = |aim| Goal { aim, words: words.clone() };
        let mut halves: Vec<Vec<PartId>> = halves.into_iter().map(|part| vec![part]).collect();
        halves.sort_by_key(|half| self.preference(half));
        let mut pairs = pairs;
        pairs.sort_by_key(|pair| self.preference(pair));
        pairs.truncate(PAIRS_MAX);
        vec![Open { goal: goal(Aim::Survived), by: halves }, Open { goal: goal(Aim::Exhausted), by: pairs }]
    }

    fn words(&self, pairs: &[Vec<PartId>]) -> String {
        let shown = |pair: &Vec<PartId>| {
            pair.iter().map(|part| self.forecast.works[*part].label.as_str()).collect::<Vec<_>>().join(" or ")
        };
        let first = pairs.first().map(shown).unwrap_or_default();
        if pairs.len() > 1 { format!("{first}, and {} pairs like it", pairs.len() - 1) } else { first }
    }

    /// Whole devices and cables before pieces: they are what a box can fail best.
    fn preference(&self, parts: &[PartId]) -> (usize, Vec<PartId>) {
        let rank = |part: &PartId| match self.forecast.works[*part].kind {
            PartKind::Router | PartKind::Switch | PartKind::Device | PartKind::Host | PartKind::Vm => 0,
            PartKind::Cable | PartKind::Circuit | PartKind::AccessPoint => 1,
            PartKind::Drive => 9,
            _ => 3,
        };
        (parts.iter().map(rank).sum(), parts.to_vec())
    }
}

/// What is done, each once: a device and what runs on it go together.
pub(crate) fn done_words(acts: &[Act]) -> Vec<String> {
    done(acts).into_iter().collect()
}

/// What is done, whatever failed for it.
fn done(acts: &[Act]) -> BTreeSet<String> {
    acts.iter().map(Act::shown).collect()
}

/// The failure that reaches most goals; among equals the one of fewer parts, then the first.
fn best(open: &[Open]) -> Option<Vec<PartId>> {
    let mut counts: BTreeMap<&Vec<PartId>, usize> = BTreeMap::new();
    for parts in open.iter().flat_map(|goal| &goal.by) {
        *counts.entry(parts).or_default() += 1;
    }
    let order = |(parts, n): &(&Vec<PartId>, usize)| (std::cmp::Reverse(*n), parts.len(), (*parts).clone());
    counts.into_iter().min_by_key(order).map(|(parts, _)| parts.clone())
}

/// The sets of two that a pattern stands for, in order; no more than are looked at.
fn pairs(pattern: &Pattern) -> Vec<Vec<PartId>> {
    let part = |event: &EventId| PartId(event.index() as u32);
    let mut groups: Vec<(usize, &[Vec<EventId>])> =
        pattern.parts.iter().map(|one| (one.n, &one.groups[..])).collect();
    let mut found = BTreeSet::new();
    let mut join = |one: &[EventId], other: &[EventId]| {
        for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
            let mut pair = vec![part(a), part(b)];
            pair.sort_unstable();
            found.insert(pair);
        }
    };
    groups.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    match groups.as_slice() {
        [(2, groups)] => {
            for (at, one) in groups.iter().enumerate() {
                groups[at + 1..].iter().for_each(|other| join(one, other));
            }
        }
        [(1, ones), (1, others)] => {
            for one in ones.iter() {
                others.iter().for_each(|other| join(one, other));
            }
        }
        _ => {}
    }
    found.into_iter().collect()
}
