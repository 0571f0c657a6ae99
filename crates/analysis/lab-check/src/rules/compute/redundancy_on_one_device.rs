//! Replicas and members that are all on one physical device. Groups under `ha` have a rule of their own.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{DeviceId, Kind, ThingId};
use std::collections::BTreeMap;

rule!(
    "redundancy-on-one-device",
    Warning,
    Compute,
    "machines that stand in for each other are all on one device"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut found: BTreeMap<Vec<ThingId>, (DeviceId, Vec<ThingId>)> = BTreeMap::new();
    let mut note = |thing: ThingId, machines: Vec<ThingId>| {
        if !is_ha_group(lab, &machines)
            && let Some(device) = only_device(lab, &machines)
        {
            found.entry(machines).or_insert((device, Vec::new())).1.push(thing);
        }
    };
    for (id, cluster) in lab.clusters.iter() {
        note(id.into(), cluster.members.ids().collect());
    }
    for (id, _) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let on_cluster = lab.services[id].on.ids().any(|runner| runner.kind == Kind::Cluster);
        if lab.replicas_of(id) > 1 && !on_cluster {
            note(id.into(), lab.places_of(id));
        }
    }
    for (machines, (device, things)) in found {
        let called: Vec<String> = machines.iter().map(|machine| lab.name(*machine).to_string()).collect();
        let what: Vec<String> = things.iter().map(|thing| lab.name(*thing).to_string()).collect();
        let mut finding = context
            .finding(
                format!("{} are all on `{}`", names(&called), lab.devices[device].name),
                lab.name(things[0]).span,
                format!("{} of {} stand in for each other", called.len(), names(&what)),
            )
            .and(lab.devices[device].name.span, "the one device under all of them")
            .because("one power supply, one board or one restart takes all of them away at once")
            .help("move one of them to another device, or accept it with a reason");
        for thing in things.into_iter().chain([device.into()]) {
            finding = finding.about(lab.subject(thing));
        }
        context.report_once(finding);
    }
}

/// True when these machines are told of as a group of stand-ins.
fn is_ha_group(lab: &Lab, machines: &[ThingId]) -> bool {
    lab.ha
        .iter()
        .any(|(_, group)| machines.iter().all(|machine| group.members.ids().any(|id| id == *machine)))
}

/// The device that all of several machines in use are on, when each is on one only.
fn only_device(lab: &Lab, machines: &[ThingId]) -> Option<DeviceId> {
    if machines.len() < 2 || machines.iter().any(|machine| !lab.is_active(*machine)) {
        return None;
    }
    let mut devices = machines.iter().map(|machine| match &lab.devices_under(*machine)[..] {
        [one] => Some(*one),
        _ => None,
    });
    let first = devices.next()??;
    devices.all(|device| device == Some(first)).then_some(first)
}
