//! A switch whose powered ports feed more than it can give to all of them together.

use super::load::Draws;
use super::poe::{gives, mode, powered};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::lab::DeviceId;
use std::collections::BTreeMap;

rule!(
    "poe-budget-exceeded",
    Warning,
    Power,
    "the devices on powered ports may draw more than the switch gives"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut by_switch: BTreeMap<DeviceId, Vec<(DeviceId, f64)>> = BTreeMap::new();
    for (id, port) in powered(lab) {
        let Some(peer) = lab.derived.peer(port).filter(|peer| mode(lab, *peer, "pse").is_some()) else {
            continue;
        };
        let Some(watts) = needs(lab, id, port) else { continue };
        by_switch.entry(lab.derived.port(peer).device).or_default().push((id, watts));
    }
    for (switch, mut devices) in by_switch {
        let budget = lab.derived.device(switch).ty.as_ref().and_then(|ty| ty.poe_budget.as_ref());
        let Some(budget) = budget else { continue };
        let sum: f64 = devices.iter().map(|(_, watts)| watts).sum();
        if sum <= budget.value.milliwatts() as f64 / 1000.0 {
            continue;
        }
        devices.sort_by(|one, other| other.1.total_cmp(&one.1));
        let name = &lab.devices[switch].name;
        let heavy = devices.iter().take(6).map(|(id, watts)| format!("{} {watts} W", lab.devices[*id].name));
        let heavy: Vec<String> = heavy.collect();
        let more = devices.len().saturating_sub(6);
        let mut finding = context
            .finding(
                format!("{name} gives {} over its ports and {sum:.0} W hang on them", budget.value),
                name.span,
                "the switch that powers them",
            )
            .about(lab.subject(switch))
            .because(format!(
                "{}{}",
                heavy.join(", "),
                if more > 0 { format!(" and {more} more") } else { String::new() }
            ))
            .because("a switch above its budget cuts off the ports of the lowest priority");
        for (id, _) in devices.iter().take(3) {
            finding = finding.about(lab.subject(*id));
        }
        context.report(finding);
    }
}

/// What a device takes at most: its peak when known, else what its standard allows.
fn needs(lab: &Lab, device: DeviceId, port: PortId) -> Option<f64> {
    let peak = Draws::peak_of(lab, device).map(|peak| peak.milliwatts() as f64 / 1000.0);
    peak.or_else(|| mode(lab, port, "pd").flatten().and_then(gives))
}
