//! A feed that could not carry everything that hangs on it when the other feed of the devices with two supplies dies.

use super::feeds::Feeder;
use super::load::{heaviest, limit, unknown};
use super::overload::report_by_place;
use crate::context::Context;
use crate::rule::rule;
use lab_source::Severity;

rule!("failover-overload", Warning, Power, "one feed cannot carry what two share when the other fails");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let draws = context.draws();
    let nodes = lab.power.iter().map(|(id, _)| Feeder::Node(id));
    let devices = lab.devices.iter().filter(|(id, _)| lab.derived.outlets_of(*id).next().is_some());
    let all: Vec<Feeder> = nodes.chain(devices.map(|(id, _)| Feeder::Device(id))).collect();
    let mut found = Vec::new();
    for feeder in all {
        let Some(limit) = limit(lab, feeder) else { continue };
        let (usual, _) = draws.normal(lab, feeder);
        let (alone, devices) = draws.alone(lab, feeder);
        let above = |watts: f64| watts > limit.watts + 0.5;
        let (severity, watts, when, silent) = if above(alone.typical) && !above(usual.typical) {
            (Severity::Warning, alone.typical, "in normal use", alone.no_typical)
        } else if above(alone.peak) && !above(usual.peak) {
            (Severity::Note, alone.peak, "when everything draws its most", alone.no_peak)
        } else {
            continue;
        };
        let name = feeder.name(lab);
        let mut finding = context
            .finding(
                format!("{name} cannot carry its devices alone: {watts:.0} W of {:.0} W", limit.watts),
                feeder.span(lab),
                format!("{watts:.0} W {when} once the other feed is gone"),
            )
            .about(feeder.subject(lab));
        if limit.span != feeder.span(lab) {
            finding = finding.and(limit.span, "this limits it");
        }
        finding.severity = severity;
        let finding = finding
            .because(limit.why.clone())
            .because(format!("{} at most{}", heaviest(lab, draws, &devices), unknown(silent)))
            .because("devices with two supplies draw everything from one when the other has no power");
        found.push((feeder, finding));
    }
    report_by_place(context, found);
}
