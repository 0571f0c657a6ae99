//! A supply that feeds itself: a UPS plugged into its own strip, breakers in a circle.

use super::feeds::{Feeder, parents, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_source::Span;
use std::collections::BTreeSet;

rule!("power-loop", Error, Power, "something is fed by itself");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let nodes = lab.power.iter().map(|(id, _)| Feeder::Node(id));
    let feeding = lab.devices.iter().filter(|(id, _)| lab.derived.fed_by_device(*id).next().is_some());
    let all: Vec<Feeder> = nodes.chain(feeding.map(|(id, _)| Feeder::Device(id))).collect();
    let mut told: BTreeSet<Feeder> = BTreeSet::new();
    for start in all {
        if told.contains(&start) {
            continue;
        }
        let Some(ring) = ring(lab, start) else { continue };
        told.extend(ring.iter().copied());
        let names: Vec<String> = ring.iter().map(|at| at.name(lab)).collect();
        let mut finding = context
            .finding(
                format!("{} is fed by itself", names[0]),
                way_in(lab, ring[0], *ring.get(1).unwrap_or(&ring[0])),
                format!("{} is fed by {}", names[0], names.get(1).unwrap_or(&names[0])),
            )
            .about(start.subject(lab));
        for (index, at) in ring.iter().enumerate().skip(1) {
            let from = ring.get(index + 1).copied().unwrap_or(ring[0]);
            finding = finding
                .and(way_in(lab, *at, from), format!("{} is fed by {}", at.name(lab), from.name(lab)))
                .about(at.subject(lab));
        }
        context.report(finding.because("no power comes into the ring from outside through these plugs"));
    }
}

/// The way up from `start` that comes back to it.
fn ring(lab: &Lab, start: Feeder) -> Option<Vec<Feeder>> {
    let mut seen = BTreeSet::new();
    let mut stack = vec![vec![start]];
    while let Some(way) = stack.pop() {
        let at = *way.last()?;
        for parent in parents(lab, at) {
            if parent == start {
                return Some(way);
            }
            if seen.insert(parent) {
                let mut longer = way.clone();
                longer.push(parent);
                stack.push(longer);
            }
        }
    }
    None
}

/// Where it is written that `at` is fed by `from`.
fn way_in(lab: &Lab, at: Feeder, from: Feeder) -> Span {
    let found = match at {
        Feeder::Node(node) => {
            let found =
                lab.power[node].from.items.iter().find(|item| item.id.map(Feeder::Node) == Some(from));
            found.map(|item| item.span)
        }
        Feeder::Device(device) => {
            let ways = plugged(lab, device);
            ways.iter().find(|(_, source)| *source == from).map(|(inlet, _)| source_span(lab, *inlet))
        }
    };
    found.unwrap_or_else(|| at.span(lab))
}
