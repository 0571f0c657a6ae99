//! All packets at once. Addresses that every rule treats alike are one class, ports likewise, so that a few cases stand for
//! all there are and nothing lies between them.

use crate::address_set::AddressSet;
use crate::decide::{Decision, Packet};
use crate::policy::{Origin, Policy};
use lab_model::grammar::{Port, Transport};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Destinations that every rule treats alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Class {
    /// What they are, in the lab's words: zones, services, machines, `internet`, `gateway`, or `nothing of the lab`.
    pub names: Vec<String>,
    /// The addresses.
    pub addresses: AddressSet,
    /// One of them, to stand for all.
    pub representative: IpAddr,
}

/// What becomes of packets to a run of ports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What carries them.
    pub transport: Transport,
    /// The first port.
    pub first: u16,
    /// The last port.
    pub last: u16,
    /// What becomes of them.
    pub decision: Decision,
}

/// Everything from one place to one class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Where from.
    pub from: Origin,
    /// The position of the class.
    pub class: usize,
    /// What becomes of every port of TCP and UDP, in order.
    pub verdicts: Vec<Verdict>,
}

impl Pair {
    /// True when something passes.
    pub fn is_open(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.decision.allowed)
    }

    /// True when every port is open.
    pub fn is_open_wide(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.decision.allowed)
    }
}

/// Every destination, in classes: together they are all addresses of both families, and no address is in two.
pub fn classes(policy: &Policy) -> Vec<Class> {
    let named = named_sets(policy);
    let mut parts: Vec<(BTreeSet<usize>, AddressSet)> = vec![(BTreeSet::new(), AddressSet::everything())];
    for (index, (_, set)) in named.iter().enumerate() {
        parts = parts
            .into_iter()
            .flat_map(|(names, part)| {
                let mut with = names.clone();
                with.insert(index);
                [(names, part.minus(set)), (with, part.intersection(set))]
            })
            .filter(|(_, part)| !part.is_empty())
            .collect();
    }
    parts.sort_by(|(a, _), (b, _)| a.cmp(b));
    let class = |(names, addresses): (BTreeSet<usize>, AddressSet)| {
        let representative = addresses.ranges().next().map(|range| range.first())?;
        let mut names: Vec<String> = names.iter().map(|index| named[*index].0.clone()).collect();
        if names.is_empty() {
            names.push("nothing of the lab".to_owned());
        }
        Some(Class { names, addresses, representative })
    };
    parts.into_iter().filter_map(class).collect()
}

/// Every set that a rule speaks of, with a name.
fn named_sets(policy: &Policy) -> Vec<(String, AddressSet)> {
    let mut named: BTreeMap<String, AddressSet> = BTreeMap::new();
    let mut add = |name: String, set: &AddressSet| {
        let known = named.entry(name).or_default();
        *known = known.union(set);
    };
    for zone in &policy.zones {
        add(zone.name.clone(), &zone.members);
        for permit in zone.permits.iter() {
            match (permit.is_internet, permit.is_gateway, &*permit.name) {
                (_, true, _) => add(format!("gateway of {}", zone.name), &permit.to),
                (_, _, "itself") => add(format!("members of {}", zone.name), &permit.to),
                _ => add(permit.name.clone(), &permit.to),
            }
        }
    }
    for opening in &policy.openings {
        add(opening.name.clone(), &opening.to.iter().copied().collect());
    }
    named.into_iter().collect()
}

/// Everything from every zone, and from outside, to every class.
pub fn pairs(policy: &Policy, classes: &[Class]) -> Vec<Pair> {
    let origins = policy.zones.iter().map(|zone| Origin::Zone(zone.id)).chain([Origin::Internet]);
    let edges = [Transport::Tcp, Transport::Udp].map(|transport| (transport, port_edges(policy, transport)));
    let mut all = Vec::new();
    for from in origins {
        for (class, to) in classes.iter().enumerate() {
            let verdicts = edges
                .iter()
                .flat_map(|(transport, edges)| verdicts(policy, from, to.representative, *transport, edges))
                .collect();
            all.push(Pair { from, class, verdicts });
        }
    }
    all
}

/// The first ports of runs that every rule treats alike.
fn port_edges(policy: &Policy, transport: Transport) -> BTreeSet<u16> {
    let of_zones = policy.zones.iter().flat_map(|zone| &zone.permits).flat_map(|permit| permit.ports.clone());
    let of_openings = policy.openings.iter().flat_map(|opening| opening.inner_ports());
    let mut edges = BTreeSet::from([0]);
    for port in of_zones.chain(of_openings).filter(|port: &Port| port.contains(port.first(), transport)) {
        edges.insert(port.first());
        edges.extend(port.last().checked_add(1));
    }
    edges
}

fn verdicts(
    policy: &Policy,
    from: Origin,
    to: IpAddr,
    transport: Transport,
    edges: &BTreeSet<u16>,
) -> Vec<Verdict> {
    let mut runs: Vec<Verdict> = Vec::new();
    for &first in edges {
        let last = edges.range(first.saturating_add(1)..).next().map_or(u16::MAX, |next| next - 1);
        let decision = policy.decide(&Packet { from, source: None, to, transport, port: first });
        match runs.last_mut() {
            Some(run) if run.decision == decision => run.last = last,
            _ => runs.push(Verdict { transport, first, last, decision }),
        }
    }
    runs
}
