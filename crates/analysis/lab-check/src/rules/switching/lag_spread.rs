//! An aggregate whose links end on several devices that are not said to act as one.

use super::lag_sides::{lags, port_names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::DeviceId;
use lab_model::written::LagMode;
use std::collections::BTreeSet;

rule!("lag-spread", Error, Switching, "the links of an aggregate end on several devices");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        let lag = &lab.lags[id];
        let bundles =
            facts.near.mode.as_ref().is_none_or(|mode| matches!(mode.value, LagMode::Lacp | LagMode::Static));
        if facts.far.devices.len() < 2 || !bundles {
            continue;
        }
        // Who names the far ports on several devices says that these act as one.
        let named: BTreeSet<DeviceId> = lag
            .far
            .iter()
            .flat_map(|far| &far.of.items)
            .filter_map(|end| lab.devices.find(&end.value.device.name))
            .collect();
        if facts.far.devices.iter().all(|device| named.contains(device)) {
            continue;
        }
        let names: Vec<String> =
            facts.far.devices.iter().map(|device| format!("`{}`", lab.devices[*device].name)).collect();
        let mut finding = context
            .finding(
                format!("the links of the aggregate `{}` end on {}", lag.name, names.join(" and ")),
                lag.name.span,
                format!("far ends: {}", port_names(lab, &facts.far.ports)),
            )
            .about(lab.subject(id));
        for device in &facts.far.devices {
            finding = finding.about(lab.subject(*device));
        }
        for port in &facts.near.ports {
            if let Some(span) = super::wire::plug(lab, *port).filter(|_| facts.near.ports.len() <= 4) {
                finding = finding.and(span, "one of its cables");
            }
        }
        context.report_once(
            finding
                .because("each device sees an aggregate of its own: only the links to one of them are used, or frames loop")
                .help("plug all links into one device; when the devices act as one, name the ports under `far: { of: ... }`; or use `mode: active-backup`"),
        );
    }
}
