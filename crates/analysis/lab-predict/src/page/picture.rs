//! The lab as boxes and lines that can be clicked: from the grid to the pools, one box a unit, machine and pool. Services are
//! a list beside it: a lab has a hundred of them, and lines to each would hide the rest.

use crate::answers::Forecast;
use crate::works::{
    Holder, MachineId, MachineKind, Outcome, PartId, PartKind, Placement, PointId, PoolId, ServiceId, Source,
    Subject, UnitId, Works,
};
use lab_show::picture::{Class, Edge, Graph, Line};
use std::collections::BTreeMap;

/// The drawing, and what each of its boxes and lines stands for.
pub(super) struct Picture {
    /// Boxes have the keys `n0`, `n1`, ..., lines `e0`, `e1`, ...
    pub(super) graph: Graph,
    /// For each box, those of the drawing first and then the services: what it stands for.
    pub(super) boxes: Vec<Meaning>,
    /// The names of the services, whose boxes are the last.
    pub(super) services: Vec<String>,
    /// For each line: parts that fail when it is clicked.
    pub(super) lines: Vec<Vec<PartId>>,
}

/// What a box stands for.
#[derive(Default)]
pub(super) struct Meaning {
    /// They fail when it is clicked; if there are none, the click asks what brings it down.
    pub(super) parts: Vec<PartId>,
    /// The outcomes that are about it, by position.
    pub(super) outcomes: Vec<usize>,
    /// The boxes that a service runs on or may run on.
    pub(super) places: Vec<usize>,
}

const COLUMNS: [&str; 5] = ["power", "network", "devices", "machines", "storage"];

pub(super) fn picture(forecast: &Forecast<'_>) -> Picture {
    let graph = Graph { columns: COLUMNS.map(str::to_owned).to_vec(), ..Graph::default() };
    let picture = Picture { graph, boxes: Vec::new(), services: Vec::new(), lines: Vec::new() };
    let mut draw = Draw { forecast, works: &forecast.works, picture, at: BTreeMap::new() };
    draw.power();
    draw.units();
    draw.machines();
    draw.storage();
    draw.cables();
    draw.services();
    draw.picture.graph.close_columns();
    draw.picture
}

/// What a box was made for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Point(PointId),
    Holder(Holder),
    Pool(PoolId),
}

struct Draw<'a> {
    forecast: &'a Forecast<'a>,
    works: &'a Works,
    picture: Picture,
    at: BTreeMap<Thing, usize>,
}

impl Draw<'_> {
    fn add(
        &mut self,
        thing: Thing,
        column: usize,
        label: &str,
        class: Class,
        parts: Vec<PartId>,
        subject: Option<Subject>,
    ) {
        let node = self.picture.graph.node_in(column, label, Vec::new(), class);
        self.picture.graph.nodes[node].key = Some(format!("n{node}"));
        let outcomes = subject.map_or_else(Vec::new, |subject| self.about(subject));
        self.picture.boxes.push(Meaning { parts, outcomes, places: Vec::new() });
        self.at.insert(thing, node);
    }

    /// The outcomes about a subject, by position.
    fn about(&self, subject: Subject) -> Vec<usize> {
        let outcomes = self.forecast.compiled.outcomes.iter().enumerate();
        let about = |(at, (outcome, _)): (usize, &(Outcome, _))| (outcome.subject == subject).then_some(at);
        outcomes.filter_map(about).collect()
    }

    fn join(&mut self, from: Thing, to: Thing, line: Line, parts: Vec<PartId>) {
        let (Some(&from), Some(&to)) = (self.at.get(&from), self.at.get(&to)) else { return };
        let is_there = self
            .picture
            .graph
            .edges
            .iter()
            .any(|edge| (edge.from, edge.to) == (from, to) && parts.is_empty());
        if from == to || is_there {
            return;
        }
        let key = Some(format!("e{}", self.picture.graph.edges.len()));
        self.picture.graph.edges.push(Edge { line, key, ..Edge::new(from, to) });
        self.picture.lines.push(parts);
    }

    fn own(&self, fails: &[PartId]) -> Vec<PartId> {
        fails.iter().copied().filter(|part| self.works[*part].kind != PartKind::Shared).collect()
    }

    fn power(&mut self) {
        for (id, point) in (0..).map(PointId).zip(&self.works.points) {
            let long = point
                .fails
                .iter()
                .copied()
                .filter(|part| self.works[*part].mode != crate::works::Mode::Briefly);
            self.add(Thing::Point(id), 0, &point.label, Class::Power, long.collect(), None);
        }
        for (id, point) in (0..).map(PointId).zip(&self.works.points) {
            for from in &point.from {
                self.join(Thing::Point(*from), Thing::Point(id), Line::Plain, Vec::new());
            }
        }
    }

    fn units(&mut self) {
        for (id, unit) in (0..).map(UnitId).zip(&self.works.units) {
            let kind = unit.fails.first().map_or(PartKind::Device, |part| self.works[*part].kind);
            let (column, class) = match kind {
                PartKind::Ups | PartKind::Pdu => (0, Class::Power),
                PartKind::Switch | PartKind::Router | PartKind::AccessPoint => (1, Class::Network),
                _ => (2, Class::Machine),
            };
            let parts = self.own(&unit.fails);
            self.add(
                Thing::Holder(Holder::Unit(id)),
                column,
                &unit.label,
                class,
                parts,
                Some(Subject::Unit(id)),
            );
        }
        for (id, unit) in (0..).map(UnitId).zip(&self.works.units) {
            for supply in &unit.supplies {
                let from = match supply.source {
                    Source::Point(point) => Thing::Point(point),
                    Source::Outlet { unit, .. } | Source::Poe(unit) => Thing::Holder(Holder::Unit(unit)),
                    Source::Unknown => continue,
                };
                self.join(from, Thing::Holder(Holder::Unit(id)), Line::Dashed, supply.fails.clone());
            }
        }
    }

    fn machines(&mut self) {
        for (id, machine) in (0..).map(MachineId).zip(&self.works.machines) {
            let parts = self.own(&machine.fails);
            let thing = Thing::Holder(Holder::Machine(id));
            self.add(thing, 3, &machine.label, Class::Machine, parts, Some(Subject::Machine(id)));
        }
        for (id, machine) in (0..).map(MachineId).zip(&self.works.machines) {
            let thing = Thing::Holder(Holder::Machine(id));
            match &machine.kind {
                MachineKind::Host { unit } => {
                    let unit = unit.map(|unit| Thing::Holder(Holder::Unit(unit)));
                    unit.into_iter().for_each(|unit| self.join(unit, thing, Line::Plain, Vec::new()));
                }
                MachineKind::Vm { hosts, .. } => hosts.iter().for_each(|host| {
                    self.join(Thing::Holder(Holder::Machine(*host)), thing, Line::Plain, Vec::new());
                }),
            }
        }
    }

    fn storage(&mut self) {
        for (id, pool) in (0..).map(PoolId).zip(&self.works.pools) {
            self.add(Thing::Pool(id), 4, &pool.label, Class::Storage, Vec::new(), Some(Subject::Pool(id)));
            if let Some(holder) = pool.holder {
                self.join(Thing::Holder(holder), Thing::Pool(id), Line::Plain, Vec::new());
            }
            if let crate::works::Layout::Ceph(ceph) = &pool.layout {
                let mut machines: Vec<MachineId> =
                    ceph.domains.iter().flatten().filter_map(|osd| osd.machine).collect();
                machines.sort_unstable();
                machines.dedup();
                for machine in machines {
                    self.join(
                        Thing::Holder(Holder::Machine(machine)),
                        Thing::Pool(id),
                        Line::Plain,
                        Vec::new(),
                    );
                }
            }
        }
    }

    fn services(&mut self) {
        for (id, service) in (0..).map(ServiceId).zip(&self.works.services) {
            let on: Vec<Holder> = match &service.placement {
                Placement::Fixed(holders) => holders.clone(),
                Placement::Movable { on, .. } => on.iter().map(|id| Holder::Machine(*id)).collect(),
            };
            let places =
                on.iter().filter_map(|holder| self.at.get(&Thing::Holder(*holder)).copied()).collect();
            let outcomes = self.about(Subject::Service(id));
            self.picture.boxes.push(Meaning { parts: Vec::new(), outcomes, places });
            self.picture.services.push(service.label.clone());
        }
    }

    /// One line for each cable between two units, whatever it carries.
    fn cables(&mut self) {
        let mut between: BTreeMap<(Thing, Thing, Vec<PartId>), ()> = BTreeMap::new();
        for edge in &self.works.edges {
            let ends = edge.ends.map(|end| self.unit_of(self.works[end].holder));
            let [Some(one), Some(other)] = ends else { continue };
            if !edge.fails.is_empty() && one != other {
                let (one, other) = if one < other { (one, other) } else { (other, one) };
                between.insert((one, other, edge.fails.clone()), ());
            }
        }
        for ((one, other, parts), ()) in between {
            self.join(one, other, Line::Plain, parts);
        }
    }

    /// The unit that a holder's cables are plugged into.
    fn unit_of(&self, holder: Holder) -> Option<Thing> {
        match holder {
            Holder::Unit(_) => Some(Thing::Holder(holder)),
            Holder::Machine(id) => match self.works[id].kind {
                MachineKind::Host { unit: Some(unit) } => Some(Thing::Holder(Holder::Unit(unit))),
                _ => None,
            },
            Holder::Internet => None,
        }
    }
}
