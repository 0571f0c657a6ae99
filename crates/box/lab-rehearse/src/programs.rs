//! Which services and pools of a lab are real in the box: the program with its port and protocol, the pool with its disks. What is not here has
//! a stand-in.

use crate::stand_in::{Beside, Transport};
use lab_box::Software;
use lab_box::wired::{Node, WiredPlan};
use lab_model::lab::{Lab, PoolId as LabPoolId, ServiceId as LabServiceId};
use lab_predict::works::{Holder, Placement, PoolId, ServiceId, Works};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that is real.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    services: BTreeMap<(ServiceId, Holder), Program>,
    pools: BTreeMap<PoolId, RealPool>,
    taken: BTreeMap<Holder, Vec<(Transport, u16)>>,
}

/// A program that plays a service on one machine.
#[derive(Clone, Debug)]
struct Program {
    software: &'static Software,
    /// By TCP.
    ports: Vec<u16>,
    title: String,
}

/// A pool that is served for real, by its disks or by who serves it.
#[derive(Clone, Debug, Default)]
struct RealPool {
    /// With its disks: its name there, and the folder of its node.
    disks: Option<(String, PathBuf)>,
    server: Option<Program>,
}

impl Programs {
    /// Those of a box. `node` says which of its nodes a holder is, `folder` where the files of a node are.
    pub fn of(
        (lab, works): (&Lab, &Works),
        plan: &WiredPlan,
        node: &dyn Fn(Holder) -> Option<usize>,
        folder: &dyn Fn(&str) -> PathBuf,
    ) -> Self {
        let mut titles = BTreeMap::new();
        for instance in plan.nodes.iter().flat_map(|node| &node.software).filter(|instance| instance.is_real)
        {
            titles.entry(instance.software.name).or_insert_with(|| instance.software.titled());
        }
        let find = Find { plan, titles };
        let mut programs = Self::default();
        for (id, row) in (0..).map(ServiceId).zip(&works.services) {
            let Ok(thing) = LabServiceId::try_from(row.thing) else { continue };
            for holder in holders(&row.placement) {
                let Some(at) = node(holder) else { continue };
                if let Some(program) = find
                    .program(at, |services, _| services.contains(&lab.services[thing].name.text.to_string()))
                {
                    programs.services.insert((id, holder), program);
                }
            }
        }
        for (id, row) in (0..).map(PoolId).zip(&works.pools) {
            let (Some(holder), Ok(thing)) = (row.holder, LabPoolId::try_from(row.thing)) else { continue };
            let Some(at) = node(holder) else { continue };
            let own = &plan.nodes[at];
            let called = lab_box::pool_name(&lab.pools[thing].name.text);
            let is_real = own.pools.iter().any(|pool| pool.is_real && pool.name == called);
            let disks = is_real.then(|| (called, folder(&own.name)));
            let server = find.program(at, |_, software| software.name == "nfs-ganesha");
            if disks.is_some() || server.is_some() {
                programs.pools.insert(id, RealPool { disks, server });
            }
        }
        let machines =
            (0..works.machines.len() as u32).map(lab_predict::works::MachineId).map(Holder::Machine);
        let units = (0..works.units.len() as u32).map(lab_predict::works::UnitId).map(Holder::Unit);
        for holder in machines.chain(units) {
            let ports = node(holder).map(|at| taken(&plan.nodes[at])).unwrap_or_default();
            if !ports.is_empty() {
                programs.taken.insert(holder, ports);
            }
        }
        programs
    }

    /// The port at which a service is asked for of which none is described: that of its program.
    pub(crate) fn port(&self, id: ServiceId) -> Option<u16> {
        let own = self.services.iter().filter(|((service, _), _)| *service == id);
        own.into_iter().find_map(|(_, program)| program.ports.first().copied())
    }

    /// The program that a service is on a machine, when it is asked for at this port.
    pub(crate) fn service(&self, id: ServiceId, holder: Holder, port: u16) -> Option<Beside> {
        let program = self.services.get(&(id, holder))?;
        program.at(port, None)
    }

    /// The name and version of the program that a service is on a machine, at whatever port.
    pub(crate) fn title(&self, id: ServiceId, holder: Holder) -> Option<&str> {
        self.services.get(&(id, holder)).map(|program| &*program.title)
    }

    /// What is real of a pool that is asked for at this port: its disks, and who serves them.
    pub(crate) fn pool(&self, id: PoolId, port: u16) -> Vec<Beside> {
        let Some(pool) = self.pools.get(&id) else { return Vec::new() };
        let disks = pool.disks.clone().map(|(name, folder)| Beside::Pool { name, folder });
        let export = pool.disks.as_ref().map_or("export", |(name, _)| name);
        let server = pool.server.as_ref().and_then(|server| server.at(port, Some(export.to_owned())));
        disks.into_iter().chain(server).collect()
    }

    /// Whether the disks of a pool are real.
    pub(crate) fn has_disks(&self, id: PoolId) -> bool {
        self.pools.get(&id).is_some_and(|pool| pool.disks.is_some())
    }

    /// Ports of a machine that real programs have.
    pub(crate) fn taken(&self) -> &BTreeMap<Holder, Vec<(Transport, u16)>> {
        &self.taken
    }
}

impl Program {
    fn at(&self, port: u16, export: Option<String>) -> Option<Beside> {
        let language = self.software.language_at(port);
        let title = self.title.clone();
        self.ports.contains(&port).then_some(Beside::Program { language, port, export, title })
    }
}

fn holders(placement: &Placement) -> Vec<Holder> {
    match placement {
        Placement::Fixed(holders) => holders.clone(),
        Placement::Movable { on, .. } => on.iter().copied().map(Holder::Machine).collect(),
    }
}

fn taken(node: &Node) -> Vec<(Transport, u16)> {
    let real = node.software.iter().filter(|instance| instance.is_real);
    let ports = real.flat_map(|instance| &instance.ports);
    let transport = |port: &lab_box::ServicePort| match port.transport {
        lab_box::Transport::Tcp => Transport::Tcp,
        lab_box::Transport::Udp => Transport::Udp,
    };
    ports.map(|port| (transport(port), port.port)).collect()
}

struct Find<'a> {
    plan: &'a WiredPlan,
    titles: BTreeMap<&'static str, String>,
}

impl Find<'_> {
    /// The first real program of a node that is meant, by the services that it plays or by itself.
    fn program(&self, node: usize, is_meant: impl Fn(&[String], &Software) -> bool) -> Option<Program> {
        let real = self.plan.nodes[node].software.iter().filter(|instance| instance.is_real);
        let instance = real.into_iter().find(|instance| is_meant(&instance.services, instance.software))?;
        let ports = instance.ports.iter().filter(|port| port.transport == lab_box::Transport::Tcp);
        let ports = ports.map(|port| port.port).collect();
        let title = self.titles.get(instance.software.name).cloned().unwrap_or_default();
        Some(Program { software: instance.software, ports, title })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::Places;
    use crate::roles::roles;
    use crate::stand_in::{Duties, Need, PORT};
    use crate::vector::vector;
    use lab_predict::answers::Forecast;

    const LAB: &str = "
lab: { name: real }
prefixes: { 10.0.10.0/24: {} }
zones: { people: { of: 10.0.10.0/24 } }
devices:
  switch: { role: switch, interfaces: { p1..2: 1000base-t } }
  box: { role: server, interfaces: { eth0: 1000base-t } }
  nas: { role: server, interfaces: { eth0: 1000base-t }, drives: { bay-1..2: {} } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'box:eth0', 'switch:p2': 'nas:eth0' } } }
hosts: { node: { on: box, addresses: { eth0: 10.0.10.11/24 } }, store: { on: nas, addresses: { eth0: 10.0.10.12/24 } } }
pools: { tank: { kind: zfs, on: store, vdevs: [{ mirror: bay-1..2 }] } }
datasets: { photos: { pool: tank, shares: [nfs] } }
services:
  orders: { on: node, software: postgresql, for: everyone }
  album: { on: store, ports: [80/tcp], needs: [orders, dataset/photos], for: everyone }
  shop: { on: node, software: nginx, ports: [8080/tcp], needs: [dataset/photos], for: everyone }
";

    /// What is described, in a box in which everything is real that can be, or nothing.
    fn check(is_real: bool, seen: impl Fn(&Places<'_>, &dyn Fn(&str) -> Duties)) {
        let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: LAB.into() }];
        let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
        assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
        let lab = reading.lab;
        let forecast = Forecast::new(&lab, jiff::civil::date(2026, 6, 1), 1).unwrap();
        let (mut plan, works) = (lab_box::project_wired(&lab).0, &forecast.works);
        for node in &mut plan.nodes {
            node.software.iter_mut().for_each(|instance| instance.is_real = is_real);
            node.pools.iter_mut().for_each(|pool| pool.is_real = is_real);
        }
        let node = |holder: Holder| plan.find(works.holder_label(holder));
        let programs = Programs::of((&lab, works), &plan, &node, &|node| PathBuf::from("/box").join(node));
        let policy = lab_reach::compile(&lab);
        let (given, spare) = (&|_| Vec::new(), vec![PORT]);
        let places =
            Places { lab: &lab, works, given, outside: None, spare, policy: &policy, programs: &programs };
        let roles = roles(&places, &|_| true, &|_| false);
        seen(&places, &|name| {
            roles
                .values()
                .find(|duties| duties.machine == name)
                .unwrap_or_else(|| panic!("no {name}"))
                .clone()
        });
    }

    fn beside(duties: &Duties, service: &str) -> Vec<String> {
        let instance = duties.instances.iter().find(|instance| instance.service == service).unwrap();
        let word = |beside: &Beside| match beside {
            Beside::Program { port, export, title, .. } => {
                let name = title.split(' ').next().unwrap_or_default();
                format!("{name} {port} {}", export.as_deref().unwrap_or("-"))
            }
            Beside::Pool { name, folder } => format!("{name} {}", folder.display()),
        };
        instance.beside.iter().map(word).collect()
    }

    fn needs(duties: &Duties, service: &str) -> Vec<Need> {
        let instance = duties.instances.iter().find(|instance| instance.service == service).unwrap();
        instance.needs.iter().flatten().cloned().collect()
    }

    fn asked(service: &str, at: [u8; 4], port: u16) -> Need {
        Need::Service { service: service.to_owned(), at: vec![(at, port).into()] }
    }

    #[test]
    fn what_is_real_has_its_port_and_is_asked_there() {
        check(true, |places, of| {
            let (node, store) = (of("node"), of("store"));
            assert_eq!(beside(&node, "orders"), ["postgresql 5432 -"]);
            assert_eq!(beside(&store, "pool:tank"), ["tank /box/store", "nfs-ganesha 2049 tank"]);
            assert_eq!(beside(&store, "album"), [""; 0], "the lab names no program");
            let taken = |port| (Transport::Tcp, port);
            assert_eq!(
                (&node.taken[..], &store.taken[..]),
                (&[taken(5432), taken(8080)][..], &[taken(2049)][..])
            );
            // Over the network at the program's own port; on the machine itself at the stand-in's.
            let expect = [asked("orders", [10, 0, 10, 11], 5432), asked("pool:tank", [127, 0, 0, 1], PORT)];
            assert_eq!(needs(&store, "album"), expect);
            assert_eq!(needs(&node, "shop"), [asked("pool:tank", [10, 0, 10, 12], 2049)]);
            let vector = vector(places, places.policy, &|_| true, &|_| Vec::new());
            let by = |what: &str| {
                let probe = vector.probes.iter().find(|probe| probe.what == what);
                let by = probe.and_then(|probe| probe.by.clone()).unwrap_or_default();
                by.split(' ').next().unwrap_or_default().to_owned()
            };
            assert_eq!(
                ["orders", "album", "shop", "tank reads and writes"].map(by),
                ["postgresql", "stand-in", "nginx", "ZFS"]
            );
        });
    }

    #[test]
    fn what_is_not_installed_has_a_stand_in_as_before() {
        check(false, |places, of| {
            let (node, store) = (of("node"), of("store"));
            assert_eq!(beside(&node, "shop"), [""; 0]);
            assert_eq!((&node.taken[..], &store.taken[..]), (&[][..], &[][..]));
            assert_eq!(needs(&store, "album"), [asked("orders", [10, 0, 10, 11], PORT)]);
            assert_eq!(needs(&node, "shop"), [Need::Open(([10, 0, 10, 12], 2049).into())]);
            let vector = vector(places, places.policy, &|_| true, &|_| Vec::new());
            assert!(vector.probes.iter().all(|probe| probe.by.as_deref().is_none_or(|by| by == "stand-in")));
        });
    }
}
