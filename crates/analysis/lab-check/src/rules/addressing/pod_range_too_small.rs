//! Too few addresses for the pods of a cluster: per node, or for all nodes.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ClusterId;
use lab_source::{Severity, Span};

rule!(
    "pod-range-too-small",
    Error,
    Addressing,
    "a cluster has too few addresses for its nodes or their pods"
);

/// Kubernetes gives each node a /24 unless told otherwise.
const SLICE_DEFAULT: u32 = 24;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        let Some((pods, range)) =
            cluster.pods.as_ref().and_then(|pods| Some((pods, lab.derived.prefix(pods.id?).network?)))
        else {
            continue;
        };
        if range.addr().is_ipv6() {
            continue;
        }
        let slice = cluster.pod_prefix_length.as_ref().map_or(SLICE_DEFAULT, |length| length.value);
        let slice_span = cluster.pod_prefix_length.as_ref().map_or(pods.span, |length| length.span);
        let whole = u32::from(range.prefix_len());
        let nodes = cluster
            .members
            .ids()
            .chain(cluster.workers.ids())
            .collect::<std::collections::BTreeSet<_>>()
            .len() as u64;
        let slices = if slice < whole { 0 } else { 1u64 << (slice - whole).min(32) };
        if slices < nodes || slice > 32 {
            let message = format!(
                "{range} has room for {slices} nodes with a /{slice} each, `{}` has {nodes}",
                cluster.name
            );
            tell(context, id, message, slice_span, pods.span, "nodes without a part get no pods");
            continue;
        }
        // The first and last address of a part are not given to pods.
        let addresses = (1u64 << (32 - slice)).saturating_sub(2);
        let Some(most) = cluster.max_pods.as_ref().filter(|most| u64::from(most.value) > addresses) else {
            continue;
        };
        let mut finding = context
            .finding(
                format!(
                    "a node of `{}` may run {} pods and has {addresses} addresses for them",
                    cluster.name, most.value
                ),
                most.span,
                "pods a node may run",
            )
            .and(slice_span, format!("each node has a /{slice}"))
            .about(lab.subject(id))
            .because("the last pods wait for an address for ever while the scheduler counts them as placed");
        finding.severity = Severity::Warning;
        context.report(finding.help(format!(
            "allow {addresses} pods or fewer, or give each node a /{}",
            slice.saturating_sub(1)
        )));
    }
}

fn tell(context: &mut Context<'_>, id: ClusterId, message: String, span: Span, range: Span, why: &str) {
    let lab = context.lab;
    let mut finding =
        context.finding(message, span, "the part of each node").about(lab.subject(id)).because(why);
    if range != span {
        finding = finding.and(range, "the range of the cluster");
    }
    context.report(finding.help("take a shorter prefix for the pods, or a longer one for each node"));
}
