//! Two networks that claim the same addresses: planned twice, or one inside another that is not a container.

use super::plan::Plan;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::PrefixId;
use lab_model::written::PrefixKind;

rule!("prefix-overlap", Error, Addressing, "two networks claim the same addresses");

fn check(context: &mut Context<'_>) {
    planned_twice(context);
    used_twice(context);
    let lab = context.lab;
    let plan = context.plan();
    for (inner, record) in lab.prefixes.iter() {
        let Some(outer) = surrounding(lab, plan, inner) else { continue };
        let Some(why) = clash(lab, plan, outer, inner) else { continue };
        let (inner_name, outer_name) = (&record.name, &lab.prefixes[outer].name);
        let finding = context
            .finding(format!("{inner_name} lies inside {outer_name}, which is a network of its own"), record.name.span, describe(lab, plan, inner))
            .and(outer_name.span, describe(lab, plan, outer))
            .about(lab.subject(inner))
            .about(lab.subject(outer))
            .because(why)
            .help(format!("move one of them, shorten {outer_name}, or give it `kind: container` when it is only cut into others"));
        context.report_once(finding);
    }
}

fn planned_twice(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut networks: Vec<_> = lab
        .prefixes
        .iter()
        .filter_map(|(id, _)| lab.derived.prefix(id).network.map(|network| (network, id)))
        .collect();
    networks.sort_by_key(|(network, id)| (network.network(), network.prefix_len(), *id));
    for same in networks.chunk_by(|one, other| one.0 == other.0) {
        let [(network, first), others @ ..] = same else { continue };
        for (_, other) in others {
            let finding = context
                .finding(
                    format!("the network {network} is planned twice"),
                    lab.prefixes[*other].name.span,
                    "the same network again",
                )
                .and(lab.prefixes[*first].name.span, "first here")
                .about(lab.subject(*other))
                .about(lab.subject(*first))
                .help("keep one entry, or give the other its own network");
            context.report(finding);
        }
    }
}

/// One prefix that a cluster uses for two purposes.
fn used_twice(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        let (Some(pods), Some(services)) = (&cluster.pods, &cluster.services) else { continue };
        if pods.id.is_none() || pods.id != services.id {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` uses {pods} for pods and for services", cluster.name),
                pods.span,
                "for pods",
            )
            .and(services.span, "for services")
            .about(lab.subject(id))
            .because("a pod and a service get the same address, and packets to either are lost")
            .help("give each a prefix of its own");
        context.report(finding);
    }
}

/// The nearest prefix around that is more than a container.
fn surrounding(lab: &Lab, plan: &Plan<'_>, inner: PrefixId) -> Option<PrefixId> {
    let mut around = lab.derived.prefix(inner).parent;
    while let Some(id) = around {
        match plan.use_of(id) {
            None | Some(PrefixKind::Container) => around = lab.derived.prefix(id).parent,
            Some(_) => return Some(id),
        }
    }
    None
}

/// Why both cannot be, or `None` when they can or it is not known.
fn clash(lab: &Lab, plan: &Plan<'_>, outer: PrefixId, inner: PrefixId) -> Option<&'static str> {
    use PrefixKind::{LoadBalancers, OnLink, Pods, PointToPoint, Services, Transit, Tunnel};
    let vlan = |id: PrefixId| lab.derived.prefix(id).vlan;
    match (plan.use_of(outer)?, plan.use_of(inner)?) {
        (OnLink | Transit, OnLink) => {
            (vlan(outer).is_some() && vlan(inner).is_some() && vlan(outer) != vlan(inner)).then_some(
                "hosts of the larger network look for the others on their own link and never ask the router",
            )
        }
        (OnLink | Transit | PointToPoint, Pods | Services | PointToPoint | Transit | Tunnel) => Some(
            "hosts of the larger network look for these addresses on their own link and never ask the router",
        ),
        (Pods | Services, OnLink | Transit | PointToPoint | Tunnel | LoadBalancers)
        | (Pods, Services)
        | (Services, Pods) => Some(
            "the cluster keeps packets to these addresses to itself, so its nodes never reach the others",
        ),
        (LoadBalancers, OnLink | Transit | PointToPoint | Tunnel | Pods | Services) => {
            Some("the cluster may give one of these addresses to a service while a host has it")
        }
        (Tunnel, OnLink | Transit | Pods | Services) => {
            Some("the tunnel draws packets to these addresses into itself")
        }
        _ => None,
    }
}

fn describe(lab: &Lab, plan: &Plan<'_>, id: PrefixId) -> String {
    match (lab.derived.prefix(id).vlan, plan.use_of(id)) {
        (Some(vlan), _) => format!("hosts of VLAN `{}`", lab.vlans[vlan].name),
        (None, Some(kind)) => kind.to_string().replace('-', " "),
        (None, None) => String::new(),
    }
}
