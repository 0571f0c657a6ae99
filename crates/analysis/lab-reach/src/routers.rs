//! Who forwards packets between networks, and where they meet the outside.

use crate::holders::machine_addresses;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{DeviceId, Kind, ThingId};
use lab_model::written::{HostAddress, PrefixKind, PrefixPlan, VipProtocol};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The things that forward packets: those that say so, those that prefixes name, hold a gateway's address or share it, and
/// those that lines end at. A device with one operating system is spoken of as that.
pub fn routers(lab: &Lab) -> Vec<ThingId> {
    let mut found = Vec::new();
    found.extend(lab.hosts.iter().filter(|(_, host)| is_said(&host.routes)).map(|(id, _)| ThingId::from(id)));
    found.extend(lab.vms.iter().filter(|(_, vm)| is_said(&vm.routes)).map(|(id, _)| ThingId::from(id)));
    // The gateway of a network between routers and a provider is the provider's.
    let is_transit =
        |prefix: &PrefixPlan| prefix.kind.as_ref().is_some_and(|kind| kind.value == PrefixKind::Transit);
    for (_, prefix) in lab.prefixes.iter().filter(|(_, prefix)| !is_transit(prefix)) {
        found.extend(prefix.routers.ids());
        let gateway = prefix.gateway.as_ref().map(|gateway| gateway.value.0);
        let at = |role: AddressRole| {
            let uses = lab.derived.assignments.iter();
            uses.filter(move |assignment| Some(assignment.address) == gateway && assignment.role == role)
        };
        found.extend(at(AddressRole::Interface).map(|assignment| assignment.owner));
        for vip in at(AddressRole::Vip).filter(|assignment| assignment.owner.kind == Kind::Vip) {
            found.extend(lab.vips[lab_model::lab::VipId(vip.owner.index)].members.ids());
        }
    }
    found.extend(
        lab.bgp.iter().flat_map(|(_, speaker)| speaker.on.ids()).filter(|on| on.kind == Kind::Device),
    );
    let mut seen = BTreeSet::new();
    let mut routers: Vec<ThingId> = found.into_iter().map(|thing| system_of(lab, thing)).collect();
    routers
        .retain(|router| matches!(router.kind, Kind::Host | Kind::Vm | Kind::Device) && seen.insert(*router));
    routers
}

fn is_said(fact: &Option<lab_source::Spanned<bool>>) -> bool {
    fact.as_ref().is_some_and(|fact| fact.value)
}

/// The operating system of a device that has one.
fn system_of(lab: &Lab, thing: ThingId) -> ThingId {
    match DeviceId::try_from(thing).map(|device| lab.derived.hosts_on(device)) {
        Ok([host]) => (*host).into(),
        _ => thing,
    }
}

/// True when `thing` forwards packets.
pub fn is_router(lab: &Lab, thing: ThingId) -> bool {
    routers(lab).contains(&thing)
}

/// Every address that one of the routers has, those that move between routers included.
pub(crate) fn gateway_addresses(lab: &Lab, routers: &[ThingId]) -> Vec<std::net::IpAddr> {
    let mut all: Vec<_> = routers.iter().flat_map(|router| machine_addresses(lab, *router)).collect();
    for (_, vip) in lab.vips.iter() {
        let protocol = vip.protocol.as_ref().map(|protocol| protocol.value);
        let moves_here =
            matches!(protocol, Some(VipProtocol::Carp | VipProtocol::Vrrp | VipProtocol::Manual));
        let is_ours = vip.members.ids().any(|member| routers.contains(&system_of(lab, member)));
        if moves_here && is_ours {
            all.extend(vip.address.iter().map(|address| address.value.0));
        }
    }
    for (_, prefix) in lab.prefixes.iter().filter(|(_, prefix)| !prefix.routers.is_empty()) {
        all.extend(prefix.gateway.as_ref().map(|gateway| gateway.value.0));
    }
    all
}

/// The interfaces of a router that lead outside: where a line ends, in a network between routers and a provider, or with
/// an address that the provider gives.
pub fn outside_interfaces(lab: &Lab, router: ThingId) -> Vec<Arc<str>> {
    let mut found: Vec<Arc<str>> = Vec::new();
    let mut add = |name: Arc<str>| {
        if !found.contains(&name) {
            found.push(name);
        }
    };
    for (interface, address) in written_addresses(lab, router) {
        let is_outside = match address {
            HostAddress::Fixed(fixed) => lab.derived.prefix_of(fixed.address).is_some_and(|prefix| {
                lab.prefixes[prefix].kind.as_ref().is_some_and(|kind| kind.value == PrefixKind::Transit)
            }),
            HostAddress::Dhcp | HostAddress::Slaac => true,
            HostAddress::Unknown => false,
        };
        if is_outside {
            add(interface);
        }
    }
    let device = match router.kind {
        Kind::Device => Some(DeviceId(router.index)),
        Kind::Host => lab.hosts[lab_model::lab::HostId(router.index)].on.as_ref().and_then(|on| on.id),
        _ => None,
    };
    for (_, circuit) in lab.circuits.iter() {
        let Some(end) = &circuit.ends_at else { continue };
        let named = lab.devices.find(&end.value.device.to_string());
        if device.is_some() && named == device {
            add(Arc::from(end.value.interface.to_string()));
        }
    }
    found
}

/// Interfaces of a machine or device with each address as written.
pub(crate) fn written_addresses(lab: &Lab, thing: ThingId) -> Vec<(Arc<str>, HostAddress)> {
    let addresses = match thing.kind {
        Kind::Host => &lab.hosts[lab_model::lab::HostId(thing.index)].addresses,
        Kind::Vm => &lab.vms[lab_model::lab::VmId(thing.index)].addresses,
        Kind::Device => &lab.devices[DeviceId(thing.index)].addresses,
        _ => return Vec::new(),
    };
    let each = addresses
        .iter()
        .flat_map(|(name, uses)| uses.address.iter().map(|address| (name.text.clone(), address.value)));
    each.collect()
}
