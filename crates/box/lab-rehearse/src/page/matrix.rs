//! Every failure and every question in one picture: a row a failure, a cell a question, and beside it how long something was gone and how
//! long it might have been.

use super::{escape, is_noticed, put};
use crate::judge::Verdict;
use crate::rehearsal::{Act, Row};
use crate::report::{Report, gaps};
use std::fmt::Write;

const LEGEND: [(&str, &str); 7] = [
    ("up", "answered, as predicted"),
    ("gap", "gone, and back in time"),
    ("dark", "dark, as predicted"),
    ("wall", "denied, as it must be"),
    ("no", "refuted"),
    ("known", "known difference"),
    ("none", "not judged"),
];
/// How wide the bar of what was predicted is, in pixels.
const PREDICTED: f64 = 70.0;
/// The widest bar, in pixels.
const BAR: f64 = 88.0;

/// In pixels: how far apart cells begin, what the edges of an asker's column take, and what all these columns may take.
const CELL: usize = 13;
const EDGE: usize = 15;
const WIDTH: usize = 640;

/// Writes the section.
pub(super) fn put_matrix(out: &mut String, report: &Report<'_>) {
    let askers = askers(report);
    out.push_str("<section><h2>Every failure, every question</h2>\n<p class=\"legend\">");
    for (class, words) in LEGEND {
        put!(out, "<span><i class=\"cell {class}\"></i> {words}</span> ");
    }
    out.push_str("<span><i class=\"tick\"></i> predicted at the most</span>");
    out.push_str("</p>\n<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th></th>");
    for (who, probes) in &askers {
        put!(out, "<th>{}<small>{}</small></th>", escape(who), probes.len());
    }
    out.push_str("<th>longest gap<small>and the prediction</small></th><th>well again<small>after healing</small></th></tr></thead><tbody>\n");
    for (number, act) in report.outcome.acts.iter().enumerate() {
        put_row(out, report, &askers, (number, act));
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn put_row(
    out: &mut String,
    report: &Report<'_>,
    askers: &[(&str, Vec<usize>)],
    (number, act): (usize, &Act),
) {
    let label = escape(if act.fault.is_some() { report.label(act) } else { "all is well" });
    match is_noticed(report, act) {
        true => put!(out, "<tr><th title=\"{label}\"><a href=\"#act-{number}\">{label}</a></th>"),
        false => put!(out, "<tr><th title=\"{label}\">{label}</th>"),
    }
    let n_lines = n_lines(askers);
    for (_, probes) in askers {
        put!(out, "<td><span class=\"cells\" style=\"width:{}px\">", probes.len().div_ceil(n_lines) * CELL);
        for row in probes.iter().filter_map(|probe| act.rows.get(*probe)) {
            let (class, told) = (class(report, row), escape(&told(report, row)));
            put!(out, "<i class=\"cell {class}\" title=\"{told}\"></i>");
        }
        out.push_str("</span></td>");
    }
    put_seconds(out, act);
    let healed = act.healed.map(|seconds| format!("{seconds:.1} s")).unwrap_or_default();
    put!(out, "<td class=\"number soft\">{healed}</td></tr>\n");
}

/// How long something was gone that came back: how much of the predicted time it took as a bar, with a tick where the prediction ends.
fn put_seconds(out: &mut String, act: &Act) {
    let (gap, within) = match gaps(act) {
        (Some(gap), within) if gap > 0.0 => (gap, within.filter(|within| *within > 0.0)),
        _ => {
            out.push_str("<td></td>");
            return;
        }
    };
    out.push_str("<td class=\"seconds\"><span class=\"bar\">");
    if let Some(within) = within {
        let width = (gap / within * PREDICTED).clamp(2.0, BAR);
        put!(
            out,
            "<i style=\"width:{width:.0}px\"></i><i class=\"tick\" style=\"left:{PREDICTED:.0}px\"></i>"
        );
    }
    let of = within.map_or_else(|| " s".to_owned(), |within| format!(" of {within:.0} s"));
    put!(out, "</span>{gap:.1}{of}</td>");
}

/// In how many lines the cells of a failure fit.
fn n_lines(askers: &[(&str, Vec<usize>)]) -> usize {
    let n_cells: usize = askers.iter().map(|(_, probes)| probes.len()).sum();
    let room = WIDTH.saturating_sub(askers.len() * EDGE).max(CELL);
    (n_cells * CELL).div_ceil(room).max(1)
}

/// Runs of questions of one asker, as columns.
fn askers<'a>(report: &'a Report<'_>) -> Vec<(&'a str, Vec<usize>)> {
    let mut askers: Vec<(&str, Vec<usize>)> = Vec::new();
    for (at, probe) in report.vector.probes.iter().enumerate() {
        match askers.iter_mut().find(|(who, _)| *who == probe.who) {
            Some((_, probes)) => probes.push(at),
            None => askers.push((&probe.who, vec![at])),
        }
    }
    askers
}

fn class(report: &Report<'_>, row: &Row) -> &'static str {
    match (&row.verdict, &row.known) {
        (Verdict::Refuted(_), None) => "no",
        (Verdict::Refuted(_), Some(_)) => "known",
        (Verdict::NotJudged(_), _) => "none",
        (Verdict::Confirmed, _) if report.vector.probes[row.probe].is_isolation() => "wall",
        (Verdict::Confirmed, _) if row.seen.up == Some(false) => "dark",
        (Verdict::Confirmed, _) if row.seen.gaps.is_empty() => "up",
        (Verdict::Confirmed, _) => "gap",
    }
}

fn told(report: &Report<'_>, row: &Row) -> String {
    let verdict = match &row.verdict {
        Verdict::Confirmed if row.seen.up == Some(false) => "not answered, as predicted".to_owned(),
        Verdict::Confirmed => "answered, as predicted".to_owned(),
        Verdict::Refuted(difference) => difference.shown(),
        Verdict::NotJudged(why) => format!("not judged: {why}"),
    };
    match &report.vector.probes[row.probe].by {
        Some(by) => format!("{} ({by}): {verdict}", report.probe(row)),
        None => format!("{}: {verdict}", report.probe(row)),
    }
}
