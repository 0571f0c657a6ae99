//! Name or time servers at an address of the lab that nobody has.

use super::plan::{Plan, holder_of, is_local};
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::written::PrefixKind;
use lab_source::Span;
use std::net::IpAddr;

rule!(
    "name-server-unheld",
    Warning,
    Addressing,
    "a name or time server is an address of the lab that nobody holds"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut asked: Vec<(IpAddr, Span, ThingId, &str)> = Vec::new();
    for (id, plan) in lab.prefixes.iter() {
        asked.extend(plan.dns.iter().map(|server| (server.value.0, server.span, ThingId::from(id), "name")));
        let times = plan
            .ntp
            .iter()
            .filter_map(|server| Some((server.parse().ok()?, server.span, ThingId::from(id), "time")));
        asked.extend(times);
    }
    for (id, host) in lab.hosts.iter() {
        let names = host.dns.iter().map(|server| (server, "name"));
        let times = host.ntp.iter().map(|server| (server, "time"));
        asked.extend(
            names
                .chain(times)
                .filter_map(|(server, what)| Some((server.parse().ok()?, server.span, id.into(), what))),
        );
    }
    for (id, vm) in lab.vms.iter() {
        asked.extend(
            vm.dns.iter().filter_map(|server| Some((server.parse().ok()?, server.span, id.into(), "name"))),
        );
    }
    let plan = Plan::of(lab);
    for (address, span, owner, what) in asked {
        let Some(prefix) = lab.derived.prefix_of(address).filter(|_| !is_local(address)) else { continue };
        // Clusters give these out as they go.
        let dynamic = matches!(
            plan.use_of(prefix),
            Some(PrefixKind::LoadBalancers | PrefixKind::Services | PrefixKind::Pods | PrefixKind::Container)
        );
        if dynamic || holder_of(lab, address).is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nobody holds {address}, which is to answer for {what}s"),
                span,
                format!("{what} server"),
            )
            .and(lab.prefixes[prefix].name.span, "in this network of the lab")
            .about(lab.subject(owner))
            .because("each question waits for a timeout first, or is never answered")
            .help(format!("name the address of a {what} server that is there"));
        context.report_once(finding);
    }
}
