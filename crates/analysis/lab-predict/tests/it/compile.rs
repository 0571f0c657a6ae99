//! What the tables mean, layer by layer: small labs with minimal cut sets that can be read off.

use crate::draft::{Draft, need};
use lab_predict::works::{
    Ceph, Fate, Holder, Layout, MachineId, MachineKind, Mode, Need, Osd, PartId, Placement, Source, Subject,
    UnitId, Vdev, VertexId, VertexKind, Works,
};
use lab_predict::{Limits, compile::compile, minimal_cut_sets};

/// The minimal cut sets of an outcome, of up to four parts, by name.
fn cut_sets(works: &Works, subject: Subject, fate: Fate) -> Vec<String> {
    let compiled = compile(works);
    let place =
        compiled.outcomes.iter().position(|(outcome, _)| (outcome.subject, outcome.fate) == (subject, fate));
    let answer = minimal_cut_sets(&compiled.circuit, Limits::of_order(4)).expect("order 4 is computed");
    let top = &answer.tops[place.expect("it is an outcome")];
    assert_eq!(top.complete_to, 4);
    let named = |set: Vec<lab_predict::EventId>| {
        let mut names: Vec<&str> =
            set.into_iter().map(|event| compiled.circuit.event(event).name.as_str()).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let mut sets: Vec<String> = (1..=4).flat_map(|order| top.sets(order)).map(named).collect();
    if top.is_always {
        sets.push("always".into());
    }
    sets.sort_by_key(|set| (set.split(' ').count(), set.clone()));
    sets
}

fn check(draft: &Draft, subject: Subject, fate: Fate, expect: &[&str]) {
    assert_eq!(cut_sets(&draft.works, subject, fate), expect, "{subject:?} {fate:?}");
}

fn outlet(unit: UnitId, on_battery: bool) -> Source {
    Source::Outlet { unit, supply: None, on_battery }
}

#[test]
fn two_supplies_stand_in_for_each_other() {
    let mut draft = Draft::default();
    let [grid, box_, psu_1, psu_2, cord] =
        ["grid", "box", "psu-1", "psu-2", "cord"].map(|name| draft.part(name));
    let point = draft.point("grid", &[grid], &[]);
    let supplies = vec![
        Draft::supply(Source::Point(point), &[psu_1]),
        Draft::supply(Source::Point(point), &[psu_2, cord]),
    ];
    let unit = draft.unit_of("box", &[box_], supplies.clone(), 1);
    let both = draft.unit_of("both", &[], supplies, 2);
    check(&draft, Subject::Unit(unit), Fate::Off, &["box", "grid", "cord psu-1", "psu-1 psu-2"]);
    check(&draft, Subject::Unit(both), Fate::Off, &["cord", "grid", "psu-1", "psu-2"]);
}

#[test]
fn a_battery_hides_what_is_short() {
    let mut draft = Draft::default();
    let short = draft.part_in("short", Mode::Briefly);
    let long = draft.part_in("long", Mode::Long);
    let grid = draft.point("grid", &[short, long], &[]);
    let ups_part = draft.part("ups");
    let ups = draft.unit_of("ups", &[ups_part], vec![Draft::supply(Source::Point(grid), &[])], 1);
    draft.battery(ups);
    let behind = draft.unit_of("behind", &[], vec![Draft::supply(outlet(ups, true), &[])], 1);
    let surge = draft.unit_of("surge", &[], vec![Draft::supply(outlet(ups, false), &[])], 1);
    check(&draft, Subject::Unit(ups), Fate::Off, &["long", "ups"]);
    check(&draft, Subject::Unit(behind), Fate::Off, &["long", "ups"]);
    check(&draft, Subject::Unit(surge), Fate::Off, &["long", "short", "ups"]);
}

#[test]
fn a_transfer_switch_behind_two_batteries() {
    let mut draft = Draft::default();
    let grid = draft.part_in("grid", Mode::Long);
    let breakers = ["breaker-a", "breaker-b"].map(|name| draft.part(name));
    let grid = draft.point("grid", &[grid], &[]);
    let sides = breakers.map(|breaker| {
        let point = draft.point("breaker", &[breaker], &[grid]);
        let ups = draft.unit_of("ups", &[], vec![Draft::supply(Source::Point(point), &[])], 1);
        draft.battery(ups);
        Draft::supply(outlet(ups, true), &[])
    });
    let ats = draft.part("ats");
    let ats = draft.unit_of("ats", &[ats], sides.to_vec(), 1);
    let first_only = Source::Outlet { unit: ats, supply: Some(0), on_battery: false };
    let bank = draft.unit_of("bank", &[], vec![Draft::supply(first_only, &[])], 1);
    let server = draft.unit_of("server", &[], vec![Draft::supply(outlet(ats, false), &[])], 1);
    check(&draft, Subject::Unit(server), Fate::Off, &["ats", "grid", "breaker-a breaker-b"]);
    check(&draft, Subject::Unit(bank), Fate::Off, &["ats", "breaker-a", "grid"]);
}

#[test]
fn power_over_the_network_and_a_chassis() {
    let mut draft = Draft::default();
    let (switch, chassis) = (draft.unit("switch"), draft.unit("chassis"));
    let cable = draft.part("cable");
    let point = draft.unit_of("ap", &[], vec![Draft::supply(Source::Poe(switch), &[cable])], 1);
    let blade = draft.unit("blade");
    draft.works.units[blade.index()].inside = Some(chassis);
    check(&draft, Subject::Unit(point), Fate::Off, &["cable", "switch"]);
    check(&draft, Subject::Unit(blade), Fate::Off, &["blade", "chassis"]);
}

/// Switches, each a unit of its name, and what a vantage at the first misses of a service on a host at the last.
struct Topology {
    draft: Draft,
    switches: Vec<VertexId>,
}

impl Topology {
    fn new(names: &[&str]) -> Self {
        let mut draft = Draft::default();
        let segment = draft.segment("lan");
        let vertex = |name: &&str| {
            let unit = draft.unit(name);
            draft.vertex(Holder::Unit(unit), segment, VertexKind::Forwards)
        };
        let switches = names.iter().map(vertex).collect();
        Self { draft, switches }
    }

    fn cable(&mut self, name: &str, one: usize, other: usize) {
        self.draft.cable(name, [self.switches[one], self.switches[other]]);
    }

    /// The host has a cable to each of these.
    fn check(mut self, ends: &[usize], expect: &[&str]) {
        let host = self.draft.machine("host", &[], MachineKind::Host { unit: None });
        let end =
            self.draft.vertex(Holder::Machine(host), lab_predict::works::SegmentId(0), VertexKind::Station);
        for &switch in ends {
            self.draft.edge([self.switches[switch], end], &[]);
        }
        let vantage = self.draft.vantage("users", &self.switches[..1]);
        let service = self.draft.service("wiki", Draft::fixed(&[host]), Vec::new());
        self.draft.works.services[service.index()].used_from = vec![vantage];
        check(&self.draft, Subject::Service(service), Fate::Gone, expect);
    }
}

#[test]
fn members_of_an_aggregate_are_parallel() {
    let mut topology = Topology::new(&["a", "b"]);
    topology.cable("lag-1", 0, 1);
    topology.cable("lag-2", 1, 0);
    topology.check(&[1], &["a", "b", "lag-1 lag-2"]);
}

#[test]
fn a_ring_of_three_switches() {
    let mut topology = Topology::new(&["a", "b", "c"]);
    for (name, one, other) in [("ab", 0, 1), ("bc", 1, 2), ("ca", 2, 0)] {
        topology.cable(name, one, other);
    }
    topology.check(&[2], &["a", "c", "ab ca", "b ca", "bc ca"]);
}

#[test]
fn leaves_and_spines() {
    let mut topology = Topology::new(&["leaf-1", "spine-1", "spine-2", "leaf-2", "leaf-3"]);
    for leaf in [0, 3, 4] {
        for spine in [1, 2] {
            topology.cable(&format!("{leaf}-{spine}"), leaf, spine);
        }
    }
    let expect = [
        "leaf-1",
        "leaf-2",
        "0-1 0-2",
        "0-1 spine-2",
        "0-2 spine-1",
        "3-1 3-2",
        "3-1 spine-2",
        "3-2 spine-1",
        "spine-1 spine-2",
        // The third leaf is a way from one spine to the other.
        "0-1 3-2 4-1",
        "0-1 3-2 4-2",
        "0-1 3-2 leaf-3",
        "0-2 3-1 4-1",
        "0-2 3-1 4-2",
        "0-2 3-1 leaf-3",
    ];
    topology.check(&[3], &expect);
}

#[test]
fn a_host_on_two_switches_forwards_nothing() {
    let mut topology = Topology::new(&["a", "b", "c"]);
    topology.cable("ab", 0, 1);
    topology.cable("ac", 0, 2);
    topology.check(&[1, 2], &["a", "ab ac", "ab c", "ac b", "b c"]);
    let mut split = Topology::new(&["a", "b"]);
    let host = split.draft.host("between");
    let between =
        split.draft.vertex(Holder::Machine(host), lab_predict::works::SegmentId(0), VertexKind::Station);
    split.draft.edge([split.switches[0], between], &[]);
    split.draft.edge([split.switches[1], between], &[]);
    split.check(&[1], &["always"]);
}

#[test]
fn two_routers_lead_to_the_internet() {
    let mut draft = Draft::default();
    let (lan, wan) = (draft.segment("lan"), draft.segment("wan"));
    let switch = draft.unit("switch");
    let switch = draft.vertex(Holder::Unit(switch), lan, VertexKind::Forwards);
    let internet = draft.vertex(Holder::Internet, wan, VertexKind::Forwards);
    for name in ["router-1", "router-2"] {
        let router = Holder::Unit(draft.unit(name));
        let inside = draft.vertex(router, lan, VertexKind::Station);
        draft.cable(&format!("{name}-lan"), [switch, inside]);
        draft.gateway(inside);
        let outside = draft.vertex(router, wan, VertexKind::Station);
        draft.cable(&format!("{name}-wan"), [outside, internet]);
    }
    let vantage = draft.vantage("users", &[switch]);
    let sides = |number: u32| ["", "-lan", "-wan"].map(|end| format!("router-{number}{end}"));
    let pairs = sides(1).map(|one| sides(2).map(|other| format!("{one} {other}")));
    let mut expect: Vec<&str> = pairs.iter().flatten().map(String::as_str).collect();
    expect.insert(0, "switch");
    check(&draft, Subject::Vantage(vantage), Fate::NoInternet, &expect);
}

#[test]
fn routers_in_a_circle_hold_nobody_up() {
    let mut draft = Draft::default();
    let [lan, transit, wan] = ["lan", "transit", "wan"].map(|label| draft.segment(label));
    let routers = ["inner", "outer"].map(|name| Holder::Unit(draft.unit(name)));
    let ends = routers.map(|router| {
        let ends = [lan, transit].map(|segment| draft.vertex(router, segment, VertexKind::Station));
        ends.iter().for_each(|&end| draft.gateway(end));
        ends
    });
    let switch = draft.unit("switch");
    let switch = draft.vertex(Holder::Unit(switch), lan, VertexKind::Forwards);
    for (name, end) in ["inner", "outer"].iter().zip(ends) {
        draft.cable(&format!("{name}-lan"), [switch, end[0]]);
    }
    draft.cable("transit", [ends[0][1], ends[1][1]]);
    let internet = draft.vertex(Holder::Internet, wan, VertexKind::Station);
    let line = draft.vertex(routers[1], wan, VertexKind::Station);
    draft.cable("line", [line, internet]);
    let vantage = draft.vantage("users", &[switch]);
    let expect = ["line", "outer", "switch", "inner outer-lan", "inner-lan outer-lan", "outer-lan transit"];
    check(&draft, Subject::Vantage(vantage), Fate::NoInternet, &expect);
}

fn drives(
    draft: &mut Draft,
    unit: UnitId,
    names: &[&str],
    paths: &[Vec<PartId>],
) -> Vec<lab_predict::works::DriveId> {
    names.iter().map(|name| draft.drive(name, unit, paths.to_vec())).collect()
}

#[test]
fn raidz2_behind_two_ways() {
    let mut draft = Draft::default();
    let shelf = draft.unit("shelf");
    let host = draft.host("nas");
    let [hba, module_a, module_b] = ["hba", "module-a", "module-b"].map(|name| draft.part(name));
    let paths = [vec![hba, module_a], vec![hba, module_b]];
    let drives = drives(&mut draft, shelf, &["d1", "d2", "d3", "d4"], &paths);
    let group = Vdev { label: "raidz2".into(), drives, tolerates: 2 };
    let pool = draft.pool("tank", Layout::Groups(vec![group]), Some(Holder::Machine(host)));
    let data = draft.data("photos", &[pool], 1);
    let lost = ["d1 d2 d3", "d1 d2 d4", "d1 d3 d4", "d2 d3 d4"];
    check(&draft, Subject::Pool(pool), Fate::Lost, &lost);
    check(&draft, Subject::Data(data), Fate::Lost, &lost);
    let stopped = [&["hba", "nas", "shelf", "module-a module-b"], &lost[..]].concat();
    check(&draft, Subject::Data(data), Fate::Stopped, &stopped);
}

#[test]
fn a_pool_that_its_own_machine_boots_from() {
    let mut draft = Draft::default();
    let box_ = draft.unit("box");
    let host = draft.host("host");
    let drives = drives(&mut draft, box_, &["d1", "d2"], &[]);
    let mirror = Vdev { label: "mirror".into(), drives, tolerates: 1 };
    let pool = draft.pool("rpool", Layout::Groups(vec![mirror]), Some(Holder::Machine(host)));
    draft.works.machines[host.index()].system_pool = Some(pool);
    check(&draft, Subject::Machine(host), Fate::Down, &["box", "host", "d1 d2"]);
    check(&draft, Subject::Pool(pool), Fate::Stopped, &["box", "host", "d1 d2"]);
    check(&draft, Subject::Pool(pool), Fate::Lost, &["d1 d2"]);
}

#[test]
fn ceph_on_three_hosts() {
    let mut draft = Draft::default();
    let hosts = ["h1", "h2", "h3"].map(|name| draft.host(name));
    draft.switched("switch", &hosts);
    let cluster = draft.cluster("ceph", &hosts, 2);
    let box_ = draft.unit_of("box", &[], Vec::new(), 0);
    let domains = (1..).zip(hosts).map(|(number, host)| {
        let drive = draft.drive(&format!("d{number}"), box_, Vec::new());
        vec![Osd { drive, machine: Some(host) }]
    });
    let domains = domains.collect();
    let ceph = Ceph { cluster, copies: 3, min_copies: 2, lost_at: 3, domains, replication: None };
    let pool = draft.pool("rbd", Layout::Ceph(ceph), None);
    check(&draft, Subject::Pool(pool), Fate::Lost, &["d1 d2 d3"]);
    let stopped = cut_sets(&draft.works, Subject::Pool(pool), Fate::Stopped);
    assert_eq!(stopped[0], "switch");
    assert!(stopped.contains(&"d1 d2".to_owned()) && stopped.contains(&"d1 h2-cable".to_owned()));
    // A host away costs its vote and its drive: two of three hosts, each by one of three parts; or its copy by the drive.
    assert_eq!(stopped.len(), 1 + 3 * 9);
}

#[test]
fn etcd_of_three() {
    let mut draft = Draft::default();
    let hosts = ["h1", "h2", "h3"].map(|name| draft.host(name));
    let segment = draft.segment("lan");
    let switch = draft.unit("switch");
    let core = draft.vertex(Holder::Unit(switch), segment, VertexKind::Forwards);
    for host in hosts {
        let end = draft.vertex(Holder::Machine(host), segment, VertexKind::Station);
        draft.edge([core, end], &[]);
    }
    let cluster = draft.cluster("etcd", &hosts, 2);
    check(&draft, Subject::Cluster(cluster), Fate::NoQuorum, &["switch", "h1 h2", "h1 h3", "h2 h3"]);
    let free = draft.cluster("docker", &hosts[..1], 0);
    let service = draft.service("s", movable(&hosts[..1], Some(free), 1, false), Vec::new());
    check(&draft, Subject::Service(service), Fate::Gone, &["h1"]);
}

#[test]
fn services_that_need_each_other_run_on() {
    let mut draft = Draft::default();
    let hosts = ["h1", "h2"].map(|name| draft.host(name));
    let core = draft.switched("switch", &hosts);
    let first = draft.service(
        "names",
        Draft::fixed(&hosts[..1]),
        vec![Need::Service(lab_predict::works::ServiceId(1))],
    );
    let second = draft.service("logins", Draft::fixed(&hosts[1..]), vec![Need::Service(first)]);
    let vantage = draft.vantage("users", &[core]);
    draft.works.services[0].used_from = vec![vantage];
    let expect = ["h1", "h1-cable", "h2", "h2-cable", "switch"];
    check(&draft, Subject::Service(first), Fate::Gone, &expect);
    check(&draft, Subject::Service(second), Fate::Gone, &expect);
}

fn movable(
    on: &[MachineId],
    by: Option<lab_predict::works::ClusterId>,
    replicas: u32,
    spread: bool,
) -> Placement {
    Placement::Movable { on: on.to_vec(), by, replicas, spread }
}

#[test]
fn what_moves_needs_quorum_to_move() {
    let mut draft = Draft::default();
    let voters = ["v1", "v2", "v3"].map(|name| draft.host(name));
    let workers = ["w1", "w2", "w3"].map(|name| draft.host(name));
    let segment = draft.segment("lan");
    let switch = draft.machine("switch", &[], MachineKind::Host { unit: None });
    let core = draft.vertex(Holder::Machine(switch), segment, VertexKind::Forwards);
    for host in voters.into_iter().chain(workers) {
        let end = draft.vertex(Holder::Machine(host), segment, VertexKind::Station);
        draft.edge([core, end], &[]);
    }
    let cluster = draft.cluster("k8s", &voters, 2);
    let no_quorum = ["v1 v2", "v1 v3", "v2 v3"];
    let with_each = |places: &[&str]| -> Vec<String> {
        places.iter().flat_map(|place| no_quorum.map(|votes| format!("{votes} {place}"))).collect()
    };
    let mut expect_one = with_each(&["w1", "w2", "w3"]);
    expect_one.push("w1 w2 w3".into());
    expect_one.sort();
    let one = draft.service("one", movable(&workers, Some(cluster), 1, false), Vec::new());
    let stuck = draft.service("stuck", movable(&workers, None, 1, false), Vec::new());
    let two = draft.service("two", movable(&workers, Some(cluster), 2, true), Vec::new());
    let vm = draft.vm("vm", &workers, Some(cluster));
    let pinned = draft.vm("pinned", &workers, None);
    let borrowed: Vec<&str> = expect_one.iter().map(String::as_str).collect();
    check(&draft, Subject::Service(one), Fate::Gone, &borrowed);
    check(&draft, Subject::Machine(vm), Fate::Down, &borrowed);
    check(&draft, Subject::Machine(pinned), Fate::Down, &["w1"]);
    check(&draft, Subject::Service(stuck), Fate::Gone, &["w1", "w2", "w3"]);
    let mut expect_two = with_each(&["w1 w2", "w1 w3", "w2 w3"]);
    expect_two.push("w1 w2 w3".into());
    expect_two.sort_by_key(|set| (set.split(' ').count(), set.clone()));
    let borrowed: Vec<&str> = expect_two.iter().map(String::as_str).collect();
    check(&draft, Subject::Service(two), Fate::Gone, &borrowed);
}

#[test]
fn an_address_that_moves_by_lease() {
    let mut draft = Draft::default();
    let holders = ["n1", "n2", "n3"].map(|name| draft.host(name));
    let host = draft.machine("host", &[], MachineKind::Host { unit: None });
    let segment = draft.segment("lan");
    let switch = draft.machine("switch", &[], MachineKind::Host { unit: None });
    let core = draft.vertex(Holder::Machine(switch), segment, VertexKind::Forwards);
    for machine in holders.into_iter().chain([host]) {
        let end = draft.vertex(Holder::Machine(machine), segment, VertexKind::Station);
        draft.edge([core, end], &[]);
    }
    let cluster = draft.cluster("k8s", &holders, 2);
    let held = holders.map(Holder::Machine);
    let vantage = draft.vantage("users", &[core]);
    for (mover, expect) in [(None, &["n1 n2 n3"][..]), (Some(cluster), &["n1 n2", "n1 n3", "n2 n3"])] {
        let vip = draft.vip("vip", &held, mover);
        let service = draft.service("web", Draft::fixed(&[host]), Vec::new());
        let row = &mut draft.works.services[service.index()];
        (row.front, row.used_from) = (Some(vip), vec![vantage]);
        check(&draft, Subject::Service(service), Fate::Gone, expect);
    }
}

/// Two switches with people at both, the name server at one and the service at the other: without the cable between them nobody has both.
#[test]
fn people_need_names_and_the_service_at_one_seat() {
    let mut draft = Draft::default();
    let hosts = ["dns", "web"].map(|name| draft.host(name));
    let lan = draft.segment("lan");
    let seats = ["one", "other"].map(|name| {
        let unit = draft.unit(name);
        draft.vertex(Holder::Unit(unit), lan, VertexKind::Forwards)
    });
    draft.cable("uplink", seats);
    for (host, seat) in hosts.into_iter().zip(seats) {
        let card = draft.vertex(Holder::Machine(host), lan, VertexKind::Station);
        draft.edge([card, seat], &[]);
    }
    let [dns, web] = ["dns", "web"].map(|name| {
        let place = usize::from(name == "web");
        draft.service(name, Draft::fixed(&hosts[place..=place]), Vec::new())
    });
    let people = draft.vantage("people", &seats);
    let row = &mut draft.works.services[web.index()];
    row.used_from = vec![people];
    check(&draft, Subject::Service(web), Fate::Gone, &["other", "web"]);
    draft.works.services[web.index()].clients_need = vec![need(Need::Service(dns))];
    check(&draft, Subject::Service(web), Fate::Gone, &["dns", "one", "other", "uplink", "web"]);
}

#[test]
fn people_need_names_and_may_sit_in_two_places() {
    let mut draft = Draft::default();
    let hosts = ["web", "dns-1", "dns-2"].map(|name| draft.host(name));
    let core = draft.switched("switch", &hosts);
    let other = draft.unit("other");
    let segment = draft.works[core].segment;
    let other = draft.vertex(Holder::Unit(other), segment, VertexKind::Forwards);
    draft.cable("uplink", [core, other]);
    let names = [1, 2].map(|place| draft.service("dns", Draft::fixed(&hosts[place..=place]), Vec::new()));
    let web = draft.service("web", Draft::fixed(&hosts[..1]), Vec::new());
    let at = [draft.vantage("here", &[core]), draft.vantage("there", &[other])];
    let row = &mut draft.works.services[web.index()];
    row.used_from = at.to_vec();
    row.clients_need = vec![need(Need::AnyOf(names.map(Need::Service).to_vec()))];
    let shared = ["switch", "web", "web-cable"];
    let dns = ["dns-1 dns-2", "dns-1 dns-2-cable", "dns-1-cable dns-2", "dns-1-cable dns-2-cable"];
    check(&draft, Subject::Service(web), Fate::Gone, &[&shared[..], &dns].concat());
    check(&draft, Subject::Service(web), Fate::GoneFor(at[0]), &[&shared[..], &dns].concat());
    let there = ["other", "switch", "uplink", "web", "web-cable"];
    check(&draft, Subject::Service(web), Fate::GoneFor(at[1]), &[&there[..], &dns].concat());
}
