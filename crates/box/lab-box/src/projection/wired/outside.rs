//! What the box adds to the lab: a provider at the end of each line, an Internet of a few addresses behind them, and a client in each zone.

use super::programs::program;
use super::{At, Base, Build};
use crate::plan::{ServicePort, Transport};
use crate::wired::{Cable, Lane, LaneEnd, Node, NodeKind, Plug, Route};
use ipnet::IpNet;
use lab_model::lab::{CircuitId, DeviceId, PrefixId, VlanIdOf, ZoneId};
use lab_model::written::DeviceRole;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// Name servers and a web server that are always there outside.
const OUTSIDE: [Ipv4Addr; 5] = [
    Ipv4Addr::new(198, 51, 100, 1),
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(9, 9, 9, 9),
];

/// The addresses of a line: the provider's, and the only one that it gives (RFC 5737 has them for documentation).
fn of_line(index: usize) -> (Ipv4Addr, Ipv4Addr, u8) {
    let base = u32::from(Ipv4Addr::new(203, 0, 113, 0)) + 8 * u32::try_from(index % 32).unwrap_or(0);
    (Ipv4Addr::from(base + 1), Ipv4Addr::from(base + 2), 29)
}

impl Build<'_> {
    /// A provider for each line that ends at a port in the box.
    pub(super) fn add_lines(&mut self) {
        let ids: Vec<CircuitId> = self.lab.circuits.iter().map(|(id, _)| id).collect();
        let mut used = BTreeSet::new();
        for id in ids {
            let Some((device, port)) = self.line_end(id) else { continue };
            let words = format!("{}:{port}", self.lab.devices[device].name);
            let Some(&node) = self.node_of.get(&device.into()) else { continue };
            if used.insert(words.clone()) {
                self.add_line(id, device, &port, node, &words);
            }
        }
        if used.is_empty() {
            self.plan
                .not_checked
                .push("the Internet: no line is described that ends at a port in the box".to_owned());
        } else {
            self.add_internet();
        }
    }

    fn line_end(&self, id: CircuitId) -> Option<(DeviceId, String)> {
        let end = &self.lab.circuits[id].ends_at.as_ref()?.value;
        Some((self.lab.devices.find(&end.device.to_string())?, end.interface.to_string()))
    }

    fn add_line(&mut self, id: CircuitId, device: DeviceId, port: &str, node: usize, words: &str) {
        let name = self.free_name(&format!("provider-{}", self.lab.circuits[id].name.text));
        let provider = self.add_node(&name, NodeKind::Provider, &[]);
        self.plan.nodes[provider].things = vec![self.lab.subject(id)];
        let found = self.lab.derived.find_port(device, port);
        let base = match found.and_then(|port| self.end_at(port)) {
            Some(end) => self.base_name(&end),
            None => port.to_owned(),
        };
        let near = LaneEnd { device: self.name(provider, "line"), ..LaneEnd::default() };
        let own = LaneEnd { device: self.name(node, &base), ..LaneEnd::default() };
        let outside = own.device.clone();
        let cable = self.plan.cables.len();
        self.plan.cables.push(Cable {
            name: format!("{name}:line {words}"),
            things: vec![self.lab.subject(id)],
            ends: [
                Plug { node: provider, port: format!("{name}:line") },
                Plug { node, port: words.to_owned() },
            ],
            lanes: vec![Lane { tag: None, ends: [near, own] }],
            is_described: true,
        });
        let at = At { cable, lane: 0, side: 1 };
        self.stations.entry(Base { node, name: base, tag: None }).or_default().push(at);
        let index = self.plan.nodes.iter().filter(|node| node.kind == NodeKind::Provider).count() - 1;
        self.furnish_provider(provider, index);
        if self.lab.derived.device(device).role == Some(DeviceRole::Modem) {
            self.furnish_modem(node, &outside, index);
        }
    }

    fn furnish_provider(&mut self, node: usize, index: usize) {
        let (own, given, length) = of_line(index);
        let provider = &mut self.plan.nodes[node];
        provider.forwards = true;
        provider.addresses.push(("line".to_owned(), net(own, length)));
        let script = format!(
            "setsid dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=line --bind-interfaces --user=root \
             --dhcp-range={given},{given},255.255.255.248,1h --dhcp-option=3,{own} --dhcp-option=6,9.9.9.9 --no-ping \
             --dhcp-authoritative --dhcp-leasefile=/mnt/leases --pid-file=/mnt/dnsmasq.pid &\n"
        );
        provider.programs.push(program("dnsmasq", &script, &["dnsmasq"]));
    }

    /// A modem that routes: it has the line's address and translates.
    fn furnish_modem(&mut self, node: usize, outside: &str, index: usize) {
        let (hop, own, length) = of_line(index);
        let modem = &mut self.plan.nodes[node];
        modem.forwards = true;
        modem.addresses.push((outside.to_owned(), net(own, length)));
        modem.routes.push(Route { to: None, via: IpAddr::V4(hop) });
        let script = format!(
            "nft -f - <<'END'\ntable ip modem {{\n  chain out {{\n    type nat hook postrouting priority 100;\n    oifname \"{outside}\" masquerade\n  }}\n}}\nEND\n"
        );
        modem.programs.push(program("nat", &script, &[]));
    }

    fn add_internet(&mut self) {
        let name = self.free_name("internet");
        let internet = self.add_node(&name, NodeKind::Internet, &[]);
        let providers: Vec<usize> =
            (0..internet).filter(|&node| self.plan.nodes[node].kind == NodeKind::Provider).collect();
        for (index, provider) in providers.into_iter().enumerate() {
            let (own, given, length) = of_line(index);
            let third = u8::try_from(index).unwrap_or(u8::MAX);
            let (near, far) = (Ipv4Addr::new(198, 18, third, 1), Ipv4Addr::new(198, 18, third, 2));
            let end = |device: String| LaneEnd { device, ..LaneEnd::default() };
            let ends = [end(self.name(provider, "uplink")), end(self.name(internet, &format!("net{index}")))];
            let [up, down] = ends.clone();
            self.join([(provider, "uplink".to_owned(), up), (internet, down.device.clone(), down)]);
            self.plan.nodes[provider].addresses.push((ends[0].device.clone(), net(near, 30)));
            self.plan.nodes[provider].routes.push(Route { to: None, via: IpAddr::V4(far) });
            self.plan.nodes[internet].addresses.push((ends[1].device.clone(), net(far, 30)));
            let line = net(given, length).trunc();
            self.plan.nodes[internet].routes.push(Route { to: Some(line), via: IpAddr::V4(near) });
            let _ = own;
        }
        let asked = self.resolvers_outside();
        let outside: &mut Node = &mut self.plan.nodes[internet];
        let all: BTreeSet<Ipv4Addr> = OUTSIDE.into_iter().chain(asked).collect();
        outside.addresses.extend(all.into_iter().map(|address| ("lo".to_owned(), net(address, 32))));
        outside.forwards = true;
        let page =
            |port: u16| ServicePort { port, transport: Transport::Tcp, service: "internet".to_owned() };
        outside.services = vec![page(80), page(443)];
        let script = "setsid dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --user=root --address=/#/198.51.100.1 \
                      --pid-file=/mnt/dnsmasq.pid &\n";
        outside.programs.push(program("dnsmasq", script, &["dnsmasq"]));
        self.plan.stand_ins.push(
            "the Internet: one node with name servers, for which every name is 198.51.100.1, and a web server".to_owned(),
        );
        self.plan.stand_ins.push(
            "providers: one address by DHCP to whoever asks first, no speed and no delay of a line"
                .to_owned(),
        );
    }

    /// Name servers that machines ask and that are no address of the lab.
    fn resolvers_outside(&self) -> BTreeSet<Ipv4Addr> {
        let hosts = self.lab.hosts.iter().flat_map(|(_, host)| &host.dns);
        let vms = self.lab.vms.iter().flat_map(|(_, vm)| &vm.dns);
        let said = hosts.chain(vms).filter_map(|text| text.text.parse::<IpAddr>().ok());
        let given =
            self.lab.prefixes.iter().flat_map(|(_, prefix)| &prefix.dns).map(|address| address.value.0);
        let is_outside =
            |address: &IpAddr| self.lab.derived.prefix_of(*address).is_none() && !address.is_loopback();
        said.chain(given)
            .filter(is_outside)
            .filter_map(|address| if let IpAddr::V4(v4) = address { Some(v4) } else { None })
            .collect()
    }

    /// A client in each zone, two where members must not reach each other.
    pub(super) fn add_clients(&mut self) {
        let zones: Vec<ZoneId> = self.lab.zones.iter().map(|(id, _)| id).collect();
        let mut without = Vec::new();
        for id in zones {
            let zone = &self.lab.zones[id];
            let n = if zone.isolated.as_ref().is_some_and(|said| said.value) { 2 } else { 1 };
            let Some((prefix, vlan)) = self.network_of_zone(id) else {
                without.push(zone.name.text.to_string());
                continue;
            };
            for k in 1..=n {
                let name = if n == 1 {
                    format!("client-{}", zone.name.text)
                } else {
                    format!("client-{}-{k}", zone.name.text)
                };
                if !self.add_client(&name, prefix, vlan) {
                    without.push(zone.name.text.to_string());
                }
            }
        }
        if !without.is_empty() {
            self.plan.not_checked.push(format!("clients of {}: nowhere to plug them in", without.join(", ")));
        }
    }

    fn network_of_zone(&self, id: ZoneId) -> Option<(PrefixId, Option<VlanIdOf>)> {
        let derived = &self.lab.derived;
        let is_v4 = |prefix: PrefixId| matches!(derived.prefix(prefix).network, Some(IpNet::V4(_)));
        self.lab.zones[id].of.ids().find_map(|member| {
            if let Ok(prefix) = PrefixId::try_from(member) {
                return is_v4(prefix).then(|| (prefix, derived.prefix(prefix).vlan));
            }
            let vlan = VlanIdOf::try_from(member).ok()?;
            let mut prefixes = self.lab.prefixes.iter().map(|(id, _)| id);
            prefixes
                .find(|prefix| is_v4(*prefix) && derived.prefix(*prefix).vlan == Some(vlan))
                .map(|prefix| (prefix, Some(vlan)))
        })
    }

    fn add_client(&mut self, wanted: &str, prefix: PrefixId, vlan: Option<VlanIdOf>) -> bool {
        let Some(IpNet::V4(network)) = self.lab.derived.prefix(prefix).network else { return false };
        let segments = self.segments_now();
        // People come by Wi-Fi where there is some.
        let rank = |node: usize| {
            let is_wireless = self.is_access_point(node);
            self.rank(node).map(|rank| if is_wireless { 0 } else { rank + 1 })
        };
        let Some((switch, bridge)) = self.bridge_in(&segments, vlan, prefix, rank) else { return false };
        let name = self.free_name(wanted);
        let Some(address) = self.work.take_free(prefix, network, &name, "client") else { return false };
        let client = self.add_node(&name, NodeKind::Client, &[]);
        let own = LaneEnd { device: self.name(client, "eth0"), ..LaneEnd::default() };
        let secondary = self.isolated_in(vlan);
        let far = LaneEnd { isolated: secondary.is_some(), ..self.port_of(switch, &name, bridge.clone()) };
        let cable = self.join([(client, "eth0".to_owned(), own), (switch, bridge, far)]);
        self.secondaries.extend(secondary.map(|secondary| (At { cable, lane: 0, side: 1 }, secondary)));
        self.plan.nodes[client].addresses.push(("eth0".to_owned(), net(address, network.prefix_len())));
        let via = self.router_of(IpAddr::V4(address));
        self.plan.nodes[client].routes.extend(via.map(|via| Route { to: None, via }));
        true
    }

    fn is_access_point(&self, node: usize) -> bool {
        let found = self.node_of.iter().find(|(_, own)| **own == node);
        let device = found.and_then(|(thing, _)| DeviceId::try_from(*thing).ok());
        device.is_some_and(|device| self.lab.derived.device(device).role == Some(DeviceRole::AccessPoint))
    }
}

fn net(address: Ipv4Addr, length: u8) -> IpNet {
    IpNet::new(IpAddr::V4(address), length).expect("lengths here are 32 at most")
}
