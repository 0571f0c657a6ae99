//! A member of a VIP that is not in the VIP's network.

use super::standing::presence;
use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::alter_egos;
use lab_model::grammar::Address;
use lab_model::lab::{PrefixId, ThingId, VipId};
use lab_model::written::VipProtocol;
use lab_source::Spanned;
use std::collections::{BTreeMap, BTreeSet};

rule!("vip-member-elsewhere", Error, Switching, "a member of a VIP has no address in the VIP's network");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let present = presence(lab);
    let plan = context.plan();
    for (id, vip) in lab.vips.iter() {
        let routed = vip
            .protocol
            .as_ref()
            .is_none_or(|said| matches!(said.value, VipProtocol::Bgp | VipProtocol::Manual));
        let Some(address) = vip.address.first().filter(|_| !routed) else { continue };
        let Some(network) = plan.link_of(address.value.0) else { continue };
        cluster_elsewhere(context, id, address, network, &present);
        for member in &vip.members.items {
            let Some(thing) = member.id else { continue };
            let selves = alter_egos(lab, thing);
            let mut known = selves.iter().filter_map(|own| present.get(own)).peekable();
            if known.peek().is_none() || known.any(|prefixes| prefixes.contains(&network)) {
                continue;
            }
            let finding = context
                .finding(format!("`{member}` may hold the VIP `{}` and has no address in its network", vip.name), member.span, "in other networks only")
                .and(address.span, format!("in {}", lab.prefixes[network].name))
                .about(lab.subject(id))
                .about(lab.subject(thing))
                .because("it cannot hear the announcements there: it never takes over, or two hold the address at once")
                .help(format!("give `{member}` an address in {}, or take it out of the members", lab.prefixes[network].name));
            context.report_once(finding);
        }
    }
}

/// A VIP whose members are those of its cluster: none of them is in its network.
fn cluster_elsewhere(
    context: &mut Context<'_>,
    id: VipId,
    address: &Spanned<Address>,
    network: PrefixId,
    present: &BTreeMap<ThingId, BTreeSet<PrefixId>>,
) {
    let lab = context.lab;
    let vip = &lab.vips[id];
    let Some(cluster) = vip.cluster.as_ref().filter(|_| vip.members.is_empty()).and_then(|of| of.id) else {
        return;
    };
    let machines: Vec<ThingId> =
        lab.clusters[cluster].members.ids().chain(lab.clusters[cluster].workers.ids()).collect();
    let mut known =
        machines.iter().flat_map(|own| alter_egos(lab, *own)).filter_map(|own| present.get(&own)).peekable();
    if known.peek().is_none() || known.any(|prefixes| prefixes.contains(&network)) {
        return;
    }
    let finding = context
        .finding(
            format!(
                "no machine of `{}` is in the network of the VIP `{}`",
                lab.clusters[cluster].name, vip.name
            ),
            address.span,
            format!("in {}", lab.prefixes[network].name),
        )
        .and(lab.clusters[cluster].name.span, "its machines are in other networks only")
        .about(lab.subject(id))
        .about(lab.subject(cluster))
        .because("whoever holds the address cannot be found there: nobody answers to it")
        .help("take an address of the network that the machines are in");
    context.report(finding);
}
