//! The drawing of the whole lab in layers: what is outside, power, network, devices, machines, storage, services. Alike
//! things are one box, and all lines between two boxes are one, so that a lab of forty devices fits a page.

use super::cables::{class_of, lab_name};
use super::cell::{self, join, shown, value};
use super::copies::stands_on;
use super::{Asked, ShowError};
use crate::picture::{Class, Edge, Graph, Line, fold};
use lab_model::derived::PowerSource;
use lab_model::lab::{DeviceId, PoolId};
use lab_model::written::Status;
use lab_model::{Kind, Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 7] = ["outside", "power", "network", "devices", "machines", "storage", "services"];
const OUTSIDE: usize = 0;
const POWER: usize = 1;
const NETWORK: usize = 2;
const DEVICES: usize = 3;
const MACHINES: usize = 4;
const STORAGE: usize = 5;
const SERVICES: usize = 6;
/// Letters on a line of a box.
const LINE: usize = 30;

/// The drawing in the making: which box each thing is in.
struct Drawing<'a> {
    lab: &'a Lab,
    graph: Graph,
    boxes: BTreeMap<ThingId, usize>,
}

pub(super) fn graph(asked: &Asked<'_>) -> Result<Graph, ShowError> {
    let lab = asked.lab;
    let graph = Graph {
        title: format!("{}: overview", lab_name(lab)),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        ..Graph::default()
    };
    let mut drawing = Drawing { lab, graph, boxes: BTreeMap::new() };
    drawing.outside();
    drawing.power();
    drawing.devices();
    drawing.cables();
    drawing.machines();
    drawing.storage();
    drawing.services();
    drawing.graph.close_columns();
    Ok(drawing.graph)
}

impl Drawing<'_> {
    /// A box for several things, called by their names drawn together.
    fn add(&mut self, column: usize, class: Class, things: &[ThingId], mut details: Vec<String>) -> usize {
        let names: Vec<String> = things.iter().map(|thing| self.lab.name(*thing).to_string()).collect();
        let names = cell::ranges(&names);
        let label = names[0].clone();
        details.splice(0..0, fold(&names[1..], LINE, 8));
        let details = details.into_iter().filter(|line| !line.is_empty()).collect();
        let node = self.graph.node_in(column, label, details, class);
        self.boxes.extend(things.iter().map(|thing| (*thing, node)));
        node
    }

    fn line(&mut self, from: Option<usize>, to: Option<usize>, line: Line) {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            self.graph.join(Edge { line, ..Edge::new(from, to) });
        }
    }

    fn of(&self, thing: impl Into<ThingId>) -> Option<usize> {
        self.boxes.get(&thing.into()).copied()
    }

    fn outside(&mut self) {
        let lab = self.lab;
        for (id, circuit) in lab.circuits.iter() {
            let speeds = join([value(&circuit.down).as_str(), &value(&circuit.up)], " / ");
            self.add(OUTSIDE, Class::External, &[id.into()], vec![shown(circuit.kind.as_ref()), speeds]);
        }
    }

    /// What nothing feeds is outside; the rest of the supply down to the last breaker is power.
    fn power(&mut self) {
        let lab = self.lab;
        for (id, node) in lab.power.iter() {
            let column = if node.from.is_empty() { OUTSIDE } else { POWER };
            let rating = [value(&node.breaker), value(&node.voltage)];
            self.add(column, Class::Power, &[id.into()], vec![join(rating.iter().map(String::as_str), ", ")]);
        }
        for (id, node) in lab.power.iter() {
            for from in node.from.ids() {
                self.line(self.of(from), self.of(id), Line::Plain);
            }
        }
    }

    /// Devices of one type, role and status are one box.
    fn devices(&mut self) {
        let lab = self.lab;
        let mut order: Vec<(usize, Class, String, String)> = Vec::new();
        let mut groups: BTreeMap<(usize, Class, String, String), Vec<ThingId>> = BTreeMap::new();
        for (id, device) in lab.devices.iter() {
            let status = device.status.as_ref().map(|status| status.value);
            if matches!(status, Some(Status::Unused | Status::Spare)) {
                continue;
            }
            let class = class_of(lab.derived.device(id).role);
            let column = match class {
                Class::Power => POWER,
                Class::Network => NETWORK,
                _ => DEVICES,
            };
            let ty = device.r#type.as_ref().map_or_else(|| device.name.to_string(), ToString::to_string);
            let key = (column, class, ty, shown(status.filter(|status| *status != Status::Active)));
            if !groups.contains_key(&key) {
                order.push(key.clone());
            }
            groups.entry(key).or_default().push(id.into());
        }
        for key in order {
            let things = &groups[&key];
            let (column, class, ty, status) = key;
            let ty = if *lab.name(things[0]).text == *ty { String::new() } else { ty };
            self.add(column, class, things, vec![ty, status]);
        }
        self.feeds();
    }

    fn feeds(&mut self) {
        let lab = self.lab;
        for inlet in &lab.derived.inlets {
            let from = match inlet.source {
                Some(PowerSource::Node(node)) => self.of(node),
                Some(PowerSource::Device(device)) => self.of(device),
                Some(PowerSource::Outlet(outlet)) => self.of(lab.derived.outlet(outlet).device),
                None => None,
            };
            self.line(from, self.of(inlet.device), Line::Dashed);
        }
    }

    fn cables(&mut self) {
        let lab = self.lab;
        for (id, circuit) in lab.circuits.iter() {
            let end = circuit.ends_at.as_ref().and_then(|end| lab.devices.find(&end.value.device.name));
            self.line(self.of(id), end.and_then(|device| self.of(device)), Line::Plain);
        }
        let mut between: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for link in &lab.derived.links {
            let end = |port| self.of(lab.derived.port(port).device);
            if let (Some(near), Some(far)) = (end(link.near), end(link.far)) {
                *between.entry((near.min(far), near.max(far))).or_default() += 1;
            }
        }
        for ((from, to), count) in between {
            self.line(Some(from), Some(to), if count > 1 { Line::Thick } else { Line::Plain });
        }
    }

    /// Hosts on one box of devices and in the same clusters are one box, and so are virtual machines.
    fn machines(&mut self) {
        let lab = self.lab;
        let mut groups: BTreeMap<(Option<usize>, Vec<ThingId>), Vec<ThingId>> = BTreeMap::new();
        let clusters = |thing: ThingId| -> Vec<ThingId> {
            let facts = lab.derived.machine(thing);
            facts.into_iter().flat_map(|facts| facts.clusters.iter().map(|id| ThingId::from(*id))).collect()
        };
        for (id, host) in lab.hosts.iter() {
            let on = host.on.as_ref().and_then(|on| on.id).and_then(|device: DeviceId| self.of(device));
            groups.entry((on, clusters(id.into()))).or_default().push(id.into());
        }
        self.machine_boxes(groups);
        let mut groups: BTreeMap<(Option<usize>, Vec<ThingId>), Vec<ThingId>> = BTreeMap::new();
        for (id, vm) in lab.vms.iter() {
            let on = vm.on.as_ref().and_then(|on| on.id).and_then(|on| self.of(on));
            groups.entry((on, clusters(id.into()))).or_default().push(id.into());
        }
        self.machine_boxes(groups);
    }

    fn machine_boxes(&mut self, groups: BTreeMap<(Option<usize>, Vec<ThingId>), Vec<ThingId>>) {
        for ((on, clusters), machines) in groups {
            let words = match machines[0].kind {
                Kind::Vm if machines.len() > 1 => format!("{} virtual machines", machines.len()),
                Kind::Vm => "virtual machine".to_owned(),
                _ => self.systems(&machines),
            };
            let kinds = clusters.iter().map(|cluster| format!("cluster {}", self.lab.name(*cluster)));
            let details = std::iter::once(words).chain(kinds).collect();
            let node = self.add(MACHINES, Class::Machine, &machines, details);
            // A cluster stands for the first machines that are in it.
            for cluster in clusters {
                self.boxes.entry(cluster).or_insert(node);
            }
            self.line(on, Some(node), Line::Plain);
        }
    }

    fn systems(&self, hosts: &[ThingId]) -> String {
        let systems: BTreeSet<String> = hosts
            .iter()
            .map(|host| shown(self.lab.hosts[lab_model::lab::HostId(host.index)].os.as_ref()))
            .filter(|os| !os.is_empty())
            .collect();
        systems.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn storage(&mut self) {
        let lab = self.lab;
        let mut groups: BTreeMap<(Option<usize>, String, String), Vec<ThingId>> = BTreeMap::new();
        for (id, pool) in lab.pools.iter() {
            let on = pool.on.as_ref().and_then(|on| on.id);
            let cluster = pool.cluster.as_ref().and_then(|cluster| cluster.id).map(ThingId::from);
            let on = on.or(cluster).and_then(|thing| self.of(thing));
            let key = (on, value(&pool.kind), super::storage::layout(lab, id));
            groups.entry(key).or_default().push(id.into());
        }
        for ((on, kind, layout), pools) in groups {
            let datasets = lab.datasets.iter().filter(|(_, dataset)| {
                let pool = dataset.pool.as_ref().and_then(|pool| pool.id).map(ThingId::from);
                pool.is_some_and(|pool| pools.contains(&pool))
            });
            let names: Vec<String> = datasets.map(|(_, dataset)| dataset.name.to_string()).collect();
            let mut details = vec![kind, layout];
            details.extend(fold(&names, LINE, 4));
            let node = self.add(STORAGE, Class::Storage, &pools, details);
            self.line(on, Some(node), Line::Plain);
        }
    }

    /// The pool under data.
    fn pool_of(&self, thing: ThingId) -> Option<PoolId> {
        let mut at = thing;
        for _ in 0..8 {
            if let Ok(pool) = PoolId::try_from(at) {
                return Some(pool);
            }
            at = stands_on(self.lab, at)?;
        }
        None
    }

    /// Services in one place and namespace are one box.
    fn services(&mut self) {
        let lab = self.lab;
        let mut groups: BTreeMap<(String, String), Vec<ThingId>> = BTreeMap::new();
        for (id, service) in lab.services.iter() {
            if service.status.as_ref().is_some_and(|status| status.value == Status::Planned) {
                continue;
            }
            let place = cell::refs(&service.on);
            groups.entry((place, shown(service.namespace.as_ref()))).or_default().push(id.into());
        }
        let groups = without_lone_namespaces(groups);
        let mut kept: BTreeMap<ThingId, BTreeSet<usize>> = BTreeMap::new();
        for (_, volume) in lab.volumes.iter() {
            let service = volume.service.as_ref().and_then(|service| service.id).map(ThingId::from);
            let pool = volume.on.as_ref().and_then(|on| on.id).and_then(|on| self.pool_of(on));
            if let (Some(service), Some(pool)) = (service, pool.and_then(|pool| self.of(pool))) {
                kept.entry(service).or_default().insert(pool);
            }
        }
        for ((place, namespace), services) in groups {
            let names: Vec<String> = services.iter().map(|service| lab.name(*service).to_string()).collect();
            let label = match (&names[..], namespace.as_str()) {
                ([one], _) => one.clone(),
                (several, "") => format!(
                    "{} services on {}",
                    several.len(),
                    if place.is_empty() { "no known place" } else { &place }
                ),
                (several, namespace) => format!("{namespace}: {} services", several.len()),
            };
            let details = if names.len() == 1 { Vec::new() } else { fold(&names, 48, 9) };
            let node = self.graph.node_in(SERVICES, label, details, Class::Service);
            self.service_lines(node, &services, &kept);
        }
    }

    fn service_lines(
        &mut self,
        node: usize,
        services: &[ThingId],
        kept: &BTreeMap<ThingId, BTreeSet<usize>>,
    ) {
        let lab = self.lab;
        let mut pools: BTreeSet<usize> = BTreeSet::new();
        let mut places: BTreeSet<usize> = BTreeSet::new();
        for id in services {
            let service = &lab.services[lab_model::lab::ServiceId(id.index)];
            pools.extend(kept.get(id).into_iter().flatten());
            let needs = service
                .needs
                .ids()
                .filter(|need| matches!(need.kind, Kind::Dataset | Kind::Volume | Kind::Pool));
            pools.extend(needs.filter_map(|need| self.pool_of(need)).filter_map(|pool| self.of(pool)));
            places.extend(service.on.ids().filter_map(|place| self.of(place)));
        }
        for place in places {
            self.line(Some(place), Some(node), Line::Plain);
        }
        for pool in pools {
            self.line(Some(pool), Some(node), Line::Dashed);
        }
    }
}

/// A namespace with one service is no group of its own.
fn without_lone_namespaces(
    groups: BTreeMap<(String, String), Vec<ThingId>>,
) -> BTreeMap<(String, String), Vec<ThingId>> {
    let mut out: BTreeMap<(String, String), Vec<ThingId>> = BTreeMap::new();
    for ((place, namespace), services) in groups {
        let namespace = if services.len() == 1 { String::new() } else { namespace };
        out.entry((place, namespace)).or_default().extend(services);
    }
    out
}
