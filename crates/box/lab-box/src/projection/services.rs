//! Which ports of described services are on a machine of the box.

use super::Work;
use crate::plan::{ServicePort, Transport};
use lab_model::ThingId;
use lab_model::grammar;
use lab_model::lab::{DeviceId, HostId, ServiceId};
use lab_model::written::{Service, Status};
use std::collections::BTreeMap;

/// Of a longer run of ports only the first and the last are stood in for.
const RUN_MAX: u16 = 8;
/// Where the machine's own SSH server listens.
const SSH: u16 = 22;

impl Work<'_> {
    /// The ports of services that the lab puts on this very machine, each once. A service that the lab puts on a cluster
    /// has no machine of its own until somebody schedules it, and is not among them.
    pub(super) fn services(&mut self, machine: ThingId) -> Vec<ServicePort> {
        let mut ports: BTreeMap<(u16, Transport), String> = BTreeMap::new();
        let device = HostId::try_from(machine).ok().and_then(|host| self.lab.hosts[host].on.as_ref()?.id);
        let mut placed: Vec<ServiceId> = Vec::new();
        for (id, service) in self.lab.services.iter() {
            let is_here = service
                .on
                .ids()
                .any(|on| on == machine || DeviceId::try_from(on).ok() == device && device.is_some());
            if !is_here || !is_active(service) {
                continue;
            }
            for (port, transport) in service.ports.iter().flat_map(|port| numbers(port.value)) {
                if (port, transport) != (SSH, Transport::Tcp) {
                    let name = || service.name.text.chars().filter(|c| !c.is_control()).collect();
                    ports.entry((port, transport)).or_insert_with(name);
                    placed.push(id);
                }
            }
        }
        self.served.extend(placed);
        let port = |((port, transport), service)| ServicePort { port, transport, service };
        ports.into_iter().map(port).collect()
    }
}

impl Work<'_> {
    /// The ports of a service: those that are written, else that of its page.
    pub(super) fn ports_of(&mut self, id: ServiceId) -> Vec<ServicePort> {
        let service = &self.lab.services[id];
        if !is_active(service) {
            return Vec::new();
        }
        let mut ports: Vec<(u16, Transport)> =
            service.ports.iter().flat_map(|port| numbers(port.value)).collect();
        if ports.is_empty() {
            let of_page = |url: &grammar::Url| {
                url.port().or(match url.scheme() {
                    "https" => Some(443),
                    "http" => Some(80),
                    _ => None,
                })
            };
            ports.extend(
                service.url.iter().filter_map(|url| of_page(&url.value)).map(|port| (port, Transport::Tcp)),
            );
        }
        ports.sort_unstable();
        ports.dedup();
        let name: String = service.name.text.chars().filter(|c| !c.is_control()).collect();
        if !ports.is_empty() {
            self.served.insert(id);
        }
        ports
            .into_iter()
            .map(|(port, transport)| ServicePort { port, transport, service: name.clone() })
            .collect()
    }
}

pub(super) fn is_active(service: &Service) -> bool {
    service.status.as_ref().is_none_or(|status| status.value == Status::Active)
}

fn numbers(port: grammar::Port) -> Vec<(u16, Transport)> {
    let (first, last) = (port.first(), port.last());
    let ports: Vec<u16> = if last - first < RUN_MAX { (first..=last).collect() } else { vec![first, last] };
    let carriers: &[Transport] = match port.transport() {
        Some(grammar::Transport::Tcp) => &[Transport::Tcp],
        Some(grammar::Transport::Udp) => &[Transport::Udp],
        None if port.name().is_some() => &[Transport::Tcp, Transport::Udp],
        // A bare number is TCP to whoever writes it of a service, though a firewall would take it for both.
        None => &[Transport::Tcp],
    };
    carriers.iter().flat_map(|&carrier| ports.iter().map(move |&port| (port, carrier))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::projected_from;

    const LAB: &str = "
lab: { name: Home Lab }
prefixes: { 10.0.20.0/24: {} }
devices: { box-1..2: { memory: 8 GiB } }
hosts:
  node-1..2: { on: 'box-1..2', addresses: { eth0: 10.0.20.11..12/24 } }
clusters: { k: { kind: kubernetes, members: host/node-1..2 } }
services:
  names: { on: 'host/node-1..2', ports: [dns, ssh] }
  photos: { on: device/box-2, ports: [8080, 60000-61000/udp] }
  later: { on: host/node-1, ports: 81, status: planned }
  somewhere: { on: cluster/k, ports: 443 }
";

    #[test]
    fn ports_stand_where_the_lab_puts_their_service() {
        let plan = projected_from(LAB, &[]).plan;
        let ports = |machine: usize| {
            let services = plan.machines[machine].services.iter();
            services.map(|port| format!("{} {port}", port.service)).collect::<Vec<_>>()
        };
        assert_eq!(ports(0), ["names 53/tcp", "names 53/udp"]);
        assert_eq!(
            ports(1),
            ["names 53/tcp", "names 53/udp", "photos 8080/tcp", "photos 60000/udp", "photos 61000/udp"]
        );
        let unserved = plan.not_checked.iter().find(|text| text.contains("service")).unwrap();
        assert!(unserved.starts_with("1 service "), "{unserved}");
    }
}
