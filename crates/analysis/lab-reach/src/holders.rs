//! Where a thing can be reached: its addresses, as far as the lab says them.

use crate::names;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::grammar::UrlHost;
use lab_model::lab::{DeviceId, Kind, ServiceId, ThingId, VipId};
use std::net::IpAddr;

/// The addresses of a thing: a service's own, those that move to it, those of its names, else those of the machines it
/// runs on. Sorted, each once; empty when nothing says.
pub fn addresses_of(lab: &Lab, thing: ThingId) -> Vec<IpAddr> {
    addresses_through(lab, thing, 0)
}

/// As [`addresses_of`], after `depth` names led to other names.
pub(crate) fn addresses_through(lab: &Lab, thing: ThingId, depth: u8) -> Vec<IpAddr> {
    let mut addresses = match thing.kind {
        Kind::Host | Kind::Vm | Kind::Device => machine_addresses(lab, thing),
        Kind::Service => service_addresses(lab, ServiceId(thing.index), depth),
        Kind::Vip => lab.vips[VipId(thing.index)].address.iter().map(|address| address.value.0).collect(),
        Kind::Cluster => {
            lab.clusters[lab_model::lab::ClusterId(thing.index)].api.iter().map(|api| api.value.0).collect()
        }
        _ => Vec::new(),
    };
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The addresses on a machine's or device's interfaces, fixed or kept for it by DHCP; with those of the operating system
/// on a device.
pub fn machine_addresses(lab: &Lab, thing: ThingId) -> Vec<IpAddr> {
    let own = |thing: ThingId| {
        let uses = lab.derived.addresses_of(thing);
        let held = uses.filter(|assignment| {
            matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation)
        });
        held.map(|assignment| assignment.address).collect::<Vec<_>>()
    };
    let mut addresses = own(thing);
    if let Ok(device) = DeviceId::try_from(thing) {
        addresses.extend(lab.derived.hosts_on(device).iter().flat_map(|host| own((*host).into())));
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn service_addresses(lab: &Lab, id: ServiceId, depth: u8) -> Vec<IpAddr> {
    let service = &lab.services[id];
    let own: Vec<IpAddr> = service.address.iter().map(|address| address.value.0).collect();
    if !own.is_empty() {
        return own;
    }
    let vips = lab.vips.iter().filter(|(_, vip)| vip.service.as_ref().and_then(|of| of.id) == Some(id));
    let moving: Vec<IpAddr> =
        vips.flat_map(|(_, vip)| vip.address.iter().map(|address| address.value.0)).collect();
    if !moving.is_empty() {
        return moving;
    }
    let named: Vec<IpAddr> = service
        .url
        .iter()
        .flat_map(|url| match url.value.host() {
            UrlHost::Name(name) => names::resolve_text(lab, name.as_str(), depth + 1),
            UrlHost::Address(address) => vec![*address],
        })
        .collect();
    if !named.is_empty() {
        return named;
    }
    let machines = service.on.ids().filter(|on| on.kind != Kind::Cluster);
    machines.flat_map(|on| machine_addresses(lab, on)).collect()
}
