//! "Pull these plugs": what goes dark, what people notice, what is one failure away.

mod course;
mod tell;
#[cfg(test)]
mod tests;

use super::select::{SelectError, parts_named};
use super::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::consequence::{Consequence, next_failures};
use crate::forecast::words::{counted, harm_phrases, names, parts, stopped_phrases};
use crate::promises::why;
use crate::simulate::at_once;
use crate::works::{Fate, Outcome, PartId, Subject};
pub use course::{Course, Notice};
use lab_show::document::{Block, Document, Table};
use serde_json::json;
use std::collections::BTreeMap;

/// What follows when these parts fail together.
#[derive(Clone, Debug)]
pub struct Fail {
    /// What follows.
    pub consequence: Consequence,
    /// Services that nobody misses.
    pub n_services_left: usize,
    /// Why, the root first: a sentence each.
    pub why: Vec<String>,
    /// For each thing that still stands and has lost its redundancy: the next failures that would take it, by outcome.
    pub next: Vec<(usize, Vec<PartId>)>,
    /// How it goes, until nothing changes any more.
    pub course: Course,
}

/// Fails the parts that `names` stand for, all at once.
///
/// # Errors
/// When a name stands for nothing that can fail.
pub fn fail(forecast: &Forecast<'_>, names: &[String]) -> Result<Fail, SelectError> {
    let mut failed = Vec::new();
    for name in names {
        failed.extend(parts_named(forecast, name)?);
    }
    failed.sort_unstable();
    failed.dedup();
    match at_once(&forecast.works, &failed) {
        None => Ok(Fail::of(forecast, &failed)),
        Some(works) => {
            let together = Forecast::of_works(forecast.lab, works, forecast.today, forecast.order);
            let together =
                together.map_err(|error| SelectError { message: error.to_string(), near: None })?;
            Ok(Fail::of(&together, &failed))
        }
    }
}

impl Fail {
    /// What follows when these parts fail together.
    pub fn of(forecast: &Forecast<'_>, failed: &[PartId]) -> Self {
        let consequence = Consequence::of(forecast, failed);
        let holding = forecast.holds_after(failed);
        let mut next = Vec::new();
        for (at, _, sets) in forecast.outcomes() {
            if sets.is_always || holding.contains(&at) {
                continue;
            }
            let mut parts: Vec<PartId> = next_failures(sets, failed).collect();
            parts.sort_unstable();
            parts.dedup();
            if !parts.is_empty() {
                next.push((at, parts));
            }
        }
        let outcome = |at: &usize| forecast.compiled.outcomes[*at].0;
        let hit: Vec<Outcome> = holding.iter().map(outcome).collect();
        let why = why::explain(forecast, failed, &hit);
        let n_gone = consequence.harm.services_gone.len();
        let course = Course::of(&forecast.works, failed, &consequence.harm);
        Self { n_services_left: forecast.works.services.len() - n_gone, consequence, why, next, course }
    }

    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let failed = &self.consequence.failed;
        let harm = &self.consequence.harm;
        let title = format!("When this fails: {}", parts(forecast, failed));
        let mut blocks = Vec::new();
        let mut phrases = harm_phrases(forecast, harm);
        if phrases.is_empty() {
            phrases.push(
                "Nothing goes dark: no data is lost, no storage stops, every service is there for everybody"
                    .to_owned(),
            );
        }
        phrases.extend(stopped_phrases(forecast, harm, failed));
        if !harm.services_gone.is_empty() && self.n_services_left > 0 {
            phrases.push(format!("goes on: {}", counted(self.n_services_left, "service", "services")));
        }
        phrases.extend(tell::n_back(&self.course));
        if !self.why.is_empty() {
            phrases.push(format!("Why: {}", self.why.join(" ")));
        }
        blocks.extend(phrases.into_iter().map(Block::Text));
        blocks.extend(tell::blocks(forecast, &self.course));
        if let Some(table) = self.next_table(forecast) {
            blocks.push(Block::Table(table));
        }
        Document { title, blocks }
    }

    /// What would go next, with what it takes. Machines and units are left out: they are why, not what.
    fn next_table(&self, forecast: &Forecast<'_>) -> Option<Table> {
        let mut by_parts: BTreeMap<&[PartId], BTreeMap<&'static str, Vec<&str>>> = BTreeMap::new();
        for (at, parts) in &self.next {
            let outcome = forecast.compiled.outcomes[*at].0;
            if matches!(outcome.fate, Fate::Off | Fate::Down | Fate::GoneFor(_)) {
                continue;
            }
            if matches!(outcome.subject, Subject::Data(id) if !forecast.works[id].pools.is_empty()) {
                continue;
            }
            let word = match outcome.fate {
                Fate::Lost => "loses data",
                Fate::Stopped => "stops",
                Fate::NoQuorum => "cannot decide",
                Fate::NoInternet => "without Internet",
                _ => "gone",
            };
            let words = by_parts.entry(parts).or_default();
            words.entry(word).or_default().push(forecast.works.label(outcome.subject));
        }
        if by_parts.is_empty() {
            return None;
        }
        let mut table = Table::new(&["=one more of these", "=and this follows"])
            .titled("Redundancy is lost: what one more failure would do that was harmless before");
        for (next, words) in by_parts {
            let phrase = |(word, who): (&str, Vec<&str>)| format!("{word}: {}", names(who));
            let follows: Vec<String> = words.into_iter().map(phrase).collect();
            table.row([parts(forecast, next), follows.join("; ")]);
        }
        Some(table)
    }

    fn json(&self, forecast: &Forecast<'_>) -> serde_json::Value {
        let name = |part: &PartId| forecast.works[*part].name.as_str();
        let names = |parts: &[PartId]| parts.iter().map(name).collect::<Vec<_>>();
        let next: Vec<_> = self
            .next
            .iter()
            .map(|(at, parts)| {
                let outcome = &forecast.compiled.circuit.tops()[*at];
                json!({ "outcome": outcome.name, "parts": names(parts) })
            })
            .collect();
        json!({
            "version": JSON_VERSION,
            "question": "fail",
            "failed": names(&self.consequence.failed),
            "harm": self.consequence.harm.json(forecast),
            "why": self.why,
            "weakened": self.consequence.weakened.json(forecast),
            "next": next,
            "course": tell::json(forecast, &self.course),
        })
    }
}
