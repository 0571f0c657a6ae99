//! Random small tables from a seed: every layer, every kind of row, needs in all directions and circles among them.

use crate::draft::{Draft, need};
use crate::generate::Numbers;
use lab_predict::works::{
    Ceph, ClusterId, DriveId, Holder, Layout, MachineId, MachineKind, Mode, Need, NeedOf, Osd, PartId,
    Placement, PointId, SegmentId, Source, Supply, UnitId, Vdev, VertexId, VertexKind, Works,
};

/// The same seed gives the same tables.
pub(crate) fn works(seed: u64, n_parts: usize) -> Works {
    let mut random = Random { draft: Draft::default(), numbers: Numbers::new(seed) };
    for place in 0..n_parts {
        let mode =
            [Mode::Fails, Mode::Fails, Mode::Fails, Mode::Fails, Mode::Long, Mode::Briefly][random.below(6)];
        random.draft.part_in(&format!("p{place}"), mode);
    }
    random.power();
    random.machines();
    random.network();
    random.clusters();
    random.storage();
    random.services();
    random.needs();
    random.draft.works
}

struct Random {
    draft: Draft,
    numbers: Numbers,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.numbers.below(bound)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// None more often than one or two.
    fn parts(&mut self) -> Vec<PartId> {
        let n = [0, 0, 0, 1, 1, 2][self.below(6)];
        (0..n).map(|_| self.part()).collect()
    }

    fn part(&mut self) -> PartId {
        PartId(self.index(self.draft.works.parts.len()))
    }

    fn index(&mut self, bound: usize) -> u32 {
        self.below(bound) as u32
    }

    fn some<T>(&mut self, bound: usize, max: usize, id: impl Fn(u32) -> T) -> Vec<T> {
        if bound == 0 {
            return Vec::new();
        }
        let n = self.below(max + 1);
        (0..n).map(|_| id(self.index(bound))).collect()
    }

    fn distinct<T>(&mut self, bound: usize, max: usize, id: impl Fn(u32) -> T) -> Vec<T> {
        let mut all: Vec<u32> = (0..bound as u32).collect();
        let n = self.below(max.min(bound) + 1);
        (0..n).map(|_| id(all.swap_remove(self.numbers.below(all.len())))).collect()
    }

    fn power(&mut self) {
        for place in 0..self.below(4) {
            let fails = self.parts();
            let from = self.some(place, 2, PointId);
            self.draft.point(&format!("point{place}"), &fails, &from);
        }
        for place in 0..1 + self.below(5) {
            let fails = self.parts();
            let supplies: Vec<Supply> =
                (0..[0, 1, 1, 2, 3][self.below(5)]).map(|_| self.supply(place)).collect();
            let needed = if supplies.is_empty() { 0 } else { 1 + self.index(supplies.len()) };
            let unit = self.draft.unit_of(&format!("unit{place}"), &fails, supplies, needed);
            if self.one_in(3) {
                self.draft.battery(unit);
            }
            if place > 0 && self.one_in(4) {
                self.draft.works.units[place].inside = Some(UnitId(self.index(place)));
            }
        }
    }

    /// From earlier units only: power is free of circles.
    fn supply(&mut self, n_units: usize) -> Supply {
        let fails = self.parts();
        let n_points = self.draft.works.points.len();
        let source = match self.below(5) {
            0 | 1 if n_units > 0 => {
                let unit = UnitId(self.index(n_units));
                let n_supplies = self.draft.works[unit].supplies.len();
                let supply =
                    if n_supplies > 0 && self.one_in(3) { Some(self.index(n_supplies)) } else { None };
                Source::Outlet { unit, supply, on_battery: self.one_in(2) }
            }
            2 if n_units > 0 => Source::Poe(UnitId(self.index(n_units))),
            3 | 4 if n_points > 0 => Source::Point(PointId(self.index(n_points))),
            _ => Source::Unknown,
        };
        Draft::supply(source, &fails)
    }

    fn machines(&mut self) {
        let n_units = self.draft.works.units.len();
        let n_hosts = 1 + self.below(4);
        for place in 0..n_hosts + self.below(3) {
            let fails = self.parts();
            let kind = if place < n_hosts {
                let unit = (!self.one_in(4)).then(|| UnitId(self.index(n_units)));
                MachineKind::Host { unit }
            } else {
                let hosts = self.distinct(n_hosts, 3, MachineId);
                let passed_through = if hosts.is_empty() || self.one_in(2) {
                    Vec::new()
                } else {
                    vec![(hosts[self.numbers.below(hosts.len())], self.parts())]
                };
                MachineKind::Vm { hosts, moved_by: None, anywhere: self.one_in(2), passed_through }
            };
            self.draft.machine(&format!("machine{place}"), &fails, kind);
        }
    }

    fn holder(&mut self) -> Holder {
        let (n_units, n_machines) = (self.draft.works.units.len(), self.draft.works.machines.len());
        match self.below(5) {
            0 | 1 => Holder::Unit(UnitId(self.index(n_units))),
            _ => Holder::Machine(MachineId(self.index(n_machines))),
        }
    }

    fn network(&mut self) {
        for place in 0..[1, 1, 2, 3][self.below(4)] {
            let segment = self.draft.segment(&format!("segment{place}"));
            let mut vertices = Vec::new();
            for _ in 0..2 + self.below(6) {
                let holder = if self.one_in(8) { Holder::Internet } else { self.holder() };
                let kind = if self.one_in(4) { VertexKind::Station } else { VertexKind::Forwards };
                let vertex = self.draft.vertex(holder, segment, kind);
                if self.one_in(3) {
                    self.draft.gateway(vertex);
                }
                vertices.push(vertex);
            }
            for place in 1..vertices.len() + self.below(4) {
                // Mostly a tree, so that something is reached, and then what comes.
                let one = if place < vertices.len() && !self.one_in(6) {
                    place
                } else {
                    self.below(vertices.len())
                };
                let ends = [one, self.below(one.max(1))].map(|place| vertices[place]);
                let fails = self.parts();
                let edge = self.draft.edge(ends, &fails);
                if self.one_in(8) {
                    let through = vec![UnitId(self.index(self.draft.works.units.len()))];
                    self.draft.works.edges[edge.index()].through = through;
                }
            }
        }
        let n_vertices = self.draft.works.vertices.len();
        for place in 0..1 + self.below(2) {
            let mut at = self.some(n_vertices, 2, VertexId);
            if !self.one_in(8) {
                at.push(VertexId(self.index(n_vertices)));
            }
            self.draft.vantage(&format!("vantage{place}"), &at);
        }
    }

    fn clusters(&mut self) {
        let n_machines = self.draft.works.machines.len();
        for place in 0..self.below(3) {
            let members = self.distinct(n_machines, 3, MachineId);
            let quorum = if self.one_in(8) { self.index(4) } else { members.len() as u32 / 2 + 1 };
            let cluster = self.draft.cluster(&format!("cluster{place}"), &members, quorum);
            let among = self.some_segment();
            let clients_in = if among.is_some() && self.one_in(2) { among } else { self.some_segment() };
            let row = &mut self.draft.works.clusters[cluster.index()];
            (row.among, row.clients_in) = (among, clients_in);
        }
        for place in 0..n_machines {
            let mover = self.mover();
            if let MachineKind::Vm { moved_by, .. } = &mut self.draft.works.machines[place].kind {
                *moved_by = mover;
            }
        }
        for place in 0..self.below(2) {
            let holders: Vec<Holder> = (0..1 + self.below(3)).map(|_| self.holder()).collect();
            let mover = self.mover();
            self.draft.vip(&format!("vip{place}"), &holders, mover);
        }
    }

    /// None more often than not.
    fn some_segment(&mut self) -> Option<SegmentId> {
        let n_segments = self.draft.works.segments.len();
        self.one_in(3).then(|| SegmentId(self.index(n_segments)))
    }

    fn mover(&mut self) -> Option<ClusterId> {
        let n_clusters = self.draft.works.clusters.len();
        (n_clusters > 0 && !self.one_in(3)).then(|| ClusterId(self.index(n_clusters)))
    }

    fn storage(&mut self) {
        let n_units = self.draft.works.units.len();
        for place in 0..1 + self.below(4) {
            let unit = UnitId(self.index(n_units));
            let paths = (0..[0, 0, 1, 2][self.below(4)]).map(|_| self.parts()).collect();
            let drive = self.draft.drive(&format!("drive{place}"), unit, paths);
            // A drive of its own part would double the states that are tried.
            self.draft.works.parts.pop();
            self.draft.works.drives[drive.index()].fails = self.parts();
        }
        for place in 0..self.below(4) {
            let layout = self.layout();
            let holder =
                if matches!(layout, Layout::Ceph(_)) || self.one_in(4) { None } else { Some(self.holder()) };
            let pool = self.draft.pool(&format!("pool{place}"), layout, holder);
            if self.one_in(3) {
                self.draft.works.pools[pool.index()].serving_fails = self.parts();
            }
        }
        let n_pools = self.draft.works.pools.len();
        for place in 0..self.below(3) {
            let pools = self.distinct(n_pools, 3, lab_predict::works::PoolId);
            let needed = if pools.len() < 2 { pools.len() as u32 } else { 1 + self.index(pools.len()) };
            self.draft.data(&format!("data{place}"), &pools, needed);
        }
    }

    fn group(&mut self) -> Vdev {
        let n_drives = self.draft.works.drives.len();
        let drives = self.distinct(n_drives, 4, DriveId);
        Vdev { label: "group".into(), drives, tolerates: self.index(3) }
    }

    fn layout(&mut self) -> Layout {
        let (n_drives, n_machines) = (self.draft.works.drives.len(), self.draft.works.machines.len());
        let n_clusters = self.draft.works.clusters.len();
        match self.below(5) {
            0 | 1 => Layout::Groups((0..1 + self.below(2)).map(|_| self.group()).collect()),
            2 => Layout::Separate(self.group()),
            3 if n_clusters > 0 => {
                let osd = |random: &mut Self| {
                    let machine = (!random.one_in(5)).then(|| MachineId(random.index(n_machines)));
                    Osd { drive: DriveId(random.index(n_drives)), machine }
                };
                let domains =
                    (0..1 + self.below(3)).map(|_| (0..1 + self.below(2)).map(|_| osd(self)).collect());
                let domains = domains.collect();
                let copies = 1 + self.index(3);
                let min_copies = 1 + self.index(copies as usize);
                let cluster = ClusterId(self.index(n_clusters));
                let replication = self.some_segment();
                Layout::Ceph(Ceph { cluster, copies, min_copies, lost_at: copies, domains, replication })
            }
            _ => Layout::Unknown,
        }
    }

    fn services(&mut self) {
        let n_machines = self.draft.works.machines.len();
        for place in 0..1 + self.below(4) {
            let placement = if self.one_in(2) {
                Placement::Fixed((0..[1, 1, 2, 3][self.below(4)]).map(|_| self.holder()).collect())
            } else {
                let mut on = self.distinct(n_machines, 4, MachineId);
                if on.is_empty() {
                    on.push(MachineId(0));
                }
                let by = self.mover();
                Placement::Movable { on, by, replicas: 1 + self.index(3), spread: self.one_in(2) }
            };
            let service = self.draft.service(&format!("service{place}"), placement, Vec::new());
            let n_vantages = self.draft.works.vantages.len();
            let used_from = self.distinct(n_vantages, 2, |vantage| vantage);
            let n_vips = self.draft.works.vips.len();
            let front = (n_vips > 0 && self.one_in(2)).then(|| lab_predict::works::VipId(self.index(n_vips)));
            let cards = if self.one_in(4) {
                vec![(MachineId(self.index(n_machines)), self.parts())]
            } else {
                Vec::new()
            };
            let needed = if self.one_in(4) { 2 } else { 1 };
            let strands = self.strands(n_machines);
            let row = &mut self.draft.works.services[service.index()];
            (row.used_from, row.front, row.cards, row.needed) = (used_from, front, cards, needed);
            row.strands = strands;
        }
    }

    /// A machine once at the most.
    fn strands(&mut self, n_machines: usize) -> Vec<(MachineId, Vec<PartId>)> {
        if !self.one_in(4) {
            return Vec::new();
        }
        let machines = self.distinct(n_machines, 2, MachineId);
        machines.into_iter().map(|machine| (machine, self.parts())).collect()
    }

    /// Last, so that anything may need anything.
    fn needs(&mut self) {
        for place in 0..self.draft.works.machines.len() {
            let needs = self.some_needs(1 + place % 2);
            let (n_drives, n_pools) = (self.draft.works.drives.len(), self.draft.works.pools.len());
            let n_data = self.draft.works.data.len();
            let pool = |id| lab_predict::works::PoolId(id);
            let system_drives = if self.one_in(4) { self.some(n_drives, 1, DriveId) } else { Vec::new() };
            let system_pool = if self.one_in(3) { self.some(n_pools, 1, pool).pop() } else { None };
            let disk_pools = if self.one_in(3) { self.some(n_pools, 1, pool) } else { Vec::new() };
            let disks = self.some(n_data, 1, lab_predict::works::DataId);
            let strands = self.strands(place);
            let row = &mut self.draft.works.machines[place];
            (row.needs, row.system_drives, row.system_pool) = (needs, system_drives, system_pool);
            (row.disks, row.disk_pools, row.strands) = (disks, disk_pools, strands);
        }
        for place in 0..self.draft.works.services.len() {
            let (needs, clients_need) = (self.some_needs(2), self.some_needs(1));
            let row = &mut self.draft.works.services[place];
            (row.needs, row.clients_need) = (needs, clients_need);
        }
    }

    fn some_needs(&mut self, max: usize) -> Vec<NeedOf> {
        (0..self.below(max + 1)).map(|_| need(self.need(true))).collect()
    }

    fn need(&mut self, may_choose: bool) -> Need {
        let works = &self.draft.works;
        let (n_data, n_pools) = (works.data.len(), works.pools.len());
        let (n_services, n_clusters) = (works.services.len(), works.clusters.len());
        match self.below(10) {
            0 if n_data > 0 => Need::Data(lab_predict::works::DataId(self.index(n_data))),
            1 if n_pools > 0 => Need::Pool(lab_predict::works::PoolId(self.index(n_pools))),
            2..=4 if n_services > 0 => Need::Service(lab_predict::works::ServiceId(self.index(n_services))),
            5 => Need::Holder(self.holder()),
            6 if n_clusters > 0 => Need::Cluster(ClusterId(self.index(n_clusters))),
            7 => [Need::Internet, Need::External(self.part())][self.numbers.below(2)].clone(),
            8 if may_choose => Need::AnyOf((0..1 + self.below(2)).map(|_| self.need(false)).collect()),
            _ => Need::Part(self.part()),
        }
    }
}
