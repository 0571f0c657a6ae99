//! A breakout cable on a port that is not, or cannot be, split as the cable needs; and the other way round, a plain cable
//! in a port that is split.

use super::ends::{called, group, is_breakout, is_direct, is_twisted, kind, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{Cable, CableId, Connector, PortClass, PortId, PortOrigin};
use lab_model::device_type::Breakout;
use lab_model::grammar::{Grammar, Pattern};
use lab_model::written::CableKind;
use lab_source::Diagnostic;
use std::collections::BTreeSet;

rule!("breakout-does-not-match", Error, Cabling, "a cable and the split of its port do not go together");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, cable) in (0u32..).map(CableId).zip(&lab.derived.cables) {
        let found = trunk(context, lab, id, cable).or_else(|| plain(context, lab, id, cable));
        if let Some(finding) = found
            && told.insert(cable.near_span)
        {
            context.report(finding.about(lab.subject(cable.group)));
        }
    }
    splits(context);
}

/// The trunk end of a cable with several legs.
fn trunk(context: &Context<'_>, lab: &Lab, id: CableId, cable: &Cable) -> Option<Diagnostic> {
    let port = lab.derived.port(cable.near);
    if cable.far.len() < 2 || port.class != PortClass::Network || is_leg(lab, cable.near) {
        return None;
    }
    let (legs, lanes) = (cable.far.len(), port.split_into.len());
    let name = called(lab, cable.near);
    let of_group = group(lab, id);
    if let (Some(plain), Some(said)) = (kind(of_group).filter(|kind| has_two_ends(*kind)), &of_group.kind) {
        let finding = context
            .finding(
                format!("a `{plain}` has two ends, and {legs} legs are at {name}"),
                said.span,
                "what the cable is",
            )
            .and(cable.near_span, "the trunk")
            .help("write `dac-breakout`, `aoc-breakout` or `fibre-breakout`, or name one far end");
        return Some(finding.about(subject(lab, cable.near)));
    }
    if lanes == 0 {
        let finding = match port.ty.connector {
            Connector::Cage(cage) if cage.is_quad() => context
                .finding(
                    format!("{name} is not split, and its cable has {legs} legs"),
                    cable.near_span,
                    "the trunk",
                )
                .help(format!("add `split: {{ {}: {legs} }}` to the device", port.name)),
            Connector::Other => return None,
            _ => context
                .finding(format!("{name} cannot be split"), cable.near_span, "the trunk of a breakout")
                .because("only cages with four lanes or more can: QSFP+ and its successors"),
        };
        let said = group(lab, id).kind.as_ref();
        let finding = said.map_or(finding.clone(), |said| finding.and(said.span, "what the cable is"));
        return Some(finding.about(subject(lab, cable.near)));
    }
    (legs > lanes).then(|| {
        context
            .finding(
                format!("{name} has {lanes} lanes and its cable {legs} legs"),
                cable.near_span,
                "the trunk",
            )
            .and(port.span, format!("split into {lanes}"))
            .about(subject(lab, cable.near))
    })
}

/// A cable with one far end in the whole of a port that is split.
fn plain(context: &Context<'_>, lab: &Lab, id: CableId, cable: &Cable) -> Option<Diagnostic> {
    let kind = kind(group(lab, id))?;
    let [far] = &cable.far[..] else { return None };
    if !is_direct(kind) || is_breakout(kind) {
        return None;
    }
    let is_split = |port: PortId| !lab.derived.port(port).split_into.is_empty();
    let (port, span) = match (is_split(cable.near), is_split(*far)) {
        (true, true) | (false, false) => return None,
        (true, false) => (cable.near, cable.near_span),
        (false, true) => (*far, *cable.far_spans.first()?),
    };
    let finding = context
        .finding(
            format!("{} is split, and a plain `{kind}` is in it", called(lab, port)),
            span,
            "the whole port",
        )
        .about(subject(lab, port))
        .because("each lane looks for a link of its own, and the other end for one link over all of them");
    Some(finding.help("take the split away, or name the breakout's legs"))
}

/// True for cables with a plug at each end and no way to split them; fibres meet panels and cassettes.
fn has_two_ends(kind: CableKind) -> bool {
    is_twisted(kind) || (is_direct(kind) && !is_breakout(kind))
}

fn is_leg(lab: &Lab, port: PortId) -> bool {
    matches!(lab.derived.port(port).origin, PortOrigin::Split(_))
}

/// Splits that the type of the device does not have.
fn splits(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let Some(ty) = &lab.derived.device(id).ty else { continue };
        for (name, split) in device.split.iter() {
            let Some(port) = lab.derived.find_port(id, &name.text) else { continue };
            let Some(into) = &split.into else { continue };
            let fits = |breakout: &&Breakout| {
                let ports = breakout.ports.as_ref().and_then(|ports| Pattern::parse(&ports.text).ok());
                ports.is_some_and(|ports| ports.expand().iter().any(|port| **port == *name.text))
            };
            let is_single = matches!(lab.derived.port(port).ty.connector, Connector::Cage(cage) if !cage.is_quad())
                || lab.derived.port(port).ty.connector == Connector::Rj45;
            let why = match ty.breakouts.iter().find(fits) {
                Some(breakout) => match &breakout.into {
                    Some(most) if most.value < into.value => format!("it splits into {} at most", most.value),
                    _ => continue,
                },
                None if is_single => "it has one lane".to_owned(),
                None if !ty.breakouts.is_empty() => {
                    let able = ty.breakouts.iter().filter_map(|breakout| breakout.ports.as_ref());
                    let able: Vec<String> = able.map(|ports| ports.text.to_string()).collect();
                    format!("those of this device that can: {}", able.join(", "))
                }
                None => continue,
            };
            if told.insert(name.span) {
                let message = format!("{} cannot be split into {}", called(lab, port), into.value);
                context.report(context.finding(message, name.span, why).about(lab.subject(id)));
            }
        }
    }
}
