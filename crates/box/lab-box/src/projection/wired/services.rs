//! Services at their places: a port for each, and the program by name that it is, where the lab names one that Debian has. Whether that program
//! runs is settled where it is known what is installed.

use super::Build;
use crate::plan::{ServicePort, Transport};
use crate::software::{Instance, Software};
use lab_model::ThingId;
use lab_model::lab::{ClusterId, ServiceId};
use lab_model::written::ShareProtocol;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

type Ports = BTreeMap<(u16, Transport), ServicePort>;

impl Build<'_> {
    /// Ports of services: on the machines that the lab names, and on every node of a cluster that a service is on.
    pub(super) fn add_services(&mut self) {
        let mut ports = self.ports_of_machines();
        let everywhere = self.add_ports_of_clusters(&mut ports);
        if everywhere > 0 {
            self.plan.stand_ins.push(format!(
                "{} of clusters: on every node that could run them, nothing schedules them",
                super::super::counted(everywhere, "service")
            ));
        }
        for (node, own) in ports {
            self.plan.nodes[node].services = own.into_values().collect();
        }
        let ids: Vec<ServiceId> = self.lab.services.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.add_software(id);
        }
        self.add_shares();
        self.tell_members();
    }

    fn ports_of_machines(&mut self) -> BTreeMap<usize, Ports> {
        let things: Vec<(ThingId, usize)> =
            self.node_of.iter().map(|(thing, node)| (*thing, *node)).collect();
        let mut ports: BTreeMap<usize, Ports> = BTreeMap::new();
        for (thing, node) in things {
            for port in self.work.services(thing) {
                ports.entry(node).or_default().entry((port.port, port.transport)).or_insert(port);
            }
        }
        ports
    }

    /// How many services of clusters have a port.
    fn add_ports_of_clusters(&mut self, ports: &mut BTreeMap<usize, Ports>) -> usize {
        let ids: Vec<ServiceId> = self.lab.services.iter().map(|(id, _)| id).collect();
        let mut everywhere = 0;
        for id in ids {
            let workers = self.workers(id);
            let own = if workers.is_empty() { Vec::new() } else { self.work.ports_of(id) };
            everywhere += usize::from(!own.is_empty());
            for node in workers {
                let known = ports.entry(node).or_default();
                for port in &own {
                    known.entry((port.port, port.transport)).or_insert_with(|| port.clone());
                }
            }
        }
        everywhere
    }

    /// The nodes of the clusters that a service is on.
    fn workers(&self, id: ServiceId) -> Vec<usize> {
        let clusters = self.lab.services[id].on.ids().filter_map(|on| ClusterId::try_from(on).ok());
        let workers = clusters.flat_map(|cluster| self.lab.workers_of(cluster));
        workers.filter_map(|worker| self.node_of.get(&worker).copied()).collect()
    }

    /// Every node that a service is on, itself or as one of a cluster.
    fn places(&self, id: ServiceId) -> BTreeSet<usize> {
        let own = self.lab.services[id].on.ids().filter_map(|on| self.node_of.get(&on).copied());
        own.chain(self.workers(id)).collect()
    }

    /// The program that a service is by name, on each of its nodes.
    fn add_software(&mut self, id: ServiceId) {
        let service = &self.lab.services[id];
        if !super::super::services::is_active(service) {
            return;
        }
        let written = service.software.as_ref().map(|text| &*text.text);
        let named = Software::of_service(&service.name.text, written);
        let is_dns = service.roles.iter().any(|role| &*role.text == "dns");
        let described = self.work.ports_of(id);
        let name = service.name.text.to_string();
        for node in self.places(id) {
            // Whatever a router's resolver is in the lab, its driver makes it Unbound.
            let resolves = is_dns && self.is_router(node);
            let software = if resolves { Software::called("unbound") } else { named };
            if let Some(software) = software {
                let ports = software.ports_of(&described, &name);
                self.play(node, software, ports, &name);
            }
        }
    }

    /// Data that is shared by NFS is served where its pool is.
    fn add_shares(&mut self) {
        let Some(software) = Software::called("nfs-ganesha") else { return };
        let mut shared = Vec::new();
        for (_, dataset) in self.lab.datasets.iter() {
            let by_nfs = |share: &lab_model::written::Share| {
                share.protocol.as_ref().is_some_and(|protocol| protocol.value == ShareProtocol::Nfs)
            };
            let pool = dataset.pool.as_ref().and_then(|pool| pool.id).map(|pool| &self.lab.pools[pool]);
            let holder = pool.and_then(|pool| pool.on.as_ref()?.id);
            let node = holder.and_then(|holder| self.node_of.get(&holder).copied());
            if let (Some(node), true) = (node, dataset.shares.iter().any(by_nfs)) {
                shared.push((node, format!("share of {}", dataset.name.text)));
            }
        }
        for (node, name) in shared {
            let ports = software.ports_of(&[], &name);
            self.play(node, software, ports, &name);
        }
    }

    /// A program on a node, for one service more; its ports have listeners until it is there.
    fn play(&mut self, node: usize, software: &'static Software, ports: Vec<ServicePort>, service: &str) {
        let is_resolver = software == Software::called("unbound").expect("it is in the table");
        let names = if is_resolver { lab_reach::local_names(self.lab) } else { BTreeMap::new() };
        let node = &mut self.plan.nodes[node];
        if ports.is_empty() {
            return;
        }
        let is_it = |instance: &&mut Instance| instance.software == software;
        let has = |known: &[ServicePort], port: &ServicePort| {
            known.iter().any(|known| (known.port, known.transport) == (port.port, port.transport))
        };
        for port in &ports {
            if !has(&node.services, port) {
                node.services.push(port.clone());
            }
        }
        match node.software.iter_mut().find(is_it) {
            Some(instance) => {
                let is_new = |port: &ServicePort| software.takes_each() && !has(&instance.ports, port);
                let more: Vec<ServicePort> = ports.into_iter().filter(is_new).collect();
                instance.ports.extend(more);
                instance.services.push(service.to_owned());
            }
            None => node.software.push(Instance {
                software,
                ports,
                services: vec![service.to_owned()],
                members: Vec::new(),
                names,
                is_real: false,
            }),
        }
    }

    /// Who plays the same service elsewhere, where the program forms a cluster of its own.
    fn tell_members(&mut self) {
        let address = |node: &crate::wired::Node| -> Option<IpAddr> {
            let own = node.addresses.iter().filter(|(device, _)| device != "lo");
            own.map(|(_, net)| net.addr()).find(IpAddr::is_ipv4)
        };
        let mut members: BTreeMap<(&str, String), Vec<(String, IpAddr)>> = BTreeMap::new();
        for node in &self.plan.nodes {
            for instance in node.software.iter().filter(|instance| instance.software.is_cluster()) {
                if let (Some(address), Some(service)) = (address(node), instance.services.first()) {
                    let group = members.entry((instance.software.name, service.clone())).or_default();
                    group.push((node.name.clone(), address));
                }
            }
        }
        for instance in self.plan.nodes.iter_mut().flat_map(|node| &mut node.software) {
            let service = instance.services.first().cloned().unwrap_or_default();
            instance.members = members.get(&(instance.software.name, service)).cloned().unwrap_or_default();
        }
    }
}
