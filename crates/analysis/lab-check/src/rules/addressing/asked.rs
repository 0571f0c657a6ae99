//! Which name and time servers are asked, and by whom it is said.

use lab_model::{Lab, ThingId};
use lab_source::Span;
use std::net::IpAddr;

/// A server that hosts are told to ask.
pub(super) struct Asked {
    /// Its address.
    pub(super) address: IpAddr,
    /// Where that is written.
    pub(super) span: Span,
    /// The prefix, host or virtual machine that says so.
    pub(super) owner: ThingId,
    /// `name` or `time`.
    pub(super) what: &'static str,
}

/// All of them, by prefix, host and virtual machine.
pub(super) fn asked(lab: &Lab) -> Vec<Asked> {
    let mut asked: Vec<(IpAddr, Span, ThingId, &'static str)> = Vec::new();
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
    asked.into_iter().map(|(address, span, owner, what)| Asked { address, span, owner, what }).collect()
}
