//! What names inside the lab lead to. Names of services' pages and of machines stand beside those that `names:` gives.

use crate::holders::{addresses_of, addresses_through, machine_addresses};
use lab_model::Lab;
use lab_model::grammar::{DnsName, Grammar, UrlHost};
use lab_model::lab::{DnsRecordId, ThingId};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// More names for names are taken for a loop.
const ALIASES_MAX: u8 = 8;

/// The addresses that a name has inside the lab; empty when nothing says. The longest name given counts, and a wildcard only
/// where no name does (RFC 4592).
pub fn resolve(lab: &Lab, name: &DnsName) -> Vec<IpAddr> {
    resolve_through(lab, name, 0)
}

/// As [`resolve`], for a text that is hopefully a name, after `depth` names led to other names.
pub(crate) fn resolve_text(lab: &Lab, name: &str, depth: u8) -> Vec<IpAddr> {
    DnsName::parse(name).map(|name| resolve_through(lab, &name, depth)).unwrap_or_default()
}

fn resolve_through(lab: &Lab, name: &DnsName, depth: u8) -> Vec<IpAddr> {
    if depth > ALIASES_MAX {
        return Vec::new();
    }
    let mut wildcard: Option<(usize, DnsRecordId)> = None;
    for (id, record) in lab.names.iter() {
        let Some(own) = absolute(lab, &record.name.text) else { continue };
        if own == *name {
            return record_addresses(lab, id, depth);
        }
        let Some(zone) = own.as_str().strip_prefix("*.") else { continue };
        let is_below = name.as_str().strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
        if is_below && wildcard.is_none_or(|(length, _)| zone.len() > length) {
            wildcard = Some((zone.len(), id));
        }
    }
    if let Some(machine) = machine_of(lab, name) {
        return machine_addresses(lab, machine);
    }
    wildcard.map_or_else(Vec::new, |(_, id)| record_addresses(lab, id, depth))
}

/// A name as it stands in `names:`, in the lab's domain when it has none of its own.
pub(crate) fn absolute(lab: &Lab, text: &str) -> Option<DnsName> {
    let name = DnsName::parse(text).ok()?;
    match &lab.head.domain {
        Some(domain) if !name.as_str().contains('.') => {
            DnsName::parse(&format!("{name}.{}", domain.value)).ok()
        }
        _ => Some(name),
    }
}

fn record_addresses(lab: &Lab, id: DnsRecordId, depth: u8) -> Vec<IpAddr> {
    let record = &lab.names[id];
    let mut addresses: Vec<IpAddr> = record.addresses.iter().map(|address| address.value.0).collect();
    for to in record.to.ids() {
        addresses.extend(addresses_through(lab, to, depth + 1));
    }
    if let Some(other) = &record.alias_of {
        addresses.extend(resolve_through(lab, &other.value, depth + 1));
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn machine_of(lab: &Lab, name: &DnsName) -> Option<ThingId> {
    let domains = lab.head.domain.iter().chain(&lab.head.domains);
    let mut short = domains.filter_map(|domain| name.as_str().strip_suffix(&format!(".{}", domain.value)));
    short.find_map(|short| lab.addressed(short))
}

/// Every name that the lab answers for inside, with its addresses: machines and devices, pages of services, and `names:`,
/// wildcards included. Names without an address are left out.
pub fn local_names(lab: &Lab) -> BTreeMap<String, Vec<IpAddr>> {
    let mut all = BTreeMap::new();
    let mut add = |name: &str, addresses: Vec<IpAddr>| {
        if !addresses.is_empty() {
            all.insert(name.to_ascii_lowercase(), addresses);
        }
    };
    if let Some(domain) = &lab.head.domain {
        let devices = lab.devices.iter().map(|(id, device)| (ThingId::from(id), &device.name));
        let vms = lab.vms.iter().map(|(id, vm)| (ThingId::from(id), &vm.name));
        let hosts = lab.hosts.iter().map(|(id, host)| (ThingId::from(id), &host.name));
        for (thing, name) in devices.chain(vms).chain(hosts) {
            if let Ok(full) = DnsName::parse(&format!("{name}.{}", domain.value)) {
                add(full.as_str(), machine_addresses(lab, thing));
            }
        }
    }
    for (id, service) in lab.services.iter() {
        for url in &service.url {
            if let UrlHost::Name(name) = url.value.host() {
                let own = addresses_of(lab, id.into());
                add(name.as_str(), if own.is_empty() { resolve_text(lab, name.as_str(), 0) } else { own });
            }
        }
    }
    for (id, record) in lab.names.iter() {
        if let Some(name) = absolute(lab, &record.name.text) {
            add(name.as_str(), record_addresses(lab, id, 0));
        }
    }
    all
}
