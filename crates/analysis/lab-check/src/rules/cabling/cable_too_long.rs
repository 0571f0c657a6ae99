//! A cable that is longer than its kind carries the speed of its ports.

use super::ends::{called, fastest, group, joined, kind, optic_speed, subject, transceiver};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::CableId;
use lab_model::grammar::{BitRate, Length};
use lab_model::lab::CableGroupId;
use lab_model::written::CableKind;
use lab_model::{Lab, derived::PortId};
use std::collections::BTreeSet;

rule!("cable-too-long", Warning, Cabling, "a cable is longer than it carries the speed of its ports");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = context.set_speeds();
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        let Some((length, longest)) = length(lab, link.cables) else { continue };
        let record = group(lab, longest);
        let (Some(kind), Some(said)) = (kind(record), &record.length) else { continue };
        let speed = |port: PortId| {
            let optic =
                transceiver(lab, port).and_then(|optic| optic.standard.as_ref()).and_then(optic_speed);
            set.get(&port).map(|(speed, _)| *speed).or(optic).or_else(|| fastest(lab, port))
        };
        let speed = match (speed(link.a), speed(link.b)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            _ => None,
        };
        let Some((reach, why)) = reach(lab, &link.a, kind, speed) else { continue };
        if length <= reach || !told.insert(said.span) {
            continue;
        }
        let about: CableGroupId = lab.derived.cable(longest).group;
        let finding = context
            .finding(
                format!("{} to {} is {length} of {kind}", called(lab, link.a), called(lab, link.b)),
                said.span,
                format!("{why} up to {reach}"),
            )
            .and(link.at(), called(lab, link.a))
            .and(link.other(), called(lab, link.b))
            .about(lab.subject(about))
            .about(subject(lab, link.a))
            .about(subject(lab, link.b));
        context.report(if link.cables.len() > 1 {
            finding.because(format!("{} cables one after the other, through panels", link.cables.len()))
        } else {
            finding
        });
    }
}

/// The length of a way as far as it is said, and its longest cable. A sum that is too long without the rest is too long.
fn length(lab: &Lab, cables: &[CableId]) -> Option<(Length, CableId)> {
    let known = cables.iter().filter_map(|cable| Some((group(lab, *cable).length.as_ref()?.value, *cable)));
    let longest = known.clone().max_by_key(|(length, _)| *length)?.1;
    Some((known.map(|(length, _)| length).sum(), longest))
}

/// How far a kind carries a speed, and what says so. Figures of IEEE 802.3 for the usual short-wave optics, of
/// ISO/IEC 11801 for twisted pair, of the makers for direct-attach cables.
fn reach(lab: &Lab, port: &PortId, kind: CableKind, speed: Option<BitRate>) -> Option<(Length, String)> {
    let gigabits = speed.map(|speed| speed.bits_per_second() / 1_000_000_000);
    let metres = |metres: u64, why: &str| Some((Length::from_millimetres(metres * 1000), why.to_owned()));
    let optic = transceiver(lab, *port).and_then(|optic| optic.standard.as_ref());
    let is_other_optic =
        optic.is_some_and(|word| super::ends::light(word) != Some(super::ends::Light::Short));
    use CableKind::*;
    match (kind, gigabits) {
        (Dac | DacBreakout, _) => metres(7, "passive direct-attach copper goes"),
        (SasExternal, _) => metres(10, "SAS copper goes"),
        (Cat8, Some(25 | 40)) => metres(30, "25GBASE-T and 40GBASE-T go"),
        (Cat6, Some(10..)) => metres(55, "10GBASE-T over category 6 goes"),
        (Cat5 | Cat5e | Cat6 | Cat6a | Cat7 | Cat8 | TwistedPair, _) => metres(100, "twisted pair goes"),
        (Om1 | Om2 | Om3 | Om4 | Om5, Some(speed)) if !is_other_optic => {
            let by_grade: [u64; 4] = match speed {
                1 => [275, 550, 550, 550],
                10 => [33, 82, 300, 400],
                25 => [0, 0, 70, 100],
                40 => [0, 0, 100, 150],
                100 => [0, 0, 70, 100],
                _ => return None,
            };
            let grade = match kind {
                Om1 => by_grade[0],
                Om2 => by_grade[1],
                Om3 => by_grade[2],
                _ => by_grade[3],
            };
            let why = format!("{speed} Gb/s by short waves over {kind} goes");
            Some((Length::from_millimetres(grade * 1000), why))
        }
        _ => None,
    }
}
