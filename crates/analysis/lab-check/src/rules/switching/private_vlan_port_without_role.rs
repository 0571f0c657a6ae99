//! A port for a member of a private VLAN that is not said to be isolated: whoever is plugged in reaches all.

use super::wire::{device_of, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::lab::VlanIdOf;
use lab_model::written::DeviceRole;

rule!(
    "private-vlan-port-without-role",
    Warning,
    Switching,
    "an access port of a private VLAN is not isolated"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for &(port, ref vlans) in &lab.derived.port_vlans {
        if vlans.private.is_some() || vlans.community.is_some() || !vlans.enabled {
            continue;
        }
        let is_private = |vlan: &VlanIdOf| lab.vlans[*vlan].private.is_some();
        let access = vlans.untagged.filter(|vlan| !vlans.all && is_private(vlan));
        let trunk =
            || vlans.tagged.iter().copied().find(|vlan| is_private(vlan) && leads_to_clients(lab, port));
        let vlan = match access {
            Some(vlan) if !leads_to_infrastructure(lab, port) => vlan,
            None if !vlans.all && has_members(lab, port) => match trunk() {
                Some(vlan) => vlan,
                None => continue,
            },
            _ => continue,
        };
        let record = &lab.vlans[vlan];
        let finding = context
            .finding(
                format!("{} is in the private VLAN `{}` and not isolated", port_name(lab, port), record.name),
                vlans.span,
                "no part in the private VLAN",
            )
            .and(
                record.private.as_ref().map_or(record.name.span, |private| private.span),
                "members are kept apart",
            )
            .about(lab.subject(device_of(lab, port)))
            .about(lab.subject(vlan))
            .because("a port in the primary VLAN is promiscuous: whoever is plugged in reaches every member")
            .help("write `private: isolated`, or `private: promiscuous` when that is meant");
        context.report_once(finding);
    }
}

/// True when an access point is plugged in: whoever it lets in comes out of this port.
fn leads_to_clients(lab: &Lab, port: PortId) -> bool {
    let far = lab.derived.peer(port).map(|far| device_of(lab, far));
    far.is_some_and(|far| lab.derived.device(far).role == Some(DeviceRole::AccessPoint))
}

/// True when the switch of a port keeps members apart at other ports, so that the private VLAN is its matter.
fn has_members(lab: &Lab, port: PortId) -> bool {
    let ports = &lab.derived.device(device_of(lab, port)).ports;
    ports.iter().any(|port| lab.derived.vlans_of(*port).is_some_and(|vlans| vlans.private.is_some()))
}

/// True when a switch, router or machine that routes is plugged in.
fn leads_to_infrastructure(lab: &Lab, port: PortId) -> bool {
    let Some(far) = lab.derived.peer(port) else { return false };
    let device = device_of(lab, far);
    let routes = lab.hosts.iter().filter(|(_, host)| host.routes.as_ref().is_some_and(|routes| routes.value));
    let routes = routes.filter_map(|(_, host)| host.on.as_ref()?.id).any(|on| on == device);
    routes
        || matches!(
            lab.derived.device(device).role,
            Some(DeviceRole::Switch | DeviceRole::Router | DeviceRole::AccessPoint)
        )
}
