//! A host as an installer is told of it.

use super::disk::{Identity, Target};
use super::{Stand, card};
use ipnet::Ipv4Net;
use lab_model::Lab;
use lab_model::lab::HostId;
use lab_netboot::answer::{Disk, Network, System, User};
use std::net::{IpAddr, Ipv4Addr};

/// The host's name, network, disk and users.
pub(super) fn system(lab: &Lab, id: HostId, stand: &Stand<'_>, target: &Target) -> Result<System, String> {
    let host = &lab.hosts[id];
    let users = host.users.iter().map(|(name, said)| User {
        name: name.text.to_string(),
        keys: said.keys.iter().map(|key| key.text.to_string()).collect(),
        admin: said.admin.as_ref().is_some_and(|admin| admin.value),
    });
    Ok(System {
        hostname: host.name.text.to_string(),
        domain: lab.head.domain.as_ref().map(|domain| domain.value.to_string()),
        network: network(lab, id)?,
        disk: match &target.disk {
            Identity::Serial(serial) => Disk::Serial(serial.clone()),
            Identity::Only => Disk::Only,
        },
        users: users.collect(),
        country: stand.locale.country.clone(),
        keyboard: stand.locale.keyboard.clone(),
        timezone: lab.head.timezone.as_ref().map_or_else(|| "UTC".into(), |zone| zone.text.to_string()),
    })
}

/// The first card with a fixed address; DHCP when there is none.
fn network(lab: &Lab, id: HostId) -> Result<Network, String> {
    let cards = card::of_host(lab, id);
    let Some((mac, address)) = cards.iter().find_map(|card| Some((card.mac, *card.addresses.first()?)))
    else {
        return Ok(Network::Dhcp);
    };
    let (prefix, network) = super::segment::around(lab, address)
        .ok_or_else(|| format!("{address} is in no network of the lab"))?;
    let v4 = |address: IpAddr| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    };
    let plan = &lab.prefixes[prefix];
    let own: Vec<Ipv4Addr> = lab.hosts[id].dns.iter().filter_map(|server| server.text.parse().ok()).collect();
    let shared = || plan.dns.iter().filter_map(|server| v4(server.value.0)).collect();
    Ok(Network::Fixed {
        mac: mac.to_string(),
        address: Ipv4Net::new(address, network.prefix_len()).map_err(|error| error.to_string())?,
        gateway: plan.gateway.as_ref().and_then(|gateway| v4(gateway.value.0)).filter(|it| *it != address),
        dns: if own.is_empty() { shared() } else { own },
    })
}
