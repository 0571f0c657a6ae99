//! Power supplies that give less than their device draws, all together or when one of them fails.

use super::feeds::is_active;
use crate::context::Context;
use crate::rule::rule;
use lab_source::{Severity, Span};
use std::collections::BTreeSet;

rule!("supply-below-draw", Warning, Power, "a device draws more than its supplies give");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let draws = context.draws();
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        if lab.derived.outlets_of(id).next().is_some() {
            continue;
        }
        let inlets: Vec<_> = lab.derived.inlets_of(id).map(|(_, inlet)| inlet).collect();
        let n_used = inlets.iter().filter(|inlet| inlet.source.is_some()).count();
        let used = inlets.iter().filter(|inlet| n_used == 0 || inlet.source.is_some());
        let ratings: Option<Vec<f64>> =
            used.map(|inlet| inlet.rating.map(|rating| rating.milliwatts() as f64 / 1000.0)).collect();
        let Some(ratings) = ratings.filter(|ratings| !ratings.is_empty()) else { continue };
        let sum: f64 = ratings.iter().sum();
        let one_gone = sum - ratings.iter().copied().fold(0.0, f64::max);
        let own = draws.own(id);
        let (severity, gives, draws_now, when) = if own.typical > sum {
            (Severity::Error, sum, own.typical, "in normal use")
        } else if own.peak > sum {
            (Severity::Warning, sum, own.peak, "at most")
        } else if ratings.len() > 1 && own.typical > one_gone {
            (Severity::Warning, one_gone, own.typical, "in normal use, with one supply gone")
        } else if ratings.len() > 1 && own.peak > one_gone {
            (Severity::Note, one_gone, own.peak, "at most, with one supply gone")
        } else {
            continue;
        };
        if !told.insert(device.name.span) {
            continue;
        }
        let mut finding = context
            .finding(
                format!(
                    "the supplies of {} give {gives:.0} W and it draws {draws_now:.0} W {when}",
                    device.name
                ),
                device.name.span,
                match ratings.len() {
                    1 => "one supply in use".to_owned(),
                    several => format!("{several} supplies in use"),
                },
            )
            .about(lab.subject(id))
            .because("a supply that is overloaded switches off, and the machine with it");
        finding.severity = severity;
        context.report(finding);
    }
}
