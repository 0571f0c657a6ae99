//! An address in no network of the lab.

use super::plan::{Plan, is_local, is_private, owner_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::PrefixId;
use lab_model::written::PrefixKind;
use std::net::IpAddr;

rule!("address-outside-prefixes", Warning, Addressing, "an address lies in no network of the lab");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for assignment in &lab.derived.assignments {
        let around = assignment.prefix;
        if around.is_some_and(|id| !is_divided(lab, plan, id)) {
            continue;
        }
        let planned = lab.prefixes.iter().any(|(id, _)| {
            lab.derived
                .prefix(id)
                .network
                .is_some_and(|network| network.addr().is_ipv4() == assignment.address.is_ipv4())
        });
        let fixed = matches!(
            assignment.role,
            AddressRole::Interface | AddressRole::Vip | AddressRole::Service | AddressRole::Api
        );
        let of_lab = is_private(assignment.address) && !is_local(assignment.address);
        if !planned || !fixed || !of_lab {
            continue;
        }
        let finding = context
            .finding(
                format!("{} lies in no network of the lab", assignment.address),
                assignment.span,
                format!("of {}", owner_name(lab, assignment)),
            )
            .about(lab.subject(assignment.owner))
            .because("nothing routes to it, and no gateway, DHCP or VLAN is known for it");
        let finding = match around {
            Some(id) => {
                finding.and(lab.prefixes[id].name.span, "divided into networks, none of which has it")
            }
            None => finding,
        };
        context.report_once(match nearest(lab, assignment.address) {
            Some(name) => finding.help(format!(
                "the nearest network is {name}; mend the address, or add its network under `prefixes:`"
            )),
            None => finding.help("mend the address, or add its network under `prefixes:`"),
        });
    }
}

/// True for a container with networks in it: an address that is in none of them is in no network.
fn is_divided(lab: &Lab, plan: &Plan<'_>, id: PrefixId) -> bool {
    plan.use_of(id) == Some(PrefixKind::Container) && !lab.derived.prefix(id).children.is_empty()
}

/// The prefix whose address begins with the most equal bits, when at least the first half is equal.
fn nearest(lab: &Lab, address: IpAddr) -> Option<String> {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    };
    let equal = |other: IpAddr| (bits(other) ^ bits(address)).leading_zeros();
    let networks =
        lab.prefixes.iter().filter_map(|(id, plan)| Some((lab.derived.prefix(id).network?, &plan.name)));
    let same = networks.filter(|(network, _)| network.addr().is_ipv4() == address.is_ipv4());
    let best = same.map(|(network, name)| (equal(network.addr()), network.prefix_len(), name));
    best.max_by_key(|(equal, length, _)| (*equal, *length))
        .filter(|(equal, ..)| *equal >= 8)
        .map(|(.., name)| name.to_string())
}
