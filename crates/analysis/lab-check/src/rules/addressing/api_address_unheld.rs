//! The address of a cluster's API that nobody has.

use super::plan::{holder_of, is_private};
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::PrefixKind;

rule!("api-address-unheld", Warning, Addressing, "nobody holds the address of a cluster's API");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for (id, cluster) in lab.clusters.iter() {
        let Some(api) = cluster.api.as_ref().filter(|api| is_private(api.value.0)) else { continue };
        let Some(prefix) = lab.derived.prefix_of(api.value.0) else { continue };
        let given = matches!(plan.use_of(prefix), Some(PrefixKind::LoadBalancers | PrefixKind::Services));
        if given || holder_of(lab, api.value.0).is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nobody holds {}, the API of `{}`", api.value, cluster.name),
                api.span,
                "no interface and no VIP has this address",
            )
            .about(lab.subject(id))
            .because("nodes and people find the cluster by this address")
            .help("name the address of a member, or describe the VIP under `vips:`");
        context.report(finding);
    }
}
