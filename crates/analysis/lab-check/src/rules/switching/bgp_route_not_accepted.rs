//! A prefix that a speaker announces and its peer does not accept.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::BgpId;

rule!("bgp-route-not-accepted", Error, Switching, "a BGP peer does not accept an announced prefix");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        for peer in speaker.peers.ids().filter_map(|peer| BgpId::try_from(peer).ok()) {
            let accepts = &lab.bgp[peer].accepts;
            for announced in &speaker.announces.items {
                let network = announced.id.and_then(|prefix| lab.derived.prefix(prefix).network);
                let Some(network) = network.filter(|_| !accepts.is_empty()) else { continue };
                if accepts.iter().any(|accepted| accepted.value.network().contains(&network)) {
                    continue;
                }
                let mut finding = context
                    .finding(
                        format!(
                            "`{}` does not accept {network}, which `{}` announces",
                            lab.bgp[peer].name, speaker.name
                        ),
                        announced.span,
                        "announced here",
                    )
                    .about(lab.subject(id))
                    .about(lab.subject(peer));
                for accepted in accepts {
                    finding = finding.and(accepted.span, format!("accepts {} only", accepted.value));
                }
                context.report_once(
                    finding
                        .because(
                            "the route is filtered out, so nobody behind the peer reaches these addresses",
                        )
                        .help(format!("add `{network}` to what `{}` accepts", lab.bgp[peer].name)),
                );
            }
        }
    }
}
