//! A machine on an outlet of a UPS that its battery does not keep up.

use super::feeds::{is_active, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PowerSource;
use lab_model::written::DeviceRole;
use std::collections::BTreeSet;

rule!(
    "outlet-without-battery",
    Warning,
    Power,
    "a machine is on an outlet of a UPS without battery behind it"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        use DeviceRole::{DiskShelf, Nas, Pdu, Router, Server, Switch};
        let is_needed =
            matches!(lab.derived.device(id).role, Some(DiskShelf | Nas | Pdu | Router | Server | Switch));
        let ways = plugged(lab, id);
        let bare = |source: Option<PowerSource>| match source {
            Some(PowerSource::Outlet(outlet)) => {
                Some(lab.derived.outlet(outlet)).filter(|outlet| !outlet.on_battery)
            }
            _ => None,
        };
        let all_bare = ways.iter().all(|(inlet, _)| bare(lab.derived.inlet(*inlet).source).is_some());
        let Some((inlet, _)) = ways.first().filter(|_| is_needed && all_bare) else { continue };
        let Some(outlet) = bare(lab.derived.inlet(*inlet).source) else { continue };
        let span = source_span(lab, *inlet);
        if !told.insert(span) {
            continue;
        }
        let ups = &lab.devices[outlet.device].name;
        let free = lab.derived.outlets_of(outlet.device).map(|(_, other)| other);
        let free = free.into_iter().find(|other| other.on_battery && other.feeds.is_empty());
        let finding = context
            .finding(
                format!("{} goes off at once when power fails", device.name),
                span,
                format!("outlet {} of {ups} has no battery behind it", outlet.name),
            )
            .about(lab.subject(id))
            .about(lab.subject(outlet.device));
        context.report(match free {
            Some(free) => {
                finding.help(format!("outlet {} has, and is free: `{ups}:{}`", free.name, free.name))
            }
            None => finding,
        });
    }
}
