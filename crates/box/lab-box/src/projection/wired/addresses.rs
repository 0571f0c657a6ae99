//! Addresses on their interfaces, and next hops. What has no cable is plugged in where its network is.

use super::segments::Segments;
use super::{At, Build};
use crate::wired::{LaneEnd, NodeKind, Route};
use ipnet::IpNet;
use lab_model::ThingId;
use lab_model::derived::{AddressRole, Assignment};
use lab_model::lab::{Kind, PrefixId};
use lab_model::written::{AddressUse, HostAddress, PrefixKind};
use std::collections::BTreeSet;

/// An interface with its addresses for which no cable tells where it is.
struct Loose {
    node: usize,
    interface: String,
    prefix: PrefixId,
    addresses: Vec<IpNet>,
}

impl Build<'_> {
    pub(super) fn add_addresses(&mut self) {
        let lab = self.lab;
        let mut loose = Vec::new();
        for (id, host) in lab.hosts.iter() {
            self.add_uses(id.into(), &host.addresses, &mut loose);
        }
        for (id, vm) in lab.vms.iter() {
            self.add_uses(id.into(), &vm.addresses, &mut loose);
        }
        for (id, device) in lab.devices.iter() {
            self.add_uses(id.into(), &device.addresses, &mut loose);
        }
        self.plug_in(loose);
    }

    fn add_uses(
        &mut self,
        thing: ThingId,
        uses: &lab_model::record::Addressed<AddressUse>,
        loose: &mut Vec<Loose>,
    ) {
        let Some(&node) = self.node_of.get(&thing) else { return };
        let outside = lab_reach::outside_interfaces(self.lab, thing);
        for (name, said) in uses.iter() {
            let (node, interface) = self.controlled(thing, node, &name.text);
            let mut addresses = self.fixed(said);
            let asks = said.address.iter().any(|address| matches!(address.value, HostAddress::Dhcp));
            if addresses.is_empty() && asks {
                addresses = self.reserved(thing, node, &name.text);
            }
            if addresses.is_empty() && !outside.contains(&name.text) {
                let label = self.lab.name(thing).text.clone();
                let found = self.work.choose(thing, (&label, &name.text), said);
                addresses.extend(found.map(|(_, net)| net));
            }
            match self.device_of(thing, node, &interface) {
                Some(device) => {
                    let own = addresses.into_iter().map(|net| (device.clone(), net));
                    self.plan.nodes[node].addresses.extend(own);
                }
                None => {
                    let prefix = addresses.first().and_then(|net| self.lab.derived.prefix_of(net.addr()));
                    if let Some(prefix) = prefix {
                        loose.push(Loose { node, interface, prefix, addresses });
                    }
                }
            }
        }
    }

    /// The node that really has an interface: a machine's controller is a node of its own.
    fn controlled(&self, thing: ThingId, node: usize, interface: &str) -> (usize, String) {
        let name = format!("{}.{interface}", self.lab.name(thing).text);
        let found = self.plan.nodes.iter().position(|n| n.kind == NodeKind::Controller && n.name == name);
        (found.unwrap_or(node), interface.to_owned())
    }

    fn fixed(&self, said: &AddressUse) -> Vec<IpNet> {
        let net = |address: &HostAddress| match address {
            HostAddress::Fixed(fixed) => {
                let prefix = self.lab.derived.prefix_of(fixed.address);
                let network = prefix.and_then(|prefix| self.lab.derived.prefix(prefix).network);
                let network = network.map(|network| network.prefix_len());
                // An address of its own length on an interface goes with a route to its network, which the lab has no word for.
                let is_alone = |length: &u8| *length == IpNet::from(fixed.address).max_prefix_len();
                let length =
                    fixed.length().filter(|length| network.is_none() || !is_alone(length)).or(network)?;
                IpNet::new(fixed.address, length).ok()
            }
            _ => None,
        };
        said.address.iter().filter_map(|address| net(&address.value)).collect()
    }

    /// What DHCP keeps for an interface, as far as the node does not have it already.
    fn reserved(&self, thing: ThingId, node: usize, interface: &str) -> Vec<IpNet> {
        let uses = self.lab.derived.addresses_of(thing);
        let kept = uses.filter(|assignment| {
            assignment.role == AddressRole::Reservation
                && (assignment.interface.is_empty() || *assignment.interface == *interface)
        });
        let net = |assignment: &Assignment| {
            let network = self.lab.derived.prefix(assignment.prefix?).network?;
            IpNet::new(assignment.address, network.prefix_len()).ok()
        };
        let own = &self.plan.nodes[node].addresses;
        kept.filter_map(net).filter(|net| own.iter().all(|(_, known)| known.addr() != net.addr())).collect()
    }

    /// What an interface is called in its node: the interface of a lane, or the bridge above it.
    fn device_of(&self, thing: ThingId, node: usize, interface: &str) -> Option<String> {
        let bridges = self
            .lab
            .bridges
            .iter()
            .filter(|(_, bridge)| bridge.on.as_ref().and_then(|on| on.id) == Some(thing));
        let mut own = bridges.filter(|(_, bridge)| *bridge.name.text == *interface);
        let wanted = own.next().map_or(interface, |(_, bridge)| bridge.name_in_host());
        let short: String = wanted.chars().take(super::NAME_MAX).collect();
        if self.plan.nodes[node].bridges.iter().any(|bridge| bridge.name == short) {
            return Some(short);
        }
        let on_top = |end: &LaneEnd| end.bridge.clone().unwrap_or_else(|| end.device.clone());
        let named =
            self.plan.ends_of(node).find(|(_, _, end)| end.device == short).map(|(_, _, end)| on_top(end));
        let tagged = wanted.rsplit_once('.').and_then(|(base, tag)| Some((base, Some(tag.parse().ok()?))));
        let based = [Some((wanted, None)), tagged].into_iter().flatten().find_map(|(name, tag)| {
            let base = super::Base { node, name: name.to_owned(), tag };
            self.stations.get(&base)?.first().map(|at| on_top(self.end(*at)))
        });
        let attached = || {
            let port = *self.lab.derived.attachment(thing, interface)?.ports.first()?;
            let facts = self.lab.derived.port(port);
            let words = format!("{}:{}", self.lab.devices[facts.device].name, facts.name);
            let cable =
                self.plan.cables.iter().find(|cable| cable.ends.iter().any(|end| end.port == words))?;
            let side = cable.ends.iter().position(|end| end.port == words)?;
            cable.lanes.iter().find(|lane| lane.tag.is_none()).map(|lane| on_top(&lane.ends[side]))
        };
        named.or(based).or_else(attached)
    }

    fn plug_in(&mut self, loose: Vec<Loose>) {
        let segments = self.segments();
        for one in loose {
            let vlan = self.lab.derived.prefix(one.prefix).vlan;
            let found = self
                .bridge_in(&segments, vlan, one.prefix, |node| self.rank(node).filter(|_| node != one.node));
            let words = format!("{}:{}", self.plan.nodes[one.node].name, one.interface);
            let Some((switch, bridge)) = found else {
                self.plan
                    .not_checked
                    .push(format!("{words}: no cable is described, and its network is nowhere"));
                continue;
            };
            let own = LaneEnd { device: self.name(one.node, &one.interface), ..LaneEnd::default() };
            let device = own.device.clone();
            // A router is what isolated ports may speak with.
            let secondary = self.isolated_in(vlan).filter(|_| !self.is_router(one.node));
            let far = self.port_of(switch, &format!("{}.{}", one.interface, one.node), bridge.clone());
            let far = LaneEnd { isolated: secondary.is_some(), ..far };
            let cable = self.join([(one.node, one.interface.clone(), own), (switch, bridge, far)]);
            self.secondaries.extend(secondary.map(|secondary| (At { cable, lane: 0, side: 1 }, secondary)));
            self.plan.nodes[one.node]
                .addresses
                .extend(one.addresses.into_iter().map(|net| (device.clone(), net)));
            self.loose.push(words);
        }
    }

    /// A port of a bridge for what is no cable of the lab.
    pub(super) fn port_of(&mut self, node: usize, wanted: &str, bridge: String) -> LaneEnd {
        LaneEnd { device: self.name(node, wanted), bridge: Some(bridge), ..LaneEnd::default() }
    }

    /// Gives routers that the lab names for a prefix, without an address in it, its gateway or the lowest free address.
    pub(super) fn add_loose(&mut self) {
        let lab = self.lab;
        for (id, prefix) in lab.prefixes.iter() {
            let facts = lab.derived.prefix(id);
            let (Some(IpNet::V4(network)), Some(vlan)) = (facts.network, facts.vlan) else { continue };
            for router in prefix.routers.ids() {
                let Some(&node) = self.node_of.get(&router) else { continue };
                let has = |(_, net): &(String, IpNet)| IpNet::V4(network).contains(&net.addr());
                if self.plan.nodes[node].addresses.iter().any(has) {
                    continue;
                }
                let Some(bridge) = self
                    .vlan_of
                    .iter()
                    .find(|((n, _), v)| *n == node && **v == vlan)
                    .map(|((_, b), _)| b.clone())
                else {
                    continue;
                };
                let said = prefix.gateway.as_ref().map(|gateway| gateway.value.0);
                let place = format!("{}:{bridge}", lab.name(router));
                let chosen = || self.work.take_free(id, network, &place, "unknown").map(std::net::IpAddr::V4);
                if let Some(address) = said.or_else(chosen)
                    && let Ok(net) = IpNet::new(address, network.prefix_len())
                {
                    self.plan.nodes[node].addresses.push((bridge, net));
                }
            }
        }
    }

    /// The default route of everything that is no router.
    pub(super) fn add_routes(&mut self) {
        for node in 0..self.plan.nodes.len() {
            if !matches!(
                self.plan.nodes[node].kind,
                NodeKind::Router | NodeKind::Provider | NodeKind::Internet
            ) && self.plan.nodes[node].routes.is_empty()
            {
                let route = self.default_of(node);
                self.plan.nodes[node].routes.extend(route);
            }
        }
        self.leave_islands();
    }

    /// Where no cable leads from a machine to anything that forwards packets, its next hop is nowhere.
    fn leave_islands(&mut self) {
        let mut parent: Vec<usize> = (0..self.plan.nodes.len()).collect();
        let root = |parent: &[usize], mut node: usize| {
            while parent[node] != node {
                node = parent[node];
            }
            node
        };
        for cable in &self.plan.cables {
            let [one, other] = [0, 1].map(|side| root(&parent, cable.ends[side].node));
            parent[other] = one;
        }
        let leading: BTreeSet<usize> = (0..parent.len())
            .filter(|node| self.plan.nodes[*node].forwards || self.is_router(*node))
            .map(|node| root(&parent, node))
            .collect();
        let mut alone = Vec::new();
        for (index, node) in self.plan.nodes.iter_mut().enumerate() {
            if !leading.contains(&root(&parent, index)) && !node.routes.is_empty() {
                node.routes.clear();
                alone.push(node.name.clone());
            }
        }
        if !leading.is_empty() && !alone.is_empty() {
            let words = format!("next hop of {}: no cable is described that leads there", alone.join(", "));
            self.plan.not_checked.push(words);
        }
    }

    pub(super) fn is_router(&self, node: usize) -> bool {
        let routers = lab_reach::routers(self.lab);
        routers.iter().any(|router| self.node_of.get(router) == Some(&node))
    }

    fn default_of(&self, node: usize) -> Option<Route> {
        let own: Vec<_> = self.plan.nodes[node].addresses.iter().map(|(_, net)| net.addr()).collect();
        let via = own.iter().filter(|own| own.is_ipv4()).find_map(|own| self.router_of(*own))?;
        let is_near = self.plan.nodes[node].addresses.iter().any(|(_, net)| net.contains(&via));
        (is_near && !own.contains(&via)).then_some(Route { to: None, via })
    }

    /// The router in the prefix of an address: its gateway, or an address of the router that is named for it.
    pub(super) fn router_of(&self, address: std::net::IpAddr) -> Option<std::net::IpAddr> {
        let id = self.lab.derived.prefix_of(address)?;
        let prefix = &self.lab.prefixes[id];
        if prefix.kind.as_ref().is_some_and(|kind| kind.value == PrefixKind::PointToPoint) {
            return None;
        }
        if let Some(gateway) = &prefix.gateway {
            return Some(gateway.value.0);
        }
        let network = self.lab.derived.prefix(id).network?;
        let routers = prefix.routers.ids().filter(|router| router.kind != Kind::Cluster);
        routers.filter_map(|router| self.node_of.get(&router)).find_map(|&node| {
            self.plan.nodes[node]
                .addresses
                .iter()
                .map(|(_, net)| net.addr())
                .find(|own| network.contains(own))
        })
    }

    /// Segments as they are now, for whoever plugs more in.
    pub(super) fn segments_now(&self) -> Segments {
        self.segments()
    }
}
