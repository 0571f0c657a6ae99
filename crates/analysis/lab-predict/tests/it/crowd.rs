//! Random small tables in which machines hang on the same switches and services move among them: what is counted together is the
//! same as when each machine is asked. Storage, power chains and virtual machines are in [`crate::random`].

use crate::draft::{Draft, need};
use crate::generate::Numbers;
use lab_predict::works::{
    ClusterId, Holder, Layout, MachineId, MachineKind, Need, PartId, Placement, SegmentId, ServiceId,
    VertexId, VertexKind, VipId, Works,
};

/// The same seed gives the same tables.
pub(crate) fn works(seed: u64, n_parts: usize) -> Works {
    let mut crowd = Crowd {
        draft: Draft::default(),
        numbers: Numbers::new(seed),
        segments: Vec::new(),
        switches: Vec::new(),
    };
    for place in 0..n_parts {
        crowd.draft.part(&format!("p{place}"));
    }
    crowd.switches();
    crowd.machines();
    crowd.surroundings();
    crowd.services();
    crowd.draft.works
}

struct Crowd {
    draft: Draft,
    numbers: Numbers,
    segments: Vec<SegmentId>,
    /// By switch, its vertex in each segment.
    switches: Vec<Vec<VertexId>>,
}

impl Crowd {
    fn below(&mut self, bound: usize) -> usize {
        self.numbers.below(bound)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A part or none.
    fn parts(&mut self) -> Vec<PartId> {
        let n_parts = self.draft.works.parts.len();
        let n = [0, 1, 1][self.below(3)];
        (0..n).map(|_| PartId(self.below(n_parts) as u32)).collect()
    }

    fn switches(&mut self) {
        for place in 0..1 + self.below(2) {
            let segment = self.draft.segment(&format!("segment{place}"));
            self.segments.push(segment);
        }
        for place in 0..1 + self.below(3) {
            let fails = self.parts();
            let unit = self.draft.unit_of(&format!("switch{place}"), &fails, Vec::new(), 0);
            let segments = self.segments.clone();
            let vertices = segments.into_iter();
            let vertices =
                vertices.map(|segment| self.draft.vertex(Holder::Unit(unit), segment, VertexKind::Forwards));
            let vertices: Vec<VertexId> = vertices.collect();
            self.switches.push(vertices);
        }
        for place in 1..self.switches.len() {
            let other = self.below(place);
            self.trunk(place, other);
            if self.one_in(3) {
                self.trunk(place, (other + 1) % place);
            }
        }
    }

    fn trunk(&mut self, one: usize, other: usize) {
        let fails = self.parts();
        for segment in 0..self.segments.len() {
            if !self.one_in(8) {
                self.draft.edge([self.switches[one][segment], self.switches[other][segment]], &fails);
            }
        }
    }

    /// Hangs a station on some switches, mostly with the same cables in all segments.
    fn hang(&mut self, holder: Holder) {
        let n_links = [1, 1, 2, 2, 3][self.below(5)];
        let first = self.below(self.switches.len());
        let cables: Vec<Vec<PartId>> = (0..n_links).map(|_| self.parts()).collect();
        let only = self.one_in(6).then(|| self.below(self.segments.len()));
        for (segment, id) in self.segments.clone().into_iter().enumerate() {
            if only.is_some_and(|only| only != segment) {
                continue;
            }
            let end = self.draft.vertex(holder, id, VertexKind::Station);
            for (link, cable) in cables.iter().enumerate() {
                let switch = (first + link) % self.switches.len();
                let fails = if self.one_in(8) { self.parts() } else { cable.clone() };
                self.draft.edge([end, self.switches[switch][segment]], &fails);
            }
        }
    }

    fn machines(&mut self) {
        for place in 0..3 + self.below(3) {
            let fails = self.parts();
            let machine =
                self.draft.machine(&format!("machine{place}"), &fails, MachineKind::Host { unit: None });
            self.hang(Holder::Machine(machine));
        }
        if self.one_in(6) {
            self.cable_two();
        }
    }

    /// Two machines that are joined without a switch.
    fn cable_two(&mut self) {
        let first = self.switches.len() * self.segments.len();
        let stations: Vec<VertexId> =
            (first..self.draft.works.vertices.len()).map(|place| VertexId(place as u32)).collect();
        let one = stations[self.below(stations.len())];
        let segment = self.draft.works[one].segment;
        let others = stations.into_iter().filter(|&other| other != one);
        if let Some(other) = others.rev().find(|&other| self.draft.works[other].segment == segment) {
            self.draft.edge([one, other], &[]);
        }
    }

    fn machine(&mut self) -> MachineId {
        let n_machines = self.draft.works.machines.len();
        MachineId(self.below(n_machines) as u32)
    }

    /// A router to the Internet, a server with a pool, people.
    fn surroundings(&mut self) {
        let fails = self.parts();
        let router = Holder::Unit(self.draft.unit_of("router", &fails, Vec::new(), 0));
        let first = self.draft.works.vertices.len();
        self.hang(router);
        for vertex in first..self.draft.works.vertices.len() {
            self.draft.gateway(VertexId(vertex as u32));
        }
        let wan = self.draft.segment("wan");
        let ends =
            [router, Holder::Internet].map(|holder| self.draft.vertex(holder, wan, VertexKind::Station));
        let line = self.parts();
        self.draft.edge(ends, &line);
        let holder = if self.one_in(3) {
            Holder::Machine(self.machine())
        } else {
            let fails = self.parts();
            let unit = Holder::Unit(self.draft.unit_of("server", &fails, Vec::new(), 0));
            self.hang(unit);
            unit
        };
        let pool = self.draft.pool("pool", Layout::Unknown, Some(holder));
        self.draft.data("data", &[pool], 1);
        for place in 0..1 + self.below(2) {
            let n_vertices = self.draft.works.vertices.len();
            let n_switches = self.switches.len() * self.segments.len();
            let bound = if self.one_in(3) { n_vertices } else { n_switches };
            let at: Vec<VertexId> =
                (0..1 + self.below(2)).map(|_| VertexId(self.below(bound) as u32)).collect();
            self.draft.vantage(&format!("vantage{place}"), &at);
        }
        let members: Vec<MachineId> = (0..3).map(MachineId).collect();
        self.draft.cluster("cluster", &members, 2);
        let holders: Vec<Holder> = (0..self.draft.works.machines.len() as u32)
            .map(|machine| Holder::Machine(MachineId(machine)))
            .collect();
        let mover = self.one_in(2).then_some(ClusterId(0));
        self.draft.vip("vip", &holders[self.numbers.below(2)..], mover);
    }

    fn services(&mut self) {
        let n_machines = self.draft.works.machines.len();
        let n_services = 2 + self.below(3);
        for place in 0..n_services {
            let placement = if self.one_in(4) {
                Placement::Fixed(vec![Holder::Machine(self.machine())])
            } else {
                let first = self.below(2) as u32;
                let on: Vec<MachineId> = (first..n_machines as u32).map(MachineId).collect();
                let by = (!self.one_in(3)).then_some(ClusterId(0));
                Placement::Movable { on, by, replicas: 1 + self.below(3) as u32, spread: self.one_in(2) }
            };
            let needs = (0..self.below(3)).map(|_| self.need(n_services)).collect();
            let service = self.draft.service(&format!("service{place}"), placement, needs);
            let used_from = (0..self.below(self.draft.works.vantages.len() + 1) as u32).collect();
            let front = self.one_in(3).then_some(VipId(0));
            let cards = if self.one_in(4) { vec![(self.machine(), self.parts())] } else { Vec::new() };
            let needed = if self.one_in(4) { 2 } else { 1 };
            let row = &mut self.draft.works.services[service.index()];
            (row.used_from, row.front, row.cards, row.needed) = (used_from, front, cards, needed);
        }
        for place in 0..n_machines {
            if self.one_in(5) {
                let need = need(self.need(n_services));
                self.draft.works.machines[place].needs = vec![need];
            }
        }
    }

    fn need(&mut self, n_services: usize) -> Need {
        match self.below(8) {
            0 => Need::Internet,
            1 => Need::Data(lab_predict::works::DataId(0)),
            2 => Need::Holder(Holder::Machine(self.machine())),
            3 => Need::Cluster(ClusterId(0)),
            4 => {
                Need::AnyOf((0..2).map(|_| Need::Service(ServiceId(self.below(n_services) as u32))).collect())
            }
            _ => Need::Service(ServiceId(self.below(n_services) as u32)),
        }
    }
}
