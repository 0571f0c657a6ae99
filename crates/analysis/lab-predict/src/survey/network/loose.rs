//! What the lab does not say of the wiring: it is taken as working for ever, and noted.
//!
//! Who is in a segment and has no cable that leads anywhere is joined to the rest of it by an edge that never fails. Where cables do
//! join two sides and their ports do not carry the network, nothing is added: that is a fault of the lab.

use crate::survey::Surveyor;
use crate::works::{Edge, Holder, MachineId, MachineKind, Segment, SegmentId, VertexId, VertexKind};
use lab_model::written::DeviceRole;
use std::collections::{BTreeMap, BTreeSet};

/// With more loose ends than this, and no switch, one of them is taken for the switch: all pairs would be too many.
const PAIRS_MAX: usize = 100;

/// Sets that are merged.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

impl Surveyor<'_> {
    /// Gives a place in the network to machines that have none, and to units that something needs or runs on: the segment that most are in.
    pub(in crate::survey) fn place_in_network(&mut self) {
        let placed: BTreeSet<Holder> = self.network.vertex_of.keys().map(|(holder, _)| *holder).collect();
        let machines = (0..self.works.machines.len() as u32).map(|index| Holder::Machine(MachineId(index)));
        let runs_services = self.lab.services.iter().flat_map(|(_, service)| service.on.ids());
        let units = runs_services.filter_map(|on| self.holder(on)).filter(|on| matches!(on, Holder::Unit(_)));
        let lost: BTreeSet<Holder> =
            machines.chain(units).filter(|holder| !placed.contains(holder)).collect();
        if lost.is_empty() {
            return;
        }
        let segment = self.usual_segment();
        for holder in lost {
            let host = self.vertices_of_host(holder);
            let own = host.filter(|segments| !segments.is_empty()).unwrap_or_else(|| vec![segment]);
            own.into_iter().take(1).for_each(|segment| {
                self.vertex(holder, segment, VertexKind::Station);
            });
        }
    }

    /// For a virtual machine, the segments of its first host.
    fn vertices_of_host(&self, holder: Holder) -> Option<Vec<SegmentId>> {
        let Holder::Machine(machine) = holder else { return None };
        let MachineKind::Vm { hosts, .. } = &self.works[machine].kind else { return None };
        let host = Holder::Machine(*hosts.first()?);
        let of_host = self.network.vertex_of.keys().filter(|(holder, _)| *holder == host);
        Some(of_host.map(|(_, segment)| *segment).collect())
    }

    /// The segment with a gateway, or else the one, that most are in.
    fn usual_segment(&mut self) -> SegmentId {
        let mut sizes = vec![0_usize; self.works.segments.len()];
        self.works.vertices.iter().for_each(|vertex| sizes[vertex.segment.index()] += 1);
        let segments = (0..).zip(&self.works.segments).map(|(index, segment)| {
            (!segment.gateways.is_empty(), sizes[index as usize], std::cmp::Reverse(index))
        });
        match segments.max() {
            Some((_, _, std::cmp::Reverse(index))) => SegmentId(index),
            None => {
                let label = "the network".to_owned();
                self.works.segments(Segment { label, thing: None, gateways: Vec::new(), span: None })
            }
        }
    }

    /// Joins what is in one segment and not written as wired.
    pub(in crate::survey) fn join_loose_ends(&mut self) {
        let mut cabled = Sets::new(self.network.body_count as usize);
        for &(one, other) in &self.network.joined {
            cabled.join(one as usize, other as usize);
        }
        let mut connected = Sets::new(self.works.vertices.len());
        for edge in &self.works.edges {
            connected.join(edge.ends[0].index(), edge.ends[1].index());
        }
        let mut islands: BTreeMap<SegmentId, BTreeMap<usize, Vec<VertexId>>> = BTreeMap::new();
        for (index, vertex) in (0..).zip(&self.works.vertices) {
            let root = connected.root(index as usize);
            islands.entry(vertex.segment).or_default().entry(root).or_default().push(VertexId(index));
        }
        let degrees = self.degrees();
        for (segment, islands) in islands {
            let islands: Vec<Vec<VertexId>> = islands.into_values().collect();
            self.join_islands(segment, islands, &mut cabled, &degrees);
        }
    }

    fn degrees(&self) -> Vec<usize> {
        let mut degrees = vec![0; self.works.vertices.len()];
        for edge in &self.works.edges {
            edge.ends.iter().for_each(|end| degrees[end.index()] += 1);
        }
        degrees
    }

    fn join_islands(
        &mut self,
        segment: SegmentId,
        mut islands: Vec<Vec<VertexId>>,
        cabled: &mut Sets,
        degrees: &[usize],
    ) {
        let gateways: BTreeSet<VertexId> =
            self.works[segment].gateways.iter().map(|gateway| gateway.vertex).collect();
        islands.sort_by_key(|island| {
            let has_gateway = island.iter().any(|vertex| gateways.contains(vertex));
            (std::cmp::Reverse(island.len()), !has_gateway, island[0])
        });
        let mut islands = islands.into_iter();
        let Some(mut main) = islands.next() else { return };
        let mut wired = self.cabled_sets(&main, cabled);
        for island in islands {
            let own = self.cabled_sets(&island, cabled);
            if own.intersection(&wired).next().is_some() {
                continue;
            }
            self.join_island(&main, &island, degrees);
            self.note_loose(segment, &island);
            main.extend(island);
            wired.extend(own);
        }
    }

    fn cabled_sets(&self, island: &[VertexId], cabled: &mut Sets) -> BTreeSet<usize> {
        let bodies = island.iter().filter_map(|vertex| self.network.bodies.get(vertex)).flatten();
        bodies.map(|&body| cabled.root(body as usize)).collect()
    }

    fn join_island(&mut self, main: &[VertexId], island: &[VertexId], degrees: &[usize]) {
        let busiest = |of: &[VertexId]| {
            let mut all = self.switches(of);
            if all.is_empty() {
                all.extend(
                    of.iter().copied().filter(|&vertex| self.works[vertex].kind == VertexKind::Forwards),
                );
            }
            let degree = |vertex: VertexId| degrees.get(vertex.index()).copied();
            all.into_iter().max_by_key(|&vertex| (degree(vertex), std::cmp::Reverse(vertex)))
        };
        let pairs: Vec<[VertexId; 2]> = match (busiest(main), busiest(island)) {
            (Some(hub), Some(own)) => vec![[hub, own]],
            (None, Some(own)) => main.iter().map(|&vertex| [vertex, own]).collect(),
            // A machine that hangs on every switch depends on none: nobody says on which it is.
            (Some(hub), None) => {
                let mut hubs = self.switches(main);
                if hubs.is_empty() {
                    hubs.push(hub);
                }
                hubs.iter().flat_map(|&hub| island.iter().map(move |&vertex| [hub, vertex])).collect()
            }
            (None, None) if main.len() <= PAIRS_MAX => {
                main.iter().flat_map(|&one| island.iter().map(move |&other| [one, other])).collect()
            }
            (None, None) => {
                self.works.vertices[main[0].index()].kind = VertexKind::Forwards;
                island.iter().map(|&vertex| [main[0], vertex]).collect()
            }
        };
        for ends in pairs {
            self.works.edges(Edge { ends, fails: Vec::new(), through: Vec::new(), lag: None });
        }
    }

    /// The switches among vertices that forward; else devices that are no access point. A bridge inside a host is for that host.
    fn switches(&self, among: &[VertexId]) -> Vec<VertexId> {
        let role = |vertex: VertexId| {
            let Holder::Unit(unit) = self.works[vertex].holder else { return None };
            let device = self.unit_of.iter().find(|(_, of)| **of == unit).map(|(device, _)| *device)?;
            Some(self.lab.derived.device(device).role)
        };
        let forwards = |vertex: &VertexId| self.works[*vertex].kind == VertexKind::Forwards;
        let all: Vec<VertexId> = among.iter().copied().filter(forwards).collect();
        let is_switch = |vertex: &VertexId| role(*vertex) == Some(Some(DeviceRole::Switch));
        let is_fixed =
            |vertex: &VertexId| role(*vertex).is_some_and(|role| role != Some(DeviceRole::AccessPoint));
        let switches: Vec<VertexId> = all.iter().copied().filter(is_switch).collect();
        if switches.is_empty() { all.into_iter().filter(is_fixed).collect() } else { switches }
    }

    fn note_loose(&mut self, segment: SegmentId, island: &[VertexId]) {
        let label = self.works[segment].label.clone();
        let (span, names): (Vec<_>, Vec<_>) = island
            .iter()
            .map(|&vertex| {
                let holder = self.works[vertex].holder;
                (self.span_of(holder), self.holder_label(holder))
            })
            .unzip();
        let names = match &names[..] {
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
            [] => return,
        };
        let what =
            format!("the way of {names} into {label} never fails: how it is wired is not written down");
        self.assume(what, span.into_iter().flatten().next());
    }

    fn span_of(&self, holder: Holder) -> Option<lab_source::Span> {
        let thing = match holder {
            Holder::Unit(unit) => {
                self.unit_of.iter().find(|(_, of)| **of == unit).map(|(id, _)| (*id).into())
            }
            Holder::Machine(machine) => {
                self.machine_of.iter().find(|(_, of)| **of == machine).map(|(id, _)| *id)
            }
            Holder::Internet => None,
        };
        thing.map(|thing: lab_model::ThingId| self.lab.name(thing).span)
    }
}
