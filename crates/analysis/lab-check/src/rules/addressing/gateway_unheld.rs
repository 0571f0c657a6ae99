//! A gateway address that nobody has.

use super::plan::holder_of;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::PrefixId;

rule!("gateway-unheld", Warning, Addressing, "no router and no VIP holds a network's gateway address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(gateway) = &plan.gateway else { continue };
        let inside = lab.derived.prefix(id).network.is_some_and(|network| network.contains(&gateway.value.0));
        if !inside || holder_of(lab, gateway.value.0).is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nobody holds {}, the gateway of {}", gateway.value, plan.name),
                gateway.span,
                "no interface and no VIP has this address",
            )
            .about(lab.subject(id))
            .because(
                "hosts of this network send everything for elsewhere to an address that does not answer",
            );
        context.report_once(match candidates(lab, id) {
            names if names.is_empty() => {
                finding.help("give the address to the router's interface, or to a VIP")
            }
            names => finding.help(format!("in this network: {}", names.join(", "))),
        });
    }
}

/// Who could be meant: VIPs there, and machines that route.
fn candidates(lab: &Lab, id: PrefixId) -> Vec<String> {
    let routes = |owner| match lab_model::lab::HostId::try_from(owner) {
        Ok(host) => lab.hosts[host].routes.as_ref().is_some_and(|routes| routes.value),
        Err(()) => lab_model::lab::VmId::try_from(owner)
            .is_ok_and(|vm| lab.vms[vm].routes.as_ref().is_some_and(|routes| routes.value)),
    };
    let there = lab.derived.assignments.iter().filter(|other| other.prefix == Some(id));
    let mut named: Vec<String> = there
        .filter(|other| {
            other.role == AddressRole::Vip || (other.role == AddressRole::Interface && routes(other.owner))
        })
        .map(|other| format!("{} is {} `{}`", other.address, other.owner.kind.word(), lab.name(other.owner)))
        .collect();
    named.truncate(4);
    named
}
