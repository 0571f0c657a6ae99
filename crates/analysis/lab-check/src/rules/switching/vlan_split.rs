//! A VLAN in use on two sides of a trunk that does not carry it.

use super::claims::Claim;
use super::wire::{Wire, carried, device_of, port_name, wires};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{PortId, PortVlans};
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_model::written::DeviceRole;
use std::collections::{BTreeMap, BTreeSet};

rule!(
    "vlan-split",
    Error,
    Switching,
    "parts of a VLAN cannot reach each other, since a trunk between them lacks it"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let trunks: Vec<(Wire, &PortVlans, &PortVlans)> = wires(lab)
        .filter_map(|wire| Some((wire, lab.derived.vlans_of(wire.one)?, lab.derived.vlans_of(wire.other)?)))
        .filter(|(_, one, other)| one.enabled && other.enabled)
        .collect();
    if trunks.is_empty() {
        return;
    }
    let everything = trunks.iter().filter(|(_, one, other)| one.all && other.all);
    let everything = everything.map(|(wire, ..)| (device_of(lab, wire.one), device_of(lab, wire.other)));
    let everywhere = Parts::of(between_switches_unknown(lab).into_iter().chain(everything));
    let carrying = carrying(lab, &trunks);
    for (vlan, used) in used_at(lab, context.claims()) {
        let links = carrying.get(&vlan).into_iter().flatten();
        let parts = Parts::of(links.map(|&(one, other)| (everywhere.root(one), everywhere.root(other))));
        let parts = Both { everywhere: &everywhere, parts };
        let mut roots: BTreeMap<DeviceId, DeviceId> = BTreeMap::new();
        for &device in &used {
            roots.entry(parts.root(device)).or_insert(device);
        }
        if roots.len() < 2 {
            continue;
        }
        let split = trunks.iter().find(|(wire, one, other)| {
            let (here, there) =
                (parts.root(device_of(lab, wire.one)), parts.root(device_of(lab, wire.other)));
            here != there
                && roots.contains_key(&here)
                && roots.contains_key(&there)
                && !told_elsewhere(vlan, one, other)
        });
        if let Some(&(wire, one, other)) = split {
            let ends = if one.carries(vlan) {
                (wire.other, other, wire.one, one)
            } else {
                (wire.one, one, wire.other, other)
            };
            tell(
                context,
                vlan,
                ends,
                [roots[&parts.root(device_of(lab, ends.0))], roots[&parts.root(device_of(lab, ends.2))]],
            );
        }
    }
}

/// The links that carry each VLAN at both ends, without those that carry everything.
fn carrying(
    lab: &Lab,
    trunks: &[(Wire, &PortVlans, &PortVlans)],
) -> BTreeMap<VlanIdOf, Vec<(DeviceId, DeviceId)>> {
    let mut carrying: BTreeMap<VlanIdOf, Vec<(DeviceId, DeviceId)>> = BTreeMap::new();
    for (wire, one, other) in trunks.iter().filter(|(_, one, other)| !(one.all && other.all)) {
        let link = (device_of(lab, wire.one), device_of(lab, wire.other));
        let both = one.untagged.iter().chain(one.tagged.iter()).filter(|vlan| other.carries(**vlan));
        both.for_each(|vlan| carrying.entry(*vlan).or_default().push(link));
    }
    carrying
}

/// True when the link is a finding of `vlan-on-one-end` for this VLAN.
fn told_elsewhere(vlan: VlanIdOf, one: &PortVlans, other: &PortVlans) -> bool {
    !one.all && !other.all && one.tagged.contains(&vlan) != other.tagged.contains(&vlan)
}

/// Switches that machines use each VLAN on, or that have ports for it.
fn used_at(lab: &Lab, claims: &[Claim<'_>]) -> BTreeMap<VlanIdOf, BTreeSet<DeviceId>> {
    let mut used: BTreeMap<VlanIdOf, BTreeSet<DeviceId>> = BTreeMap::new();
    for claim in claims {
        for facing in claim.attachment.ports.iter().filter_map(|port| lab.derived.peer(*port)) {
            if lab.derived.vlans_of(facing).is_some_and(|vlans| vlans.enabled && vlans.carries(claim.vlan)) {
                used.entry(claim.vlan).or_default().insert(device_of(lab, facing));
            }
        }
    }
    for &(port, ref vlans) in &lab.derived.port_vlans {
        if let (Some(vlan), true, true) = (vlans.untagged, vlans.enabled, vlans.tagged.is_empty()) {
            used.entry(vlan).or_default().insert(device_of(lab, port));
        }
        // What an access point sends with a tag comes from its clients. `all` is more than it uses.
        if vlans.enabled && !vlans.all && leads_to_access_point(lab, port) {
            for &vlan in vlans.tagged.iter() {
                used.entry(vlan).or_default().insert(device_of(lab, port));
            }
        }
    }
    used
}

fn leads_to_access_point(lab: &Lab, port: PortId) -> bool {
    let far = lab.derived.peer(port).map(|far| device_of(lab, far));
    far.is_some_and(|far| lab.derived.device(far).role == Some(DeviceRole::AccessPoint))
}

/// Links to devices that may pass frames on and do not say what they carry: taken to carry everything. Machines with an
/// operating system of their own are ends.
fn between_switches_unknown(lab: &Lab) -> Vec<(DeviceId, DeviceId)> {
    let machines: BTreeSet<DeviceId> =
        lab.hosts.iter().filter_map(|(_, host)| host.on.as_ref()?.id).collect();
    let said =
        |port: PortId| lab.derived.vlans_of(port).is_some() || machines.contains(&device_of(lab, port));
    wires(lab)
        .filter(|wire| !said(wire.one) || !said(wire.other))
        .map(|wire| (device_of(lab, wire.one), device_of(lab, wire.other)))
        .collect()
}

fn tell(
    context: &mut Context<'_>,
    vlan: VlanIdOf,
    ends: (PortId, &PortVlans, PortId, &PortVlans),
    sides: [DeviceId; 2],
) {
    let lab = context.lab;
    let (port, vlans, facing, facing_vlans) = ends;
    let name = &lab.vlans[vlan].name;
    let finding = context
        .finding(
            format!(
                "VLAN `{name}` on `{}` cannot reach `{name}` on `{}`",
                lab.devices[sides[0]].name, lab.devices[sides[1]].name
            ),
            vlans.span,
            format!("{}: {}", port_name(lab, port), carried(lab, vlans)),
        )
        .and(facing_vlans.span, format!("{}: {}", port_name(lab, facing), carried(lab, facing_vlans)))
        .about(lab.subject(vlan))
        .about(lab.subject(device_of(lab, port)))
        .about(lab.subject(device_of(lab, facing)))
        .because("the VLAN is in use on both sides, and no link between them carries it at both ends")
        .help(format!(
            "carry `{name}` at both ends of {} - {}",
            port_name(lab, port),
            port_name(lab, facing)
        ));
    context.report(finding);
}

/// Devices joined by links: union-find without ranks, the smaller id leads.
struct Parts {
    leader: BTreeMap<DeviceId, DeviceId>,
}

impl Parts {
    fn of(links: impl Iterator<Item = (DeviceId, DeviceId)>) -> Self {
        let mut parts = Self { leader: BTreeMap::new() };
        for (one, other) in links {
            let (one, other) = (parts.root(one), parts.root(other));
            if one != other {
                parts.leader.insert(one.max(other), one.min(other));
            }
        }
        parts
    }

    fn root(&self, device: DeviceId) -> DeviceId {
        let mut at = device;
        while let Some(&next) = self.leader.get(&at) {
            at = next;
        }
        at
    }
}

/// Devices joined by links that carry everything, and beyond that by those of one VLAN.
struct Both<'a> {
    everywhere: &'a Parts,
    parts: Parts,
}

impl Both<'_> {
    fn root(&self, device: DeviceId) -> DeviceId {
        self.parts.root(self.everywhere.root(device))
    }
}
