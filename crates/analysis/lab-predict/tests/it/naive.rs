//! The meaning of the tables, played through for one state after the other as the documentation of `works` words it, with nothing
//! clever: a third opinion beside the circuit and the simulator.

use lab_predict::works::{
    ClusterId, DataId, DriveId, Fate, Holder, Layout, MachineId, MachineKind, Mode, Need, NeedOf, Osd,
    Outcome, PartId, Placement, PointId, PoolId, SegmentId, Source, Subject, Supply, Unit, UnitId, Vdev,
    VertexId, VertexKind, VipId, Works,
};
use std::collections::BTreeSet;

/// For each outcome of the tables, whether it came about.
pub(crate) fn outcomes(works: &Works, failed: &dyn Fn(PartId) -> bool) -> Vec<bool> {
    let mut state = State {
        works,
        failed,
        machines: vec![true; works.machines.len()],
        pools: vec![true; works.pools.len()],
        instances: works
            .services
            .iter()
            .map(|service| vec![true; places(&service.placement).len()])
            .collect(),
    };
    while state.settle() {}
    works.outcomes().into_iter().map(|outcome| state.came_about(outcome)).collect()
}

fn places(placement: &Placement) -> Vec<Holder> {
    match placement {
        Placement::Fixed(places) => places.clone(),
        Placement::Movable { on, .. } => on.iter().map(|&machine| Holder::Machine(machine)).collect(),
    }
}

/// From where something is asked.
#[derive(Clone, Copy)]
enum From {
    Holder(Holder),
    Vantage(u32),
    Seat(VertexId),
}

struct State<'a> {
    works: &'a Works,
    failed: &'a dyn Fn(PartId) -> bool,
    machines: Vec<bool>,
    pools: Vec<bool>,
    instances: Vec<Vec<bool>>,
}

fn count<T>(of: impl IntoIterator<Item = T>, is: impl Fn(T) -> bool) -> usize {
    of.into_iter().filter_map(|one| is(one).then_some(())).count()
}

/// Power.
impl State<'_> {
    fn any(&self, parts: &[PartId], long: bool) -> bool {
        parts.iter().any(|&part| (self.failed)(part) && !(long && self.works[part].mode == Mode::Briefly))
    }

    fn point_off(&self, point: PointId, long: bool) -> bool {
        let row = &self.works[point];
        let unfed = !row.from.is_empty() && row.from.iter().all(|&from| self.point_off(from, long));
        self.any(&row.fails, long) || unfed
    }

    fn broken(&self, unit: &Unit, long: bool) -> bool {
        self.any(&unit.fails, long) || unit.inside.is_some_and(|chassis| !self.unit(chassis, long))
    }

    fn too_few_on(&self, unit: &Unit, long: bool) -> bool {
        let n_on = count(&unit.supplies, |supply| !self.supply_off(supply, long));
        !unit.supplies.is_empty() && n_on < unit.supplies_needed as usize
    }

    fn unit(&self, unit: UnitId, long: bool) -> bool {
        let unit = &self.works[unit];
        !self.broken(unit, long) && !self.too_few_on(unit, long || unit.battery.is_some())
    }

    fn supply_off(&self, supply: &Supply, long: bool) -> bool {
        let source_off = match supply.source {
            Source::Unknown => false,
            Source::Point(point) => self.point_off(point, long),
            Source::Poe(unit) => !self.unit(unit, long),
            Source::Outlet { unit, supply, on_battery } => {
                let unit = &self.works[unit];
                let felt = long || on_battery && unit.battery.is_some();
                let own = supply.is_some_and(|own| self.supply_off(&unit.supplies[own as usize], felt));
                self.broken(unit, long) || self.too_few_on(unit, felt) || own
            }
        };
        self.any(&supply.fails, long) || source_off
    }
}

/// Network.
impl State<'_> {
    fn up(&self, holder: Holder) -> bool {
        match holder {
            Holder::Unit(unit) => self.unit(unit, false),
            Holder::Machine(machine) => self.machines[machine.index()],
            Holder::Internet => true,
        }
    }

    /// Everybody in the segment that a vertex reaches.
    fn reached_within(&self, start: VertexId) -> BTreeSet<VertexId> {
        let works = self.works;
        let mut reached = BTreeSet::new();
        if self.up(works[start].holder) {
            reached.insert(start);
        }
        let mut open: Vec<VertexId> = reached.iter().copied().collect();
        while let Some(vertex) = open.pop() {
            let forwards =
                works[vertex].kind == VertexKind::Forwards && works[vertex].holder != Holder::Internet;
            if vertex != start && !forwards {
                continue;
            }
            for edge in &works.edges {
                let is_open =
                    !self.any(&edge.fails, false) && edge.through.iter().all(|&unit| self.unit(unit, false));
                let [one, other] = edge.ends;
                let next = if one == vertex { other } else { one };
                if is_open
                    && edge.ends.contains(&vertex)
                    && self.up(works[next].holder)
                    && reached.insert(next)
                {
                    open.push(next);
                }
            }
        }
        reached
    }

    fn vertices(&self, holder: Holder) -> Vec<VertexId> {
        let ids = (0..self.works.vertices.len() as u32).map(VertexId);
        ids.filter(|&id| self.works[id].holder == holder).collect()
    }

    fn lead(
        &self,
        from: &[VertexId],
        ends: &[VertexId],
        entered: &mut BTreeSet<(Holder, SegmentId)>,
    ) -> bool {
        let segment = |vertex: VertexId| self.works[vertex].segment;
        let shares = |one: &VertexId| ends.iter().any(|&end| segment(*one) == segment(end));
        if from.iter().any(shares) {
            return from.iter().any(|&one| self.reached_within(one).iter().any(|end| ends.contains(end)));
        }
        from.iter().any(|&one| {
            let reached = self.reached_within(one);
            self.works[segment(one)].gateways.iter().any(|gateway| {
                let is_new = || gateway.holder != Holder::Internet && reached.contains(&gateway.vertex);
                if !is_new() || !entered.insert((gateway.holder, segment(one))) {
                    return false;
                }
                let mut onward = self.vertices(gateway.holder);
                onward.retain(|&vertex| segment(vertex) != segment(one));
                self.lead(&onward, ends, entered)
            })
        })
    }

    fn reaches(&self, from: From, to: Holder) -> bool {
        self.reaches_in(from, to, None)
    }

    fn reaches_in(&self, from: From, to: Holder, only: Option<SegmentId>) -> bool {
        let mut ends = self.vertices(to);
        ends.retain(|end| only.is_none() || only == Some(self.works[*end].segment));
        match from {
            From::Holder(holder) if holder == to => self.up(to),
            From::Holder(holder) => self.lead(&self.vertices(holder), &ends, &mut BTreeSet::new()),
            From::Vantage(vantage) => {
                let at = &self.works.vantages[vantage as usize].at;
                at.iter().any(|&vertex| self.lead(&[vertex], &ends, &mut BTreeSet::new()))
            }
            From::Seat(seat) => self.lead(&[seat], &ends, &mut BTreeSet::new()),
        }
    }
}

/// Storage and clusters.
impl State<'_> {
    fn dead(&self, drive: DriveId) -> bool {
        self.any(&self.works[drive].fails, false)
    }

    fn away(&self, drive: DriveId) -> bool {
        let row = &self.works[drive];
        let closed = !row.paths.is_empty() && row.paths.iter().all(|path| self.any(path, false));
        self.dead(drive) || !self.unit(row.unit, false) || closed
    }

    fn group_gone(&self, group: &Vdev, gone: &dyn Fn(DriveId) -> bool) -> bool {
        count(&group.drives, |&drive| gone(drive)) > group.tolerates as usize
    }

    fn lost(&self, pool: PoolId) -> bool {
        let dead = |drive| self.dead(drive);
        match &self.works[pool].layout {
            Layout::Groups(groups) => groups.iter().any(|group| self.group_gone(group, &dead)),
            Layout::Separate(group) => self.group_gone(group, &dead),
            Layout::Ceph(ceph) => {
                count(&ceph.domains, |domain| domain.iter().any(|osd| dead(osd.drive)))
                    >= ceph.lost_at as usize
            }
            Layout::Unknown => false,
        }
    }

    fn serves(&self, pool: PoolId) -> bool {
        let row = &self.works[pool];
        let away = |drive| self.away(drive);
        let stopped = match &row.layout {
            Layout::Groups(groups) => groups.iter().any(|group| self.group_gone(group, &away)),
            Layout::Separate(group) => self.group_gone(group, &away),
            Layout::Ceph(ceph) => {
                let osd_away = |osd: &Osd| {
                    let alone = |machine| {
                        !self.machines[usize::try_from(machine).expect("small")]
                            || !self.member_reached(
                                From::Holder(Holder::Machine(MachineId(machine))),
                                ceph.cluster,
                            )
                    };
                    away(osd.drive) || osd.machine.is_some_and(|machine| alone(machine.0))
                };
                let spare = (ceph.copies - ceph.min_copies) as usize;
                let enough = match ceph.replication {
                    None => count(&ceph.domains, |domain| domain.iter().any(osd_away)) <= spare,
                    Some(segment) => ceph.domains.iter().flatten().filter_map(|osd| osd.machine).any(|one| {
                        let one = From::Holder(Holder::Machine(one));
                        let gone = |osd: &Osd| {
                            let cut = |to| !self.reaches_in(one, Holder::Machine(to), Some(segment));
                            osd_away(osd) || osd.machine.is_some_and(cut)
                        };
                        count(&ceph.domains, |domain| domain.iter().any(gone)) <= spare
                    }),
                };
                !enough || !self.quorum(ceph.cluster)
            }
            Layout::Unknown => false,
        };
        let is_held = row.holder.is_none_or(|holder| self.up(holder));
        !self.lost(pool) && !stopped && is_held && !self.any(&row.serving_fails, false)
    }

    fn data(&self, data: DataId, is_good: &dyn Fn(PoolId) -> bool) -> bool {
        let row = &self.works[data];
        count(&row.pools, |&pool| is_good(pool)) >= row.pools_needed as usize
    }

    fn pool_served(&self, to: From, pool: PoolId) -> bool {
        let row = &self.works[pool];
        let reached = match (&row.layout, row.holder) {
            (Layout::Ceph(ceph), _) => self.member_reached(to, ceph.cluster),
            (_, Some(holder)) => self.reaches(to, holder),
            (_, None) => true,
        };
        self.pools[pool.index()] && reached
    }

    fn has_quorum(&self, cluster: ClusterId, member: MachineId) -> bool {
        let row = &self.works[cluster];
        let from = From::Holder(Holder::Machine(member));
        let n_reached =
            count(&row.members, |&other| self.reaches_in(from, Holder::Machine(other), row.among));
        self.machines[member.index()] && n_reached >= row.quorum as usize
    }

    fn quorum(&self, cluster: ClusterId) -> bool {
        let row = &self.works[cluster];
        row.quorum == 0 || row.members.iter().any(|&member| self.has_quorum(cluster, member))
    }

    fn member_reached(&self, from: From, cluster: ClusterId) -> bool {
        let row = &self.works[cluster];
        row.members.iter().any(|&member| {
            self.has_quorum(cluster, member) && self.reaches_in(from, Holder::Machine(member), row.clients_in)
        })
    }
}

/// Machines and services.
impl State<'_> {
    /// How many work of what moves.
    fn moved(&self, mover: Option<ClusterId>, works_at: &[bool], instances: usize, spread: bool) -> usize {
        let (n, d) = (works_at.len(), works_at.iter().filter(|works| !**works).count());
        let r = if spread { instances.min(n) } else { instances };
        let moves = mover.is_some_and(|mover| self.quorum(mover));
        match (moves, spread) {
            _ if n == 0 => 0,
            (true, true) => r.min(n - d),
            (true, false) => {
                if n > d {
                    r
                } else {
                    0
                }
            }
            (false, true) => r.saturating_sub(d),
            (false, false) => {
                if d > 0 {
                    0
                } else {
                    r
                }
            }
        }
    }

    fn stranded(&self, strands: &[(MachineId, Vec<PartId>)], places: &[MachineId]) -> usize {
        count(strands, |(place, parts)| places.contains(place) && self.any(parts, false))
    }

    fn machine(&self, machine: MachineId) -> bool {
        let row = &self.works[machine];
        let place = match &row.kind {
            MachineKind::Host { unit } => unit.is_none_or(|unit| self.unit(unit, false)),
            MachineKind::Vm { hosts, .. } if self.stranded(&row.strands, hosts) > 0 => false,
            MachineKind::Vm { hosts, .. } if hosts.is_empty() => {
                row.disks.iter().all(|&data| self.data(data, &|pool| self.pools[pool.index()]))
                    && row.disk_pools.iter().all(|pool| self.pools[pool.index()])
            }
            MachineKind::Vm { hosts, moved_by, anywhere, passed_through } => {
                let good = |&host: &MachineId| {
                    let to = From::Holder(Holder::Machine(host));
                    let mut cards = passed_through.iter().filter(|(on, _)| *on == host);
                    self.machines[host.index()]
                        && !cards.any(|(_, parts)| self.any(parts, false))
                        && row.disks.iter().all(|&data| self.data(data, &|pool| self.pool_served(to, pool)))
                        && row.disk_pools.iter().all(|&pool| self.pool_served(to, pool))
                };
                let good: Vec<bool> = hosts.iter().map(good).collect();
                match moved_by {
                    None if !anywhere => good[0],
                    mover => self.moved(*mover, &good, 1, true) > 0,
                }
            }
        };
        let from = From::Holder(Holder::Machine(machine));
        place
            && !self.any(&row.fails, false)
            && !row.system_drives.iter().any(|&drive| self.away(drive))
            && row.system_pool.is_none_or(|pool| self.pools[pool.index()])
            && self.all_met(from, &row.needs)
    }

    fn all_met(&self, from: From, needs: &[NeedOf]) -> bool {
        needs.iter().all(|need| self.met(from, &need.need))
    }

    fn met(&self, from: From, need: &Need) -> bool {
        match need {
            Need::Data(data) => self.data(*data, &|pool| self.pool_served(from, pool)),
            Need::Pool(pool) => self.pool_served(from, *pool),
            Need::Service(service) => {
                let row = &self.works[*service];
                let places = places(&row.placement);
                let instances = self.instances[service.index()].iter();
                let good: Vec<bool> =
                    instances.zip(places).map(|(works, place)| *works && self.reaches(from, place)).collect();
                self.n_instances(service.index(), &good) > 0
                    && (row.needed == 1 || self.service(service.index()))
            }
            Need::Holder(holder) => self.reaches(from, *holder),
            Need::Cluster(cluster) => self.member_reached(from, *cluster),
            Need::Internet => self.reaches(from, Holder::Internet),
            Need::External(part) => self.reaches(from, Holder::Internet) && !(self.failed)(*part),
            Need::Part(part) => !(self.failed)(*part),
            Need::AnyOf(needs) => needs.iter().any(|need| self.met(from, need)),
        }
    }

    fn n_instances(&self, service: usize, good: &[bool]) -> usize {
        match &self.works.services[service].placement {
            Placement::Fixed(_) => good.iter().filter(|good| **good).count(),
            Placement::Movable { by, replicas, spread, on } => {
                let s = self.stranded(&self.works.services[service].strands, on);
                let r = if *spread { (*replicas as usize).min(on.len()) } else { *replicas as usize };
                let most = match spread {
                    true => r.saturating_sub(s),
                    false if s > 0 => 0,
                    false => r,
                };
                self.moved(*by, good, *replicas as usize, *spread).min(most)
            }
        }
    }

    fn service(&self, service: usize) -> bool {
        self.n_instances(service, &self.instances[service]) >= self.works.services[service].needed as usize
    }

    fn instance(&self, service: usize, holder: Holder) -> bool {
        let row = &self.works.services[service];
        let mut cards = row.cards.iter().filter(|(on, _)| Holder::Machine(*on) == holder);
        self.up(holder)
            && !cards.any(|(_, parts)| self.any(parts, false))
            && self.all_met(From::Holder(holder), &row.needs)
    }

    fn by_way_of(&self, from: From, front: VipId, place: Holder) -> bool {
        let row = &self.works[front];
        let way = |&holder: &Holder| self.reaches(from, holder) && self.reaches(From::Holder(holder), place);
        match row.moved_by {
            Some(mover) if !self.quorum(mover) => !row.holders.is_empty() && row.holders.iter().all(way),
            _ => row.holders.iter().any(way),
        }
    }

    fn there_for(&self, service: usize, vantage: u32) -> bool {
        let seats = &self.works.vantages[vantage as usize].at;
        // Whoever needs a name server beside must have both at one seat. An instance that may be anywhere is had by some seat wherever it is.
        match self.works.services[service].clients_need.is_empty() {
            true => self.there_from(service, From::Vantage(vantage)),
            false => seats.iter().any(|&seat| self.there_from(service, From::Seat(seat))),
        }
    }

    fn there_from(&self, service: usize, from: From) -> bool {
        let row = &self.works.services[service];
        let places = places(&row.placement);
        let good = |(works, place): (&bool, Holder)| {
            *works
                && match row.front {
                    None => self.reaches(from, place),
                    Some(front) => self.by_way_of(from, front, place),
                }
        };
        let good: Vec<bool> = self.instances[service].iter().zip(places).map(good).collect();
        self.service(service) && self.n_instances(service, &good) > 0 && self.all_met(from, &row.clients_need)
    }

    /// One round of the lines. False once nothing changes.
    fn settle(&mut self) -> bool {
        let machines = (0..self.machines.len() as u32).map(|id| self.machine(MachineId(id))).collect();
        let pools = (0..self.pools.len() as u32).map(|id| self.serves(PoolId(id))).collect();
        let of_service = |(id, service): (usize, &lab_predict::works::Service)| {
            places(&service.placement).into_iter().map(|place| self.instance(id, place)).collect()
        };
        let instances = self.works.services.iter().enumerate().map(of_service).collect();
        let before = (
            std::mem::replace(&mut self.machines, machines),
            std::mem::replace(&mut self.pools, pools),
            std::mem::replace(&mut self.instances, instances),
        );
        before.0 != self.machines || before.1 != self.pools || before.2 != self.instances
    }

    fn came_about(&self, Outcome { subject, fate }: Outcome) -> bool {
        match (subject, fate) {
            (Subject::Unit(unit), _) => !self.unit(unit, false),
            (Subject::Machine(machine), _) => !self.machines[machine.index()],
            (Subject::Pool(pool), Fate::Lost) => self.lost(pool),
            (Subject::Pool(pool), _) => !self.pools[pool.index()],
            (Subject::Data(data), Fate::Lost) => !self.data(data, &|pool| !self.lost(pool)),
            (Subject::Data(data), _) => !self.data(data, &|pool| self.pools[pool.index()]),
            (Subject::Cluster(cluster), _) => !self.quorum(cluster),
            (Subject::Service(service), Fate::GoneFor(vantage)) => !self.there_for(service.index(), vantage),
            (Subject::Service(service), _) => {
                let used_from = &self.works[service].used_from;
                match used_from.is_empty() {
                    true => !self.service(service.index()),
                    false => !used_from.iter().any(|&vantage| self.there_for(service.index(), vantage)),
                }
            }
            (Subject::Vantage(vantage), _) => !self.reaches(From::Vantage(vantage), Holder::Internet),
        }
    }
}
