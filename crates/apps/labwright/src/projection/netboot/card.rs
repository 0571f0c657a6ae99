//! The network cards of a lab's hosts and virtual machines, with the addresses that are theirs.

use lab_model::Lab;
use lab_model::lab::{DeviceId, HostId, VmId};
use lab_model::record::Named;
use lab_model::written::{AddressUse, HostAddress};
use lab_netboot::Mac;
use std::net::{IpAddr, Ipv4Addr};

/// One card and the IPv4 addresses fixed on its interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) mac: Mac,
    pub(super) addresses: Vec<Ipv4Addr>,
}

/// The cards of a host: of the interfaces with addresses first, then every other port of its device with a known MAC.
pub(super) fn of_host(lab: &Lab, id: HostId) -> Vec<Card> {
    let host = &lab.hosts[id];
    let device = host.on.as_ref().and_then(|on| on.id);
    let mut cards = Vec::new();
    for (name, uses) in host.addresses.iter() {
        let own = host.interfaces.get(&name.text);
        let said = uses.mac.iter().chain(own.and_then(|own| own.mac.as_ref())).map(|mac| Mac(mac.value.0));
        let port = own.and_then(|own| own.port.as_ref()).map_or(&*name.text, |port| &port.text);
        let attached = lab.derived.attachment(id, &name.text).map(|attached| attached.ports.clone());
        let ports = device.and_then(|device| lab.derived.find_port(device, port)).into_iter();
        let ports = ports.chain(attached.into_iter().flatten());
        let macs =
            said.chain(ports.filter_map(|port| lab.derived.port(port).mac.as_ref().map(|m| Mac(m.value.0))));
        let mut addresses = fixed(uses);
        for mac in macs {
            // The first card of an aggregate has the address; the others only belong to the machine.
            add(&mut cards, Card { mac, addresses: std::mem::take(&mut addresses) });
        }
    }
    for mac in device.into_iter().flat_map(|device| of_device(lab, device)) {
        add(&mut cards, Card { mac, addresses: Vec::new() });
    }
    cards
}

/// The cards of a virtual machine, in the order of their position.
pub(super) fn of_vm(lab: &Lab, id: VmId) -> Vec<Card> {
    let vm = &lab.vms[id];
    let mut cards = Vec::new();
    for (name, nic) in vm.nics.iter() {
        if let Some(mac) = &nic.mac {
            let inside = nic.os_name.as_ref().map_or(&*name.text, |name| &name.text);
            let addresses = find(&vm.addresses, inside).map(fixed).unwrap_or_default();
            add(&mut cards, Card { mac: Mac(mac.value.0), addresses });
        }
    }
    cards
}

fn of_device(lab: &Lab, device: DeviceId) -> impl Iterator<Item = Mac> {
    let ports = lab.derived.device(device).ports.iter();
    ports
        .map(|port| lab.derived.port(*port))
        .filter(|port| !port.management)
        .filter_map(|port| port.mac.as_ref().map(|mac| Mac(mac.value.0)))
}

fn find<'a>(uses: &'a Named<AddressUse>, name: &str) -> Option<&'a AddressUse> {
    uses.get(name)
}

fn fixed(uses: &AddressUse) -> Vec<Ipv4Addr> {
    let v4 = |address: HostAddress| match address {
        HostAddress::Fixed(fixed) => match fixed.address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        },
        _ => None,
    };
    uses.address.iter().filter_map(|address| v4(address.value)).collect()
}

fn add(cards: &mut Vec<Card>, card: Card) {
    if !cards.iter().any(|known| known.mac == card.mac) {
        cards.push(card);
    }
}
