//! One thing: what brings it down, as patterns, with redundancy that is none and the part that two ways share.

use super::any::shown;
use super::select::{SelectError, subjects_named};
use super::{Answer, JSON_VERSION};
use crate::cutsets::patterns;
use crate::forecast::Forecast;
use crate::forecast::words::{a_year, counted, once_in};
use crate::probability::{Bounds, bounds};
use crate::works::{Fate, Holder, Part, PartId, Placement, Subject};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};

/// What brings one thing down.
#[derive(Clone, Debug)]
pub struct ServiceAnswer {
    /// Its outcomes, by position.
    pub outcomes: Vec<OutcomeAnswer>,
    /// Redundancy that is none: what stands in for what, and the parts without which neither works.
    pub shared: Vec<Shared>,
}

/// What brings one outcome about.
#[derive(Clone, Debug)]
pub struct OutcomeAnswer {
    /// The outcome's position.
    pub at: usize,
    /// The share of time in which it holds, exact.
    pub unavailability: Option<f64>,
    /// How often a year something is lost, by the minimal cut sets and as if failures had nothing to do with each other: no lower
    /// than the truth of that. Only for what cannot come back.
    pub losses_a_year: Option<f64>,
    /// Bounds on it from the cut sets.
    pub bounds: Option<Bounds>,
    /// The parts with the largest share in it, with that share from 0 to 1.
    pub contributors: Vec<(PartId, f64)>,
}

/// Stand-ins that share something.
#[derive(Clone, Debug)]
pub struct Shared {
    /// What stands in for each other.
    pub between: Vec<String>,
    /// True if one of the parts is such a place itself: then nothing stands in for it.
    pub is_tied: bool,
    /// Parts that stop all of them.
    pub parts: Vec<PartId>,
}

/// Looks at everything called by the first of `names`.
///
/// # Errors
/// When no name is given, or nothing is called so.
pub fn service(forecast: &Forecast<'_>, names: &[String]) -> Result<ServiceAnswer, SelectError> {
    let Some(name) = names.first() else {
        return Err(SelectError {
            message: "say which: a service, dataset, pool, machine or cluster".to_owned(),
            near: None,
        });
    };
    let subjects = subjects_named(forecast, name)?;
    let outcomes = forecast.outcomes().filter(|(_, outcome, _)| subjects.contains(&outcome.subject));
    let outcomes = outcomes.map(|(at, ..)| outcome_answer(forecast, at)).collect();
    let shared = subjects.iter().filter_map(|subject| shared(forecast, *subject)).collect();
    Ok(ServiceAnswer { outcomes, shared })
}

/// Contributors that fit one look.
const CONTRIBUTORS_MAX: usize = 5;

fn outcome_answer(forecast: &Forecast<'_>, at: usize) -> OutcomeAnswer {
    let probabilities = forecast.probabilities();
    let unavailability = probabilities.top(at).exact();
    let circuit = &forecast.compiled.circuit;
    let bounds = bounds(circuit, circuit.tops()[at].node, forecast.cut_sets(at));
    let mut contributors: Vec<(PartId, f64)> = Vec::new();
    if let Some(total) = unavailability.filter(|total| *total > 0.0) {
        for importance in probabilities.importances(at).unwrap_or_default() {
            let own = circuit.event(importance.event).probability.unwrap_or_default();
            contributors.push((PartId(importance.event.index() as u32), importance.birnbaum * own / total));
        }
        contributors.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        contributors.truncate(CONTRIBUTORS_MAX);
    }
    let is_lost = forecast.compiled.outcomes[at].0.fate == Fate::Lost;
    let losses_a_year = if is_lost { losses_a_year(forecast, at) } else { None };
    OutcomeAnswer { at, unavailability, losses_a_year, bounds, contributors }
}

/// Sets that are looked at for how often something is lost.
const SETS_MAX: u64 = 1_000_000;

/// The sum over the minimal cut sets of how often the last of their parts fails while the others are broken. Nothing when a part has
/// no figures, or there are too many sets.
fn losses_a_year(forecast: &Forecast<'_>, at: usize) -> Option<f64> {
    let sets = forecast.cut_sets(at);
    let orders = 1..=sets.complete_to;
    if orders.clone().map(|order| sets.count(order)).sum::<u64>() > SETS_MAX {
        return None;
    }
    let mut total = 0.0;
    for set in orders.flat_map(|order| sets.sets(order)) {
        let parts: Vec<&Part> = set.iter().map(|event| &forecast.works.parts[event.index()]).collect();
        for last in &parts {
            let mut often = last.per_year?;
            for other in parts.iter().filter(|other| !std::ptr::eq(**other, *last)) {
                often *= other.unavailability()?;
            }
            total += often;
        }
    }
    Some(total)
}

/// Single parts that stop a thing with several places: they are what the places share.
fn shared(forecast: &Forecast<'_>, subject: Subject) -> Option<Shared> {
    let Subject::Service(id) = subject else { return None };
    let works = &forecast.works;
    let places: Vec<Holder> = match &works[id].placement {
        Placement::Fixed(holders) => holders.clone(),
        Placement::Movable { on, .. } => on.iter().map(|id| Holder::Machine(*id)).collect(),
    };
    let at = forecast.position(crate::works::Outcome { subject, fate: Fate::Gone })?;
    let singles = forecast.cut_sets(at).sets(1).flatten();
    let parts: Vec<PartId> = singles.map(|event| PartId(event.index() as u32)).collect();
    if places.len() < 2 || parts.is_empty() {
        return None;
    }
    let own = |holder: &Holder| match *holder {
        Holder::Unit(id) => works[id].fails.as_slice(),
        Holder::Machine(id) => works[id].fails.as_slice(),
        Holder::Internet => &[],
    };
    let is_tied = places.iter().flat_map(own).any(|part| parts.contains(part));
    let between = places.iter().map(|holder| works.holder_label(*holder).to_owned()).collect();
    Some(Shared { between, is_tied, parts })
}

/// Patterns of one order that fit one look.
const PATTERNS_MAX: usize = 12;

impl ServiceAnswer {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        let mut blocks = Vec::new();
        for outcome in &self.outcomes {
            outcome.blocks(forecast, &mut blocks);
        }
        for shared in &self.shared {
            let (places, parts) =
                (shared.between.join(", "), crate::forecast::words::parts(forecast, &shared.parts));
            blocks.push(Block::Text(match shared.is_tied {
                true => format!(
                    "Not redundant: {places} may run it, and yet what it needs is on one of them, so that the loss of any may be its end."
                ),
                false => format!(
                    "Redundant, and yet: {places} stand in for each other, and all of them need {parts}."
                ),
            }));
        }
        let document = Document { title: String::new(), blocks };
        Answer { document, json: self.json(forecast) }
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let name = |part: &PartId| forecast.works[*part].name.as_str();
        let outcomes: Vec<Value> = self
            .outcomes
            .iter()
            .map(|outcome| {
                let sets = forecast.cut_sets(outcome.at);
                let listed: Vec<Vec<&str>> = (1..=sets.complete_to)
                    .flat_map(|order| sets.sets(order))
                    .map(|set| {
                        set.iter().map(|event| forecast.works.parts[event.index()].name.as_str()).collect()
                    })
                    .collect();
                let contributors: Vec<Value> = outcome
                    .contributors
                    .iter()
                    .map(|(part, share)| json!({ "part": name(part), "share": share }))
                    .collect();
                json!({
                    "outcome": forecast.compiled.circuit.tops()[outcome.at].name,
                    "unavailability": outcome.unavailability,
                    "losses_a_year": outcome.losses_a_year,
                    "bounds": outcome.bounds.map(|bounds| [bounds.lower, bounds.upper]),
                    "complete_to": sets.complete_to,
                    "cut_sets": listed,
                    "contributors": contributors,
                })
            })
            .collect();
        let shared: Vec<Value> = self
            .shared
            .iter()
            .map(|shared| json!({ "between": shared.between, "parts": shared.parts.iter().map(name).collect::<Vec<_>>() }))
            .collect();
        json!({ "version": JSON_VERSION, "question": "service", "outcomes": outcomes, "shared": shared })
    }
}

impl OutcomeAnswer {
    fn blocks(&self, forecast: &Forecast<'_>, blocks: &mut Vec<Block>) {
        let outcome = forecast.compiled.outcomes[self.at].0;
        let sets = forecast.cut_sets(self.at);
        let fate = match outcome.fate {
            Fate::Off => "is off".to_owned(),
            Fate::Down => "does not run".to_owned(),
            Fate::NoQuorum => "cannot decide".to_owned(),
            Fate::NoInternet => "has no Internet".to_owned(),
            Fate::GoneFor(at) => format!("is gone for {}", forecast.works.vantages[at as usize].label),
            Fate::Gone => "is gone".to_owned(),
            Fate::Stopped => "cannot be read and written".to_owned(),
            Fate::Lost => "is lost".to_owned(),
        };
        let head = format!("{} {fate}", forecast.works.label(outcome.subject));
        if sets.is_always {
            blocks.push(Block::Text(format!("{head} even while all is well, as the lab is described.")));
            return;
        }
        let share = match (outcome.fate, self.losses_a_year) {
            (Fate::Lost, often) => often.map_or_else(String::new, |often| format!(", {}", once_in(often))),
            _ => self.unavailability.map_or_else(String::new, |share| format!(", about {}", a_year(share))),
        };
        let mut table = Table::new(&[">at once", ">sets", "=when"]).titled(format!("{head}{share}"));
        for order in 1..=sets.complete_to {
            let found = patterns(sets, order);
            for pattern in found.iter().take(PATTERNS_MAX) {
                table.row([order.to_string(), pattern.n_sets.to_string(), shown(forecast, pattern)]);
            }
            if let Some(rest) = found.get(PATTERNS_MAX..).filter(|rest| !rest.is_empty()) {
                let n_sets: u64 = rest.iter().map(|pattern| pattern.n_sets).sum();
                let more = counted(rest.len(), "pattern more", "patterns more");
                table.row([order.to_string(), n_sets.to_string(), format!("{more} (--format json has all)")]);
            }
        }
        if table.rows.is_empty() {
            blocks.push(Block::Text(format!(
                "{head}{share}: nothing of up to {} does that.",
                counted(sets.complete_to, "failure", "failures at once")
            )));
            return;
        }
        blocks.push(Block::Table(table));
        let largest: Vec<String> = self
            .contributors
            .iter()
            .filter(|(_, share)| *share >= 0.01)
            .map(|(part, share)| format!("{} {:.0} %", forecast.works[*part].label, share * 100.0))
            .collect();
        if !largest.is_empty() && outcome.fate != Fate::Lost {
            blocks.push(Block::Text(format!("Which have a part in that time: {}.", largest.join(", "))));
        }
    }
}
