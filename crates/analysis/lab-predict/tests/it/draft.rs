//! Small tables by hand: rows with what a test says, and nothing else in them.

use lab_model::written::{ClusterKind, VipProtocol};
use lab_model::{Kind, ThingId};
use lab_predict::works::{
    Audience, Battery, Cluster, ClusterId, Data, DataId, Drive, DriveId, Edge, EdgeId, Gateway, Holder,
    Layout, Machine, MachineId, MachineKind, Mode, Need, NeedOf, Part, PartId, PartKind, Placement, PointId,
    Pool, PoolId, PowerPoint, Segment, SegmentId, Service, ServiceId, Source, Supply, Unit, UnitId, Vantage,
    Vertex, VertexId, VertexKind, Vip, VipId, Works,
};

/// Tables in the making.
#[derive(Default, Debug)]
pub(crate) struct Draft {
    pub(crate) works: Works,
}

fn thing() -> ThingId {
    ThingId { kind: Kind::Device, index: 0 }
}

/// A need that the lab says in so many words.
pub(crate) fn need(need: Need) -> NeedOf {
    NeedOf { need, because: None, span: None }
}

impl Draft {
    pub(crate) fn part(&mut self, name: &str) -> PartId {
        self.part_in(name, Mode::Fails)
    }

    pub(crate) fn part_in(&mut self, name: &str, mode: Mode) -> PartId {
        self.works.parts(Part {
            name: name.into(),
            label: name.into(),
            kind: PartKind::Device,
            mode,
            thing: None,
            span: None,
            per_year: Some(0.1),
            hours_to_mend: Some(24.0),
            figures_assumed: true,
        })
    }

    pub(crate) fn point(&mut self, label: &str, fails: &[PartId], from: &[PointId]) -> PointId {
        self.works.points(PowerPoint {
            thing: thing(),
            label: label.into(),
            fails: fails.to_vec(),
            from: from.to_vec(),
            span: None,
            limit_watts: None,
        })
    }

    pub(crate) fn unit_of(
        &mut self,
        label: &str,
        fails: &[PartId],
        supplies: Vec<Supply>,
        needed: u32,
    ) -> UnitId {
        self.works.units(Unit {
            thing: thing(),
            label: label.into(),
            fails: fails.to_vec(),
            supplies,
            supplies_needed: needed,
            inside: None,
            battery: None,
            watts: None,
            watts_peak: None,
            limit_watts: None,
            starts_with_power: None,
            span: None,
        })
    }

    /// A unit that needs no power, with a part of its own name.
    pub(crate) fn unit(&mut self, name: &str) -> UnitId {
        let part = self.part(name);
        self.unit_of(name, &[part], Vec::new(), 0)
    }

    pub(crate) fn battery(&mut self, unit: UnitId) {
        let battery = Battery { watt_hours: None, watt_hours_new: None, efficiency: 1.0 };
        self.works.units[unit.index()].battery = Some(battery);
    }

    pub(crate) fn supply(source: Source, fails: &[PartId]) -> Supply {
        Supply { label: "psu".into(), source, fails: fails.to_vec(), span: None }
    }

    pub(crate) fn segment(&mut self, label: &str) -> SegmentId {
        self.works.segments(Segment { label: label.into(), thing: None, gateways: Vec::new(), span: None })
    }

    pub(crate) fn vertex(&mut self, holder: Holder, segment: SegmentId, kind: VertexKind) -> VertexId {
        let label = format!("{holder:?} in {segment:?}");
        let id = self.works.vertices(Vertex { holder, segment, kind, label });
        if let Holder::Machine(machine) = holder {
            self.works.machines[machine.index()].vertices.push(id);
        }
        id
    }

    pub(crate) fn gateway(&mut self, vertex: VertexId) {
        let Vertex { holder, segment, .. } = self.works[vertex];
        self.works.segments[segment.index()].gateways.push(Gateway { vertex, holder });
    }

    pub(crate) fn edge(&mut self, ends: [VertexId; 2], fails: &[PartId]) -> EdgeId {
        self.works.edges(Edge { ends, fails: fails.to_vec(), through: Vec::new(), lag: None })
    }

    /// An edge with a part of its own.
    pub(crate) fn cable(&mut self, name: &str, ends: [VertexId; 2]) -> EdgeId {
        let part = self.part(name);
        self.edge(ends, &[part])
    }

    pub(crate) fn vantage(&mut self, label: &str, at: &[VertexId]) -> u32 {
        self.works.vantages.push(Vantage {
            thing: None,
            label: label.into(),
            at: at.to_vec(),
            outside: false,
        });
        self.works.vantages.len() as u32 - 1
    }

    pub(crate) fn machine(&mut self, label: &str, fails: &[PartId], kind: MachineKind) -> MachineId {
        self.works.machines(Machine {
            thing: thing(),
            label: label.into(),
            fails: fails.to_vec(),
            kind,
            system_drives: Vec::new(),
            system_pool: None,
            disks: Vec::new(),
            disk_pools: Vec::new(),
            needs: Vec::new(),
            needs_to_start: Vec::new(),
            vertices: Vec::new(),
            memory: None,
            own_memory: 0,
            labels: Vec::new(),
            architecture: None,
            shuts_down_on_battery: false,
            strands: Vec::new(),
            span: None,
        })
    }

    /// A host of which nothing is said but a part of its name.
    pub(crate) fn host(&mut self, name: &str) -> MachineId {
        let part = self.part(name);
        self.machine(name, &[part], MachineKind::Host { unit: None })
    }

    pub(crate) fn vm(&mut self, label: &str, hosts: &[MachineId], moved_by: Option<ClusterId>) -> MachineId {
        let kind =
            MachineKind::Vm { hosts: hosts.to_vec(), moved_by, anywhere: false, passed_through: Vec::new() };
        self.machine(label, &[], kind)
    }

    pub(crate) fn drive(&mut self, name: &str, unit: UnitId, paths: Vec<Vec<PartId>>) -> DriveId {
        let part = self.part(name);
        self.works.drives(Drive { label: name.into(), fails: vec![part], unit, paths, span: None })
    }

    pub(crate) fn pool(&mut self, label: &str, layout: Layout, holder: Option<Holder>) -> PoolId {
        self.works.pools(Pool {
            thing: thing(),
            label: label.into(),
            layout,
            holder,
            serving_fails: Vec::new(),
            span: None,
        })
    }

    pub(crate) fn data(&mut self, label: &str, pools: &[PoolId], needed: u32) -> DataId {
        self.works.data(Data {
            thing: thing(),
            label: label.into(),
            pools: pools.to_vec(),
            pools_needed: needed,
            span: None,
        })
    }

    pub(crate) fn cluster(&mut self, label: &str, members: &[MachineId], quorum: u32) -> ClusterId {
        self.works.clusters(Cluster {
            thing: thing(),
            label: label.into(),
            kind: ClusterKind::Etcd,
            members: members.to_vec(),
            quorum,
            among: None,
            clients_in: None,
            workers: Vec::new(),
            api: None,
            eviction_seconds: 300.0,
            span: None,
        })
    }

    pub(crate) fn vip(&mut self, label: &str, holders: &[Holder], moved_by: Option<ClusterId>) -> VipId {
        self.works.vips(Vip {
            thing: thing(),
            label: label.into(),
            protocol: VipProtocol::Vrrp,
            holders: holders.to_vec(),
            moved_by,
            interval_seconds: None,
            stays: false,
            span: None,
        })
    }

    pub(crate) fn service(&mut self, label: &str, placement: Placement, needs: Vec<Need>) -> ServiceId {
        self.works.services(Service {
            thing: thing(),
            label: label.into(),
            placement,
            needed: 1,
            needs: needs.into_iter().map(need).collect(),
            wants: Vec::new(),
            front: None,
            clients_need: Vec::new(),
            used_from: Vec::new(),
            audience: Audience::Owner,
            criticality: 1,
            memory: None,
            tolerates_seconds: None,
            detach_seconds: 0.0,
            strands: Vec::new(),
            cards: Vec::new(),
            apart_from: Vec::new(),
            span: None,
        })
    }

    pub(crate) fn fixed(machines: &[MachineId]) -> Placement {
        Placement::Fixed(machines.iter().map(|&machine| Holder::Machine(machine)).collect())
    }

    /// Machines joined by a switch of that name, each by a cable of `its name-cable`. Answers with the switch.
    pub(crate) fn switched(&mut self, switch: &str, machines: &[MachineId]) -> VertexId {
        let unit = self.unit(switch);
        let segment = self.segment(switch);
        let core = self.vertex(Holder::Unit(unit), segment, VertexKind::Forwards);
        for &machine in machines {
            let end = self.vertex(Holder::Machine(machine), segment, VertexKind::Station);
            let name = format!("{}-cable", self.works[machine].label);
            self.cable(&name, [core, end]);
        }
        core
    }
}
