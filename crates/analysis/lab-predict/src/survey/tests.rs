//! Small labs, and what the tables say of their power and storage.

use super::survey;
use crate::works::{Ceph, Holder, Layout, Pool, Source, Works};

/// Lays one file out as of 2026-06-01. A head and a few types are there already.
fn works(text: &str) -> Works {
    const HEAD: &str = "
lab: { name: test, voltage: 230 V }
drive-types:
  disk: { kind: hdd, interface: sas, capacity: 8 TB }
  flash: { kind: ssd, interface: nvme, capacity: 1 TB }
device-types:
  own/strip:
    manufacturer: own
    model: strip
    role: pdu
    power-ports: [{ names: in-1..2, type: iec-60320-c14 }]
    power-outlets:
      - { names: a1..2, type: iec-60320-c13, power_port: in-1 }
      - { names: b1..2, type: iec-60320-c13, power_port: in-2 }
  own/ups:
    manufacturer: own
    model: ups
    role: ups
    power-ports: [{ name: in, type: iec-60320-c14 }]
    power-outlets: [{ names: 1..2, type: iec-60320-c13 }, { names: surge-1..2, type: iec-60320-c13, battery: false }]
    battery: { capacity: 100 Wh, life: 4 y }
  own/server:
    manufacturer: own
    model: server
    power-ports: [{ names: psu-1..3, type: iec-60320-c14, rating: 300 W }]
    watts: { typical: 100 W, peak: 250 W }
    interfaces: [{ name: eth0, type: 1000base-t, poe_mode: pd }]
  own/hba: { manufacturer: own, model: hba, interfaces: [{ names: sas-1..2, type: sff-8088 }] }
  own/shelf: { manufacturer: own, model: shelf, role: disk-shelf, is_powered: false, drive-bays: [{ names: bay-1..4 }] }
card-types:
  own/hba: { manufacturer: own, model: hba, interfaces: [{ names: sas-1..2, type: sff-8088 }] }
  own/module: { manufacturer: own, model: module, interfaces: [{ names: in, type: sff-8088 }] }
";
    let file =
        |name: &str, text: &str| lab_source::Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let files = vec![file("head.yaml", HEAD), file("lab.yaml", text)];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    survey(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// What feeds a unit, one line a supply, up to the points.
fn feeds(works: &Works, label: &str) -> Vec<String> {
    let unit = works.units.iter().find(|unit| unit.label == label).expect("there is one");
    unit.supplies.iter().map(|supply| format!("{} {}", supply.label, up(works, supply.source))).collect()
}

fn up(works: &Works, source: Source) -> String {
    match source {
        Source::Unknown => "?".to_owned(),
        Source::Point(id) => works[id].label.clone(),
        Source::Poe(id) => format!("poe {}", works[id].label),
        Source::Outlet { unit, supply, on_battery } => {
            let battery = if on_battery { " on battery" } else { "" };
            let all = &works[unit].supplies;
            let ways = supply.map_or(&all[..], |at| &all[at as usize..=at as usize]);
            let more: Vec<String> = ways.iter().map(|supply| up(works, supply.source)).collect();
            format!("<- {}{battery} {}", works[unit].label, more.join(" + "))
        }
    }
}

fn assumed(works: &Works) -> Vec<&str> {
    works.assumed.iter().map(|assumption| &*assumption.what).collect()
}

fn parts<'w>(works: &'w Works, ids: &[crate::works::PartId]) -> Vec<&'w str> {
    ids.iter().map(|&id| &*works[id].name).collect()
}

fn pool<'w>(works: &'w Works, label: &str) -> &'w Pool {
    works.pools.iter().find(|pool| pool.label == label).expect("there is one")
}

/// Groups of a pool: `raidz2 of tank: 4, 2`, drives and how many may be gone.
fn groups(works: &Works, label: &str) -> Vec<String> {
    let group =
        |vdev: &crate::works::Vdev| format!("{}: {}, {}", vdev.label, vdev.drives.len(), vdev.tolerates);
    match &pool(works, label).layout {
        Layout::Groups(groups) => groups.iter().map(group).collect(),
        Layout::Separate(one) => vec![format!("separate {}", group(one))],
        other => panic!("no groups: {other:?}"),
    }
}

#[test]
fn outlets_lead_to_the_inlet_behind_them() {
    let works = works(
        "
power: { grid: {}, line-1..2: { from: grid, breaker: 16 A } }
devices:
  ups-1: { type: own/ups, inlets: { in: line-1 } }
  strip-1: { type: own/strip, inlets: { in-1: 'ups-1:1', in-2: line-2 } }
  strip-2: { type: own/strip, inlets: { in-1: 'ups-1:surge-1' } }
  server-1: { type: own/server, inlets: { psu-1: 'strip-1:a1', psu-2: 'strip-1:b1' } }
  server-2: { type: own/server, inlets: { psu-1: strip-1, psu-3: 'strip-2:a1' } }
  server-3: { type: own/server, inlets: { psu-1: ups-1 } }
",
    );
    assert_eq!(
        feeds(&works, "server-1"),
        ["psu-1 <- strip-1 <- ups-1 on battery line-1", "psu-2 <- strip-1 line-2"]
    );
    assert_eq!(
        feeds(&works, "server-2"),
        ["psu-1 <- strip-1 <- ups-1 on battery line-1 + line-2", "psu-3 <- strip-2 <- ups-1 line-1"]
    );
    assert_eq!(
        assumed(&works),
        ["server-3 hangs on an outlet of ups-1 that the battery carries: which outlet it is on is not said"]
    );
    let line = &works.points[1];
    assert_eq!((line.limit_watts, parts(&works, &line.fails)), (Some(3680.0), vec!["power/line-1"]));
    assert_eq!(parts(&works, &works.points[0].fails), ["power/grid long", "power/grid briefly"]);
    let strip = &works.units[1];
    assert_eq!(parts(&works, &strip.supplies[0].fails), ["device/strip-1 in-1"]);
    assert_eq!(works[strip.supplies[0].fails[0]].kind.plural(), "cords");
}

#[test]
fn supplies_that_one_alone_cannot_replace() {
    let works = works(
        "
power: { line-1: { kind: circuit } }
devices:
  small: { type: own/server, inlets: { psu-1..3: line-1 } }
  large: { type: own/server, inlets: { psu-1..3: line-1 }, watts: { peak: 500 W } }
  huge: { type: own/server, inlets: { psu-1..2: line-1 }, watts: { peak: 900 W } }
",
    );
    let needed: Vec<u32> = works.units.iter().map(|unit| unit.supplies_needed).collect();
    assert_eq!(needed, [1, 2, 2]);
    assert_eq!(assumed(&works), ["large needs 2 of its supplies: one alone does not carry its 500 W"]);
}

#[test]
fn circles_are_cut_once() {
    let works = works(
        "
power: { line-1: { from: line-2 }, line-2: { from: line-1 } }
devices:
  strip-1: { type: own/strip, inlets: { in-1: 'strip-2:a1' } }
  strip-2: { type: own/strip, inlets: { in-1: 'strip-1:a1' } }
",
    );
    let cut = assumed(&works);
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut[0].starts_with("line-2 is fed although line-1"), "{cut:?}");
    assert_eq!(feeds(&works, "strip-1"), ["in-1 <- strip-2 ?"]);
    assert_eq!((works.points[0].from.len(), works.points[1].from.len()), (1, 0));
}

#[test]
fn what_is_not_said_and_what_is_not_in_use() {
    let works = works(
        "
power: { line-1: { kind: circuit } }
devices:
  spare: { type: own/strip, status: spare, inlets: { in-1: line-1 } }
  on-spare: { type: own/server, inlets: { psu-1: 'spare:a1' } }
  alone: { type: own/server }
  blade: { type: own/server, inside: chassis/bay-1 }
  chassis: { type: own/server, inlets: { psu-1: line-1 } }
",
    );
    assert_eq!(
        assumed(&works),
        [
            "on-spare is always powered: what feeds it is not in use",
            "alone is always powered: nothing says what feeds it"
        ]
    );
    let labels: Vec<&str> = works.units.iter().map(|unit| &*unit.label).collect();
    assert_eq!(labels, ["on-spare", "alone", "blade", "chassis"]);
    assert_eq!(works.units[2].inside, Some(crate::works::UnitId(3)));
}

#[test]
fn rooms_are_shared_by_what_stands_in_them() {
    let works = works(
        "
sites: { home: {} }
rooms: { cellar: home, attic: home }
devices: { a: { at: cellar }, b: { at: cellar }, c: { at: attic } }
",
    );
    let fails: Vec<Vec<&str>> = works.units.iter().map(|unit| parts(&works, &unit.fails)).collect();
    assert_eq!(fails, [vec!["device/a", "room/cellar"], vec!["device/b", "room/cellar"], vec!["device/c"]]);
}

#[test]
fn batteries_age() {
    let check = |battery: &str, left: Option<f64>| {
        let works = works(&format!("devices: {{ ups-1: {{ type: own/ups, battery: {battery} }} }}"));
        let hours = works.units[0].battery.as_ref().expect("it has one").watt_hours;
        let near = hours.zip(left).is_some_and(|(hours, left)| (hours - left).abs() < 0.1);
        assert!(near || hours == left, "{battery}: {hours:?}");
    };
    check("{ health: 70 % }", Some(70.0));
    check("{ installed: 2022-06-02 }", Some(80.0));
    check("{ installed: 2026-06-01, capacity: 50 Wh }", Some(50.0));
    check("{}", Some(100.0));
}

const SHELF: &str = "
devices:
  server-1: { type: own/server, cards: { slot-1: own/hba }, drives: { m2-1: { model: flash, holds: os } } }
  shelf-1: { type: own/shelf, cards: { iom-a: { type: own/module, prefix: a- }, iom-b: { type: own/module, prefix: b- } }, drives: { bay-1..4: disk } }
hosts: { server-1: { on: server-1 } }
";

#[test]
fn a_shelf_is_reached_by_every_cable() {
    let check = |cables: &str, multipath: &str, expected: &[&[&str]], taken: usize| {
        let pool = format!(
            "pools: {{ tank: {{ kind: zfs, on: server-1, {multipath} vdevs: [{{ raidz2: shelf-1/bay-1..4 }}] }} }}"
        );
        let works = works(&format!("{SHELF}\n{cables}\n{pool}"));
        let drive = works.drives.iter().find(|drive| drive.label == "shelf-1/bay-3").expect("there is one");
        let paths: Vec<Vec<&str>> = drive.paths.iter().map(|path| parts(&works, path)).collect();
        assert_eq!(paths, expected, "{cables} {multipath}");
        let shelf: Vec<&str> = assumed(&works).into_iter().filter(|what| what.contains("shelf-1")).collect();
        assert_eq!(shelf.len(), taken, "{shelf:?}");
        assert_eq!(groups(&works, "tank"), ["raidz2 of tank: 4, 2"]);
    };
    let a: &[&str] = &["device/server-1 slot-1", "cable/sas server-1:sas-1", "device/shelf-1 iom-a"];
    let b: &[&str] = &["device/server-1 slot-1", "cable/sas server-1:sas-2", "device/shelf-1 iom-b"];
    let cables = "cables: { sas: { kind: sas, between: { 'server-1:sas-1..2': 'shelf-1:(a,b)-in' } } }";
    check(cables, "multipath: true,", &[a, b], 0);
    check(cables, "multipath: false,", &[a], 0);
    check(cables, "", &[a, b], 1);
    check("", "", &[], 1);
}

#[test]
fn layouts_and_what_they_tolerate() {
    let check = |kind: &str, rest: &str, expected: &[&str]| {
        let works = works(&format!("{SHELF}\npools: {{ p: {{ kind: {kind}, on: server-1, {rest} }} }}"));
        assert_eq!(groups(&works, "p"), expected, "{kind} {rest}");
        assert_eq!(pool(&works, "p").holder, Some(Holder::Machine(crate::works::MachineId(0))));
    };
    check("zfs", "vdevs: [{ mirror: shelf-1/bay-1..3 }]", &["mirror of p: 3, 2"]);
    check(
        "zfs",
        "vdevs: [{ mirror: shelf-1/bay-1..2 }], special: { stripe: m2-1 }",
        &["mirror of p: 2, 1", "special stripe of p: 1, 0"],
    );
    check("zfs", "vdevs: [{ stripe: shelf-1/bay-1..2 }], log: { stripe: m2-1 }", &["stripe of p: 2, 0"]);
    check(
        "md",
        "vdevs: [{ raid10: shelf-1/bay-1..4 }]",
        &["pair 1 of the raid10 of p: 2, 1", "pair 2 of the raid10 of p: 2, 1"],
    );
    check("btrfs", "vdevs: [{ raid10: shelf-1/bay-1..4 }]", &["raid10 of p: 4, 1"]);
    check("unraid", "vdevs: [{ raid5: shelf-1/bay-1..4 }]", &["separate drives of p: 4, 1"]);
}

#[test]
fn a_drive_that_is_not_in_use_is_gone_already() {
    let check = |vdev: &str, expected: &str| {
        let works = works(&format!(
            "
devices:
  nas-1: {{ type: own/server, drives: {{ d-1..3: disk, d-4: {{ model: disk, status: offline }} }} }}
pools: {{ p: {{ kind: zfs, on: device/nas-1, vdevs: [{vdev}] }} }}
"
        ));
        assert_eq!(groups(&works, "p"), [expected]);
        assert!(assumed(&works).iter().any(|what| what.contains("without 1 of its 4 drives")), "{vdev}");
        assert_eq!(pool(&works, "p").holder, Some(Holder::Unit(crate::works::UnitId(0))));
    };
    check("{ raidz2: d-1..4 }", "raidz2 of p: 3, 1");
    check("{ mirror: d-1..4 }", "mirror of p: 3, 2");
    check("{ raid10: d-1..4 }", "raid10 of p: 3, 0");
}

#[test]
fn shelves_that_are_all_cabled_to_each_other_end_the_walk() {
    let mut cables = String::new();
    for near in 1..=12 {
        for far in near + 1..=12 {
            cables.push_str(&format!("    'shelf-{near}:p-{far}': 'shelf-{far}:p-{near}'\n"));
        }
    }
    let works = works(&format!("
device-types:
  own/meshed: {{ manufacturer: own, model: meshed, role: disk-shelf, is_powered: false, interfaces: [{{ names: p-0..12, type: sff-8088 }}] }}
devices:
  server-1: {{ type: own/server, cards: {{ slot-1: own/hba }} }}
  shelf-1..12: {{ type: own/meshed }}
  far-1: {{ type: own/shelf, drives: {{ bay-1: disk }} }}
hosts: {{ server-1: {{ on: server-1 }} }}
pools: {{ p: {{ kind: zfs, on: host/server-1, vdevs: [{{ stripe: far-1/bay-1 }}] }} }}
cables:
  up: {{ kind: sas, between: {{ 'server-1:sas-1': 'shelf-1:p-0' }} }}
  mesh:
   kind: sas
   between:
{cables}"));
    assert_eq!(works.drives[0].paths, Vec::<Vec<crate::works::PartId>>::new());
    assert!(
        assumed(&works)
            .contains(&"server-1 always reaches the drives of far-1: no cable between them is written down")
    );
}

const CEPH: &str = "
racks: { r-1..2: { height: 10 U } }
devices:
  node-1..3: { type: own/server, at: '(r-1,r-1,r-2)', drives: { d-1..2: disk, n-1: flash } }
hosts: { node-1..3: { on: node-1..3 } }
clusters: { ceph: { kind: ceph, members: node-1..3, osds: ['node-1..3/d-1..2', 'node-1..3/n-1'] } }
";

#[test]
fn ceph_pools_and_their_domains() {
    let check = |pool: &str, counts: [u32; 3], domains: &[usize]| {
        let works = works(&format!("{CEPH}\npools: {{ p: {{ cluster: ceph, {pool} }} }}"));
        let Layout::Ceph(Ceph { copies, min_copies, lost_at, domains: found, .. }) = &works.pools[0].layout
        else {
            panic!("no Ceph pool")
        };
        assert_eq!([*copies, *min_copies, *lost_at], counts, "{pool}");
        let found: Vec<usize> = found.iter().map(Vec::len).collect();
        assert_eq!(found, domains, "{pool}");
    };
    check("kind: ceph-replicated", [3, 2, 3], &[3, 3, 3]);
    check("kind: ceph-replicated, size: 2, device-class: hdd", [2, 1, 2], &[2, 2, 2]);
    check("kind: ceph-replicated, size: 2, min-size: 2, failure-domain: rack", [2, 2, 2], &[6, 3]);
    check("kind: ceph-replicated, failure-domain: osd, device-class: ssd", [3, 2, 3], &[1, 1, 1]);
    check("kind: ceph-erasure, k: 2, m: 1", [3, 2, 2], &[3, 3, 3]);
    check("kind: ceph-erasure, k: 4, m: 2, failure-domain: osd, device-class: hdd", [6, 5, 3], &[1; 6]);
}
