//! Load balancer addresses outside of every link that nobody announces.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::PrefixId;
use lab_model::written::PrefixKind;
use std::collections::BTreeSet;

rule!(
    "load-balancers-not-announced",
    Warning,
    Switching,
    "nobody announces a network of load balancer addresses"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    if lab.bgp.is_empty() {
        return;
    }
    let plan = context.plan();
    let announced: BTreeSet<PrefixId> =
        lab.bgp.iter().flat_map(|(_, speaker)| speaker.announces.ids()).collect();
    // One that no cluster gives out and nothing has an address in is on paper only.
    let given_out = lab.clusters.iter().flat_map(|(_, cluster)| cluster.load_balancers.ids());
    let taken = lab.derived.assignments.iter().filter_map(|assignment| assignment.prefix);
    let in_use: BTreeSet<PrefixId> = given_out.chain(taken).collect();
    for (id, record) in lab.prefixes.iter() {
        if plan.use_of(id) != Some(PrefixKind::LoadBalancers) || !in_use.contains(&id) {
            continue;
        }
        let facts = lab.derived.prefix(id);
        let mut around = Some(id);
        let mut reached = facts.children.iter().any(|child| announced.contains(child));
        while let Some(at) = around {
            reached |= announced.contains(&at) || plan.is_link(at);
            around = lab.derived.prefix(at).parent;
        }
        if reached {
            continue;
        }
        let finding = context
            .finding(format!("nobody announces {}, so no router knows the way to it", record.name), record.name.span, "on no link, and announced by no BGP speaker")
            .about(lab.subject(id))
            .help("add it to what the cluster's speaker announces, or take the addresses from the network of its nodes");
        context.report_once(finding);
    }
}
