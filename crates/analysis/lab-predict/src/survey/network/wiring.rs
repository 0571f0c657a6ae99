//! Cables, panels and lines as ways between those who have ports: who is at each end, and what the end carries.

use super::domain::{Carried, Domains, Net, Takes};
use super::interface::{Interface, net_of_address};
use crate::survey::Surveyor;
use crate::works::Holder;
use lab_model::derived::{CablePath, PortId, PortVlans};
use lab_model::lab::{CircuitId, DeviceId, LagId};
use lab_model::written::{CableKind, HostAddress, LagMode};
use std::collections::{BTreeMap, BTreeSet};

/// What one end of a way carries.
#[derive(Clone, Debug)]
pub(super) enum Carries {
    /// What is written.
    Fixed(Vec<Carried>),
    /// What its domain turns out to carry.
    Domain(u32),
}

/// Who is at a port.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Who.
    pub(super) holder: Holder,
    /// What passes there.
    pub(super) carries: Carries,
    /// What hangs together without a cable: a forwarding device, or one interface. Cables join these.
    pub(super) body: u32,
    /// False when the port is switched off.
    pub(super) open: bool,
}

/// What a way consists of.
#[derive(Clone, Debug)]
pub(super) enum Means {
    /// Cables, through panels, from one port to another.
    Cables {
        /// The cables and panels.
        path: CablePath,
        /// The port it begins at.
        from: PortId,
        /// The aggregate it is a member of.
        lag: Option<LagId>,
        /// True between neighbours that are joined without a switch and do not forward for each other.
        broadcast: bool,
    },
    /// A line from outside.
    Line(CircuitId),
}

/// A way between two ends.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Its ends.
    pub(super) ends: [End; 2],
    /// What it consists of.
    pub(super) means: Means,
}

/// Everything that is wired, before segments are made of it.
#[derive(Default, Debug)]
pub(super) struct Wiring {
    /// Who is at which port.
    pub(super) ends: BTreeMap<PortId, Vec<End>>,
    /// Domains of what is not written.
    pub(super) domains: Domains,
    /// The domain of each interface without a written network, by its position.
    pub(super) domain_of: BTreeMap<usize, u32>,
    /// The domain of the unwritten ports of each forwarding device.
    pub(super) device_domain: BTreeMap<DeviceId, u32>,
    /// Networks in which forwarding devices have an address of their own.
    pub(super) managed_in: Vec<(DeviceId, Net)>,
    /// The body of each forwarding device.
    pub(super) body_of_device: BTreeMap<DeviceId, u32>,
    /// Ways.
    pub(super) ways: Vec<Way>,
    /// How many bodies there are.
    pub(super) bodies: u32,
}

impl Wiring {
    /// A new body.
    pub(super) fn body(&mut self) -> u32 {
        self.bodies += 1;
        self.bodies - 1
    }

    /// The networks at an end, once domains are resolved.
    pub(super) fn nets(end: &End, resolved: &[Vec<Net>]) -> Vec<Net> {
        match &end.carries {
            Carries::Fixed(carried) => carried.iter().map(|carried| carried.net).collect(),
            Carries::Domain(domain) => resolved[*domain as usize].clone(),
        }
    }
}

impl Surveyor<'_> {
    /// Who is wired to whom. The body of interface `i` is `i`.
    pub(super) fn wiring(&self, interfaces: &[Interface]) -> Wiring {
        let mut wiring = Wiring { bodies: interfaces.len() as u32, ..Wiring::default() };
        wiring.domains.only = self.only_net();
        for (index, interface) in interfaces.iter().enumerate() {
            Self::add_interface(index, interface, &mut wiring);
        }
        for &device in self.unit_of.keys() {
            if self.is_forwarder(device) {
                self.add_forwarder(device, &mut wiring);
            }
        }
        self.add_cables(&mut wiring);
        self.add_lines(&mut wiring);
        for way in wiring.ways.clone() {
            Self::meet(&way, &mut wiring.domains);
        }
        wiring
    }

    /// The network of a lab that has but one.
    fn only_net(&self) -> Option<Net> {
        let vlans = self.lab.vlans.iter().map(|(id, _)| Net::Vlan(id));
        let prefixes = self.lab.prefixes.iter().filter_map(|(id, _)| {
            let network = self.lab.derived.prefix(id).network?;
            net_of_address(self.lab, network.addr())
        });
        let all: BTreeSet<Net> = vlans.chain(prefixes).collect();
        all.first().copied().filter(|_| all.len() == 1)
    }

    fn add_interface(index: usize, interface: &Interface, wiring: &mut Wiring) {
        let carries = if interface.nets.is_empty() {
            let domain = wiring.domains.add(Takes::One);
            wiring.domain_of.insert(index, domain);
            Carries::Domain(domain)
        } else {
            Carries::Fixed(interface.nets.clone())
        };
        for &port in &interface.ports {
            let end =
                End { holder: interface.holder, carries: carries.clone(), body: index as u32, open: true };
            wiring.ends.entry(port).or_default().push(end);
        }
    }

    /// The ports of a switch, access point, modem or router. What is written of a port holds; ports of which nothing is written forward among
    /// themselves, except on a device that has its VLANs written port by port.
    fn add_forwarder(&self, device: DeviceId, wiring: &mut Wiring) {
        let derived = &self.lab.derived;
        let holder = Holder::Unit(self.unit_of[&device]);
        let body = wiring.body();
        wiring.body_of_device.insert(device, body);
        let shared = wiring.domains.add(Takes::All);
        wiring.device_domain.insert(device, shared);
        let apart = self.claim_own_addresses(device, shared, wiring);
        let ports = &derived.device(device).ports;
        let is_managed = ports.iter().any(|&port| derived.vlans_of(port).is_some_and(is_written));
        for &port in ports {
            let facts = derived.port(port);
            let vlans = derived.vlans_of(port);
            let carries = if let Some(carried) = apart.get(&port) {
                Carries::Fixed(carried.clone())
            } else if let Some(vlans) = vlans.filter(|vlans| is_written(vlans)) {
                Carries::Fixed(carried_by(vlans))
            } else if is_managed || self.is_outer_port(device, port) {
                Carries::Domain(wiring.domains.add(Takes::All))
            } else {
                Carries::Domain(shared)
            };
            let open = facts.enabled && vlans.is_none_or(|vlans| vlans.enabled);
            wiring.ends.entry(port).or_default().push(End { holder, carries, body, open });
        }
    }

    /// Addresses of a forwarding device tell what it is in. On a router or modem, and on a management port, the port is in that network and in no
    /// other; elsewhere the address is one the device has among what it forwards.
    fn claim_own_addresses(
        &self,
        device: DeviceId,
        shared: u32,
        wiring: &mut Wiring,
    ) -> BTreeMap<PortId, Vec<Carried>> {
        let derived = &self.lab.derived;
        let routes = self.is_routing(device);
        let mut apart: BTreeMap<PortId, Vec<Carried>> = BTreeMap::new();
        for (name, used) in self.lab.devices[device].addresses.iter() {
            let attachment = derived.attachment(device, &name.text);
            let ports = attachment.map_or(&[][..], |attachment| &attachment.ports[..]);
            let tagged = attachment.and_then(|attachment| attachment.tagged) == Some(true);
            let of_tag = attachment.and_then(|attachment| attachment.vlan).map(Net::Vlan);
            let of_addresses = used.address.iter().filter_map(|address| match address.value {
                HostAddress::Fixed(fixed) => net_of_address(self.lab, fixed.address),
                _ => None,
            });
            for net in of_tag.into_iter().chain(of_addresses) {
                wiring.managed_in.push((device, net));
                let own = |port: &&PortId| routes || derived.port(**port).management;
                ports.iter().filter(own).for_each(|&port| {
                    apart.entry(port).or_default().push(Carried { net, tagged });
                });
                if !ports.iter().any(|port| own(&port)) {
                    wiring.domains.claim(shared, &[Carried { net, tagged }]);
                }
            }
        }
        apart
    }

    /// True for a port that leads out of a router: a line ends there.
    fn is_outer_port(&self, device: DeviceId, port: PortId) -> bool {
        self.is_routing(device)
            && self.lines().any(|circuit| self.port_of_line(circuit).is_some_and(|(_, at)| at == Some(port)))
    }

    /// True for a device that is a router by its role, or a gateway by one of its addresses: not a bridging modem.
    pub(in crate::survey) fn is_routing(&self, device: DeviceId) -> bool {
        use lab_model::written::DeviceRole;
        let role = self.lab.derived.device(device).role;
        let is_gateway = || {
            let own = self.lab.derived.addresses_of(device).map(|assignment| assignment.address);
            let own: BTreeSet<_> = own.collect();
            self.lab.prefixes.iter().any(|(_, plan)| {
                plan.gateway.as_ref().is_some_and(|gateway| own.contains(&gateway.value.0))
                    || plan.routers.ids().any(|router| router == device.into())
            })
        };
        role == Some(DeviceRole::Router) || role == Some(DeviceRole::Modem) && is_gateway()
    }

    fn add_cables(&self, wiring: &mut Wiring) {
        let derived = &self.lab.derived;
        let mut ways = Vec::new();
        for (&port, ends) in &wiring.ends {
            for path in derived.paths_from(port) {
                let Some(others) = wiring.ends.get(&path.end).filter(|_| path.end > port) else { continue };
                if !self.carries_frames(&path) {
                    continue;
                }
                let lag = derived.lag_of(port).or_else(|| derived.lag_of(path.end));
                let broadcast = lag.is_some_and(|lag| {
                    self.lab.lags[lag].mode.as_ref().is_some_and(|mode| mode.value == LagMode::Broadcast)
                });
                for (near, far) in ends.iter().flat_map(|near| others.iter().map(move |far| (near, far))) {
                    let means = Means::Cables { path: path.clone(), from: port, lag, broadcast };
                    ways.push(Way { ends: [near.clone(), far.clone()], means });
                }
            }
        }
        wiring.ways.extend(ways);
    }

    /// False for cables of storage and consoles.
    pub(super) fn carries_frames(&self, path: &CablePath) -> bool {
        let is_storage = |port: PortId| {
            let word = &self.lab.derived.port(port).type_word;
            word.contains("gfc") || word.contains("sas") || &**word == "sff-8088" || &**word == "sff-8644"
        };
        !is_storage(path.end)
            && path.cables.iter().all(|&cable| {
                let kind =
                    self.lab.cables[self.lab.derived.cable(cable).group].kind.as_ref().map(|kind| kind.value);
                !matches!(kind, Some(CableKind::SasExternal | CableKind::Usb | CableKind::Serial))
            })
    }

    /// Lines that reach the lab by themselves. A tunnel rides on another line.
    pub(in crate::survey) fn lines(&self) -> impl Iterator<Item = CircuitId> + '_ {
        let is_tunnel = |kind: &lab_model::Text| &*kind.text == "tunnel";
        let own = self
            .lab
            .circuits
            .iter()
            .filter(move |(_, circuit)| !circuit.kind.as_ref().is_some_and(is_tunnel));
        own.map(|(id, _)| id)
    }

    /// The device that a line ends at, when it is in use, and its port.
    pub(in crate::survey) fn port_of_line(&self, circuit: CircuitId) -> Option<(DeviceId, Option<PortId>)> {
        let end = self.lab.circuits[circuit].ends_at.as_ref()?;
        let device = self.lab.devices.find(&end.value.device.name)?;
        let is_used = self.unit_of.contains_key(&device);
        is_used.then(|| (device, self.lab.derived.find_port(device, &end.value.interface.name)))
    }

    fn add_lines(&self, wiring: &mut Wiring) {
        let lines: Vec<CircuitId> = self.lines().collect();
        for circuit in lines {
            let Some((device, port)) = self.port_of_line(circuit) else { continue };
            let known = port.and_then(|port| wiring.ends.get(&port)).cloned().unwrap_or_default();
            let ends = if known.is_empty() { self.unwritten_end(device, wiring) } else { known };
            let domain = wiring.domains.add(Takes::Line);
            let body = wiring.body();
            for end in ends {
                let outside =
                    End { holder: Holder::Internet, carries: Carries::Domain(domain), body, open: true };
                wiring.ways.push(Way { ends: [outside, end], means: Means::Line(circuit) });
            }
        }
    }

    /// Where a line ends on a device when nothing is written of that port: among what it forwards, or at a foot of its own.
    fn unwritten_end(&self, device: DeviceId, wiring: &mut Wiring) -> Vec<End> {
        let forwards = wiring.device_domain.get(&device).copied().filter(|_| !self.is_routing(device));
        let Some(holder) = self.holder_at(device) else { return Vec::new() };
        let domain = forwards.unwrap_or_else(|| wiring.domains.add(Takes::One));
        let body = match wiring.body_of_device.get(&device) {
            Some(&body) => body,
            None => wiring.body(),
        };
        vec![End { holder, carries: Carries::Domain(domain), body, open: true }]
    }

    /// What two ends know of each other.
    fn meet(way: &Way, domains: &mut Domains) {
        let [one, other] = &way.ends;
        match (&one.carries, &other.carries) {
            (Carries::Fixed(_), Carries::Fixed(_)) => {}
            (Carries::Domain(domain), Carries::Fixed(carried))
            | (Carries::Fixed(carried), Carries::Domain(domain)) => {
                domains.claim(*domain, carried);
            }
            (Carries::Domain(one), Carries::Domain(other)) => domains.join(*one, *other),
        }
    }
}

fn is_written(vlans: &PortVlans) -> bool {
    vlans.untagged.is_some() || !vlans.tagged.is_empty()
}

fn carried_by(vlans: &PortVlans) -> Vec<Carried> {
    let untagged = vlans.untagged.map(|vlan| Carried { net: Net::Vlan(vlan), tagged: false });
    let tagged = vlans.tagged.iter().map(|&vlan| Carried { net: Net::Vlan(vlan), tagged: true });
    untagged.into_iter().chain(tagged).collect()
}
