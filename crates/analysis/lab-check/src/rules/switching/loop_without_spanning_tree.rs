//! Switches connected in a ring, or twice, without protection against loops.

use super::wire::{Wire, device_of, plug, port_name, wires};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::PortVlans;
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_model::written::DeviceRole;
use std::collections::{BTreeMap, BTreeSet};

rule!(
    "loop-without-spanning-tree",
    Warning,
    Switching,
    "switches form a loop and spanning tree is not said to run"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let links = switch_links(lab);
    let mut by_vlan: BTreeMap<Option<VlanIdOf>, BTreeMap<DeviceId, DeviceId>> = BTreeMap::new();
    let all: Vec<VlanIdOf> = lab.vlans.iter().map(|(id, _)| id).collect();
    let mut told = BTreeSet::new();
    for wire in links {
        let (one, other) = (device_of(lab, wire.one), device_of(lab, wire.other));
        let mut closes = None;
        let vlans = carried_by_both(lab, wire, &all);
        for vlan in vlans {
            let leaders = by_vlan.entry(vlan).or_default();
            let (here, there) = (root(leaders, one), root(leaders, other));
            if here == there {
                closes = closes.or(Some(vlan));
            } else {
                leaders.insert(here.max(there), here.min(there));
            }
        }
        let Some(vlan) = closes else { continue };
        let unprotected = [one, other]
            .into_iter()
            .find(|device| !lab.devices[*device].spanning_tree.as_ref().is_some_and(|runs| runs.value));
        let Some(device) = unprotected.filter(|_| told.insert((one.min(other), one.max(other)))) else {
            continue;
        };
        tell(context, wire, device, vlan);
    }
}

fn tell(context: &mut Context<'_>, wire: Wire, device: DeviceId, vlan: Option<VlanIdOf>) {
    let lab = context.lab;
    let (one, other) = (device_of(lab, wire.one), device_of(lab, wire.other));
    let span = plug(lab, wire.one).unwrap_or(lab.devices[one].name.span);
    let said = lab.devices[device].spanning_tree.as_ref();
    let name = &lab.devices[device].name;
    let mut finding = context
        .finding(
            format!("`{}` and `{}` are connected in a loop", lab.devices[one].name, lab.devices[other].name),
            span,
            format!("{} - {} closes it", port_name(lab, wire.one), port_name(lab, wire.other)),
        )
        .and(
            said.map_or(name.span, |said| said.span),
            format!(
                "spanning tree is {} on `{name}`",
                if said.is_some() { "off" } else { "not said to run" }
            ),
        )
        .about(lab.subject(one))
        .about(lab.subject(other));
    if let Some(vlan) = vlan {
        finding = finding.because(format!("VLAN `{}` is carried all the way around", lab.vlans[vlan].name));
    }
    context.report_once(
        finding.because("one broadcast circles for ever and fills every link of the network").help(
            "say `spanning-tree: true` when it runs, take the links together under `lags:`, or unplug one",
        ),
    );
}

/// Links between switches; those of an aggregate count as one.
fn switch_links(lab: &Lab) -> Vec<Wire> {
    let is_switch = |device: DeviceId| lab.derived.device(device).role == Some(DeviceRole::Switch);
    let mut aggregates = BTreeSet::new();
    wires(lab)
        .filter(|wire| is_switch(device_of(lab, wire.one)) && is_switch(device_of(lab, wire.other)))
        .filter(|wire| !lab.derived.port(wire.one).management && !lab.derived.port(wire.other).management)
        .filter(|wire| match lab.derived.lag_of(wire.one).or_else(|| lab.derived.lag_of(wire.other)) {
            Some(lag) => aggregates.insert(lag),
            None => true,
        })
        .collect()
}

/// The VLANs that pass the link; `None` stands for all when neither end says.
fn carried_by_both(lab: &Lab, wire: Wire, all: &[VlanIdOf]) -> Vec<Option<VlanIdOf>> {
    let (one, other) = (lab.derived.vlans_of(wire.one), lab.derived.vlans_of(wire.other));
    if [one, other].into_iter().flatten().any(|vlans| !vlans.enabled) {
        return Vec::new();
    }
    let passes = |vlans: Option<&PortVlans>, vlan: VlanIdOf| vlans.is_none_or(|vlans| vlans.carries(vlan));
    let mut passing: Vec<Option<VlanIdOf>> =
        all.iter().copied().filter(|vlan| passes(one, *vlan) && passes(other, *vlan)).map(Some).collect();
    if one.is_none() && other.is_none() {
        passing.push(None);
    }
    passing
}

fn root(leaders: &BTreeMap<DeviceId, DeviceId>, device: DeviceId) -> DeviceId {
    let mut at = device;
    while let Some(&next) = leaders.get(&at) {
        at = next;
    }
    at
}
