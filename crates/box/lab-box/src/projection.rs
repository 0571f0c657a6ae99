//! From a lab to a plan: the one place of this crate that knows the lab's model.
//!
//! Every host of an x86 device with a fixed IPv4 address becomes a machine, every prefix in which such a host has an
//! address becomes a network. What is simplified on the way is said in [`BoxPlan::stand_ins`], what has no place in
//! [`Projection::left_out`]. A lab with faults projects as far as it is understood.

mod address;
mod board;
mod light;
mod services;
mod wired;

pub use light::project_light;
pub use wired::project_wired;

use crate::plan::{BoxPlan, Disk, Firmware, Interface, Machine, Network, Shared, User};
use address::Chosen;
use ipnet::{IpNet, Ipv4Net};
use lab_model::derived::AddressRole;
use lab_model::lab::{Entry, HostId, PrefixId, ServiceId, VipId};
use lab_model::written::{Architecture, DriveUseKind, Host, HostAddress, Status};
use lab_model::{Lab, ThingId};
use lab_netboot::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

/// Memory of a machine of which the lab says nothing.
const MEMORY_MIB: u64 = 1024;
/// Size of a disk of which the lab says nothing.
const DISK_MIB: u64 = 16 * 1024;
/// More disks than this find no place on the bus of one virtual machine.
const DISKS_MAX: usize = 16;

/// What a lab becomes in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    /// The plan. It may still have faults.
    pub plan: BoxPlan,
    /// Hosts that do not come up, each with the reason.
    pub left_out: Vec<(String, String)>,
    /// Names in `only` that no host has.
    pub unknown: Vec<String>,
}

/// The plan of `lab`, with the hosts named in `only`, or all of them when it is empty.
pub fn project(lab: &Lab, only: &[String]) -> Projection {
    let mut work = Work::new(lab);
    for (id, host) in lab.hosts.iter() {
        let name = &*host.name.text;
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            match work.machine(id, name, host) {
                Ok(machine) => work.machines.push(machine),
                Err(why) => work.left_out.push((name.to_owned(), why)),
            }
        }
    }
    work.forget_absent_leaders();
    let (shared, homeless) = work.shared();
    let unknown = only.iter().filter(|name| lab.hosts.find(name).is_none()).cloned().collect();
    let stand_ins = work.stand_ins(&shared);
    let not_checked = work.not_checked(&homeless);
    let networks = work.networks.iter().map(|(_, network)| network.clone()).collect();
    let plan =
        BoxPlan { id: box_name(lab), networks, machines: work.machines, shared, stand_ins, not_checked };
    Projection { plan, left_out: work.left_out, unknown }
}

/// The name of a lab's box: the lab's own, in the letters that a box's name may have.
pub fn box_name(lab: &Lab) -> String {
    let name = lab.head.name.as_ref().map_or("lab", |name| &name.text);
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(24)
        .collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.is_empty() { "lab".into() } else { plain }
}

struct Work<'a> {
    lab: &'a Lab,
    networks: Vec<(PrefixId, Network)>,
    machines: Vec<Machine>,
    left_out: Vec<(String, String)>,
    /// Hosts that run another system than Debian, with that system.
    foreign: Vec<(String, String)>,
    /// Addresses that the lab leaves open.
    chosen: Vec<Chosen>,
    /// Services that have a port on a machine of the box.
    served: BTreeSet<ServiceId>,
}

impl<'a> Work<'a> {
    fn new(lab: &'a Lab) -> Work<'a> {
        Work {
            lab,
            networks: Vec::new(),
            machines: Vec::new(),
            left_out: Vec::new(),
            foreign: Vec::new(),
            chosen: Vec::new(),
            served: BTreeSet::new(),
        }
    }
}

impl Work<'_> {
    fn machine(&mut self, id: HostId, name: &str, host: &Entry<Host>) -> Result<Machine, String> {
        let facts = self.lab.derived.machines.get(&ThingId::from(id));
        let device =
            host.on.as_ref().and_then(|on| on.id).ok_or("the lab does not say which device it is on")?;
        if host.status.as_ref().is_some_and(|status| status.value != Status::Active) {
            return Err("not in use".into());
        }
        let board = board::of(self.lab, name, host)?;
        match facts.and_then(|facts| facts.architecture) {
            None | Some(Architecture::X86_64) => {}
            Some(_) if board.is_some() => {}
            Some(_) => return Err("another processor than x86; only that can be stood in for".into()),
        }
        let mut interfaces = self.interfaces(id, host);
        // The one that boots stands first; the others keep the order of the lab.
        let boots = |card: &Interface| self.has_service(&card.network);
        let Some(first) = interfaces.iter().position(boots) else {
            return Err("no fixed IPv4 address in a network with room for the netboot service".into());
        };
        interfaces[..=first].rotate_right(1);
        if let Some(board) = board {
            board::give_card(board, name, &mut interfaces[0]);
        }
        let os = host.os.as_ref().map_or("", |os| &os.text);
        if !os.is_empty() && !os.to_lowercase().starts_with("debian") {
            self.foreign.push((name.to_owned(), os.to_owned()));
        }
        let users = host.users.iter().map(|(user, said)| User {
            name: user.text.to_string(),
            keys: said.keys.iter().map(|key| key.text.to_string()).collect(),
        });
        Ok(Machine {
            name: name.to_owned(),
            hostname: name.to_owned(),
            memory_mib: facts
                .and_then(|facts| facts.memory)
                .map_or(MEMORY_MIB, |memory| memory.bytes() >> 20),
            firmware: board.map_or_else(|| firmware(host), Firmware::RaspberryPi),
            disks: if board.is_some() { Vec::new() } else { self.disks(name, device, host) },
            gateway: self.gateway(id, &interfaces),
            interfaces,
            dns: host.dns.iter().filter_map(|server| server.text.parse().ok()).collect(),
            users: users.collect(),
            root_keys: Vec::new(),
            services: self.services(id.into()),
            after: self.boot_server(host),
        })
    }

    /// One card for each interface with a fixed address, in the order of the lab.
    fn interfaces(&mut self, id: HostId, host: &Entry<Host>) -> Vec<Interface> {
        let device = host.on.as_ref().and_then(|on| on.id);
        let mut cards = Vec::new();
        for (name, uses) in host.addresses.iter() {
            let fixed = uses.address.iter().filter_map(|address| match address.value {
                HostAddress::Fixed(fixed) => Some(fixed),
                _ => None,
            });
            let mut network = None;
            let mut addresses = Vec::new();
            for fixed in fixed {
                let prefix = self.lab.derived.prefix_of(fixed.address);
                let around = prefix.and_then(|prefix| self.lab.derived.prefix(prefix).network);
                let length = fixed.length().or(around.map(|net| net.prefix_len()));
                addresses.extend(length.and_then(|length| IpNet::new(fixed.address, length).ok()));
                if network.is_none() || fixed.address.is_ipv4() {
                    network = prefix.or(network);
                }
            }
            if network.is_none()
                && let Some((prefix, address)) = self.choose(id.into(), (&host.name.text, &name.text), uses)
            {
                network = Some(prefix);
                addresses.push(address);
            }
            let Some(prefix) = network else { continue };
            let own = host.interfaces.get(&name.text);
            let port = own.and_then(|own| own.port.as_ref()).map_or(&*name.text, |port| &port.text);
            let port = device.and_then(|device| self.lab.derived.find_port(device, port));
            let mac = own
                .and_then(|own| own.mac.as_ref())
                .or_else(|| port.and_then(|port| self.lab.derived.port(port).mac.as_ref()));
            let full = format!("{}:{}", self.lab.hosts[id].name.text, name.text);
            cards.push(Interface {
                name: name.text.to_string(),
                mac: mac.map_or_else(|| derived_mac(&full), |mac| Mac(mac.value.0)),
                network: self.network(prefix),
                addresses,
                held: Vec::new(),
            });
        }
        cards
    }

    /// The name of the network of a prefix, which is added when it is not there.
    fn network(&mut self, prefix: PrefixId) -> String {
        if let Some((_, network)) = self.networks.iter().find(|(id, _)| *id == prefix) {
            return network.name.clone();
        }
        let facts = self.lab.derived.prefix(prefix);
        let service = match facts.network {
            Some(IpNet::V4(net)) => self.free_address(net),
            _ => None,
        };
        let network = Network { name: self.lab.prefixes[prefix].name.text.to_string(), service };
        self.networks.push((prefix, network.clone()));
        network.name
    }

    /// The highest host address of `net` that nothing in the lab has. Networks of two hosts are left alone.
    fn free_address(&self, net: Ipv4Net) -> Option<Ipv4Net> {
        if net.prefix_len() > 29 {
            return None;
        }
        let lowest = u32::from(net.network()) + 1;
        let highest = u32::from(net.broadcast()) - 1;
        let mut highest_first = (lowest..=highest).rev().take(4096).map(Ipv4Addr::from);
        let free = highest_first.find(|address| !self.is_taken(*address))?;
        Ipv4Net::new(free, net.prefix_len()).ok()
    }

    fn has_service(&self, network: &str) -> bool {
        self.networks.iter().any(|(_, candidate)| candidate.name == network && candidate.service.is_some())
    }

    /// The router of the first network that has one and is not routed by this host itself.
    fn gateway(&self, id: HostId, cards: &[Interface]) -> Option<IpAddr> {
        cards.iter().find_map(|card| {
            let (prefix, _) = self.networks.iter().find(|(_, network)| network.name == card.network)?;
            let gateway = self.lab.prefixes[*prefix].gateway.as_ref()?.value.0;
            let is_own = card.addresses.iter().any(|address| address.addr() == gateway);
            (!is_own && !self.shares(id, gateway)).then_some(gateway)
        })
    }

    /// Whether the host is a member of the virtual address `address`.
    fn shares(&self, id: HostId, address: IpAddr) -> bool {
        let uses = self.lab.derived.assignments.iter();
        let vips = uses.filter(|a| a.address == address && a.role == AddressRole::Vip);
        let own = ThingId::from(id);
        vips.filter_map(|a| VipId::try_from(a.owner).ok())
            .any(|vip| self.lab.vips[vip].members.ids().any(|member| member == own))
    }

    /// Virtual addresses and gateways in the networks of the box, each held by the first member that is in the box, or
    /// by the box itself. Also the virtual addresses that only a cluster would announce.
    fn shared(&mut self) -> (Vec<Shared>, Vec<String>) {
        let (mut found, mut homeless): (Vec<Shared>, Vec<String>) = (Vec::new(), Vec::new());
        for (_, vip) in self.lab.vips.iter() {
            let name = vip.name.text.to_string();
            if vip.members.ids().next().is_none() {
                homeless.push(name);
                continue;
            }
            let holder = vip.members.ids().find_map(|member| self.machine_of(member));
            for address in &vip.address {
                self.share(&mut found, &name, address.value.0, holder);
            }
        }
        for index in 0..self.networks.len() {
            let prefix = &self.lab.prefixes[self.networks[index].0];
            if let Some(gateway) = &prefix.gateway {
                self.share(&mut found, "gateway", gateway.value.0, None);
            }
        }
        (found, homeless)
    }

    fn machine_of(&self, member: ThingId) -> Option<usize> {
        let name = &self.lab.hosts[HostId::try_from(member).ok()?].name.text;
        self.machines.iter().position(|machine| *machine.name == **name)
    }

    /// Adds an address that nobody has yet, if its network is in the box.
    fn share(&mut self, found: &mut Vec<Shared>, name: &str, address: IpAddr, holder: Option<usize>) {
        let prefix = self.lab.derived.prefix_of(address);
        let Some((_, network)) = self.networks.iter().find(|(id, _)| Some(*id) == prefix) else { return };
        let network = network.name.clone();
        let own = |card: &Interface| card.addresses.iter().any(|own| own.addr() == address);
        let is_taken = found.iter().any(|shared| shared.address == address)
            || self.machines.iter().flat_map(|machine| &machine.interfaces).any(own);
        if is_taken {
            return;
        }
        let card = holder.and_then(|index| {
            self.machines[index].interfaces.iter_mut().find(|card| card.network == network)
        });
        let holder = match card {
            Some(card) => {
                card.held.push(address);
                holder.map(|index| self.machines[index].name.clone())
            }
            None => None,
        };
        found.push(Shared { name: name.to_owned(), address, network, holder });
    }

    /// What is described and that nothing in the box can be asked for.
    fn not_checked(&self, homeless: &[String]) -> Vec<String> {
        let mut texts = Vec::new();
        let active = self.lab.services.iter().filter(|(_, service)| services::is_active(service));
        let services = active.count().saturating_sub(self.served.len());
        if services > 0 {
            texts.push(format!(
                "{} without a port on a machine of the box: nothing stands in for them",
                counted(services, "service")
            ));
        }
        let data: usize = self.machines.iter().map(|machine| machine.disks.len().saturating_sub(1)).sum();
        if data > 0 {
            texts.push(format!("{}: present and empty, no pools are made", counted(data, "data disk")));
        }
        if !homeless.is_empty() {
            texts.push(format!("{}: no cluster runs here to announce them", homeless.join(", ")));
        }
        texts.push("routing between networks, zones, VLAN tags: nothing forwards or filters here".to_owned());
        texts
    }

    fn disks(&self, name: &str, device: lab_model::lab::DeviceId, host: &Host) -> Vec<Disk> {
        let drives: Vec<_> =
            self.lab.derived.device(device).drives.iter().map(|id| self.lab.derived.drive(*id)).collect();
        let said = host.system_drive.as_ref().map(|bay| &*bay.text);
        let holds_os =
            |use_: Option<DriveUseKind>| matches!(use_, Some(DriveUseKind::Os | DriveUseKind::Boot));
        let system = drives
            .iter()
            .position(|drive| Some(&*drive.bay) == said)
            .or_else(|| {
                drives.iter().position(|drive| holds_os(drive.said.holds.as_ref().map(|holds| holds.value)))
            })
            .unwrap_or(0);
        let mut disks: Vec<Disk> = drives
            .iter()
            .enumerate()
            .map(|(index, drive)| Disk {
                name: plain(&drive.bay, 40),
                serial: disk_serial(name, &drive.bay, drive.said.serial.as_ref().map(|serial| &*serial.text)),
                size_mib: capacity_mib(drive).unwrap_or(DISK_MIB),
                install: index == system,
            })
            .collect();
        if disks.is_empty() {
            disks.push(Disk {
                name: "system".into(),
                serial: disk_serial(name, "system", None),
                size_mib: DISK_MIB,
                install: true,
            });
        }
        disks[..=system].rotate_right(1);
        disks.truncate(DISKS_MAX);
        disks
    }

    fn firmware_unsaid(&self, host: &str) -> bool {
        self.lab.hosts.find(host).is_some_and(|id| self.lab.hosts[id].firmware.is_none())
    }

    /// That listeners stand in for services, in words.
    fn listeners(&self) -> Option<String> {
        let ports: usize = self.machines.iter().map(|machine| machine.services.len()).sum();
        let text = || {
            let services = counted(self.served.len(), "service");
            format!("{services}: listeners that only say their name, at {}", counted(ports, "port"))
        };
        (ports > 0).then(text)
    }

    /// Who answers at shared addresses, in words.
    fn holders(shared: &[Shared]) -> Vec<String> {
        let mut by_holder: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
        for shared in shared {
            by_holder.entry(shared.holder.as_deref()).or_default().push(shared.address.to_string());
        }
        let words = by_holder.iter().map(|(holder, held)| match holder {
            Some(holder) => format!("{holder} holds {} for good, no protocol moves them", held.join(", ")),
            None => format!("the box itself answers at {}", held.join(", ")),
        });
        words.collect()
    }

    fn stand_ins(&self, shared: &[Shared]) -> Vec<String> {
        let mut texts = Vec::new();
        let mut by_os: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (host, os) in &self.foreign {
            by_os.entry(os).or_default().push(host);
        }
        texts
            .extend(by_os.iter().map(|(os, hosts)| format!("{}: Debian in place of {os}", hosts.join(", "))));
        texts.extend(self.board_words());
        texts.extend(self.chosen_words());
        texts.extend(Work::holders(shared));
        texts.extend(self.listeners());
        let unsaid = self.machines.iter().filter(|machine| self.firmware_unsaid(&machine.name)).count();
        if unsaid > 0 {
            texts.push(format!(
                "firmware: BIOS where the lab says nothing, which means UEFI ({}); `--uefi` takes it at its word",
                counted(unsaid, "machine")
            ));
        }
        texts.push(format!(
            "switches and cables: {}, and a card for each VLAN in place of tags",
            match self.networks.len() {
                1 => "one bridge".to_owned(),
                n => format!("{n} bridges, one a network"),
            }
        ));
        texts
    }
}

/// `1 disk`, `2 disks`.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// UEFI where the lab says so; BIOS, which needs fewer packages, stands in everywhere else.
fn firmware(host: &Host) -> Firmware {
    match host.firmware.as_ref().map(|firmware| firmware.value) {
        Some(lab_model::written::Firmware::Uefi) => Firmware::Uefi,
        _ => Firmware::Bios,
    }
}

fn capacity_mib(drive: &lab_model::derived::Drive) -> Option<u64> {
    Some(drive.ty.as_ref()?.capacity.as_ref()?.value.bytes() >> 20)
}

/// The described serial number where a disk can have it, else one from the names of host and bay.
fn disk_serial(host: &str, bay: &str, described: Option<&str>) -> String {
    match described {
        Some(serial) if !serial.is_empty() && plain(serial, 20) == serial => serial.to_owned(),
        _ => {
            let full = plain(&format!("{host}-{bay}"), 80);
            full[full.len().saturating_sub(20)..].trim_start_matches('-').to_owned()
        }
    }
}

/// Only letters, digits, `-` and `_`, so many at most.
fn plain(text: &str, longest: usize) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    text.chars().map(allowed).take(longest).collect()
}

/// A stable, locally administered address for a card of which the lab gives none (FNV-1a of its name).
fn derived_mac(name: &str) -> Mac {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let [a, b, c, d, e, ..] = hash.to_be_bytes();
    Mac([0x52, a, b, c, d, e])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: &str = "
lab: { name: Home Lab }
prefixes:
  10.0.20.0/24: { gateway: 10.0.20.1 }
  10.0.255.0/30: {}
vips:
  gateway: { address: 10.0.20.1, protocol: vrrp, id: 20, members: [router] }
devices:
  box-1..2: { memory: 8 GiB, interfaces: { eth0: { mac: '52:54:00:00:00:01..02' } } }
  board: { cpu: { architecture: arm64 } }
hosts:
  router:
    on: box-1
    os: OPNsense 25.7
    addresses: { p2p: 10.0.255.1/30, eth0: 10.0.20.254/24 }
  node:
    on: box-2
    os: debian 12
    firmware: uefi
    addresses: { eth0: 10.0.20.11/24 }
    dns: [10.0.20.1]
    users: { ada: { keys: ssh-ed25519 AAAAC3 ada } }
  pi: { on: board, addresses: { eth0: 10.0.20.12/24 } }
";

    fn projected(only: &[&str]) -> Projection {
        projected_from(LAB, only)
    }

    pub(super) fn projected_from(lab: &str, only: &[&str]) -> Projection {
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        project(&lab_from(lab), &only)
    }

    pub(super) fn lab_from(lab: &str) -> Lab {
        let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: lab.as_bytes().into() }];
        lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() }).lab
    }

    #[test]
    fn hosts_become_machines_with_their_names_addresses_and_cards() {
        let projection = projected(&[]);
        let plan = &projection.plan;
        assert_eq!(plan.faults(), []);
        assert_eq!(plan.id, "home-lab");
        let names: Vec<&str> = plan.machines.iter().map(|machine| machine.name.as_str()).collect();
        assert_eq!(names, ["router", "node"]);
        let node = &plan.machines[1];
        assert_eq!(node.interfaces[0].mac, Mac([0x52, 0x54, 0, 0, 0, 2]));
        assert_eq!(node.interfaces[0].addresses, ["10.0.20.11/24".parse::<IpNet>().unwrap()]);
        assert_eq!((plan.machines[0].firmware, node.firmware), (Firmware::Bios, Firmware::Uefi));
        assert_eq!((node.memory_mib, node.users[0].name.as_str()), (8192, "ada"));
    }

    #[test]
    fn the_service_takes_an_address_that_nobody_has() {
        let networks = projected(&[]).plan.networks;
        let service = |name: &str| networks.iter().find(|network| network.name == name).unwrap().service;
        assert_eq!(service("10.0.20.0/24"), Some("10.0.20.253/24".parse().unwrap()));
        assert_eq!(service("10.0.255.0/30"), None);
    }

    #[test]
    fn a_router_boots_from_the_network_that_can_and_is_not_its_own_gateway() {
        let plan = projected(&[]).plan;
        let names: Vec<&str> = plan.machines[0].interfaces.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["eth0", "p2p"]);
        assert_eq!(plan.machines[0].gateway, None);
        assert_eq!(plan.machines[1].gateway, Some("10.0.20.1".parse().unwrap()));
    }

    #[test]
    fn what_is_replaced_or_left_out_is_said() {
        let projection = projected(&[]);
        assert_eq!(projection.plan.stand_ins[0], "router: Debian in place of OPNsense 25.7");
        assert_eq!(projection.left_out[0].0, "pi");
    }

    #[test]
    fn a_virtual_address_is_held_by_its_first_member_in_the_box() {
        let plan = projected(&[]).plan;
        let [gateway] = &plan.shared[..] else { panic!("{:?}", plan.shared) };
        let facts = (gateway.name.as_str(), gateway.network.as_str(), gateway.holder.as_deref());
        assert_eq!(facts, ("gateway", "10.0.20.0/24", Some("router")));
        assert_eq!(plan.machines[0].interfaces[0].held, ["10.0.20.1".parse::<IpAddr>().unwrap()]);
        assert!(plan.stand_ins.iter().any(|text| text.starts_with("router holds 10.0.20.1")));
        let alone = projected(&["node"]).plan;
        assert_eq!((alone.shared[0].address, alone.shared[0].holder.as_ref()), (gateway.address, None));
        assert!(alone.stand_ins.iter().any(|text| text == "the box itself answers at 10.0.20.1"));
    }

    #[test]
    fn firmware_that_the_lab_leaves_open_is_said() {
        let said = |only: &[&str]| {
            projected(only).plan.stand_ins.iter().any(|t| t.contains("BIOS where the lab says nothing"))
        };
        assert!(said(&["router"]) && !said(&["node"]));
    }

    #[test]
    fn only_takes_the_named_hosts() {
        let projection = projected(&["node", "nodes"]);
        assert_eq!(projection.plan.machines.len(), 1);
        assert_eq!(projection.unknown, ["nodes"]);
    }

    #[test]
    fn serial_numbers_fit_a_virtual_disk() {
        assert_eq!(disk_serial("node-1", "m2-1", Some("S4EWNX0R123456")), "S4EWNX0R123456");
        assert_eq!(disk_serial("node-1", "m2/1", Some("has spaces")), "node-1-m2-1");
        assert_eq!(
            disk_serial("a-very-long-host-name", "bay-12", None),
            "-long-host-name-bay-12"[2..].to_owned()
        );
    }
}
