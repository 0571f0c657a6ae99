//! An access point whose cable is slower than one of its radios.

use super::ends::{called, fastest, joined, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{Connector, PortId};
use lab_model::grammar::BitRate;
use lab_model::written::DeviceRole;
use std::collections::BTreeSet;

rule!("access-point-uplink-slow", Note, Cabling, "an access point is cabled slower than its radios");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = context.set_speeds();
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        for (port, span) in [(link.a, link.at()), (link.b, link.other())] {
            let device = lab.derived.port(port).device;
            if lab.derived.device(device).role != Some(DeviceRole::AccessPoint) {
                continue;
            }
            let speed = |port: PortId| set.get(&port).map(|(speed, _)| *speed).or_else(|| fastest(lab, port));
            let (Some(one), Some(other)) = (speed(link.a), speed(link.b)) else { continue };
            let radios = lab.derived.device(device).ports.iter().map(|port| lab.derived.port(*port));
            let radios = radios.filter(|port| port.ty.connector == Connector::Radio);
            let Some((rate, word)) =
                radios.filter_map(|port| Some((carries(&port.type_word)?, &port.type_word))).max()
            else {
                continue;
            };
            let link_speed = one.min(other);
            if link_speed >= rate || !told.insert(span) {
                continue;
            }
            let finding = context
                .finding(
                    format!(
                        "{} is cabled at {link_speed} and its radio carries {rate} or more",
                        lab.devices[device].name
                    ),
                    span,
                    format!("{} to {}", called(lab, link.a), called(lab, link.b)),
                )
                .about(subject(lab, port))
                .because(format!("`{word}` with two streams of ordinary width"));
            context.report(finding);
        }
    }
}

/// What a radio carries at least in practice: half of two streams in a channel of 20 MHz (n), 80 MHz (ac, ax), 160 MHz
/// (be), IEEE 802.11.
fn carries(word: &str) -> Option<BitRate> {
    let megabits = match word {
        "ieee802.11ac" => 400,
        "ieee802.11ax" => 600,
        "ieee802.11be" => 1_400,
        _ => return None,
    };
    Some(BitRate::from_bits_per_second(megabits * 1_000_000))
}
