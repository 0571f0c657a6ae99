//! From the zones of a lab to addresses and ports.

use crate::address_set::AddressSet;
use crate::holders::{addresses_of, machine_addresses};
use crate::peering::sessions;
use crate::policy::{Grant, Opening, Permit, Policy, Unresolved, ZonePolicy};
use crate::routers::{gateway_addresses, routers};
use ipnet::IpNet;
use lab_model::Lab;
use lab_model::grammar::{Grammar, Port};
use lab_model::lab::{ClusterId, Kind, PrefixId, ThingId, VlanIdOf, ZoneId};
use lab_model::written::Reach;
use lab_source::{Span, Spanned};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Addresses that mean nothing on the Internet (RFC 6890): "this network", private use, shared with carriers, loopback, link-local,
/// multicast, reserved; unique local, link-local and multicast of IPv6. Those for documentation are left out: labs are tried out with them.
const NOT_OUTSIDE: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// What a router must always answer to those who manage it.
const MANAGEMENT_PORT: &str = "ssh";

/// What is sent to everybody on a link, routers among them: DHCP begins so, and IPv6 speaks of routers by these.
const TO_ALL: [&str; 3] = ["255.255.255.255/32", "fe80::/10", "ff02::/16"];

/// Ports of BGP (RFC 4271) and of BFD over one hop (RFC 5881 §4), where that is used.
const BGP_PORT: &str = "bgp";
const BFD_PORTS: &str = "3784-3785/udp";

/// Makes the policy of a lab.
pub fn compile(lab: &Lab) -> Policy {
    let routers = routers(lab);
    let gateways: AddressSet = gateway_addresses(lab, &routers).into_iter().collect();
    let mut policy = Policy {
        private: private(lab),
        openings: Vec::new(),
        unresolved: Vec::new(),
        zones: Vec::new(),
        gateways,
        routers,
    };
    let members = members(lab);
    for (id, zone) in lab.zones.iter() {
        let is_said =
            |fact: &Option<Spanned<bool>>| fact.as_ref().filter(|fact| fact.value).map(|fact| fact.span);
        policy.zones.push(ZonePolicy {
            id,
            name: zone.name.to_string(),
            members: members[&id].clone(),
            isolated: is_said(&zone.isolated),
            is_management: is_said(&zone.management).is_some(),
            permits: Vec::new(),
            denied_by: zone.name.span,
        });
    }
    let compiled: Vec<(Vec<Permit>, Vec<Unresolved>)> = lab
        .zones
        .iter()
        .map(|(id, _)| {
            let mut compiler = Compiler { lab, id, policy: &policy, unresolved: Vec::new() };
            (compiler.permits(), compiler.unresolved)
        })
        .collect();
    for (zone, (permits, unresolved)) in policy.zones.iter_mut().zip(compiled) {
        zone.permits = permits;
        policy.unresolved.extend(unresolved);
    }
    add_openings(lab, &mut policy);
    policy
}

/// The lab's own prefixes and what means nothing outside.
fn private(lab: &Lab) -> AddressSet {
    let special = NOT_OUTSIDE.iter().map(|net| net.parse::<IpNet>().expect("the list holds prefixes"));
    let own = lab.derived.prefixes.iter().filter_map(|facts| facts.network);
    let lines = lab
        .circuits
        .iter()
        .filter_map(|(_, circuit)| circuit.prefix.as_ref())
        .map(|prefix| prefix.value.network());
    special.chain(own).chain(lines).collect()
}

/// The addresses of each zone's members: the prefixes it names or whose VLANs it names, and those of clusters whose nodes are
/// there. Of two zones an address belongs to the one with the longer prefix.
fn members(lab: &Lab) -> BTreeMap<ZoneId, AddressSet> {
    let mut nets: Vec<(IpNet, ZoneId)> = Vec::new();
    for (id, zone) in lab.zones.iter() {
        let of = zone.of.ids().flat_map(|member| match member.kind {
            Kind::Vlan => prefixes_of_vlan(lab, VlanIdOf(member.index)),
            _ => vec![PrefixId(member.index)],
        });
        nets.extend(of.filter_map(|prefix| lab.derived.prefix(prefix).network).map(|net| (net, id)));
    }
    let on_links = nets.clone();
    for (id, _) in lab.clusters.iter() {
        let nodes: Vec<IpAddr> =
            lab.workers_of(id).iter().flat_map(|node| machine_addresses(lab, *node)).collect();
        let home = on_links.iter().find(|(net, _)| nodes.iter().any(|node| net.contains(node)));
        let Some(&(_, zone)) = home else { continue };
        nets.extend(cluster_networks(lab, id).into_iter().map(|net| (net, zone)));
    }
    let mut members: BTreeMap<ZoneId, AddressSet> =
        lab.zones.iter().map(|(id, _)| (id, AddressSet::default())).collect();
    // The shortest prefix first: what comes later is more exact, and takes away from what came before.
    nets.sort_by_key(|(net, zone)| (net.prefix_len(), *zone, net.network()));
    for (net, zone) in nets {
        let one: AddressSet = std::iter::once(net).collect();
        for (other, set) in &mut members {
            *set = if *other == zone { set.union(&one) } else { set.minus(&one) };
        }
    }
    members
}

fn prefixes_of_vlan(lab: &Lab, vlan: VlanIdOf) -> Vec<PrefixId> {
    let in_vlan =
        lab.prefixes.iter().filter(|(_, prefix)| prefix.vlan.as_ref().and_then(|of| of.id) == Some(vlan));
    in_vlan.map(|(id, _)| id).collect()
}

/// Networks that a cluster's nodes answer for.
fn cluster_networks(lab: &Lab, id: ClusterId) -> Vec<IpNet> {
    let record = &lab.clusters[id];
    let said = [&record.pods, &record.services].into_iter().flatten().filter_map(|prefix| prefix.id);
    let of =
        lab.prefixes.iter().filter(|(_, prefix)| prefix.cluster.as_ref().and_then(|of| of.id) == Some(id));
    let all = said.chain(record.load_balancers.ids()).chain(of.map(|(prefix, _)| prefix));
    all.filter_map(|prefix| lab.derived.prefix(prefix).network).collect()
}

/// Makes the permits of one zone, once the members of all are known.
struct Compiler<'a> {
    lab: &'a Lab,
    id: ZoneId,
    policy: &'a Policy,
    unresolved: Vec<Unresolved>,
}

impl Compiler<'_> {
    fn own(&self) -> &ZonePolicy {
        self.policy.zone(self.id).expect("every zone has its policy before permits are made")
    }

    /// The routers at their addresses in this zone, and what is sent to all on a link.
    fn gateway(&self) -> AddressSet {
        let own = &self.own().members;
        let links = self.lab.derived.prefixes.iter().filter_map(|facts| facts.network);
        let broadcasts = links.filter(|net| net.addr().is_ipv4()).filter(|net| {
            let one: AddressSet = std::iter::once(*net).collect();
            one.minus(own).is_empty() && one.overlaps(&self.policy.gateways)
        });
        let to_all = TO_ALL.iter().map(|net| net.parse::<IpNet>().expect("the list holds prefixes"));
        self.policy
            .gateways
            .intersection(own)
            .union(&broadcasts.map(|net| IpNet::from(net.broadcast())).chain(to_all).collect())
    }

    fn permits(&mut self) -> Vec<Permit> {
        let zone = &self.lab.zones[self.id];
        let mut permits = Vec::new();
        if self.own().is_management {
            let span = zone.management.as_ref().map_or(zone.name.span, |said| said.span);
            permits.push(self.gateway_permit(&[MANAGEMENT_PORT], Grant::Management, None, span));
        }
        permits.extend(self.peerings());
        for reach in &zone.may_reach {
            permits.extend(self.written(reach));
        }
        permits.extend(self.inside());
        permits
    }

    fn gateway_permit(
        &self,
        ports: &[&str],
        grant: Grant,
        sources: Option<AddressSet>,
        span: Span,
    ) -> Permit {
        let ports = ports.iter().map(|port| Port::parse(port).expect("a port of the list")).collect();
        let name = "gateway".to_owned();
        Permit { name, sources, to: self.gateway(), is_internet: false, is_gateway: true, ports, grant, span }
    }

    /// BGP and BFD with those of this zone that a router speaks with.
    fn peerings(&self) -> Vec<Permit> {
        let members = &self.own().members;
        let routers = &self.policy.routers;
        let mut plain: Vec<IpAddr> = Vec::new();
        let mut watched: Vec<IpAddr> = Vec::new();
        for session in sessions(self.lab) {
            for (own, other) in [(&session.near, &session.far), (&session.far, &session.near)] {
                if routers.contains(&own.machine) && members.contains(other.address) {
                    plain.push(other.address);
                    watched.extend(session.bfd.then_some(other.address));
                }
            }
        }
        let span = self.lab.bgp.iter().next().map_or(self.own().denied_by, |(_, speaker)| speaker.name.span);
        let permit = |peers: Vec<IpAddr>, port: &str| {
            let sources: AddressSet = peers.into_iter().collect();
            (!sources.is_empty()).then(|| self.gateway_permit(&[port], Grant::Peering, Some(sources), span))
        };
        permit(plain, BGP_PORT).into_iter().chain(permit(watched, BFD_PORTS)).collect()
    }

    fn written(&mut self, reach: &Reach) -> Option<Permit> {
        let to = reach.to.as_ref()?;
        let mut permit = Permit {
            name: to.text.to_string(),
            sources: None,
            to: AddressSet::default(),
            is_internet: false,
            is_gateway: false,
            ports: reach.on.iter().map(|port| port.value).collect(),
            grant: Grant::Written,
            span: reach.span,
        };
        match (to.id, &*to.text) {
            (None, "internet") => {
                permit.is_internet = true;
                permit.to = AddressSet::everything().minus(&self.policy.private);
            }
            (None, "gateway") => {
                permit.is_gateway = true;
                permit.to = self.gateway();
            }
            (None, "itself") => permit.to = self.own().members.minus(&self.policy.gateways),
            (None, _) => return None,
            (Some(thing), _) => permit.to = self.addresses(thing),
        }
        if permit.to.is_empty() {
            let from = self.own().name.clone();
            self.unresolved.push(Unresolved { from, to: permit.name, span: to.span });
            return None;
        }
        Some(permit)
    }

    fn addresses(&self, thing: ThingId) -> AddressSet {
        match ZoneId::try_from(thing) {
            // A zone is reached with what routers have in it; our own is reached at its members only.
            Ok(zone) if zone == self.id => self.own().members.minus(&self.policy.gateways),
            Ok(zone) => self.policy.zone(zone).map(|zone| zone.members.clone()).unwrap_or_default(),
            Err(()) => addresses_of(self.lab, thing).into_iter().collect(),
        }
    }

    /// What members may do among themselves.
    fn inside(&mut self) -> Vec<Permit> {
        let zone = &self.lab.zones[self.id];
        let others = self.own().members.minus(&self.policy.gateways);
        let permit = |name: &str, sources, to, grant, span| Permit {
            name: name.to_owned(),
            sources,
            to,
            is_internet: false,
            is_gateway: false,
            ports: Vec::new(),
            grant,
            span,
        };
        if self.own().isolated.is_none() {
            return vec![permit("itself", None, others, Grant::SameZone, zone.name.span)];
        }
        let mut permits = Vec::new();
        for pair in &zone.pairs {
            let ends: Vec<AddressSet> = pair.text.split_whitespace().map(|name| self.named(name)).collect();
            match &ends[..] {
                [from, to] if !from.is_empty() && !to.is_empty() => {
                    permits.push(permit(&pair.text, Some(from.clone()), to.clone(), Grant::Pair, pair.span));
                }
                _ => self.unresolved.push(Unresolved {
                    from: zone.name.to_string(),
                    to: pair.text.to_string(),
                    span: pair.span,
                }),
            }
        }
        permits
    }

    /// The addresses of a machine, device or service by name.
    fn named(&self, name: &str) -> AddressSet {
        let service = || self.lab.services.find(name).map(ThingId::from);
        let thing = self.lab.addressed(name).or_else(service);
        thing.map(|thing| addresses_of(self.lab, thing).into_iter().collect()).unwrap_or_default()
    }
}

fn add_openings(lab: &Lab, policy: &mut Policy) {
    for (_, forward) in lab.forwards.iter() {
        let Some(to) = &forward.to else { continue };
        let addresses = to.id.map(|thing| addresses_of(lab, thing)).unwrap_or_default();
        if addresses.is_empty() {
            let from = forward.name.to_string();
            policy.unresolved.push(Unresolved { from, to: to.text.to_string(), span: to.span });
            continue;
        }
        // One address of each family: a forward leads to one place.
        let first = |v4: bool| addresses.iter().copied().find(|address| address.is_ipv4() == v4);
        policy.openings.push(Opening {
            name: forward.name.to_string(),
            ports: forward.ports.iter().map(|port| port.value).collect(),
            to: first(true).into_iter().chain(first(false)).collect(),
            to_port: forward.to_port.as_ref().map(|port| port.value),
            sources: forward.from.iter().map(|prefix| prefix.value.network()).collect(),
            span: forward.name.span,
        });
    }
}
