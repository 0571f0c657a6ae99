//! The steady state on small hand-made tables; what is expected is worked out in each test's text.

use super::simulate;
use crate::works::*;
use lab_model::{Kind, ThingId};

/// Tables made row by row, each row with nothing but what a test is about.
pub(super) fn thing() -> ThingId {
    ThingId { kind: Kind::Device, index: 0 }
}

/// A part that fails for good.
pub(super) fn part(works: &mut Works, name: &str) -> PartId {
    mode(works, name, Mode::Fails)
}

/// A part that fails in a certain way.
pub(super) fn mode(works: &mut Works, name: &str, mode: Mode) -> PartId {
    works.parts(Part {
        name: name.into(),
        label: name.into(),
        kind: PartKind::Device,
        mode,
        thing: None,
        span: None,
        per_year: None,
        hours_to_mend: None,
        figures_assumed: true,
    })
}

/// A power point that fails with `fails`.
pub(super) fn point(works: &mut Works, label: &str, fails: Vec<PartId>, from: Vec<PointId>) -> PointId {
    works.points(PowerPoint {
        thing: thing(),
        label: label.into(),
        fails,
        from,
        span: None,
        limit_watts: None,
    })
}

/// A unit with one supply for each source, of which one is enough.
pub(super) fn unit(works: &mut Works, label: &str, fails: Vec<PartId>, sources: &[Source]) -> UnitId {
    let supplies = sources
        .iter()
        .map(|&source| Supply { label: "psu".into(), source, fails: vec![], span: None })
        .collect();
    works.units(Unit {
        thing: thing(),
        label: label.into(),
        fails,
        supplies,
        supplies_needed: 1,
        inside: None,
        battery: None,
        watts: None,
        watts_peak: None,
        limit_watts: None,
        starts_with_power: None,
        span: None,
    })
}

/// An outlet of a strip, or of a battery supply's battery side.
pub(super) fn outlet(unit: UnitId, on_battery: bool) -> Source {
    Source::Outlet { unit, supply: None, on_battery }
}

/// A machine of a kind.
pub(super) fn machine(works: &mut Works, label: &str, kind: MachineKind) -> MachineId {
    works.machines(Machine {
        thing: thing(),
        label: label.into(),
        fails: vec![],
        kind,
        system_drives: vec![],
        system_pool: None,
        disks: vec![],
        disk_pools: vec![],
        needs: vec![],
        needs_to_start: vec![],
        vertices: vec![],
        memory: None,
        own_memory: 0,
        labels: vec![],
        architecture: None,
        shuts_down_on_battery: false,
        strands: Vec::new(),
        span: None,
    })
}

/// A machine on a unit of its own that a part stops.
pub(super) fn host(works: &mut Works, label: &str) -> (MachineId, PartId) {
    let fails = part(works, label);
    let unit = unit(works, label, vec![fails], &[]);
    (machine(works, label, MachineKind::Host { unit: Some(unit) }), fails)
}

/// A virtual machine.
pub(super) fn vm(
    works: &mut Works,
    label: &str,
    hosts: Vec<MachineId>,
    moved_by: Option<ClusterId>,
) -> MachineId {
    machine(works, label, MachineKind::Vm { hosts, moved_by, anywhere: false, passed_through: vec![] })
}

/// A segment without gateways.
pub(super) fn segment(works: &mut Works, label: &str) -> SegmentId {
    works.segments(Segment { label: label.into(), thing: None, gateways: vec![], span: None })
}

/// A vertex.
pub(super) fn vertex(works: &mut Works, holder: Holder, segment: SegmentId, kind: VertexKind) -> VertexId {
    works.vertices(Vertex { holder, segment, kind, label: String::new() })
}

/// An edge.
pub(super) fn edge(works: &mut Works, a: VertexId, b: VertexId, fails: Vec<PartId>) -> EdgeId {
    works.edges(Edge { ends: [a, b], fails, through: vec![], lag: None })
}

/// A service that runs at `placement`, one instance needed.
pub(super) fn service(works: &mut Works, label: &str, placement: Placement) -> ServiceId {
    works.services(Service {
        thing: thing(),
        label: label.into(),
        placement,
        needed: 1,
        needs: vec![],
        wants: vec![],
        front: None,
        clients_need: vec![],
        used_from: vec![],
        audience: Audience::Household,
        criticality: 1,
        memory: None,
        tolerates_seconds: None,
        detach_seconds: 0.0,
        strands: Vec::new(),
        cards: vec![],
        apart_from: vec![],
        span: None,
    })
}

/// A cluster with a quorum.
pub(super) fn cluster(works: &mut Works, label: &str, members: &[MachineId], quorum: u32) -> ClusterId {
    works.clusters(Cluster {
        thing: thing(),
        label: label.into(),
        kind: lab_model::written::ClusterKind::Kubernetes,
        members: members.to_vec(),
        quorum,
        among: None,
        clients_in: None,
        workers: members.to_vec(),
        api: None,
        eviction_seconds: 300.0,
        span: None,
    })
}

/// What a need says, with no word on why.
pub(super) fn needs(need: Need) -> NeedOf {
    NeedOf { need, because: None, span: None }
}

/// The outcomes by label and fate, sorted as they stand.
pub(super) fn fates(works: &Works, failed: &[PartId]) -> Vec<String> {
    let state = simulate(works, failed);
    state
        .outcomes
        .iter()
        .map(|outcome| format!("{} {:?}", works.label(outcome.subject), outcome.fate))
        .collect()
}

fn check(works: &Works, failed: &[PartId], expect: &[&str]) {
    let names: Vec<&str> = failed.iter().map(|part| works[*part].name.as_str()).collect();
    assert_eq!(fates(works, failed), expect, "after {names:?}");
}

/// The grid behind a battery supply behind a strip: a moment without grid is bridged, a long one is not, and what
/// hangs on the side without battery notices both.
#[test]
fn a_battery_bridges_what_is_brief() {
    let mut works = Works::default();
    let (brief, long) =
        (mode(&mut works, "grid briefly", Mode::Briefly), mode(&mut works, "grid long", Mode::Long));
    let broken = part(&mut works, "ups");
    let grid = point(&mut works, "grid", vec![brief, long], vec![]);
    let ups = unit(&mut works, "ups", vec![broken], &[Source::Point(grid)]);
    works.units[ups.index()].battery =
        Some(Battery { watt_hours: None, watt_hours_new: None, efficiency: 0.9 });
    let strip = unit(&mut works, "strip", vec![], &[outlet(ups, true)]);
    unit(&mut works, "server", vec![], &[outlet(strip, false)]);
    unit(&mut works, "lamp", vec![], &[outlet(ups, false)]);
    check(&works, &[], &[]);
    check(&works, &[brief], &["lamp Off"]);
    check(&works, &[long], &["ups Off", "strip Off", "server Off", "lamp Off"]);
    check(&works, &[brief, broken], &["ups Off", "strip Off", "server Off", "lamp Off"]);
}

/// Two supplies, each on its own strip; one is enough, then two are needed. An outlet that names a supply dies with that one alone.
#[test]
fn supplies_are_counted() {
    let mut works = Works::default();
    let (a, b) = (part(&mut works, "strip-a"), part(&mut works, "strip-b"));
    let strips = [a, b].map(|fails| unit(&mut works, "strip", vec![fails], &[Source::Unknown]));
    let server = unit(&mut works, "server", vec![], &strips.map(|strip| outlet(strip, false)));
    unit(
        &mut works,
        "behind psu 1",
        vec![],
        &[Source::Outlet { unit: server, supply: Some(1), on_battery: false }],
    );
    check(&works, &[a], &["strip Off"]);
    check(&works, &[b], &["strip Off", "behind psu 1 Off"]);
    works.units[server.index()].supplies_needed = 2;
    check(&works, &[a], &["strip Off", "server Off", "behind psu 1 Off"]);
}

/// A phone on a switch's power over the network.
#[test]
fn power_over_the_network_goes_with_the_switch() {
    let mut works = Works::default();
    let fails = part(&mut works, "switch");
    let switch = unit(&mut works, "switch", vec![fails], &[]);
    let chassis = unit(&mut works, "phone", vec![], &[Source::Poe(switch)]);
    let blade = unit(&mut works, "blade", vec![], &[]);
    works.units[blade.index()].inside = Some(chassis);
    check(&works, &[fails], &["switch Off", "phone Off", "blade Off"]);
}

/// A raidz2 of four drives: two dead lose nothing, three away stop it, three dead lose it.
#[test]
fn a_group_is_lost_or_only_stops() {
    let mut works = Works::default();
    let shelf = unit(&mut works, "shelf", vec![], &[]);
    let cables = [0, 1].map(|at| part(&mut works, &format!("cable {at}")));
    let dead: Vec<PartId> = (0..4).map(|at| part(&mut works, &format!("drive {at}"))).collect();
    let drives = (dead.iter().zip([1, 2, 2, 2]))
        .map(|(&fails, paths)| {
            let paths = cables[..paths].iter().map(|&cable| vec![cable]).collect();
            works.drives(Drive { label: "drive".into(), fails: vec![fails], unit: shelf, paths, span: None })
        })
        .collect();
    let layout = Layout::Groups(vec![Vdev { label: "raidz2".into(), drives, tolerates: 2 }]);
    let pool = works.pools(Pool {
        thing: thing(),
        label: "tank".into(),
        layout,
        holder: None,
        serving_fails: vec![],
        span: None,
    });
    works.data(Data {
        thing: thing(),
        label: "photos".into(),
        pools: vec![pool],
        pools_needed: 1,
        span: None,
    });
    check(&works, &dead[..2], &[]);
    check(&works, &cables[..1], &[]);
    check(&works, &[dead[2], dead[1], cables[0]], &["tank Stopped", "photos Stopped"]);
    check(&works, &cables, &["tank Stopped", "photos Stopped"]);
    check(&works, &dead[1..], &["tank Stopped", "tank Lost", "photos Stopped", "photos Lost"]);
}

/// Three hosts on one switch, quorum 2. With the switch gone each is alone; with two hosts gone the third is.
/// A service that the cluster moves works on one host while there is quorum, and where it was counts without.
#[test]
fn quorum_decides_what_moves() {
    let mut works = Works::default();
    let switch = part(&mut works, "switch");
    let lan = segment(&mut works, "lan");
    let unit = unit(&mut works, "switch", vec![switch], &[]);
    let middle = vertex(&mut works, Holder::Unit(unit), lan, VertexKind::Forwards);
    let hosts: Vec<(MachineId, PartId)> = (0..3).map(|at| host(&mut works, &format!("node-{at}"))).collect();
    for &(machine, _) in &hosts {
        let end = vertex(&mut works, Holder::Machine(machine), lan, VertexKind::Station);
        edge(&mut works, middle, end, vec![]);
    }
    let members: Vec<MachineId> = hosts.iter().map(|&(machine, _)| machine).collect();
    let by = cluster(&mut works, "k8s", &members, 2);
    service(&mut works, "app", Placement::Movable { on: members, by: Some(by), replicas: 1, spread: false });
    check(&works, &[hosts[0].1], &["node-0 Off", "node-0 Down"]);
    check(
        &works,
        &[hosts[0].1, hosts[1].1],
        &["node-0 Off", "node-1 Off", "node-0 Down", "node-1 Down", "k8s NoQuorum", "app Gone"],
    );
    // All hosts work and none can decide: what runs keeps running.
    check(&works, &[switch], &["switch Off", "k8s NoQuorum"]);
    let state = simulate(&works, &[switch]);
    assert_eq!(state.clusters[0].sides.len(), 3);
}

/// People on one segment, a server on another, two routers between; a third router is only reached through a hairpin and does not count.
#[test]
fn packets_hop_over_gateways() {
    let mut works = Works::default();
    let (users, servers) = (segment(&mut works, "users"), segment(&mut works, "servers"));
    let switch = unit(&mut works, "switch", vec![], &[]);
    let desks = vertex(&mut works, Holder::Unit(switch), users, VertexKind::Forwards);
    let racks = vertex(&mut works, Holder::Unit(switch), servers, VertexKind::Forwards);
    let (server, _) = host(&mut works, "server");
    let end = vertex(&mut works, Holder::Machine(server), servers, VertexKind::Station);
    edge(&mut works, racks, end, vec![]);
    let mut parts = Vec::new();
    for at in 0..2 {
        let fails = part(&mut works, &format!("router-{at}"));
        let router = unit(&mut works, &format!("router-{at}"), vec![fails], &[]);
        let inner = vertex(&mut works, Holder::Unit(router), users, VertexKind::Station);
        let outer = vertex(&mut works, Holder::Unit(router), servers, VertexKind::Station);
        let cable = part(&mut works, &format!("cable {at}"));
        edge(&mut works, desks, inner, vec![]);
        edge(&mut works, racks, outer, vec![cable]);
        works.segments[users.index()].gateways.push(Gateway { vertex: inner, holder: Holder::Unit(router) });
        works.segments[servers.index()]
            .gateways
            .push(Gateway { vertex: outer, holder: Holder::Unit(router) });
        parts.extend([fails, cable]);
    }
    works.vantages.push(Vantage { thing: None, label: "desks".into(), at: vec![desks], outside: true });
    let web = service(&mut works, "web", Placement::Fixed(vec![Holder::Machine(server)]));
    works.services[web.index()].used_from = vec![0];
    check(&works, &[parts[0]], &["router-0 Off"]);
    check(&works, &[parts[0], parts[3]], &["router-0 Off", "web Gone"]);
    check(&works, &[parts[1], parts[3]], &["web Gone"]);
}

/// Frames pass a switch and do not pass a server; an edge through a converter needs it up.
#[test]
fn stations_do_not_forward() {
    let mut works = Works::default();
    let lan = segment(&mut works, "lan");
    let ends: Vec<VertexId> = (0..3)
        .map(|at| {
            let (machine, _) = host(&mut works, &format!("node-{at}"));
            vertex(&mut works, Holder::Machine(machine), lan, VertexKind::Station)
        })
        .collect();
    let converter = part(&mut works, "converter");
    let through = unit(&mut works, "converter", vec![converter], &[]);
    edge(&mut works, ends[0], ends[1], vec![]);
    let second = edge(&mut works, ends[1], ends[2], vec![]);
    works.edges[second.index()].through = vec![through];
    let simulator = super::Simulator::new(&works);
    let whole = simulator.play(&[]);
    assert!(
        whole.is_joined(ends[0], ends[1])
            && whole.is_joined(ends[1], ends[2])
            && !whole.is_joined(ends[0], ends[2])
    );
    assert!(!simulator.play(&[converter]).is_joined(ends[1], ends[2]));
}

/// Two services that need each other keep running, and go together.
#[test]
fn a_circle_of_needs_holds_until_one_goes() {
    let mut works = Works::default();
    let (a, fails) = host(&mut works, "a");
    let (b, _) = host(&mut works, "b");
    let lan = segment(&mut works, "lan");
    let ends = [a, b].map(|machine| vertex(&mut works, Holder::Machine(machine), lan, VertexKind::Forwards));
    edge(&mut works, ends[0], ends[1], vec![]);
    let dns = service(&mut works, "dns", Placement::Fixed(vec![Holder::Machine(a)]));
    let sso = service(&mut works, "sso", Placement::Fixed(vec![Holder::Machine(b)]));
    works.services[dns.index()].needs = vec![needs(Need::Service(sso))];
    works.services[sso.index()].needs = vec![needs(Need::Service(dns))];
    check(&works, &[], &[]);
    check(&works, &[fails], &["a Off", "a Down", "dns Gone", "sso Gone"]);
}

/// What `moved` counts, against the table in [`crate::works`].
#[test]
fn instances_that_move_are_counted() {
    use super::needs::moved;
    // (places, good, instances, spread, quorum) -> running
    for (question, expect) in [
        ((3, 2, 2, true, true), 2),
        ((3, 1, 2, true, true), 1),
        ((3, 2, 2, true, false), 1),
        ((3, 1, 2, true, false), 0),
        ((2, 2, 5, true, false), 2),
        ((2, 1, 5, true, true), 1),
        ((3, 1, 2, false, true), 2),
        ((3, 2, 2, false, false), 0),
        ((3, 3, 2, false, false), 2),
        ((0, 0, 1, false, false), 0),
    ] {
        let (places, good, instances, spread, quorum) = question;
        assert_eq!(moved(places, good, instances, spread, quorum), expect, "{question:?}");
    }
}
