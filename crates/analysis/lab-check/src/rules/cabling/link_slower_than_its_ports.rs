//! A link that is slower than the slower of its two ports could be: by the cable, or by a speed set at one end only.

use super::ends::{called, fastest, group, joined, kind, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::BitRate;
use lab_model::written::{CableGroup, CableKind};
use lab_source::{Severity, Span};
use std::collections::BTreeSet;

rule!("link-slower-than-its-ports", Warning, Cabling, "a link is slower than both of its ports could be");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = context.set_speeds();
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for link in joined(lab) {
        let wanted = |port| set.get(&port).map(|(speed, _)| *speed).or_else(|| fastest(lab, port));
        let (Some(one), Some(other)) = (wanted(link.a), wanted(link.b)) else { continue };
        let common = one.min(other);
        for cable in link.cables {
            let record = group(lab, *cable);
            let Some((limit, place, why)) = limit(record) else { continue };
            if limit >= common || !told.insert(place) {
                continue;
            }
            let finding = context
                .finding(
                    format!("{} to {} gets {limit} of {common}", called(lab, link.a), called(lab, link.b)),
                    place,
                    why,
                )
                .and(link.at(), format!("{} could do {one}", called(lab, link.a)))
                .and(link.other(), format!("{} could do {other}", called(lab, link.b)))
                .about(lab.subject(lab.derived.cable(*cable).group))
                .about(subject(lab, link.a))
                .about(subject(lab, link.b))
                .help(format!("take a cable for {common}, or set both ports to {limit}"));
            context.report(finding);
        }
        let set_ends = (set.get(&link.a), set.get(&link.b));
        let ((low, span), port, peer, place) = match set_ends {
            (Some(low), None) => (*low, link.a, link.b, link.other()),
            (None, Some(low)) => (*low, link.b, link.a, link.at()),
            _ => continue,
        };
        let (Some(could), Some(far)) = (fastest(lab, port), fastest(lab, peer)) else { continue };
        if low < could.min(far) && told.insert(span) {
            let mut finding = context
                .finding(
                    format!(
                        "{} is set to {low} where both ends could do {}",
                        called(lab, port),
                        could.min(far)
                    ),
                    span,
                    "set here",
                )
                .and(place, format!("{} is not set and goes up to {far}", called(lab, peer)))
                .about(subject(lab, port))
                .about(subject(lab, peer))
                .because("ports in cages do not ask each other for a speed: the link may stay down")
                .help("set both ends alike, or neither");
            finding.severity = Severity::Warning;
            context.report(finding);
        }
    }
}

/// The most that a cable carries, by what is said of it or by its category.
fn limit(cable: &CableGroup) -> Option<(BitRate, Span, String)> {
    if let Some(speed) = &cable.speed {
        return Some((speed.value, speed.span, format!("the cable is made for {}", speed.value)));
    }
    let span = cable.kind.as_ref()?.span;
    // IEEE 802.3ab, 802.3bz (5GBASE-T on category 5e), 802.3an.
    let (megabits, category) = match kind(cable)? {
        CableKind::Cat5 => (1_000, "category 5"),
        CableKind::Cat5e => (5_000, "category 5e"),
        CableKind::Cat6 | CableKind::Cat6a | CableKind::Cat7 => (10_000, "this category"),
        CableKind::Cat8 => (40_000, "category 8"),
        _ => return None,
    };
    let speed = BitRate::from_bits_per_second(megabits * 1_000_000);
    Some((speed, span, format!("{category} carries {speed} at most")))
}
