//! A VLAN that one end of a link carries with a tag and the other end does not carry.

use super::wire::{carried, device_of, port_name, vlan_names, wires};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortVlans;
use lab_model::lab::VlanIdOf;

rule!("vlan-on-one-end", Warning, Switching, "a VLAN is carried at one end of a link only");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for wire in wires(lab) {
        let (Some(one), Some(other)) = (lab.derived.vlans_of(wire.one), lab.derived.vlans_of(wire.other))
        else {
            continue;
        };
        if one.all || other.all || !one.enabled || !other.enabled {
            continue;
        }
        let (missing_here, missing_there) = (missing(other, one), missing(one, other));
        let (port, vlans, lacks, facing, full) = match (missing_here.is_empty(), missing_there.is_empty()) {
            (true, true) => continue,
            (false, _) => (wire.one, one, missing_here, wire.other, other),
            (true, false) => (wire.other, other, missing_there, wire.one, one),
        };
        let names = vlan_names(lab, lacks);
        let finding = context
            .finding(
                format!("{} does not carry {names}, the port at the other end does", port_name(lab, port)),
                vlans.span,
                format!("{}: {}", port_name(lab, port), carried(lab, vlans)),
            )
            .and(full.span, format!("{}: {}", port_name(lab, facing), carried(lab, full)))
            .about(lab.subject(device_of(lab, port)))
            .about(lab.subject(device_of(lab, facing)))
            .because("frames of the VLAN are sent over the cable and dropped at its end")
            .help(format!("carry {names} at both ends, or at none"));
        context.report_once(finding);
    }
}

/// Tagged VLANs of `full` that `port` does not carry in any form.
fn missing(full: &PortVlans, port: &PortVlans) -> Vec<VlanIdOf> {
    full.tagged.iter().copied().filter(|vlan| !port.carries(*vlan)).collect()
}
