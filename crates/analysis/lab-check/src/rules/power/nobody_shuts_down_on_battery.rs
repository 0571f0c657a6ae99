//! Hosts on a UPS that nobody shuts down before its battery is empty.

use super::feeds::{Feeder, children, is_active};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{DeviceId, HostId};
use lab_model::written::{DeviceRole, Status};
use lab_source::Severity;
use std::collections::BTreeSet;

rule!("nobody-shuts-down-on-battery", Warning, Power, "hosts on a UPS are not shut down before it is empty");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (ups, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let says = device.battery.as_ref().is_some_and(|battery| battery.shuts_down.is_some());
        if lab.derived.device(ups).role != Some(DeviceRole::Ups) || says {
            continue;
        }
        let behind = behind(lab, ups);
        let (mut told, mut silent): (Vec<HostId>, Vec<HostId>) = (Vec::new(), Vec::new());
        let mut n_ready = 0usize;
        for (id, host) in lab.hosts.iter() {
            let active = host.status.as_ref().is_none_or(|status| status.value == Status::Active);
            let here = host
                .on
                .as_ref()
                .and_then(|on| on.id)
                .is_some_and(|on| behind.contains(&on) && is_active(lab, on));
            match host.shuts_down_on_battery.as_ref().map(|shuts| shuts.value) {
                _ if !active || !here => {}
                Some(true) => n_ready += 1,
                Some(false) => told.push(id),
                None => silent.push(id),
            }
        }
        let all: Vec<HostId> = told.iter().chain(&silent).copied().collect();
        let Some(first) = all.first() else { continue };
        let names: Vec<String> = all.iter().map(|id| lab.hosts[*id].name.to_string()).collect();
        let mut finding = context.finding(
            format!("nothing is said to shut down {} before {} is empty", names.join(", "), device.name),
            device.name.span,
            "keeps them up for minutes",
        );
        let place = lab.hosts[*first].shuts_down_on_battery.as_ref();
        finding =
            finding.and(place.map_or(lab.hosts[*first].name.span, |said| said.span), "one of the hosts");
        finding = finding.about(lab.subject(ups));
        for id in &all {
            finding = finding.about(lab.subject(*id));
        }
        // When the lab says nothing of it at all, it may only not be written down.
        if told.is_empty() && n_ready == 0 {
            finding.severity = Severity::Note;
        }
        context.report(
            finding
                .because("when the battery is empty they stop in the middle of a write")
                .help("say `shuts-down-on-battery: true` of each host that does, or `battery: { shuts-down: .. }` of the UPS"),
        );
    }
}

/// Every device that some way of its power leads through `ups`.
fn behind(lab: &Lab, ups: DeviceId) -> BTreeSet<DeviceId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![Feeder::Device(ups)];
    while let Some(at) = open.pop() {
        for (child, _) in children(lab, at) {
            if let Feeder::Device(device) = child
                && !seen.insert(device)
            {
                continue;
            }
            open.push(child);
        }
    }
    seen
}
