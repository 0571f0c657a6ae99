//! An address whose prefix length is not that of its network.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::AddressRole;

rule!("address-prefix-length", Error, Addressing, "an address has another prefix length than its network");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for assignment in &lab.derived.assignments {
        let host_route = if assignment.address.is_ipv4() { 32 } else { 128 };
        let Some(length) = assignment.length.filter(|length| *length != host_route) else { continue };
        if !matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation) {
            continue;
        }
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        let Some(network) = lab.derived.prefix(id).network.filter(|network| network.prefix_len() != length)
        else {
            continue;
        };
        let name = lab.name(assignment.owner);
        let wider = length < network.prefix_len();
        let why = if wider {
            format!("`{name}` looks for the rest of its /{length} on its own link and never asks the gateway")
        } else {
            format!("`{name}` sends packets for most of {network} to a gateway instead of to the neighbour")
        };
        let finding = context
            .finding(
                format!("{}/{length} is in a /{}", assignment.address, network.prefix_len()),
                assignment.span,
                format!("/{length} here"),
            )
            .and(lab.prefixes[id].name.span, format!("the network is a /{}", network.prefix_len()))
            .about(lab.subject(assignment.owner))
            .about(lab.subject(id))
            .because(why)
            .help(format!("write `{}/{}`", assignment.address, network.prefix_len()));
        context.report_once(finding);
    }
}
