//! Pods or services of a cluster in a network that machines are in, or that belongs to another cluster.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, PrefixId};
use lab_model::record::Ref;
use lab_model::written::PrefixKind;

rule!(
    "cluster-range-of-other-kind",
    Error,
    Addressing,
    "a cluster takes a network for its pods or services that is used for something else"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        if let Some(pods) = &cluster.pods {
            hold(context, id, pods, PrefixKind::Pods, "pods");
        }
        if let Some(services) = &cluster.services {
            hold(context, id, services, PrefixKind::Services, "services");
        }
    }
}

fn hold(context: &mut Context<'_>, cluster: ClusterId, said: &Ref<PrefixId>, kind: PrefixKind, what: &str) {
    let lab = context.lab;
    let Some(id) = said.id else { return };
    let plan = &lab.prefixes[id];
    let name = &lab.clusters[cluster].name;
    let of_other = plan.cluster.as_ref().filter(|of| of.id.is_some_and(|of| of != cluster));
    let (place, why) = if let Some(of) = of_other {
        (of.span, format!("the network of the cluster `{of}`"))
    } else if let Some(other) = plan.kind.as_ref().filter(|other| other.value != kind) {
        (other.span, format!("used as {}", other.value))
    } else if let Some(vlan) = &plan.vlan {
        (vlan.span, format!("machines of VLAN `{vlan}` are in it"))
    } else {
        return;
    };
    let finding = context
        .finding(
            format!("the {what} of `{name}` get addresses of {}, which is for something else", plan.name),
            said.span,
            format!("the network of its {what}"),
        )
        .and(place, why)
        .about(lab.subject(cluster))
        .about(lab.subject(id))
        .because("pods and machines get the same addresses, and packets go to the wrong one of the two")
        .help(format!("take a network for the {what} that nothing else uses"));
    context.report(finding);
}
