//! A zone whose members must not reach each other, in a VLAN that does not keep them apart.

use super::wire::device_of;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{Kind, VlanIdOf};
use lab_model::written::DeviceRole;

rule!(
    "isolated-zone-shares-vlan",
    Warning,
    Switching,
    "members of an isolated zone share a VLAN that does not keep them apart"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, zone) in lab.zones.iter() {
        let Some(isolated) = zone.isolated.as_ref().filter(|isolated| isolated.value) else { continue };
        for member in &zone.of.items {
            let Some(vlan) =
                member.id.filter(|thing| thing.kind == Kind::Vlan).map(|thing| VlanIdOf(thing.index))
            else {
                continue;
            };
            let record = &lab.vlans[vlan];
            if record.private.is_some() || only_wireless(lab, vlan) {
                continue;
            }
            let finding = context
                .finding(format!("members of the zone `{}` reach each other inside VLAN `{}`", zone.name, record.name), record.name.span, "an ordinary VLAN")
                .and(isolated.span, "its members must not reach each other")
                .about(lab.subject(id))
                .about(lab.subject(vlan))
                .because("neighbours of one VLAN do not pass the router, so its rules do not apply between them")
                .help("make it a private VLAN: `private: { isolated: NUMBER }`, and its ports `private: isolated`");
            context.report_once(finding);
        }
    }
}

/// True when no wired member of the VLAN is known: access points can keep their clients apart themselves.
fn only_wireless(lab: &Lab, vlan: VlanIdOf) -> bool {
    let carrying = lab.derived.port_vlans.iter().filter(|(_, vlans)| vlans.enabled && vlans.carries(vlan));
    let mut carrying = carrying.peekable();
    let is_carried = carrying.peek().is_some();
    let has_wired = carrying.any(|(port, vlans)| {
        let role = lab.derived.peer(*port).and_then(|far| lab.derived.device(device_of(lab, far)).role);
        let is_member = vlans.tagged.is_empty() || vlans.private.is_some();
        vlans.untagged == Some(vlan) && is_member && role != Some(DeviceRole::AccessPoint)
    });
    is_carried && !has_wired
}
