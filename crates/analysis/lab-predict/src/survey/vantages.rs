//! From where people use the lab: access points and sockets in the networks that people are in, and the outside.

use super::Surveyor;
use super::network::{Net, net_of_prefix};
use crate::works::{Holder, SegmentId, Vantage, VertexId, VertexKind};
use lab_model::Kind;
use lab_model::lab::{DeviceId, PrefixId, VlanIdOf, ZoneId};
use lab_model::written::DeviceRole;
use std::collections::BTreeSet;

/// Roles of networks in which machines are and no people.
const FOR_MACHINES: [&str; 3] = ["workloads", "storage", "iot"];

/// What is known of a vantage beside its row, by position.
#[derive(Clone, Debug)]
pub(super) struct VantageFacts {
    /// The zone.
    pub(super) zone: Option<ZoneId>,
    /// Its networks; none outside.
    pub(super) nets: Vec<Net>,
}

/// How surely people are in a network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Sign {
    /// Somebody is there, and nothing says how people come in.
    Somebody,
    /// Something forwards there.
    Network,
    /// A switch is there.
    Switch,
    /// An access point or a free socket is there.
    Socket,
}

impl Surveyor<'_> {
    /// Adds the vantages: a zone that people are in each, or a segment each when there are no zones; and the outside.
    pub(super) fn add_vantages(&mut self) {
        let mut candidates: Vec<(VantageFacts, Sign, Vec<VertexId>)> = Vec::new();
        for facts in self.possible_vantages() {
            let is_for_machines = facts.nets.iter().any(|&net| self.has_role(net, &FOR_MACHINES));
            let found = self.seats(&facts);
            if let Some((sign, at)) = found.filter(|_| !is_for_machines) {
                candidates.push((facts, sign, at));
            }
        }
        let best = candidates.iter().map(|(_, sign, _)| *sign).max();
        for (facts, sign, at) in candidates {
            if Some(sign) == best {
                self.add_vantage(facts, at);
            }
        }
        let outside: Vec<VertexId> = self
            .network
            .vertex_of
            .iter()
            .filter(|((holder, _), _)| *holder == Holder::Internet)
            .map(|(_, &at)| at)
            .collect();
        if !outside.is_empty() {
            self.vantage_facts.push(VantageFacts { zone: None, nets: Vec::new() });
            let label = "outside".to_owned();
            self.works.vantages.push(Vantage { thing: None, label, at: outside, outside: true });
        }
    }

    fn possible_vantages(&self) -> Vec<VantageFacts> {
        if self.lab.zones.is_empty() {
            let nets =
                self.network.segment_of.iter().filter(|(_, segment)| {
                    !self.network.vertex_of.contains_key(&(Holder::Internet, **segment))
                });
            return nets.map(|(&net, _)| VantageFacts { zone: None, nets: vec![net] }).collect();
        }
        let zones = self.lab.zones.iter();
        zones.map(|(zone, _)| VantageFacts { zone: Some(zone), nets: self.nets_of_zone(zone) }).collect()
    }

    /// The networks of a zone.
    pub(super) fn nets_of_zone(&self, zone: ZoneId) -> Vec<Net> {
        let members = self.lab.zones[zone].of.ids();
        let nets: BTreeSet<Net> = members
            .map(|member| match member.kind {
                Kind::Vlan => Net::Vlan(VlanIdOf(member.index)),
                _ => net_of_prefix(self.lab, PrefixId(member.index)),
            })
            .collect();
        nets.into_iter().collect()
    }

    /// True when a network's VLAN has one of some roles.
    pub(super) fn has_role(&self, net: Net, roles: &[&str]) -> bool {
        let Net::Vlan(vlan) = net else { return false };
        self.lab.vlans[vlan].roles.iter().any(|role| roles.contains(&&*role.text))
    }

    fn add_vantage(&mut self, facts: VantageFacts, at: Vec<VertexId>) {
        let (thing, label) = match facts.zone {
            Some(zone) => (Some(zone.into()), self.lab.zones[zone].name.text.to_string()),
            None => {
                let segment = self.network.segment_of[&facts.nets[0]];
                (self.works[segment].thing, self.works[segment].label.clone())
            }
        };
        self.vantage_facts.push(facts);
        self.works.vantages.push(Vantage { thing, label, at, outside: false });
    }

    /// Where people of these networks may sit: access points and free sockets; if there are none, switches; else whatever forwards.
    fn seats(&self, facts: &VantageFacts) -> Option<(Sign, Vec<VertexId>)> {
        let is_management =
            facts.zone.is_some_and(|zone| super::machines::is_true(self.lab.zones[zone].management.as_ref()));
        let (mut sockets, mut switches, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        let mut others = Vec::new();
        for &net in &facts.nets {
            let Some(&segment) = self.network.segment_of.get(&net) else { continue };
            others.extend(self.others_in(segment));
            for (&device, &unit) in &self.unit_of {
                let Some(&vertex) = self.network.vertex_of.get(&(Holder::Unit(unit), segment)) else {
                    continue;
                };
                if self.works[vertex].kind != VertexKind::Forwards {
                    continue;
                }
                let role = self.lab.derived.device(device).role;
                // What carries Wi-Fi is managed in the network that reaches it without a tag; nobody's laptop is there.
                let is_access_point = role == Some(DeviceRole::AccessPoint) && !is_management;
                if is_access_point || self.has_socket(device, net) {
                    sockets.push(vertex);
                } else if role == Some(DeviceRole::Switch) {
                    switches.push(vertex);
                } else {
                    rest.push(vertex);
                }
            }
        }
        let ranked = [
            (Sign::Socket, sockets),
            (Sign::Switch, switches),
            (Sign::Network, rest),
            (Sign::Somebody, others),
        ];
        ranked.into_iter().find(|(_, at)| !at.is_empty())
    }

    /// Where nothing forwards: the gateways, since people share a network with one; without any, everybody who is there.
    fn others_in(&self, segment: SegmentId) -> Vec<VertexId> {
        let gateways: Vec<VertexId> =
            self.works[segment].gateways.iter().map(|gateway| gateway.vertex).collect();
        let everybody = || {
            let inside = self.network.vertex_of.iter().filter(|((_, of), _)| *of == segment);
            inside.map(|(_, &vertex)| vertex).collect()
        };
        if gateways.is_empty() { everybody() } else { gateways }
    }

    /// True when a port of the switch is in the network, switched on, and has no cable; or nothing is written of its ports and one is free.
    fn has_socket(&self, device: DeviceId, net: Net) -> bool {
        let derived = &self.lab.derived;
        let facts = derived.device(device);
        let is_free = |port: lab_model::derived::PortId| {
            let facts = derived.port(port);
            facts.class == lab_model::derived::PortClass::Network
                && facts.enabled
                && !facts.management
                && facts.split_into.is_empty()
                && !self.is_line_end(device, port)
                && derived.links_of(port).is_empty()
        };
        let is_written = facts.ports.iter().any(|port| derived.vlans_of(*port).is_some());
        if !is_written {
            let is_switch = matches!(facts.role, Some(DeviceRole::Switch | DeviceRole::Router));
            return is_switch && facts.ports.iter().any(|&port| is_free(port));
        }
        let in_net = |port| {
            let vlans = derived.vlans_of(port);
            vlans.is_some_and(|vlans| vlans.enabled && vlans.untagged.map(Net::Vlan) == Some(net))
        };
        facts.ports.iter().any(|&port| is_free(port) && in_net(port))
    }

    fn is_line_end(&self, device: DeviceId, port: lab_model::derived::PortId) -> bool {
        self.lines().any(|line| self.port_of_line(line) == Some((device, Some(port))))
    }
}
