//! A machine that asks for an address in a VLAN where nobody answers.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::VlanIdOf;
use lab_model::written::{AddressUse, HostAddress};
use lab_model::{Lab, Named, ThingId};
use std::collections::BTreeMap;

rule!(
    "dhcp-client-without-server",
    Error,
    Addressing,
    "a machine asks for an address in a VLAN without a DHCP server"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut answered: BTreeMap<VlanIdOf, bool> = BTreeMap::new();
    for (id, plan) in lab.prefixes.iter() {
        if let Some(vlan) = lab.derived.prefix(id).vlan {
            *answered.entry(vlan).or_default() |= plan.dhcp.is_some();
        }
    }
    let hosts = lab.hosts.iter().map(|(id, host)| (ThingId::from(id), &host.addresses));
    let vms = lab.vms.iter().map(|(id, vm)| (ThingId::from(id), &vm.addresses));
    let devices = lab.devices.iter().map(|(id, device)| (ThingId::from(id), &device.addresses));
    let all: Vec<(ThingId, &Named<AddressUse>)> =
        hosts.chain(vms).chain(devices).map(|(id, all)| (id, &**all)).collect();
    for (owner, addresses) in all {
        for (interface, uses) in addresses.iter() {
            let Some(asks) = uses.address.iter().find(|address| address.value == HostAddress::Dhcp) else {
                continue;
            };
            let Some(vlan) =
                vlan_of(lab, owner, &interface.text).filter(|vlan| answered.get(vlan) == Some(&false))
            else {
                continue;
            };
            let name = &lab.vlans[vlan].name;
            let finding = context
                .finding(
                    format!(
                        "`{}` asks for an address in VLAN `{name}`, where nobody answers",
                        lab.name(owner)
                    ),
                    asks.span,
                    format!("`{interface}` asks by DHCP"),
                )
                .and(name.span, "no prefix of this VLAN has `dhcp`")
                .about(lab.subject(owner))
                .about(lab.subject(vlan))
                .help("say who answers there, as `dhcp: router-1`, or give it a fixed address");
            context.report_once(finding);
        }
    }
}

/// The VLAN of an interface: what it says itself, else what its switch port has untagged.
fn vlan_of(lab: &Lab, owner: ThingId, interface: &str) -> Option<VlanIdOf> {
    let attachment = lab.derived.attachment(owner, interface)?;
    let by_port = || {
        let facing = lab.derived.peer(*attachment.ports.first()?)?;
        lab.derived.vlans_of(facing)?.untagged
    };
    attachment.vlan.or_else(by_port)
}
