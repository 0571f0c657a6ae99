//! What the three rules about loads above ratings share: comparing the load of a feeder with what it can give.

use super::feeds::Feeder;
use super::load::{Draws, heaviest, limit, unknown};
use crate::context::Context;
use lab_source::{Diagnostic, Severity, Span};
use std::collections::BTreeMap;

/// Reports every feeder whose load is above what it can give: in normal use as an error, at its peak as a warning.
pub(super) fn check(context: &mut Context<'_>, feeders: impl Iterator<Item = Feeder>) {
    let draws = context.draws();
    let found = feeders.filter_map(|feeder| Some((feeder, judge(context, draws, feeder)?))).collect();
    report_by_place(context, found);
}

/// One finding a place: feeders that one range made and that are alike are told of together.
pub(super) fn report_by_place(context: &mut Context<'_>, found: Vec<(Feeder, Diagnostic)>) {
    let lab = context.lab;
    let mut by_place: BTreeMap<Span, (Diagnostic, Vec<String>)> = BTreeMap::new();
    for (feeder, finding) in found {
        match by_place.get_mut(&feeder.span(lab)) {
            Some((_, others)) => others.push(feeder.subject(lab)),
            None => {
                by_place.insert(feeder.span(lab), (finding, Vec::new()));
            }
        }
    }
    for (mut finding, others) in by_place.into_values() {
        if !others.is_empty() {
            finding = finding.because(format!("the same holds for {}", others.join(", ")));
        }
        finding.subjects.extend(others);
        context.report(finding);
    }
}

fn judge(context: &Context<'_>, draws: &Draws, feeder: Feeder) -> Option<Diagnostic> {
    let lab = context.lab;
    let limit = limit(lab, feeder)?;
    let (load, devices) = draws.normal(lab, feeder);
    let above = |watts: f64| watts > limit.watts + 0.5;
    let (severity, watts, when, silent) = if above(load.typical) {
        (Severity::Error, load.typical, "in normal use", load.no_typical)
    } else if above(load.peak) {
        (Severity::Warning, load.peak, "when everything draws its most", load.no_peak)
    } else {
        return None;
    };
    let mut finding = context
        .finding(
            format!("{} gives {:.0} W and feeds {watts:.0} W {when}", feeder.name(lab), limit.watts),
            feeder.span(lab),
            "what is overloaded",
        )
        .about(feeder.subject(lab));
    if limit.span != feeder.span(lab) {
        finding = finding.and(limit.span, "this limits it");
    }
    for device in devices.iter().take(3) {
        finding = finding.about(lab.subject(*device));
    }
    finding.severity = severity;
    let finding = finding.because(limit.why.clone()).because(format!(
        "{} at most{}",
        heaviest(lab, draws, &devices),
        unknown(silent)
    ));
    Some(finding.help(format!("move {:.0} W elsewhere", (watts - limit.watts).ceil())))
}
