//! "This is broken already": which next single failure kills what.

use super::select::{SelectError, parts_named};
use super::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::consequence::Harm;
use crate::forecast::words::{harm_phrases, parts, stopped_phrases};
use crate::works::PartId;
use lab_show::document::{Block, Document, Table};
use serde_json::json;
use std::collections::BTreeMap;

/// Every next failure, given what is broken.
#[derive(Clone, Debug)]
pub struct Given {
    /// What is broken already.
    pub broken: Vec<PartId>,
    /// What that means now.
    pub now: Harm,
    /// What each next failure adds, the worst first; parts that add the same stand together.
    pub next: Vec<(Vec<PartId>, Harm)>,
    /// How many next failures add nothing.
    pub n_harmless: usize,
}

/// Looks one failure further.
///
/// # Errors
/// When a name stands for nothing that can fail.
pub fn given(forecast: &Forecast<'_>, names: &[String]) -> Result<Given, SelectError> {
    let mut broken = Vec::new();
    for name in names {
        broken.extend(parts_named(forecast, name)?);
    }
    let outcome = |at: &usize| forecast.compiled.outcomes[*at].0;
    let known = forecast.holds_after(&broken);
    let mut groups: BTreeMap<Harm, Vec<PartId>> = BTreeMap::new();
    let mut n_harmless = 0;
    for part in (0..forecast.works.parts.len() as u32).map(PartId).filter(|part| !broken.contains(part)) {
        let failed: Vec<PartId> = broken.iter().copied().chain([part]).collect();
        let new: Vec<usize> =
            forecast.holds_after(&failed).into_iter().filter(|at| !known.contains(at)).collect();
        let harm = Harm::of(forecast, new.iter().map(outcome));
        if harm.is_none() {
            n_harmless += 1;
        } else {
            // What stops on the way differs from part to part; what people lose is what groups them.
            let key = Harm { machines_down: Vec::new(), units_off: Vec::new(), ..harm };
            groups.entry(key).or_default().push(part);
        }
    }
    let mut next: Vec<(Vec<PartId>, Harm)> = groups.into_iter().map(|(harm, parts)| (parts, harm)).collect();
    next.sort_by_cached_key(|(parts, harm)| (std::cmp::Reverse(harm.weight(forecast)), parts.clone()));
    let now = Harm::of(forecast, known.iter().map(outcome));
    Ok(Given { broken, now, next, n_harmless })
}

impl Given {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let title = format!("Broken already: {}", parts(forecast, &self.broken));
        let mut now = harm_phrases(forecast, &self.now);
        now.extend(stopped_phrases(forecast, &self.now, &self.broken));
        let now = if now.is_empty() { "nothing is missing".to_owned() } else { now.join("; ") };
        let mut blocks = vec![Block::Text(format!("Now: {now}."))];
        let mut table = Table::new(&["=next failure", "=what it adds"]);
        for (next, harm) in &self.next {
            table.row([parts(forecast, next), harm_phrases(forecast, harm).join("; ")]);
        }
        if !self.next.is_empty() {
            blocks.push(Block::Table(table));
        }
        let n_all = self.n_harmless + self.next.iter().map(|(parts, _)| parts.len()).sum::<usize>();
        blocks.push(Block::Text(format!("{} of {n_all} next failures add nothing.", self.n_harmless)));
        Document { title, blocks }
    }

    fn json(&self, forecast: &Forecast<'_>) -> serde_json::Value {
        let names = |parts: &[PartId]| {
            parts.iter().map(|part| forecast.works[*part].name.clone()).collect::<Vec<_>>()
        };
        let next: Vec<_> = self
            .next
            .iter()
            .map(|(parts, harm)| json!({ "parts": names(parts), "adds": harm.json(forecast) }))
            .collect();
        json!({
            "version": JSON_VERSION,
            "question": "given",
            "broken": names(&self.broken),
            "now": self.now.json(forecast),
            "next": next,
            "harmless": self.n_harmless,
        })
    }
}
