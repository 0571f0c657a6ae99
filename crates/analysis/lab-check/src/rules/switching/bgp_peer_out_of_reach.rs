//! BGP peers without a network in common.

use super::standing::{presence, speakers};
use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::alter_egos;
use lab_model::lab::{BgpId, PrefixId};
use std::collections::{BTreeMap, BTreeSet};

rule!("bgp-peer-out-of-reach", Error, Switching, "two BGP peers have no network in common");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let (present, plan) = (presence(lab), context.plan());
    let networks: BTreeMap<BgpId, Vec<BTreeSet<PrefixId>>> = lab
        .bgp
        .iter()
        .map(|(id, _)| {
            let of_machine = |machine| -> BTreeSet<PrefixId> {
                let all = alter_egos(lab, machine).into_iter().filter_map(|own| present.get(&own)).flatten();
                all.copied().filter(|prefix| plan.is_link(*prefix)).collect()
            };
            (
                id,
                speakers(lab, id)
                    .into_iter()
                    .map(of_machine)
                    .filter(|networks| !networks.is_empty())
                    .collect(),
            )
        })
        .collect();
    for (id, speaker) in lab.bgp.iter() {
        for peer in &speaker.peers.items {
            let Some(other) =
                peer.id.and_then(|thing| BgpId::try_from(thing).ok()).filter(|other| *other != id)
            else {
                continue;
            };
            let mutual = lab.bgp[other].peers.ids().any(|back| back == id.into());
            let (here, there) = (&networks[&id], &networks[&other]);
            let meet = here.iter().any(|one| there.iter().any(|two| !one.is_disjoint(two)));
            if meet || here.is_empty() || there.is_empty() || (mutual && other < id) {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{}` and `{peer}` have no network in common", speaker.name),
                    peer.span,
                    "a peer here",
                )
                .and(lab.bgp[other].name.span, "the peer")
                .about(lab.subject(id))
                .about(lab.subject(other))
                .because("sessions of neighbours go no farther than their link (TTL 1): this one stays down")
                .help("give both an address in one network");
            context.report_once(finding);
        }
    }
}
