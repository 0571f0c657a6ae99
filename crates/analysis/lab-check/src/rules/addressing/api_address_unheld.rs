//! The address of a cluster's API that nobody has.

use super::plan::{holder_of, is_private};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{ClusterId, VipId};
use lab_model::written::PrefixKind;

rule!("api-address-unheld", Warning, Addressing, "nobody holds the address of a cluster's API");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for (id, cluster) in lab.clusters.iter() {
        let Some(api) = cluster.api.as_ref().filter(|api| is_private(api.value.0)) else { continue };
        let Some(prefix) = lab.derived.prefix_of(api.value.0) else { continue };
        let given = matches!(plan.use_of(prefix), Some(PrefixKind::LoadBalancers | PrefixKind::Services));
        let vips = vips_of(lab, id);
        // What the cluster gives out needs no entry, unless the cluster's other addresses have one.
        if (given && vips.is_empty()) || holder_of(lab, api.value.0).is_some() {
            continue;
        }
        let mut finding = context
            .finding(
                format!("nobody holds {}, the API of `{}`", api.value, cluster.name),
                api.span,
                "no interface and no VIP has this address",
            )
            .about(lab.subject(id))
            .because("nodes and people find the cluster by this address")
            .help("name the address of a member, or describe the VIP under `vips:`");
        for vip in vips {
            let record = &lab.vips[vip];
            if let Some(address) = record.address.first() {
                finding = finding.and(address.span, format!("its VIP `{}` has another", record.name));
            }
        }
        context.report(finding);
    }
}

/// The VIPs that say they are of the cluster and of no service of it.
fn vips_of(lab: &Lab, cluster: ClusterId) -> Vec<VipId> {
    let of_it = lab.vips.iter().filter(|(_, vip)| {
        vip.service.is_none() && vip.cluster.as_ref().and_then(|of| of.id) == Some(cluster)
    });
    of_it.map(|(id, _)| id).collect()
}
