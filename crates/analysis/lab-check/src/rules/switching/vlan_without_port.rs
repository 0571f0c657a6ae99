//! A VLAN with a network that no port, bridge or interface carries.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::VlanIdOf;
use std::collections::BTreeSet;
use std::sync::Arc;

rule!("vlan-without-port", Warning, Switching, "a VLAN has a network and no port carries it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    if lab.derived.port_vlans.is_empty() {
        return;
    }
    let mut carried: BTreeSet<VlanIdOf> = context
        .claims()
        .iter()
        .filter(|claim| claim.attachment.ports.is_empty())
        .map(|claim| claim.vlan)
        .collect();
    // Many ports share one set, and it may be of every VLAN.
    let mut sets = BTreeSet::new();
    for (_, vlans) in lab.derived.port_vlans.iter().filter(|(_, vlans)| vlans.enabled) {
        carried.extend(vlans.untagged);
        if sets.insert(Arc::as_ptr(&vlans.tagged)) {
            carried.extend(vlans.tagged.iter());
        }
    }
    carried.extend(lab.bridges.iter().filter_map(|(_, bridge)| bridge.vlan.as_ref()?.id));
    for (id, plan) in lab.prefixes.iter() {
        let Some(vlan) = lab.derived.prefix(id).vlan.filter(|vlan| !carried.contains(vlan)) else { continue };
        let record = &lab.vlans[vlan];
        let finding = context
            .finding(format!("no port carries VLAN `{}`", record.name), record.name.span, "carried nowhere")
            .and(plan.name.span, "its network")
            .about(lab.subject(vlan))
            .because("the ports of the switches are described, and none of them has this VLAN")
            .help("name it at a port, or remove the VLAN and its network");
        context.report_once(finding);
    }
}
