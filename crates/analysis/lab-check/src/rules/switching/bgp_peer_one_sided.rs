//! A BGP speaker that names a peer which does not name it back.

use crate::context::Context;
use crate::rule::rule;

rule!("bgp-peer-one-sided", Error, Switching, "a BGP peer does not name the speaker back");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        for peer in &speaker.peers.items {
            let Some(other) = peer.id.and_then(|thing| lab_model::lab::BgpId::try_from(thing).ok()) else {
                continue;
            };
            if other == id || lab.bgp[other].peers.ids().any(|back| back == id.into()) {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{}` peers with `{peer}`, which does not peer with it", speaker.name),
                    peer.span,
                    "named here",
                )
                .and(lab.bgp[other].name.span, format!("does not name `{}`", speaker.name))
                .about(lab.subject(id))
                .about(lab.subject(other))
                .because("a session needs both sides (RFC 4271 section 8): no routes are exchanged")
                .help(format!("add `{}` to the peers of `{peer}`", speaker.name));
            context.report_once(finding);
        }
    }
}
