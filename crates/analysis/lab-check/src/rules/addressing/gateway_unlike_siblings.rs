//! A gateway with another host part than those of all sibling networks.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::PrefixId;
use std::collections::BTreeMap;
use std::net::IpAddr;

rule!(
    "gateway-unlike-siblings",
    Note,
    Addressing,
    "a gateway has another place in its network than all others"
);

/// Fewer networks make no habit.
const SIBLINGS_MIN: usize = 3;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut by_place: BTreeMap<u32, Vec<PrefixId>> = BTreeMap::new();
    for (id, plan) in lab.prefixes.iter() {
        let (Some(ipnet::IpNet::V4(network)), Some(gateway)) =
            (lab.derived.prefix(id).network, &plan.gateway)
        else {
            continue;
        };
        if let IpAddr::V4(address) = gateway.value.0
            && network.contains(&address)
            && lab.derived.prefix(id).vlan.is_some()
        {
            by_place.entry(u32::from(address) - u32::from(network.network())).or_default().push(id);
        }
    }
    let Some((&habit, usual)) = by_place.iter().max_by_key(|(_, ids)| ids.len()) else { return };
    let odd: Vec<PrefixId> =
        by_place.iter().filter(|(place, _)| **place != habit).flat_map(|(_, ids)| ids).copied().collect();
    let (&[stray], true) = (&odd[..], usual.len() >= SIBLINGS_MIN) else { return };
    let (plan, other) = (&lab.prefixes[stray], &lab.prefixes[usual[0]]);
    let (Some(gateway), Some(usual_gateway)) = (&plan.gateway, &other.gateway) else { return };
    let finding = context
        .finding(
            format!(
                "the gateway of {} is {}, unlike those of {} other networks",
                plan.name,
                gateway.value,
                usual.len()
            ),
            gateway.span,
            "another place in its network",
        )
        .and(usual_gateway.span, format!("{} is the usual place", usual_gateway.value))
        .about(lab.subject(stray))
        .because("people and scripts expect gateways at one place");
    context.report(finding);
}
