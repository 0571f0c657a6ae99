//! What would be rehearsed, before anything is made: the failures with what they show, and the questions.

use super::text::{ROWS_MAX, left_out, n_failures, unasked};
use crate::choose::Choice;
use crate::vector::Vector;
use lab_predict::answers::Forecast;
use lab_show::document::{Block, Document, Table};
use std::collections::BTreeMap;

/// The failures and the questions as tables. `all` shows every row of every list.
pub fn plan(forecast: &Forecast<'_>, vector: &Vector, choice: &Choice, all: bool) -> Document {
    let most = if all { usize::MAX } else { ROWS_MAX };
    let name = forecast.lab.head.name.as_ref().map_or("the lab", |name| &name.text);
    let n_isolation = vector.probes.iter().filter(|probe| probe.is_isolation()).count();
    let mut blocks = vec![Block::Text(format!(
        "{} that show {} of {} goals; {} questions after each, {n_isolation} of them must be denied.",
        n_failures(choice.faults.len()),
        choice.n_goals - choice.left_out.len(),
        choice.n_goals,
        vector.probes.len()
    ))];
    let mut table = Table::new(&[">#", "=fails", "=done to the box", ">shows"]).titled("Failures");
    for (number, fault) in choice.faults.iter().enumerate() {
        let mut done = crate::choose::done_words(&fault.acts);
        let n_more = done.len().saturating_sub(6);
        done.truncate(6);
        let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
        let shows = fault.reaches.len().to_string();
        table.row([(number + 1).to_string(), fault.label.clone(), done.join(", ") + &more, shows]);
    }
    blocks.push(Block::Table(table));
    let mut by_asker: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for probe in &vector.probes {
        by_asker.entry(&probe.who).or_default().push(&probe.what);
    }
    let mut table = Table::new(&["=from", ">questions", "=what"]).titled("Questions");
    for (who, what) in by_asker {
        let shown: Vec<&str> = what.iter().copied().take(if all { usize::MAX } else { 6 }).collect();
        table.row([who.to_owned(), what.len().to_string(), shown.join(", ")]);
    }
    blocks.push(Block::Table(table));
    blocks.extend(left_out(choice, most));
    blocks.extend(unasked(vector, &[], most));
    Document { title: format!("To be rehearsed in {name}"), blocks }
}
