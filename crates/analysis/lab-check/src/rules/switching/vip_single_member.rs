//! An address that is meant to move and has nowhere to go.

use crate::context::Context;
use crate::rule::rule;
use lab_model::written::VipProtocol;

rule!("vip-single-member", Warning, Switching, "a VIP has one member only");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vip) in lab.vips.iter() {
        let [member] = &vip.members.items[..] else { continue };
        let moves = vip.protocol.as_ref().is_some_and(|said| {
            matches!(
                said.value,
                VipProtocol::Carp | VipProtocol::Vrrp | VipProtocol::Talos | VipProtocol::KubeVip
            )
        });
        // A cluster of one machine has nowhere to move it.
        let cluster = vip.cluster.as_ref().and_then(|cluster| cluster.id);
        if !moves || cluster.is_some_and(|cluster| lab.clusters[cluster].members.items.len() < 2) {
            continue;
        }
        let finding = context
            .finding(
                format!("only `{member}` can hold the VIP `{}`", vip.name),
                member.span,
                "the only member",
            )
            .and(vip.name.span, "meant to move")
            .about(lab.subject(id))
            .because(format!("when `{member}` is down nobody answers to the address"))
            .help("name the others that may hold it, the preferred one first");
        context.report_once(finding);
    }
}
