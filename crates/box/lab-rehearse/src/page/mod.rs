//! The report as one page that needs nothing else: the figure, a matrix of failures and questions, then each failure with what went
//! dark and came back, the refuted ones first. No script: it can be printed and kept.

mod timeline;

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
    refuted(&mut body, report);
    matrix(&mut body, report);
    acts(&mut body, report);
    lists(&mut body, report);
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
        "<header><div><p class=\"kicker\">Rehearsal</p><h1>{}</h1><p class=\"soft\">{}: {n} failures, {} questions each",
        escape(report.lab),
        escape(report.day),
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

fn refuted(out: &mut String, report: &Report<'_>) {
    let refuted = report.refuted();
    if refuted.is_empty() {
        return;
    }
    out.push_str("<section><h2>Refuted</h2><table><thead><tr><th>when this fails</th><th>question</th><th>difference</th>\
<th>what was said</th></tr></thead><tbody>\n");
    for (act, rows) in refuted {
        for row in rows {
            let Verdict::Refuted(difference) = &row.verdict else { continue };
            let (class, known) = match &row.known {
                Some(why) => ("warn", format!("<br><span class=\"soft\">known: {}</span>", escape(why))),
                None => ("bad", String::new()),
            };
            put!(
                out,
                "<tr><td>{}</td><td>{}</td><td class=\"{class}\">{}{known}</td><td class=\"soft\">{}</td></tr>\n",
                escape(report.label(act)),
                escape(&report.probe(row)),
                escape(&difference.shown()),
                escape(&row.seen.said)
            );
        }
    }
    out.push_str("</tbody></table></section>\n");
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

fn matrix(out: &mut String, report: &Report<'_>) {
    let askers = askers(report);
    out.push_str("<section><h2>Every failure, every question</h2>\n<p class=\"legend\">\
<i class=\"cell up\"></i> answered, as predicted <i class=\"cell gap\"></i> back in time <i class=\"cell dark\"></i> dark, as predicted \
<i class=\"cell wall\"></i> denied, as it must be <i class=\"cell no\"></i> refuted <i class=\"cell known\"></i> known difference \
<i class=\"cell none\"></i> not judged</p>\n<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th></th>");
    for (who, probes) in &askers {
        put!(out, "<th title=\"{0}\">{0}<small>{1}</small></th>", escape(who), probes.len());
    }
    out.push_str("</tr></thead><tbody>\n");
    for (number, act) in report.outcome.acts.iter().enumerate() {
        put!(out, "<tr><th><a href=\"#act-{number}\">{}</a></th>", escape(report.label(act)));
        for (_, probes) in &askers {
            out.push_str("<td><span class=\"cells\">");
            for row in probes.iter().filter_map(|probe| act.rows.get(*probe)) {
                put!(
                    out,
                    "<i class=\"cell {}\" title=\"{}\"></i>",
                    class(report, row),
                    escape(&told(report, row))
                );
            }
            out.push_str("</span></td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></section>\n");
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
    format!("{}: {verdict}", report.probe(row))
}

/// Each failure, those with something refuted first.
fn acts(out: &mut String, report: &Report<'_>) {
    let mut order: Vec<(usize, &Act)> = report.outcome.acts.iter().enumerate().collect();
    order.sort_by_key(|(number, act)| (Figures::of(&act.rows).refuted == 0, *number));
    for (number, act) in order {
        let figures = Figures::of(&act.rows);
        let class = if figures.refuted > 0 { "bad" } else { "good" };
        put!(
            out,
            "<section class=\"act\" id=\"act-{number}\"><h2>{} <span class=\"{class}\">{}</span></h2>\n",
            escape(report.label(act)),
            figures.agreement()
        );
        if let Some(fault) = &act.fault {
            let done = crate::choose::done_words(&fault.acts);
            put!(out, "<p class=\"soft\">Done to the box: {}.", escape(&done.join(", ")));
            if let Some(seconds) = act.healed {
                put!(out, " All well {seconds:.1} s after it was healed.");
            }
            out.push_str("</p>\n");
            if !fault.reaches.is_empty() {
                let shows = fault
                    .reaches
                    .iter()
                    .take(4)
                    .map(|goal| format!("{} ({})", escape(&goal.words), goal.aim.word()));
                let more = fault.reaches.len().saturating_sub(4);
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                put!(out, "<p class=\"soft\">Shows {}{more}.</p>\n", shows.collect::<Vec<_>>().join("; "));
            }
        }
        timeline::put_timeline(out, report, act);
        out.push_str("</section>\n");
    }
}

fn lists(out: &mut String, report: &Report<'_>) {
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
    let stale: Vec<(String, String)> = report
        .outcome
        .stale
        .iter()
        .map(|known| (format!("line {}", known.line), known.because.clone()))
        .collect();
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
