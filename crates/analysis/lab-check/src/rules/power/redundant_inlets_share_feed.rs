//! A device with two supplies that both hang on one strip, UPS or circuit, while the lab has another.

use super::feeds::{Feeder, Needs, is_active, kind, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::DeviceId;
use lab_model::written::PowerKind;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("redundant-inlets-share-feed", Warning, Power, "both supplies of a device hang on one feed");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut needs = Needs::default();
    let mut found: BTreeMap<(Span, Feeder), Vec<DeviceId>> = BTreeMap::new();
    for (id, _) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let ways = plugged(lab, id);
        if ways.len() < 2 {
            continue;
        }
        let all: Vec<_> = ways.iter().map(|(_, source)| needs.of(lab, *source)).collect();
        if let Some(common) = needs.nearest_common(lab, &all) {
            let span = branch(lab, ways[1].1, common).unwrap_or_else(|| source_span(lab, ways[1].0));
            found.entry((span, common)).or_default().push(id);
        }
    }
    for ((span, common), devices) in found {
        let help = match (needs.alternative(lab, common), circuit_below(lab, &mut needs, devices[0], common))
        {
            (Some(other), _) => {
                format!(
                    "plug one of them into `{}`, which does without {}",
                    other.name(lab),
                    common.name(lab)
                )
            }
            (None, Some(below)) => {
                format!("feed `{}` from where `{}` is fed", below.name(lab), common.name(lab))
            }
            (None, None) => continue,
        };
        let names: Vec<String> = devices.iter().map(|id| lab.devices[*id].name.to_string()).collect();
        let (first, source) = plugged(lab, devices[0])[0];
        let shared = common.name(lab);
        let mut finding = context.finding(
            format!("all supplies of {} hang on {shared}", names.join(", ")),
            span,
            format!("this one needs `{shared}`"),
        );
        let first = branch(lab, source, common).unwrap_or_else(|| source_span(lab, first));
        if first != span {
            finding = finding.and(first, "and so does this one");
        }
        finding = finding.and(common.span(lab), "what they share");
        for id in &devices {
            finding = finding.about(lab.subject(*id));
        }
        let finding = finding
            .about(common.subject(lab))
            .because(format!("when {shared} fails, a second supply helps nothing"))
            .help(help);
        context.report(finding);
    }
}

/// A circuit of its own that one supply hangs on, while another hangs on `common` without one in between: two circuits
/// that were meant to be two ways and are one behind the other.
fn circuit_below(lab: &Lab, needs: &mut Needs, device: DeviceId, common: Feeder) -> Option<Feeder> {
    let own_circuit = |source: Feeder, needs: &mut Needs| {
        let above = needs.of(lab, common);
        let is_circuit = |need: &Feeder| matches!(need, Feeder::Node(node) if kind(&lab.power[*node]) == PowerKind::Circuit);
        needs
            .of(lab, source)
            .into_iter()
            .find(|need| is_circuit(need) && *need != common && !above.contains(need))
    };
    let ways: Vec<Option<Feeder>> =
        plugged(lab, device).into_iter().map(|(_, source)| own_circuit(source, needs)).collect();
    let is_node = matches!(common, Feeder::Node(_));
    ways.iter().flatten().next().copied().filter(|_| is_node && ways.contains(&None))
}

/// Where the plug of a strip further up is written that leads from `source` to what is shared; `None` when a supply
/// is plugged straight into that.
fn branch(lab: &Lab, source: Feeder, common: Feeder) -> Option<Span> {
    let mut at = source;
    for _ in 0..16 {
        let Feeder::Device(device) = at else { return None };
        let (inlet, next) = *plugged(lab, device).first().filter(|_| at != common)?;
        if next == common {
            return Some(source_span(lab, inlet));
        }
        at = next;
    }
    None
}
