//! The report as one page that needs nothing else: the figure, what was refuted, a matrix of failures and questions with the seconds
//! that something was gone, then each failure that anybody noticed with what went dark and came back. No script: it can be printed and
//! kept.

mod matrix;
mod refuted;
mod timeline;

use crate::choose::Fault;
use crate::judge::Verdict;
use crate::rehearsal::{Act, Row};
use crate::report::{Figures, Report};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The page. UTF-8, without any reference to another file or host.
pub fn render(report: &Report<'_>) -> String {
    let lab = escape(report.lab);
    let mut body = String::new();
    headline(&mut body, report);
    refuted::put_refuted(&mut body, report);
    matrix::put_matrix(&mut body, report);
    acts(&mut body, report);
    lists(&mut body, report);
    provenance(&mut body, report);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Rehearsal of {lab}</title>\n\
<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// Text for between tags and inside quotes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

macro_rules! put {
    ($out:expr, $($words:tt)*) => {
        write!($out, $($words)*).expect("a string takes all")
    };
}
pub(crate) use put;

fn headline(out: &mut String, report: &Report<'_>) {
    let figures = report.figures();
    let class = if figures.refuted == 0 { "good" } else { "bad" };
    let n = report.outcome.acts.len().saturating_sub(1);
    put!(
        out,
        "<header><div><p class=\"kicker\">Rehearsal</p><h1>{}</h1><p class=\"soft\">{}: {}, {} questions each",
        escape(report.lab),
        escape(report.day),
        crate::report::n_failures(n),
        report.vector.probes.len()
    );
    if report.outcome.is_cut_short {
        out.push_str("; stopped before its end");
    }
    put!(
        out,
        "</p></div><div class=\"figure {class}\"><b>{}</b><span>{}</span></div></header>\n",
        escape(&figures.agreement()),
        if figures.judged() == 0 { "" } else { "of what was judged came about as predicted" }
    );
    out.push_str("<ul class=\"counts\">");
    let counts = [
        ("good", figures.confirmed, "confirmed"),
        ("bad", figures.refuted, "refuted"),
        ("warn", figures.known, "known differences"),
        ("soft", figures.not_judged, "not judged"),
    ];
    for (class, n, word) in counts {
        put!(out, "<li class=\"{class}\"><b>{n}</b> {word}</li>");
    }
    out.push_str("</ul>\n");
}

/// Each failure that anybody noticed, those with something refuted first and open.
fn acts(out: &mut String, report: &Report<'_>) {
    let mut order: Vec<(usize, &Act)> =
        report.outcome.acts.iter().enumerate().filter(|(_, act)| is_noticed(report, act)).collect();
    order.sort_by_key(|(number, act)| (Figures::of(&act.rows).refuted == 0, *number));
    if order.is_empty() {
        return;
    }
    out.push_str("<h2 class=\"part\">What went dark, and came back</h2>\n");
    for (number, act) in order {
        let figures = Figures::of(&act.rows);
        let class = if figures.refuted > 0 { "bad" } else { "good" };
        // What came back, and what should have, is what people want to see.
        let is_open = figures.refuted > 0 || crate::report::gaps(act).0.is_some_and(|gap| gap > 0.0);
        let open = if is_open { " open" } else { "" };
        let (label, agreement) = (escape(report.label(act)), figures.agreement());
        put!(
            out,
            "<details class=\"act\" id=\"act-{number}\"{open}><summary>{label} <span class=\"{class}\">{agreement}</span></summary>\n"
        );
        if let Some(fault) = &act.fault {
            circumstances(out, act, fault);
        }
        timeline::put_timeline(out, report, act);
        out.push_str("</details>\n");
    }
}

/// Whether anything of an act is worth a picture.
pub(crate) fn is_noticed(report: &Report<'_>, act: &Act) -> bool {
    let is_seen = |row: &Row| {
        matches!(row.verdict, Verdict::Refuted(_))
            || !row.seen.gaps.is_empty() && !report.vector.probes[row.probe].is_isolation()
    };
    act.fault.is_some() && act.rows.iter().any(is_seen)
}

/// What was done, how it healed, and which redundancies it shows.
fn circumstances(out: &mut String, act: &Act, fault: &Fault) {
    let done = crate::choose::done_words(&fault.acts);
    put!(out, "<p class=\"soft\">Done to the box: {}.", escape(&done.join(", ")));
    if let Some(other) = act.seen_with.as_ref().filter(|other| **other != fault.label) {
        put!(out, " {} does the same, and it was seen with that.", escape(other));
    }
    if let Some(seconds) = act.healed {
        put!(out, " All well {seconds:.1} s after it was healed.");
    }
    out.push_str("</p>\n");
    if fault.reaches.is_empty() {
        return;
    }
    let shown = fault.reaches.iter().take(4);
    let shows = shown.map(|goal| format!("{} ({})", escape(&goal.words), goal.aim.word()));
    let more = fault.reaches.len().saturating_sub(4);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    put!(out, "<p class=\"soft\">Shows {}{more}.</p>\n", shows.collect::<Vec<_>>().join("; "));
}

/// What kind of proof this is.
fn provenance(out: &mut String, report: &Report<'_>) {
    let seen = report.outcome.acts.iter().filter(|act| act.seen_with.is_none());
    let seconds: f64 = seen.map(|act| act.seconds + act.healed.unwrap_or(0.0)).sum();
    let minutes = (seconds / 60.0).ceil();
    let unit = if minutes > 1.0 { "minutes" } else { "minute" };
    put!(
        out,
        "<footer><p>Each failure was brought about in a box: the lab's network, with its switches, cables, firewalls and routers, in \
network namespaces. Where services are said to be answered by a program, the program itself was asked in its own protocol; the others were \
stand-ins. Either counts only while what it needs answers. The seconds are measured from outside, by \
questions put twice a second. Observed for {minutes:.0} {unit} by Labwright {} on {}.</p></footer>\n",
        env!("CARGO_PKG_VERSION"),
        escape(report.day)
    );
}

fn lists(out: &mut String, report: &Report<'_>) {
    let answering: Vec<(String, String)> =
        report.answering().into_iter().map(|(by, which)| (by.to_owned(), which.join(", "))).collect();
    list(out, "Who answered", &answering);
    let not_judged: Vec<(String, String)> =
        report.reasons().into_iter().map(|(n, why)| (n.to_string(), why)).collect();
    list(out, "Not judged", &not_judged);
    let refused: Vec<(String, String)> = report
        .choice
        .refused
        .iter()
        .map(|(why, labels)| (labels.len().to_string(), format!("{why}: {}", labels.join(", "))))
        .collect();
    list(out, "Failures that the box cannot show", &refused);
    let left: Vec<(String, String)> = report
        .choice
        .left_out
        .iter()
        .map(|left| (left.goal.aim.word().to_owned(), format!("{}: {}", left.goal.words, left.why)))
        .collect();
    list(out, "Redundancies that were not shown", &left);
    let unasked: Vec<(String, String)> = report.vector.unasked.clone();
    list(out, "Questions that were not asked", &unasked);
    let stale: Vec<(String, String)> =
        report.outcome.stale.iter().map(|known| (known.name.clone(), known.because.clone())).collect();
    list(out, "Listed as known, and no difference any more", &stale);
    let stand_ins: Vec<(String, String)> =
        report.stand_ins.iter().map(|what| (String::new(), what.clone())).collect();
    list(out, "Replaced by something simpler in the box", &stand_ins);
}

fn list(out: &mut String, title: &str, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    put!(
        out,
        "<details><summary>{} <span class=\"soft\">{}</span></summary><table><tbody>\n",
        escape(title),
        rows.len()
    );
    for (left, right) in rows {
        put!(out, "<tr><td class=\"soft\">{}</td><td>{}</td></tr>\n", escape(left), escape(right));
    }
    out.push_str("</tbody></table></details>\n");
}
