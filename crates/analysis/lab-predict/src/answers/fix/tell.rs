//! The changes in words and as JSON.

use super::{Cost, Effect, Fix, Fixes};
use crate::answers::forecast::Forecast;
use crate::answers::overview::lab_name;
use crate::answers::words::{a_year, counted, drawn_together};
use crate::answers::{Answer, JSON_VERSION};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};

/// Changes shown before the rest is counted.
const ROWS_MAX: usize = 10;

impl Fixes {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let mut blocks = vec![Block::Text(self.headline())];
        if !self.fixes.is_empty() {
            let mut table = Table::new(&[">#", "=change", "=removes", "=brings", "=gains", "cost"]);
            for (at, fix) in self.fixes.iter().take(ROWS_MAX).enumerate() {
                table.row(row(at, fix));
            }
            blocks.push(Block::Table(table));
        }
        if self.fixes.len() > ROWS_MAX {
            let rest = counted(self.fixes.len() - ROWS_MAX, "change more", "changes more");
            blocks.push(Block::Text(format!("{rest} (--format json has all).")));
        }
        if !self.without_hand.is_empty() {
            let names = drawn_together(self.without_hand.iter().map(|id| forecast.works[*id].label.as_str()));
            blocks.push(Block::Text(format!(
                "Free as well: with `power-restore: on` these start after a power cut without a hand: {}.",
                names.join(", ")
            )));
        }
        Document { title: format!("What to change in {}", lab_name(forecast)), blocks }
    }

    fn headline(&self) -> String {
        let tried = counted(self.n_tried, "change", "changes");
        let more = if self.is_cut { " (there are more candidates than are tried)" } else { "" };
        if self.fixes.is_empty() {
            return format!("Nothing to gain: {tried} tried{more}, none removes more harm than it brings.");
        }
        let free = self.fixes.iter().filter(|fix| fix.cost == Cost::Free).count();
        format!(
            "{tried} tried{more}, {} remove more harm than they bring, {free} of them free. Each is tried alone.",
            self.fixes.len()
        )
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let fixes: Vec<Value> = self.fixes.iter().map(fix_json).collect();
        let names: Vec<&str> =
            self.without_hand.iter().map(|id| forecast.works[*id].label.as_str()).collect();
        json!({
            "version": JSON_VERSION, "question": "fix", "tried": self.n_tried, "cut": self.is_cut,
            "fixes": fixes, "power_restore_on": names,
        })
    }
}

fn row(at: usize, fix: &Fix) -> [String; 6] {
    let Effect { removed, brought, n_removed, n_brought, pairs_removed, pairs_brought, .. } = &fix.effect;
    let gains: Vec<String> = fix
        .gained
        .iter()
        .map(|(service, old, new)| format!("{service}: {} less", a_year(old - new)))
        .collect();
    [
        (at + 1).to_string(),
        format!("{}. In the lab: `{}`", fix.what, fix.hint),
        told(removed, *n_removed, *pairs_removed),
        told(brought, *n_brought, *pairs_brought),
        gains.join("; "),
        cost(&fix.cost),
    ]
}

/// Groups of single failures told before the rest is counted.
const GROUPS_MAX: usize = 3;

fn told(singles: &[(String, String)], n_singles: usize, pairs: usize) -> String {
    let mut texts: Vec<String> =
        singles.iter().take(GROUPS_MAX).map(|(parts, harm)| format!("{parts} ({harm})")).collect();
    if singles.len() > GROUPS_MAX {
        texts.push(format!("of {} in all", counted(n_singles, "single failure", "single failures")));
    }
    if pairs > 0 {
        texts.push(counted(pairs, "pair", "pairs"));
    }
    if texts.is_empty() { "nothing".to_owned() } else { texts.join("; ") }
}

fn cost(cost: &Cost) -> String {
    match cost {
        Cost::Free => "free".to_owned(),
        Cost::Amount(amount) => amount.clone(),
        Cost::NotKnown => "not known".to_owned(),
    }
}

fn fix_json(fix: &Fix) -> Value {
    let singles = |all: &[(String, String)]| -> Vec<Value> {
        all.iter().map(|(parts, harm)| json!({ "parts": parts, "harm": harm })).collect()
    };
    let gained: Vec<Value> = fix
        .gained
        .iter()
        .map(|(service, old, new)| json!({ "service": service, "before": old, "after": new }))
        .collect();
    json!({
        "what": fix.what, "hint": fix.hint, "cost": cost(&fix.cost),
        "removes": singles(&fix.effect.removed), "brings": singles(&fix.effect.brought),
        "pairs_removed": fix.effect.pairs_removed, "pairs_brought": fix.effect.pairs_brought, "gained": gained,
    })
}
