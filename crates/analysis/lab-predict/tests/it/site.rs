//! Tables of a large lab, for benchmarks: racks with two feeds and two switches each, spines, a pair of routers, storage, a cluster, virtual
//! machines, and services that need names and data.

use crate::draft::{Draft, need};
use crate::generate::Numbers;
use lab_predict::works::{
    Ceph, ClusterId, DataId, DriveId, Holder, Layout, MachineId, MachineKind, Mode, Need, Osd, Placement,
    PoolId, SegmentId, ServiceId, Source, Supply, UnitId, Vdev, VertexId, VertexKind, Works,
};

const N_HOSTS_A_RACK: usize = 14;

/// About 2,000 parts and 300 services with 12 racks and 300.
pub(crate) fn site(n_racks: usize, n_services: usize) -> Works {
    let mut site = Site {
        draft: Draft::default(),
        numbers: Numbers::new(11),
        feeds: Vec::new(),
        hosts: Vec::new(),
        pools: Vec::new(),
        segments: Vec::new(),
        spines: Vec::new(),
        seats: Vec::new(),
    };
    site.core();
    (0..n_racks).for_each(|rack| site.rack(rack));
    let cluster = site.cluster();
    site.ceph(cluster);
    let data = site.data();
    site.services(n_services, cluster, &data);
    site.draft.works
}

struct Site {
    draft: Draft,
    numbers: Numbers,
    feeds: Vec<UnitId>,
    hosts: Vec<MachineId>,
    pools: Vec<PoolId>,
    /// Servers, users.
    segments: Vec<SegmentId>,
    /// By spine, its vertex in each segment.
    spines: Vec<Vec<VertexId>>,
    seats: Vec<VertexId>,
}

impl Site {
    fn outlet(unit: UnitId) -> Source {
        Source::Outlet { unit, supply: None, on_battery: true }
    }

    /// A unit on both feeds, by way of two sources.
    fn dual(&mut self, name: &str, sources: [UnitId; 2]) -> UnitId {
        let part = self.draft.part(name);
        let supplies: Vec<Supply> = sources
            .iter()
            .enumerate()
            .map(|(side, &source)| {
                let fails = ["psu", "cord"].map(|kind| self.draft.part(&format!("{name} {kind}-{side}")));
                Draft::supply(Self::outlet(source), &fails)
            })
            .collect();
        self.draft.unit_of(name, &[part], supplies, 1)
    }

    fn core(&mut self) {
        let (short, long) =
            (self.draft.part_in("grid short", Mode::Briefly), self.draft.part_in("grid long", Mode::Long));
        let grid = self.draft.point("grid", &[short, long], &[]);
        for feed in ["a", "b"] {
            let breaker = self.draft.part(&format!("breaker-{feed}"));
            let breaker = self.draft.point(&format!("breaker-{feed}"), &[breaker], &[grid]);
            let part = self.draft.part(&format!("ups-{feed}"));
            let supply = Draft::supply(Source::Point(breaker), &[]);
            let ups = self.draft.unit_of(&format!("ups-{feed}"), &[part], vec![supply], 1);
            self.draft.battery(ups);
            self.feeds.push(ups);
        }
        self.segments = ["servers", "users", "wan"].map(|label| self.draft.segment(label)).to_vec();
        let internet = self.draft.vertex(Holder::Internet, self.segments[2], VertexKind::Station);
        for name in ["spine-1", "spine-2"] {
            let unit = self.dual(name, [self.feeds[0], self.feeds[1]]);
            let ends = self.segments[..2].iter();
            let ends =
                ends.map(|&segment| self.draft.vertex(Holder::Unit(unit), segment, VertexKind::Forwards));
            self.spines.push(ends.collect());
        }
        for (name, side) in [("router-1", 0), ("router-2", 1)] {
            let unit = self.dual(name, [self.feeds[0], self.feeds[1]]);
            let cable = self.draft.part(&format!("{name} cable"));
            for segment in 0..2 {
                let end = self.draft.vertex(Holder::Unit(unit), self.segments[segment], VertexKind::Station);
                self.draft.edge([end, self.spines[side][segment]], &[cable]);
                self.draft.gateway(end);
            }
            let end = self.draft.vertex(Holder::Unit(unit), self.segments[2], VertexKind::Station);
            self.draft.cable(&format!("{name} line"), [end, internet]);
        }
    }

    fn rack(&mut self, rack: usize) {
        let strips = [0, 1].map(|side| {
            let part = self.draft.part(&format!("r{rack} pdu-{side}"));
            let supply = Draft::supply(Self::outlet(self.feeds[side]), &[]);
            self.draft.unit_of(&format!("r{rack} pdu-{side}"), &[part], vec![supply], 1)
        });
        let leaves = [0, 1].map(|side| {
            let name = format!("r{rack} leaf-{side}");
            let unit = self.dual(&name, strips);
            let up = [0, 1].map(|spine| self.draft.part(&format!("{name} up-{spine}")));
            [0, 1].map(|segment| {
                let end = self.draft.vertex(Holder::Unit(unit), self.segments[segment], VertexKind::Forwards);
                for (spine, cable) in up.iter().enumerate() {
                    self.draft.edge([end, self.spines[spine][segment]], &[*cable]);
                }
                end
            })
        });
        // Two access points a rack, each at one switch and powered by it.
        for (side, leaf) in leaves.iter().enumerate().take(2) {
            let Holder::Unit(switch) = self.draft.works[leaf[1]].holder else {
                unreachable!("leaves are units")
            };
            let name = format!("r{rack} ap-{side}");
            let parts = ["", " cable"].map(|kind| self.draft.part(&format!("{name}{kind}")));
            let ap = self.draft.unit_of(
                &name,
                &parts[..1],
                vec![Draft::supply(Source::Poe(switch), &parts[1..])],
                1,
            );
            let end = self.draft.vertex(Holder::Unit(ap), self.segments[1], VertexKind::Forwards);
            self.draft.edge([end, leaf[1]], &parts[1..]);
            self.seats.push(end);
        }
        for host in 0..N_HOSTS_A_RACK {
            self.host(&format!("r{rack} h{host}"), strips, leaves.map(|leaf| leaf[0]));
        }
    }

    fn host(&mut self, name: &str, strips: [UnitId; 2], leaves: [VertexId; 2]) {
        let unit = self.dual(name, strips);
        let system = self.draft.part(&format!("{name} system"));
        let host = self.draft.machine(name, &[system], MachineKind::Host { unit: Some(unit) });
        let end = self.draft.vertex(Holder::Machine(host), self.segments[0], VertexKind::Station);
        for (side, leaf) in leaves.into_iter().enumerate() {
            self.draft.cable(&format!("{name} cable-{side}"), [end, leaf]);
        }
        if self.hosts.len() % 9 == 4 {
            let hba = self.draft.part(&format!("{name} hba"));
            let drives: Vec<DriveId> = (0..8)
                .map(|drive| self.draft.drive(&format!("{name} d{drive}"), unit, vec![vec![hba]]))
                .collect();
            let group = Vdev { label: "raidz2".into(), drives, tolerates: 2 };
            let pool = self.draft.pool(
                &format!("{name} tank"),
                Layout::Groups(vec![group]),
                Some(Holder::Machine(host)),
            );
            self.pools.push(pool);
        }
        self.hosts.push(host);
    }

    fn spread(&self, n: usize, first: usize) -> Vec<MachineId> {
        let step = self.hosts.len() / n;
        (0..n).map(|place| self.hosts[first + place * step]).collect()
    }

    fn cluster(&mut self) -> ClusterId {
        let members = self.spread(3, 1);
        self.draft.cluster("k8s", &members, 2)
    }

    fn ceph(&mut self, cluster: ClusterId) {
        let hosts = self.spread(6, 2);
        let domains = hosts.into_iter().map(|machine| {
            let MachineKind::Host { unit: Some(unit) } = self.draft.works[machine].kind else {
                unreachable!("hosts have units")
            };
            let drives = (0..4).map(|drive| {
                let name = format!("{} osd-{drive}", self.draft.works[machine].label);
                Osd { drive: self.draft.drive(&name, unit, Vec::new()), machine: Some(machine) }
            });
            drives.collect()
        });
        let domains = domains.collect();
        let ceph = Ceph { cluster, copies: 3, min_copies: 2, lost_at: 3, domains, replication: None };
        self.pools.push(self.draft.pool("rbd", Layout::Ceph(ceph), None));
    }

    fn data(&mut self) -> Vec<DataId> {
        let pools = self.pools.clone();
        pools
            .iter()
            .enumerate()
            .map(|(place, &pool)| self.draft.data(&format!("data{place}"), &[pool], 1))
            .collect()
    }

    fn services(&mut self, n_services: usize, cluster: ClusterId, data: &[DataId]) {
        let vantage = self.draft.vantage("users", &self.seats.clone());
        let name_servers = self.spread(2, 3);
        let names: Vec<ServiceId> = (0..2)
            .map(|place| {
                self.draft.service(
                    &format!("dns-{place}"),
                    Draft::fixed(&name_servers[place..=place]),
                    Vec::new(),
                )
            })
            .collect();
        let names = Need::AnyOf(names.into_iter().map(Need::Service).collect());
        let workers = self.spread(8, 5);
        let servers = self.spread(6, 7);
        for place in 2..n_services {
            let some = data[self.numbers.below(data.len())];
            let mut needs = vec![names.clone(), Need::Data(some)];
            if place > 40 && self.numbers.below(3) == 0 {
                needs.push(Need::Service(ServiceId(2 + self.numbers.below(place - 10) as u32)));
            }
            let placement = match place % 3 {
                0 => Placement::Movable { on: workers.clone(), by: Some(cluster), replicas: 2, spread: true },
                1 => {
                    let hosts = [0, 1].map(|_| self.hosts[self.numbers.below(self.hosts.len())]);
                    Draft::fixed(&hosts)
                }
                _ => {
                    let vm = self.draft.vm(&format!("vm{place}"), &servers, Some(cluster));
                    let system = self.draft.part(&format!("vm{place} system"));
                    self.draft.works.machines[vm.index()].fails = vec![system];
                    let pool = *self.pools.last().expect("there is one");
                    self.draft.works.machines[vm.index()].disk_pools = vec![pool];
                    let end = self.draft.vertex(Holder::Machine(vm), self.segments[0], VertexKind::Station);
                    // Wherever it runs, its bridge hangs on the same network.
                    for spine in &self.spines {
                        self.draft.works.edges.push(lab_predict::works::Edge {
                            ends: [end, spine[0]],
                            fails: Vec::new(),
                            through: Vec::new(),
                            lag: None,
                        });
                    }
                    Draft::fixed(&[vm])
                }
            };
            let service = self.draft.service(&format!("service{place}"), placement, needs);
            let row = &mut self.draft.works.services[service.index()];
            row.used_from = vec![vantage];
            row.clients_need = vec![need(names.clone())];
        }
    }
}
