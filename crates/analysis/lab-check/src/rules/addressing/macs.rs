//! Vocabulary of the MAC rules: every MAC address of the lab, with whose it is.

use lab_model::derived::PortOrigin;
use lab_model::grammar::MacAddress;
use lab_model::lab::{PrefixId, ThingId};
use lab_model::{Lab, Name};
use lab_source::{Span, Spanned};

/// One MAC address as written.
#[derive(Clone, Debug)]
pub(super) struct Mac {
    /// The address.
    pub mac: MacAddress,
    /// The device or virtual machine that has it; for a reservation the one it is kept for, when that is known.
    pub owner: Option<ThingId>,
    /// The interface, or the name of the reservation.
    pub interface: String,
    /// The prefix whose DHCP server keeps an address for it, when it is a reservation.
    pub reserved_in: Option<PrefixId>,
    /// Where it is written.
    pub span: Span,
}

/// All of them. That of a host's interface is the device's.
pub(super) fn macs(lab: &Lab) -> Vec<Mac> {
    let mut all = Vec::new();
    for port in lab.derived.ports.iter().filter(|port| !matches!(port.origin, PortOrigin::Split(_))) {
        add(&mut all, port.mac.as_ref(), Some(port.device.into()), &port.name);
    }
    for (id, host) in lab.hosts.iter() {
        let device = host.on.as_ref().and_then(|on| on.id).map_or(ThingId::from(id), ThingId::from);
        for (name, said) in host.interfaces.iter() {
            add(&mut all, said.mac.as_ref(), Some(device), &name.text);
        }
    }
    for (id, vm) in lab.vms.iter() {
        for (name, nic) in vm.nics.iter() {
            add(&mut all, nic.mac.as_ref(), Some(id.into()), &name.text);
        }
    }
    for (id, plan) in lab.prefixes.iter() {
        for (name, reservation) in plan.dhcp.iter().flat_map(|dhcp| dhcp.reservations.iter()) {
            let Some(mac) = &reservation.mac else { continue };
            let owner =
                reservation.host.as_ref().and_then(|host| host.id).or_else(|| lab.addressed(&name.text));
            all.push(reservation_of(lab, mac, owner, name, id));
        }
    }
    all
}

fn reservation_of(
    lab: &Lab,
    mac: &Spanned<MacAddress>,
    owner: Option<ThingId>,
    name: &Name,
    prefix: PrefixId,
) -> Mac {
    let owner = owner.map(|owner| match lab_model::lab::HostId::try_from(owner) {
        Ok(host) => lab.hosts[host].on.as_ref().and_then(|on| on.id).map_or(owner, ThingId::from),
        Err(()) => owner,
    });
    Mac { mac: mac.value, owner, interface: name.to_string(), reserved_in: Some(prefix), span: mac.span }
}

fn add(all: &mut Vec<Mac>, mac: Option<&Spanned<MacAddress>>, owner: Option<ThingId>, interface: &str) {
    all.extend(mac.map(|mac| Mac {
        mac: mac.value,
        owner,
        interface: interface.to_owned(),
        reserved_in: None,
        span: mac.span,
    }));
}
