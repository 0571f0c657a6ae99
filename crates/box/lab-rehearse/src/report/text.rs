//! For people at a terminal: the figure, what was refuted, each failure in a line, what was left out and why.

use super::{Figures, Report, seconds, timeline};
use crate::choose::Choice;
use crate::judge::Verdict;
use crate::rehearsal::Act;
use crate::vector::Vector;
use lab_show::document::{Block, Document, Table};
use std::collections::BTreeMap;

/// Rows of a list before the rest is counted.
pub(super) const ROWS_MAX: usize = 12;

/// The report as tables. `all` shows every row of every list.
pub fn document(report: &Report<'_>, all: bool) -> Document {
    let most = if all { usize::MAX } else { ROWS_MAX };
    let mut blocks = vec![Block::Text(headline(report))];
    if report.outcome.is_cut_short {
        blocks.push(Block::Text(
            "Stopped before its end: what follows is of what was rehearsed until then.".to_owned(),
        ));
    }
    blocks.extend(refuted(report));
    blocks.push(Block::Table(failures(report)));
    blocks.push(Block::Table(answering(report, all)));
    if all {
        blocks.extend(report.outcome.acts.iter().filter_map(|act| changes(report, act)));
    }
    blocks.extend(known(report));
    blocks.extend(not_judged(report, most));
    blocks.extend(left_out(report.choice, most));
    blocks.extend(unasked(report.vector, report.missing, most));
    if !report.stand_ins.is_empty() {
        let mut table = Table::new(&["=what"]).titled("Replaced by something simpler in the box");
        report.stand_ins.iter().for_each(|what| table.row([what.clone()]));
        blocks.push(Block::Table(table));
    }
    Document { title: format!("Rehearsal of {}", report.lab), blocks }
}

fn headline(report: &Report<'_>) -> String {
    let figures = report.figures();
    let n = report.outcome.acts.iter().filter(|act| act.fault.is_some()).count();
    let known =
        if figures.known > 0 { format!(" {} known differences.", figures.known) } else { String::new() };
    format!(
        "{} agreement: {} of {} predictions came about, {} refuted, {} not judged. {}, {} questions each.{known}",
        figures.agreement(),
        figures.confirmed,
        figures.judged(),
        figures.refuted,
        figures.not_judged,
        n_failures(n),
        report.vector.probes.len()
    )
}

/// `1 failure`, `3 failures`.
pub fn n_failures(n: usize) -> String {
    format!("{n} failure{}", if n == 1 { "" } else { "s" })
}

fn refuted(report: &Report<'_>) -> Option<Block> {
    let refuted = report.refuted();
    if refuted.is_empty() {
        return None;
    }
    let mut table = Table::new(&["=when this fails", "=question", "=difference", "=what was said"])
        .titled("Refuted: prediction and box differ");
    for (act, rows) in refuted {
        for row in rows.iter().filter(|row| row.known.is_none()) {
            let Verdict::Refuted(difference) = &row.verdict else { continue };
            let label = report.label(act).to_owned();
            table.row([label, report.probe(row), difference.shown(), row.seen.said.clone()]);
        }
    }
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn failures(report: &Report<'_>) -> Table {
    let columns = [
        "=fails",
        ">confirmed",
        ">refuted",
        ">not judged",
        ">dark",
        ">longest gap",
        ">predicted within",
        ">healed after",
    ];
    let mut table = Table::new(&columns).titled("Every state of the box");
    for act in &report.outcome.acts {
        let figures = Figures::of(&act.rows);
        let dark = act
            .rows
            .iter()
            .filter(|row| row.expected.up != Some(false) && row.seen.up == Some(false))
            .count();
        let isolated = act.rows.iter().filter(|row| report.vector.probes[row.probe].is_isolation()).count();
        let down = act.rows.iter().filter(|row| row.seen.up == Some(false)).count();
        let dark = if act.fault.is_some() { down.saturating_sub(isolated).max(dark) } else { dark };
        let (gap, within) = gaps(act);
        table.row([
            report.label(act).to_owned(),
            figures.confirmed.to_string(),
            (figures.refuted + figures.known).to_string(),
            figures.not_judged.to_string(),
            dark.to_string(),
            gap.map_or_else(String::new, seconds),
            within.map_or_else(String::new, seconds),
            act.healed.map_or_else(String::new, seconds),
        ]);
    }
    table
}

/// Who answered: real programs by name and version, stand-ins for the rest.
fn answering(report: &Report<'_>, all: bool) -> Table {
    let mut table = Table::new(&["=answered by", ">questions", "=which"]).titled("Who answered");
    for (by, questions) in report.answering() {
        let n = questions.len();
        let most = if all { n } else { 4 };
        let more = if n > most { format!(" and {} more", n - most) } else { String::new() };
        let which = questions.into_iter().take(most).collect::<Vec<_>>().join(", ") + &more;
        table.row([by.to_owned(), n.to_string(), which]);
    }
    let n = report.vector.probes.iter().filter(|probe| probe.by.is_none()).count();
    if n > 0 {
        table.row(["nobody: a connection is accepted or denied".to_owned(), n.to_string(), String::new()]);
    }
    table
}

/// What went dark and came back, in groups of those that did so together.
fn changes(report: &Report<'_>, act: &Act) -> Option<Block> {
    let groups = timeline(act);
    if groups.is_empty() {
        return None;
    }
    let title = format!("When {} fails", report.label(act));
    let mut table = Table::new(&[">after", "=what", "=questions"]).titled(title);
    for (at, is_up, probes) in groups {
        let names: Vec<String> = probes.iter().map(|probe| report.vector.probes[*probe].id()).collect();
        let word = if is_up { "came back" } else { "went dark" };
        table.row([seconds(at), word.to_owned(), names.join(", ")]);
    }
    Some(Block::Table(table))
}

/// The longest gap of what was predicted to come back, and the most that was predicted for it.
pub(crate) fn gaps(act: &Act) -> (Option<f64>, Option<f64>) {
    let rows = act.rows.iter().filter(|row| row.expected.up == Some(true) && row.seen.up == Some(true));
    let gap = |row: &&crate::rehearsal::Row| row.seen.gaps.iter().map(|gap| gap.least).reduce(f64::max);
    let longest = rows.filter_map(|row| Some((gap(&row)?, row))).max_by(|a, b| a.0.total_cmp(&b.0));
    let within = longest.and_then(|(_, row)| match &row.expected.within {
        crate::expect::Within::Seconds { most, .. } => Some(*most),
        crate::expect::Within::NotJudged(_) => None,
    });
    (longest.map(|(gap, _)| gap), within)
}

fn known(report: &Report<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for row in report.outcome.acts.iter().flat_map(|act| &act.rows) {
        if let Some(because) = &row.known {
            *reasons.entry(because).or_default() += 1;
        }
    }
    if !reasons.is_empty() {
        let mut table = Table::new(&[">differences", "=known, because"]).titled("Known differences");
        reasons.into_iter().for_each(|(why, n)| table.row([n.to_string(), why.to_owned()]));
        blocks.push(Block::Table(table));
    }
    if !report.outcome.stale.is_empty() {
        let mut table =
            Table::new(&["known", "=because"]).titled("Listed as known, and no difference any more");
        report.outcome.stale.iter().for_each(|known| table.row([known.name.clone(), known.because.clone()]));
        blocks.push(Block::Table(table));
    }
    blocks
}

fn not_judged(report: &Report<'_>, most: usize) -> Option<Block> {
    let reasons = report.reasons();
    if reasons.is_empty() {
        return None;
    }
    let mut table = Table::new(&[">predictions", "=why"]).titled("Not judged");
    for (n, why) in reasons.iter().take(most) {
        table.row([n.to_string(), why.clone()]);
    }
    Some(Block::Table(table))
}

/// Goals that are not reached, and failures that are refused.
pub(super) fn left_out(choice: &Choice, most: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !choice.left_out.is_empty() {
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for left in &choice.left_out {
            let words = format!("{} ({})", left.goal.words, left.goal.aim.word());
            by_reason.entry(&left.why).or_default().push(words);
        }
        let title = format!("Not shown: {} of {} goals", choice.left_out.len(), choice.n_goals);
        let mut table = Table::new(&[">goals", "=why", "=such as"]).titled(title);
        for (why, goals) in by_reason.into_iter().take(most) {
            table.row([goals.len().to_string(), why.to_owned(), goals[0].clone()]);
        }
        blocks.push(Block::Table(table));
    }
    if !choice.refused.is_empty() {
        let mut table =
            Table::new(&[">failures", "=why", "=such as"]).titled("Single failures that the box cannot show");
        for (why, labels) in choice.refused.iter().take(most) {
            table.row([
                labels.len().to_string(),
                why.clone(),
                labels.iter().take(4).cloned().collect::<Vec<_>>().join(", "),
            ]);
        }
        blocks.push(Block::Table(table));
    }
    blocks
}

/// Questions that are not asked.
pub(super) fn unasked(vector: &Vector, missing: &[String], most: usize) -> Option<Block> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (what, why) in &vector.unasked {
        by_reason.entry(why).or_default().push(what);
    }
    if !missing.is_empty() {
        by_reason.insert("is not in the box", missing.iter().map(String::as_str).collect());
    }
    if by_reason.is_empty() {
        return None;
    }
    let mut table = Table::new(&[">questions", "=why", "=such as"]).titled("Not asked");
    for (why, what) in by_reason.into_iter().take(most) {
        table.row([
            what.len().to_string(),
            why.to_owned(),
            what.iter().take(4).copied().collect::<Vec<_>>().join(", "),
        ]);
    }
    Some(Block::Table(table))
}
