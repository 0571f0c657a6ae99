//! The first or last address of a network given to something.

use super::plan::owner_name;
use crate::context::Context;
use crate::rule::rule;
use ipnet::IpNet;
use lab_model::derived::AddressRole;

rule!(
    "network-address-assigned",
    Error,
    Addressing,
    "something has the network's own or its broadcast address"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for assignment in &lab.derived.assignments {
        if matches!(assignment.role, AddressRole::Name | AddressRole::Service | AddressRole::Api) {
            continue;
        }
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        // RFC 3021: both addresses of a /31 are hosts.
        let Some(IpNet::V4(network)) = lab.derived.prefix(id).network else { continue };
        if network.prefix_len() > 30 {
            continue;
        }
        let what = if assignment.address == network.network() {
            "the address of the network itself"
        } else if assignment.address == network.broadcast() {
            "the broadcast address"
        } else {
            continue;
        };
        let finding = context
            .finding(
                format!("{} is {what} of {network}", assignment.address),
                assignment.span,
                format!("given to {}", owner_name(lab, assignment)),
            )
            .and(lab.prefixes[id].name.span, "its network")
            .about(lab.subject(assignment.owner))
            .about(lab.subject(id))
            .help(format!("addresses of hosts run from {} to {}", first(network), last(network)));
        context.report_once(finding);
    }
}

fn first(network: ipnet::Ipv4Net) -> std::net::Ipv4Addr {
    (u32::from(network.network()) + 1).into()
}

fn last(network: ipnet::Ipv4Net) -> std::net::Ipv4Addr {
    (u32::from(network.broadcast()) - 1).into()
}
