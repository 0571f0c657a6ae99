//! "What should I change?": candidate changes, each tried on a copy of the tables, the free and most useful first.
//!
//! One file makes each kind of candidate; `gain` says what a change removes and what it brings. A candidate is tried by compiling
//! the changed tables and comparing all single failures and pairs, so nothing is proposed that was not proved. No price is invented:
//! what the lab does not price is "not known". Only one change at a time is tried, never two together.

mod gain;
mod place;
mod plug;
#[cfg(test)]
mod tests;
mod tell;
mod transfer;

use super::forecast::{Forecast, ForecastError};
use crate::simulate::Simulator;
use crate::simulate::cold_start::{Pace, cold_start};
use crate::works::{UnitId, Works};
pub use gain::Effect;
use lab_source::Span;
use std::collections::BTreeSet;

/// Candidates that are tried at most.
const TRIED_MAX: usize = 300;

/// What a change costs. In the order in which changes are proposed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cost {
    /// Nothing has to be bought.
    Free,
    /// By a price that the lab gives, as it is written.
    Amount(String),
    /// Something has to be bought, and the lab gives no price.
    NotKnown,
}

/// A change to be tried.
struct Candidate<'a> {
    /// Candidates of one group are alternatives; the best is proposed.
    group: String,
    /// What to do.
    what: String,
    /// The smallest change of the description.
    hint: String,
    /// Where it is made.
    span: Option<Span>,
    cost: Cost,
    change: Box<dyn Fn(&mut Works) + 'a>,
}

/// A change that was tried and helps.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What to do.
    pub what: String,
    /// The smallest change of the description: `devices.node-1.inlets.psu-2: pdu-2:5`.
    pub hint: String,
    /// Where in the description it is made.
    pub span: Option<Span>,
    /// What it costs.
    pub cost: Cost,
    /// What it removes and what it brings.
    pub effect: Effect,
    /// The services that gain most, with the share of time in which they are gone before and after. Only for the first fixes.
    pub gained: Vec<(String, f64, f64)>,
}

/// What can be changed for the better.
#[derive(Clone, Debug)]
pub struct Fixes {
    /// The free ones first, then by harm removed.
    pub fixes: Vec<Fix>,
    /// Units that wait for a hand after a power cut, and that would start by themselves with `power-restore: on`.
    pub without_hand: Vec<UnitId>,
    /// How many changes were tried.
    pub n_tried: usize,
    /// True when there were more candidates than are tried.
    pub is_cut: bool,
}

/// Fixes whose times are worked out.
const TIMED_MAX: usize = 10;

/// Tries changes to the lab.
///
/// # Errors
/// A lab of too many parts for pairs.
pub fn fix(forecast: &Forecast<'_>) -> Result<Fixes, ForecastError> {
    let before = forecast_of(forecast, forecast.works.clone())?;
    let known = gain::Sets::of(&before);
    let mut candidates = plug::candidates(&before);
    candidates.extend(place::candidates(&before));
    candidates.extend(transfer::candidates(&before));
    let is_cut = candidates.len() > TRIED_MAX;
    candidates.truncate(TRIED_MAX);
    let mut found = Vec::new();
    for candidate in &candidates {
        let after = changed(&before, candidate)?;
        let effect = known.compared_with(&gain::Sets::of(&after), &after);
        if effect.is_better() {
            found.push((candidate, effect));
        }
    }
    found.sort_by(|(one, effect), (other, other_effect)| {
        one.cost.cmp(&other.cost).then(other_effect.score.cmp(&effect.score))
    });
    let mut groups = BTreeSet::new();
    found.retain(|(candidate, _)| groups.insert(candidate.group.as_str()));
    let mut fixes = Vec::new();
    for (at, (candidate, effect)) in found.into_iter().enumerate() {
        let gained = match at < TIMED_MAX {
            true => gain::times(&before, &changed(&before, candidate)?),
            false => Vec::new(),
        };
        let Candidate { what, hint, span, cost, .. } = candidate;
        let (what, hint, span, cost) = (what.clone(), hint.clone(), *span, cost.clone());
        fixes.push(Fix { what, hint, span, cost, effect, gained });
    }
    Ok(Fixes { fixes, without_hand: without_hand(&forecast.works), n_tried: candidates.len(), is_cut })
}

fn forecast_of<'a>(forecast: &Forecast<'a>, works: Works) -> Result<Forecast<'a>, ForecastError> {
    Forecast::of_works(forecast.lab, works, forecast.today, 2)
}

fn changed<'a>(before: &Forecast<'a>, candidate: &Candidate<'_>) -> Result<Forecast<'a>, ForecastError> {
    let mut works = before.works.clone();
    (candidate.change)(&mut works);
    forecast_of(before, works)
}

/// Units that a hand switches on, and that start alone once they may.
fn without_hand(works: &Works) -> Vec<UnitId> {
    let by_hand = |works: &Works| cold_start(&Simulator::new(works), &[], Pace::default()).by_hand;
    let waiting = by_hand(works);
    if waiting.is_empty() {
        return waiting;
    }
    let mut tried = works.clone();
    waiting.iter().for_each(|unit| tried.units[unit.index()].starts_with_power = Some(true));
    let still = by_hand(&tried);
    waiting.into_iter().filter(|unit| !still.contains(unit)).collect()
}
