//! What was refuted, failure by failure: questions that differ in the same way stand together, with the worst of them and what was said.

use super::{escape, put};
use crate::judge::{Difference, Verdict};
use crate::rehearsal::Row;
use crate::report::Report;
use std::fmt::Write;

/// Rows of one failure that differ alike.
struct Group<'a> {
    who: &'a str,
    what: Vec<&'a str>,
    worst: (&'a Difference, &'a Row),
}

/// Writes the section; nothing when nothing is refuted.
pub(super) fn put_refuted(out: &mut String, report: &Report<'_>) {
    let refuted = report.refuted();
    if refuted.is_empty() {
        return;
    }
    out.push_str("<section><h2>Refuted</h2><table class=\"refuted\">\n");
    for (act, rows) in refuted {
        let label = if act.fault.is_some() { report.label(act) } else { "Nothing had failed yet" };
        put!(out, "<tbody><tr><th colspan=\"3\">{}</th></tr>\n", escape(label));
        groups(report, &rows).iter().for_each(|group| put_group(out, group));
        out.push_str("</tbody>\n");
    }
    out.push_str("</table></section>\n");
}

fn groups<'a>(report: &'a Report<'_>, rows: &[&'a Row]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &row in rows {
        let Verdict::Refuted(difference) = &row.verdict else { continue };
        let probe = &report.vector.probes[row.probe];
        let is_like = |group: &&mut Group<'a>| {
            group.who == probe.who
                && group.worst.0.word() == difference.word()
                && group.worst.1.known == row.known
        };
        match groups.iter_mut().find(is_like) {
            Some(group) => {
                group.what.push(probe.what.as_str());
                if seconds(difference) > seconds(group.worst.0) {
                    group.worst = (difference, row);
                }
            }
            None => {
                groups.push(Group {
                    who: &probe.who,
                    what: vec![probe.what.as_str()],
                    worst: (difference, row),
                });
            }
        }
    }
    groups
}

fn seconds(difference: &Difference) -> f64 {
    if let Difference::TooSlow { seconds, .. } = difference { *seconds } else { 0.0 }
}

fn put_group(out: &mut String, group: &Group<'_>) {
    let (difference, row) = group.worst;
    let (class, why) = match &row.known {
        Some(why) => ("warn", format!("known: {why}")),
        None => ("bad", format!("said at the end: {}", row.seen.said)),
    };
    put!(
        out,
        "<tr><td>{}: {}</td><td class=\"{class}\">{}</td><td class=\"soft\">{}</td></tr>\n",
        escape(group.who),
        escape(&group.what.join(", ")),
        escape(&difference.shown()),
        escape(&why)
    );
}
