//! A private VLAN whose isolated members have nobody to speak with.

use super::wire::{device_of, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{PortId, PortVlans};
use lab_model::written::PrivateRole;

rule!(
    "isolated-without-promiscuous",
    Warning,
    Switching,
    "a private VLAN has isolated ports and no promiscuous one"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (vlan, record) in lab.vlans.iter().filter(|(_, record)| record.private.is_some()) {
        let members: Vec<(PortId, &PortVlans)> = lab
            .derived
            .port_vlans
            .iter()
            .filter(|(_, vlans)| vlans.enabled && vlans.carries(vlan))
            .map(|(port, vlans)| (*port, vlans))
            .collect();
        let with = |role: PrivateRole| members.iter().find(move |(_, vlans)| vlans.private == Some(role));
        if with(PrivateRole::Promiscuous).is_some() || with(PrivateRole::Trunk).is_some() {
            continue;
        }
        let Some((port, vlans)) = with(PrivateRole::Isolated) else { continue };
        let finding = context
            .finding(format!("no port of the private VLAN `{}` is promiscuous", record.name), vlans.span, format!("{} is isolated", port_name(lab, *port)))
            .and(record.name.span, "members may speak with promiscuous ports only")
            .about(lab.subject(vlan))
            .about(lab.subject(device_of(lab, *port)))
            .because("its members cannot reach their gateway")
            .help("write `private: promiscuous` at the port of the router, and `private: trunk` at links between switches");
        context.report(finding);
    }
}
