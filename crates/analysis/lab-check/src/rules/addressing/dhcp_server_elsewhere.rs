//! A DHCP server that is not in the network it is to serve, with nobody who passes requests on.

use super::plan::alter_egos;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::Named;
use lab_model::derived::Assignment;
use lab_model::lab::{DeviceId, HostId, Kind, PrefixId, ThingId, VmId};
use lab_model::written::{AddressUse, HostAddress};
use std::collections::BTreeMap;

rule!(
    "dhcp-server-elsewhere",
    Error,
    Addressing,
    "a DHCP server has no address in the network it is to serve"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut present: BTreeMap<ThingId, Vec<PrefixId>> = BTreeMap::new();
    for assignment in &lab.derived.assignments {
        // A controller out of band is not the machine: nothing on it answers there.
        if is_out_of_band(lab, assignment) {
            continue;
        }
        let mut around = assignment.prefix;
        while let Some(id) = around {
            present.entry(assignment.owner).or_default().push(id);
            around = lab.derived.prefix(id).parent;
        }
    }
    for (id, plan) in lab.prefixes.iter() {
        let Some(dhcp) =
            plan.dhcp.as_ref().filter(|dhcp| dhcp.relayed.as_ref().is_none_or(|relayed| !relayed.value))
        else {
            continue;
        };
        for server in &dhcp.by.items {
            let Some(thing) = server.id else { continue };
            let selves = alter_egos(lab, thing);
            let known = selves.iter().any(|own| present.contains_key(own))
                && !selves.iter().any(|own| has_unknown(lab, *own));
            let there =
                selves.iter().any(|own| present.get(own).is_some_and(|prefixes| prefixes.contains(&id)));
            if !known || there {
                continue;
            }
            let finding = context
                .finding(format!("`{server}` is to serve DHCP in {}, where it has no address", plan.name), server.span, "has addresses in other networks only")
                .and(plan.name.span, "requests are broadcasts and stay in this network")
                .about(lab.subject(id))
                .about(lab.subject(thing))
                .help(format!("give `{server}` an address in {}, or write `relayed: true` when the router passes requests on", plan.name));
            context.report_once(finding);
        }
    }
}

fn is_out_of_band(lab: &Lab, assignment: &Assignment) -> bool {
    let Ok(device) = DeviceId::try_from(assignment.owner) else { return false };
    let said = lab.devices[device].out_of_band.as_ref().and_then(|said| said.interface.as_ref());
    said.is_some_and(|interface| interface.text == assignment.interface)
}

/// True when some address of the thing is not known.
fn has_unknown(lab: &Lab, thing: ThingId) -> bool {
    let unknown = |addresses: &Named<AddressUse>| {
        addresses
            .iter()
            .flat_map(|(_, uses)| &uses.address)
            .any(|address| address.value == HostAddress::Unknown)
    };
    match thing.kind {
        Kind::Host => unknown(&lab.hosts[HostId(thing.index)].addresses),
        Kind::Vm => unknown(&lab.vms[VmId(thing.index)].addresses),
        Kind::Device => unknown(&lab.devices[DeviceId(thing.index)].addresses),
        _ => false,
    }
}
