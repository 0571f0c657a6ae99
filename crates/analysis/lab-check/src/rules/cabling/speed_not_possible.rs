//! A port that is set to a speed that it, its device, or the port at the other end cannot do. Speeds that need one
//! maker's cable are `speed-needs-one-maker`.

use super::ends::{called, fastest, joined, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{Connector, PortId};
use lab_model::grammar::BitRate;
use lab_source::Span;
use std::collections::BTreeSet;

rule!("speed-not-possible", Error, Cabling, "a port is set to a speed that one of its ends cannot do");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = context.set_speeds();
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for (port, (speed, span)) in set {
        let Some((why, place)) = obstacle(lab, *port, *speed) else { continue };
        if told.insert(*span) {
            let finding = context
                .finding(format!("{} cannot do {speed}", called(lab, *port)), *span, "set here")
                .about(subject(lab, *port));
            let finding = match place {
                Some(place) => finding.and(place, why),
                None => finding.because(why),
            };
            context.report(with_help(lab, *port, finding));
        }
    }
    for link in joined(lab) {
        for (port, peer) in [(link.a, link.b), (link.b, link.a)] {
            let Some((speed, span)) = set.get(&port) else { continue };
            if set.contains_key(&peer) {
                continue;
            }
            let Some((why, place)) = obstacle(lab, peer, *speed) else { continue };
            if told.insert(*span) {
                let finding = context
                    .finding(
                        format!(
                            "{} is set to {speed}, which {} cannot do",
                            called(lab, port),
                            called(lab, peer)
                        ),
                        *span,
                        "set here",
                    )
                    .and(if port == link.a { link.other() } else { link.at() }, "the other end of the cable")
                    .about(subject(lab, port))
                    .about(subject(lab, peer));
                let finding = match place {
                    Some(place) => finding.and(place, why),
                    None => finding.because(why),
                };
                context.report(with_help(lab, peer, finding));
            }
        }
    }
}

fn with_help(lab: &Lab, port: PortId, finding: lab_source::Diagnostic) -> lab_source::Diagnostic {
    match fastest(lab, port) {
        Some(most) => finding.help(format!("{} goes up to {most}", called(lab, port))),
        None => finding,
    }
}

/// Why a port cannot do a speed, and the place that says so; `None` when it can or nobody knows.
fn obstacle(lab: &Lab, port: PortId, speed: BitRate) -> Option<(String, Option<Span>)> {
    let facts = lab.derived.port(port);
    let device = &lab.devices[facts.device];
    if let (Some(first), false) = (device.speeds.first(), facts.management)
        && device.speeds.iter().all(|allowed| allowed.value != speed)
    {
        let allowed: Vec<String> = device.speeds.iter().map(|allowed| allowed.value.to_string()).collect();
        return Some((format!("`{}` is limited to {}", device.name, allowed.join(", ")), Some(first.span)));
    }
    let own = facts.ty.speed?;
    let extra = || facts.extra_speeds.iter().map(|(speed, _)| *speed);
    if own == speed || extra().any(|can| can == speed) {
        return None;
    }
    let most = extra().chain([own]).max()?;
    let lists_all = facts.extra_speeds.iter().any(|(_, maker)| maker.is_none());
    let steps_down = facts.ty.connector == Connector::Rj45 || facts.type_word.is_empty();
    if speed < most && (steps_down || !lists_all) && is_usual(speed) {
        return None;
    }
    let can: BTreeSet<BitRate> = extra().chain([own]).collect();
    let can: Vec<String> = can.iter().map(ToString::to_string).collect();
    Some((format!("{} can do {}", called(lab, port), can.join(", ")), None))
}

/// Speeds that IEEE 802.3 has, in Mb/s, and 56 Gb/s.
fn is_usual(speed: BitRate) -> bool {
    let usual = [10, 100, 1_000, 2_500, 5_000, 10_000, 25_000, 40_000, 50_000, 56_000, 100_000, 200_000];
    usual.contains(&(speed.bits_per_second() / 1_000_000))
}
