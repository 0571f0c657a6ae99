//! A time server of the lab's own that nobody is.

use super::plan::{holder_of, is_local};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Text;
use std::collections::BTreeSet;
use std::net::IpAddr;

rule!("time-server-unheld", Warning, Addressing, "hosts ask a time server that nobody is");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    let of_hosts = lab.hosts.iter().map(|(id, host)| (lab.subject(id), &host.record.ntp));
    let of_networks = lab.prefixes.iter().map(|(id, plan)| (lab.subject(id), &plan.record.ntp));
    let all: Vec<(String, &Text)> = of_hosts
        .chain(of_networks)
        .flat_map(|(owner, servers)| servers.iter().map(move |one| (owner.clone(), one)))
        .collect();
    for (owner, server) in all {
        let Ok(address) = server.text.parse::<IpAddr>() else { continue };
        let is_ours = lab.derived.prefix_of(address).is_some();
        if !is_ours || is_local(address) || holder_of(lab, address).is_some() || !told.insert(server.span) {
            continue;
        }
        let finding = context
            .finding(format!("nobody is the time server {address}"), server.span, "asked for the time")
            .about(owner)
            .because("the address is in a network of this lab, and no machine, VIP or service has it");
        context
            .report_once(finding.help("name a machine that keeps the time: a router, or a server outside"));
    }
}
