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
