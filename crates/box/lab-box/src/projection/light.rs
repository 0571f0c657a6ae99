//! From a lab to namespaces: every host and virtual machine in use, whatever it runs and on whatever processor, with its
//! interfaces as the lab has them: a VLAN's interface over its trunk, a bridge over its port, a virtual machine's card
//! on the bridge of its host.

use super::{Work, counted, derived_mac};
use crate::light::{Device, LightPlan, Link};
use crate::plan::{BoxPlan, Firmware, Interface, Machine};
use ipnet::IpNet;
use lab_model::lab::{BridgeId, HostId, Kind, PrefixId, VmId};
use lab_model::written::{AddressUse, HostAddress, Status};
use lab_model::{Lab, ThingId};
use lab_netboot::Mac;
use std::net::IpAddr;

/// Longest name of an interface in Linux.
const NAME_MAX: usize = 15;

/// The namespaces of `lab`, of the hosts and virtual machines named in `only`, or of all. Also who is left out and why,
/// and names in `only` that nothing has.
pub fn project_light(lab: &Lab, only: &[String]) -> (LightPlan, Vec<(String, String)>, Vec<String>) {
    let mut light =
        Light { work: Work::new(lab), wiring: Vec::new(), things: Vec::new(), unknown_addresses: Vec::new() };
    let wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    for (id, host) in lab.hosts.iter().filter(|(_, host)| wanted(&host.name.text)) {
        let status = host.status.as_ref().map(|status| status.value);
        light.machine(id.into(), &host.name.text, status, &host.addresses);
    }
    for (id, vm) in lab.vms.iter().filter(|(_, vm)| wanted(&vm.name.text)) {
        let status = vm.status.as_ref().map(|status| status.value);
        light.machine(id.into(), &vm.name.text, status, &vm.addresses);
    }
    let is_known = |name: &str| lab.hosts.find(name).is_some() || lab.vms.find(name).is_some();
    let unknown = only.iter().filter(|name| !is_known(name)).cloned().collect();
    light.finish(unknown)
}

struct Light<'a> {
    work: Work<'a>,
    wiring: Vec<Vec<Device>>,
    /// What each machine is in the lab.
    things: Vec<ThingId>,
    unknown_addresses: Vec<String>,
}

impl Light<'_> {
    fn machine(
        &mut self,
        id: ThingId,
        name: &str,
        status: Option<Status>,
        uses: &lab_model::record::Named<AddressUse>,
    ) {
        if status.is_some_and(|status| status != Status::Active) {
            return self.work.left_out.push((name.to_owned(), "not in use".into()));
        }
        self.things.push(id);
        self.wiring.push(Vec::new());
        let mut interfaces = Vec::new();
        for (own, said) in uses.iter() {
            let own = &own.text;
            let fixed = self.fixed(said);
            let open = || self.work.choose(id, (name, own), said).map(|(prefix, net)| (prefix, vec![net]));
            let Some((prefix, addresses)) = fixed.or_else(open) else {
                if said.address.iter().any(|address| matches!(address.value, HostAddress::Unknown)) {
                    self.unknown_addresses.push(format!("{name}:{own}"));
                }
                continue;
            };
            let network = self.work.network(prefix);
            let mac = self.mac(id, own).unwrap_or_else(|| derived_mac(&format!("{name}:{own}")));
            let device = self.wire(id, own, &network, mac);
            interfaces.push(Interface { name: device, mac, network, addresses, held: Vec::new() });
        }
        let host = HostId::try_from(id).ok();
        let gateway = self.gateway(host, id, &interfaces);
        let services = self.work.services(id);
        self.work.machines.push(Machine {
            name: name.to_owned(),
            hostname: name.to_owned(),
            memory_mib: 0,
            firmware: Firmware::Bios,
            disks: Vec::new(),
            interfaces,
            gateway,
            dns: Vec::new(),
            users: Vec::new(),
            root_keys: Vec::new(),
            services,
            after: None,
        });
    }

    /// The fixed addresses of an interface and the prefix they are in; none when there are none.
    fn fixed(&self, said: &AddressUse) -> Option<(PrefixId, Vec<IpNet>)> {
        let derived = &self.work.lab.derived;
        let (mut around, mut addresses) = (None, Vec::new());
        for address in &said.address {
            let HostAddress::Fixed(fixed) = address.value else { continue };
            let prefix = derived.prefix_of(fixed.address);
            let network = prefix.and_then(|prefix| derived.prefix(prefix).network);
            let length = fixed.length().or(network.map(|network| network.prefix_len()));
            addresses.extend(length.and_then(|length| IpNet::new(fixed.address, length).ok()));
            if around.is_none() || fixed.address.is_ipv4() {
                around = prefix.or(around);
            }
        }
        around.map(|prefix| (prefix, addresses))
    }

    fn gateway(&self, host: Option<HostId>, id: ThingId, interfaces: &[Interface]) -> Option<IpAddr> {
        if let Some(host) = host {
            return self.work.gateway(host, interfaces);
        }
        let lab = self.work.lab;
        let routes = VmId::try_from(id).is_ok_and(|vm| lab.vms[vm].routes.as_ref().is_some_and(|r| r.value));
        interfaces.iter().filter(|_| !routes).find_map(|card| {
            let (prefix, _) = self.work.networks.iter().find(|(_, network)| network.name == card.network)?;
            Some(lab.prefixes[*prefix].gateway.as_ref()?.value.0)
        })
    }

    fn mac(&self, id: ThingId, interface: &str) -> Option<Mac> {
        let lab = self.work.lab;
        let said = match id.kind {
            Kind::Vm => lab.vms[VmId(id.index)].nics.get(interface)?.mac.as_ref(),
            _ => {
                let host = &lab.hosts[HostId(id.index)];
                let own = host.interfaces.get(interface).and_then(|own| own.mac.as_ref());
                let port = host.on.as_ref().and_then(|on| on.id);
                let port = port.and_then(|device| lab.derived.find_port(device, interface));
                own.or_else(|| port.and_then(|port| lab.derived.port(port).mac.as_ref()))
            }
        };
        said.map(|mac| Mac(mac.value.0))
    }

    /// Adds what an interface needs to the last machine; returns the name it has there.
    fn wire(&mut self, id: ThingId, interface: &str, network: &str, mac: Mac) -> String {
        let machine = self.things.len() - 1;
        let name: String = interface.chars().take(NAME_MAX).collect();
        if let Some((bridge, host)) = self.bridge_of_vm(id, interface) {
            let bridge = self.bridge(host, bridge, network);
            self.add(machine, &name, Some(mac), Link::OnBridge { host, bridge });
        } else if let Some(bridge) = self.bridge_of_host(id, interface) {
            return self.bridge(machine, bridge, network);
        } else if let Some((over, vlan)) = self.tag(id, interface) {
            self.trunk(machine, &over, vlan, network);
            self.add(machine, &name, None, Link::Vlan { over, vlan });
        } else {
            self.uplink(machine, &name, Some(mac));
            self.carry(machine, &name, None, network);
        }
        name
    }

    fn add(&mut self, machine: usize, name: &str, mac: Option<Mac>, link: Link) {
        if self.wiring[machine].iter().all(|device| device.name != name) {
            self.wiring[machine].push(Device { name: name.to_owned(), mac, link });
        }
    }

    /// A cable from the machine to the box's networks.
    fn uplink(&mut self, machine: usize, name: &str, mac: Option<Mac>) {
        let link = Link::Uplink { carries: Vec::new() };
        self.add(machine, name, mac, link);
    }

    fn carry(&mut self, machine: usize, name: &str, vlan: Option<u16>, network: &str) {
        for device in self.wiring[machine].iter_mut().filter(|device| device.name == name) {
            if let Link::Uplink { carries } = &mut device.link
                && carries.iter().all(|(known, _)| *known != vlan)
            {
                carries.push((vlan, network.to_owned()));
            }
        }
    }

    fn trunk(&mut self, machine: usize, over: &str, vlan: u16, network: &str) {
        self.uplink(machine, over, None);
        self.carry(machine, over, Some(vlan), network);
    }

    /// The tag that an interface adds, with what it rides on.
    fn tag(&self, id: ThingId, interface: &str) -> Option<(String, u16)> {
        let lab = self.work.lab;
        let number = |vlan| lab.vlans[vlan].id.as_ref().map(|number| number.value.get());
        if let Ok(host) = HostId::try_from(id)
            && let Some(said) = lab.hosts[host].interfaces.get(interface)
            && let (Some(over), Some(vlan)) = (&said.over, said.vlan.as_ref().and_then(|vlan| vlan.id))
        {
            return Some((over.text.chars().take(NAME_MAX).collect(), number(vlan)?));
        }
        let (over, vlan) = interface.rsplit_once('.')?;
        Some((over.to_owned(), vlan.parse().ok().filter(|vlan| (1..4095).contains(vlan))?))
    }

    fn bridge_of_host(&self, id: ThingId, interface: &str) -> Option<BridgeId> {
        let is_it = |bridge: &lab_model::lab::Entry<lab_model::written::Bridge>| {
            bridge.on.as_ref().and_then(|on| on.id) == Some(id)
                && (**bridge.name_in_host() == *interface || *bridge.name.text == *interface)
        };
        self.work.lab.bridges.iter().find(|(_, bridge)| is_it(bridge)).map(|(id, _)| id)
    }

    /// The bridge that a card of a virtual machine is on, with the machine here that has it.
    fn bridge_of_vm(&self, id: ThingId, interface: &str) -> Option<(BridgeId, usize)> {
        let lab = self.work.lab;
        let vm = &lab.vms[VmId::try_from(id).ok()?];
        let bridge = vm.nics.get(interface)?.bridge.as_ref()?.id?;
        let on = lab.bridges[bridge].on.as_ref()?.id?;
        Some((bridge, self.things.iter().position(|thing| *thing == on)?))
    }

    /// Makes a bridge with its port, if it is not there; returns its name. Bridges that share a port have it with tags.
    fn bridge(&mut self, machine: usize, id: BridgeId, network: &str) -> String {
        let lab = self.work.lab;
        let bridge = &lab.bridges[id];
        let name: String = bridge.name_in_host().chars().take(NAME_MAX).collect();
        if self.wiring[machine].iter().any(|device| device.name == name) {
            return name;
        }
        let port =
            bridge.ports.items.first().map_or_else(|| format!("up-{}", machine), |p| p.text.to_string());
        let port: String = port.chars().take(NAME_MAX - 5).collect();
        let shares = |(other, bridge): (BridgeId, &lab_model::lab::Entry<lab_model::written::Bridge>)| {
            other != id
                && bridge.on.as_ref().and_then(|on| on.id) == Some(self.things[machine])
                && bridge.ports.items.iter().any(|item| *item.text == *port)
        };
        let is_shared = lab.bridges.iter().any(shares);
        let vlan = bridge.vlan.as_ref().and_then(|vlan| vlan.id);
        let vlan = vlan.and_then(|vlan| lab.vlans[vlan].id.as_ref()).map(|number| number.value.get());
        let below = match vlan.filter(|_| is_shared) {
            Some(vlan) => {
                self.trunk(machine, &port, vlan, network);
                let tagged = format!("{port}.{vlan}");
                self.add(machine, &tagged, None, Link::Vlan { over: port, vlan });
                tagged
            }
            None => {
                self.uplink(machine, &port, None);
                self.carry(machine, &port, None, network);
                port
            }
        };
        self.add(machine, &name, None, Link::Bridge { port: below });
        name
    }

    fn finish(mut self, unknown: Vec<String>) -> (LightPlan, Vec<(String, String)>, Vec<String>) {
        let (shared, homeless) = self.work.shared();
        let mut not_checked = self.work.not_checked(&homeless);
        if !self.unknown_addresses.is_empty() {
            let list = self.unknown_addresses.join(", ");
            not_checked.insert(0, format!("{list}: the lab does not say the address"));
        }
        let mut stand_ins = vec![format!(
            "{} as namespaces: own network and host name, no kernel, disk or system of their own",
            counted(self.work.machines.len(), "machine")
        )];
        stand_ins.extend(self.work.chosen_words());
        stand_ins.extend(Work::holders(&shared));
        stand_ins.extend(self.work.listeners());
        stand_ins.push(format!("switches and cables: {}", counted(self.work.networks.len(), "bridge")));
        let networks = self.work.networks.iter().map(|(_, network)| network.clone()).collect();
        let id = super::box_name(self.work.lab);
        let plan = BoxPlan { id, networks, machines: self.work.machines, shared, stand_ins, not_checked };
        (LightPlan { plan, wiring: self.wiring }, self.work.left_out, unknown)
    }
}
