//! An address that a cluster is to give out and does not have, and a pool that covers addresses of machines.

use super::plan::{holds, owner_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::derived::RangeOf;
use lab_model::lab::{ClusterId, ServiceId, VipId};
use lab_model::written::VipProtocol;
use lab_source::{Severity, Span};
use std::net::IpAddr;

rule!(
    "load-balancer-outside-pool",
    Error,
    Addressing,
    "a load balancer address is outside of its cluster's pool, or the pool covers machines"
);

fn check(context: &mut Context<'_>) {
    beside_the_plan(context);
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter().filter(|(_, cluster)| !cluster.load_balancers.is_empty()) {
        let pools: Vec<_> = cluster
            .load_balancers
            .ids()
            .filter_map(|prefix| Some((prefix, lab.derived.prefix(prefix).network?)))
            .collect();
        if pools.is_empty() {
            continue;
        }
        for (address, span, name) in given_out(lab, id) {
            if pools.iter().any(|(_, pool)| pool.contains(&address)) {
                continue;
            }
            let all: Vec<String> = pools.iter().map(|(_, pool)| pool.to_string()).collect();
            let finding = context
                .finding(format!("{address} is in no pool of `{}`", cluster.name), span, format!("of {name}"))
                .and(
                    cluster.load_balancers.span.unwrap_or(cluster.name.span),
                    format!("gives out {}", all.join(", ")),
                )
                .about(lab.subject(id))
                .because("the cluster refuses to give out the address, and the service stays without one")
                .help("take an address of the pool, or add its network to `load-balancers`");
            context.report_once(finding);
        }
        for assignment in &lab.derived.assignments {
            let fixed = holds(assignment.role)
                && matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation);
            let Some((pool, network)) =
                pools.iter().find(|(_, pool)| fixed && pool.contains(&assignment.address))
            else {
                continue;
            };
            let mut finding = context
                .finding(
                    format!("the cluster `{}` may give {} to a service", cluster.name, assignment.address),
                    lab.prefixes[*pool].name.span,
                    format!("gives out {network}"),
                )
                .and(assignment.span, format!("held by {}", owner_name(lab, assignment)))
                .about(lab.subject(id))
                .about(lab.subject(assignment.owner))
                .because("the pool covers addresses of machines: one day a service gets one of them")
                .help("take a part of the network that nothing else is in");
            finding.severity = Severity::Warning;
            context.report_once(finding);
        }
    }
}

/// Addresses that a cluster gives out in a network whose plan keeps ranges for that, and that are in none of its ranges.
fn beside_the_plan(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        for (address, span, name) in given_out(lab, id).into_iter().chain(of_services(lab, id)) {
            let Some(prefix) = lab.derived.prefix_of(address) else { continue };
            let ranges = &lab.derived.prefix(prefix).ranges;
            let Some(meant) = ranges.iter().find(|range| is_for_load_balancers(range)) else { continue };
            if ranges.iter().any(|range| range.range.contains(address)) {
                continue;
            }
            let mut finding = context
                .finding(
                    format!("{address} is outside of what {} keeps for load balancers", lab.prefixes[prefix].name),
                    span,
                    format!("of {name}"),
                )
                .and(meant.span, format!("kept for them: {}", meant.range))
                .about(lab.subject(id))
                .because(format!(
                    "what `{}` may give out follows the plan: it refuses the address, or somebody else takes it",
                    cluster.name
                ))
                .help("take an address of the range, or describe a range of its own for this one");
            finding.severity = Severity::Warning;
            context.report_once(finding);
        }
    }
}

fn is_for_load_balancers(range: &RangeOf) -> bool {
    range.purpose.to_lowercase().contains("load balanc")
}

/// Addresses of services that run on the cluster.
fn of_services(lab: &Lab, cluster: ClusterId) -> Vec<(IpAddr, Span, String)> {
    let here = |id: &ServiceId| {
        lab.is_active(*id) && lab.services[*id].on.ids().any(|runner| runner == cluster.into())
    };
    let services = lab.services.iter().map(|(id, _)| id).filter(here);
    services
        .flat_map(|id| {
            let name = &lab.services[id].name;
            lab.services[id]
                .address
                .iter()
                .map(move |address| (address.value.0, address.span, format!("`{name}`")))
        })
        .collect()
}

/// Addresses that the cluster announces itself.
fn given_out(lab: &Lab, cluster: ClusterId) -> Vec<(IpAddr, Span, String)> {
    let by_cluster = |id: &VipId| {
        let vip = &lab.vips[*id];
        let protocol = vip.protocol.as_ref().map(|said| said.value);
        vip.cluster.as_ref().and_then(|of| of.id) == Some(cluster)
            && matches!(protocol, Some(VipProtocol::MetallbL2 | VipProtocol::CiliumL2 | VipProtocol::Bgp))
    };
    let vips = lab.vips.iter().map(|(id, _)| id).filter(by_cluster);
    vips.flat_map(|id| {
        lab.vips[id]
            .address
            .iter()
            .map(move |address| (address.value.0, address.span, format!("VIP `{}`", lab.vips[id].name)))
    })
    .collect()
}
