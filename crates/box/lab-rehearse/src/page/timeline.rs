//! What went dark and came back after a failure: a bar for each question that changed, with the most that was predicted.

use super::{escape, put};
use crate::expect::Within;
use crate::judge::Verdict;
use crate::rehearsal::{Act, Row};
use crate::report::Report;
use std::fmt::Write;

/// Bars in one picture; questions that changed alike share one.
const BARS_MAX: usize = 24;
const LABEL: f64 = 300.0;
const WIDTH: f64 = 980.0;
const BAR: f64 = 18.0;
const TOP: f64 = 22.0;

/// Bars of questions with the same gaps and the same verdict.
struct Bar<'a> {
    row: &'a Row,
    names: Vec<String>,
}

/// Writes the picture, or a sentence when nothing changed.
pub(super) fn put_timeline(out: &mut String, report: &Report<'_>, act: &Act) {
    if act.fault.is_none() {
        return;
    }
    let bars = bars(report, act);
    if bars.is_empty() {
        put!(out, "<p>Nobody noticed anything in {:.0} s.</p>\n", act.seconds);
        return;
    }
    let span = act.seconds.max(1.0);
    let x = |seconds: f64| LABEL + (WIDTH - LABEL - 10.0) * (seconds / span).clamp(0.0, 1.0);
    let shown = bars.len().min(BARS_MAX);
    let height = TOP + BAR * shown as f64 + 6.0;
    put!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"What went dark and came back\">\n"
    );
    grid(out, span, height, &x);
    for (at, bar) in bars.iter().take(BARS_MAX).enumerate() {
        let y = TOP + BAR * at as f64;
        put_bar(out, bar, y, span, &x);
    }
    out.push_str("</svg>\n");
    if bars.len() > shown {
        put!(out, "<p class=\"soft\">And {} more.</p>\n", bars.len() - shown);
    }
}

fn bars<'a>(report: &Report<'_>, act: &'a Act) -> Vec<Bar<'a>> {
    let mut bars: Vec<Bar<'a>> = Vec::new();
    let is_refuted = |row: &Row| matches!(row.verdict, Verdict::Refuted(_));
    let mut rows: Vec<&Row> = act
        .rows
        .iter()
        .filter(|row| {
            is_refuted(row) || !row.seen.gaps.is_empty() && !report.vector.probes[row.probe].is_isolation()
        })
        .collect();
    rows.sort_by_key(|row| (!is_refuted(row), row.probe));
    for row in rows {
        let like = |bar: &&mut Bar<'a>| {
            let ends = |row: &Row| {
                row.seen.gaps.last().map(|gap| (gap.from.round() as i64, gap.to.map(|to| to.round() as i64)))
            };
            ends(bar.row) == ends(row)
                && bar.row.verdict == row.verdict
                && report.vector.probes[bar.row.probe].who == report.vector.probes[row.probe].who
        };
        let name = report.probe(row);
        match bars.iter_mut().find(like) {
            Some(bar) => bar.names.push(name),
            None => bars.push(Bar { row, names: vec![name] }),
        }
    }
    bars
}

fn grid(out: &mut String, span: f64, height: f64, x: &dyn Fn(f64) -> f64) {
    let step =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| span / step <= 10.0).unwrap_or(100.0);
    let mut at = 0.0;
    while at <= span {
        let place = x(at);
        put!(
            out,
            "<line class=\"grid\" x1=\"{place:.1}\" x2=\"{place:.1}\" y1=\"{TOP}\" y2=\"{height}\"/>\
<text class=\"axis\" x=\"{place:.1}\" y=\"14\" text-anchor=\"middle\">{at:.0} s</text>\n"
        );
        at += step;
    }
}

fn put_bar(out: &mut String, bar: &Bar<'_>, y: f64, span: f64, x: &dyn Fn(f64) -> f64) {
    let more = bar.names.len() - 1;
    let label = if more > 0 { format!("{} and {more} more", bar.names[0]) } else { bar.names[0].clone() };
    let short: String =
        if label.chars().count() > 46 { label.chars().take(45).chain(['…']).collect() } else { label };
    put!(
        out,
        "<g><title>{}</title><text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
        escape(&bar.names.join("\n")),
        LABEL - 8.0,
        y + BAR - 5.0,
        escape(&short)
    );
    let (left, right) = (x(0.0), x(span));
    let (top, thick) = (y + 4.0, BAR - 8.0);
    put!(
        out,
        "<rect class=\"lit\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{thick}\"/>\n",
        right - left
    );
    let class = match &bar.row.verdict {
        Verdict::Refuted(_) if bar.row.known.is_none() => "refuted",
        Verdict::NotJudged(_) => "unjudged",
        _ => "unlit",
    };
    for gap in &bar.row.seen.gaps {
        let (from, to) = (x(gap.from), x(gap.to.unwrap_or(span)));
        put!(
            out,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{thick}\"/>\n",
            (to - from).max(2.0)
        );
    }
    if let (Within::Seconds { most, .. }, Some(true)) = (&bar.row.expected.within, bar.row.expected.up)
        && *most > 0.0
        && *most < span
    {
        let place = x(*most);
        put!(
            out,
            "<line class=\"most\" x1=\"{place:.1}\" x2=\"{place:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"><title>predicted within {most:.1} s\
</title></line>\n",
            y + 1.0,
            y + BAR - 1.0
        );
    }
    out.push_str("</g>\n");
}
