//! The labs of this repository, laid out: facts that their owners would recognise, and tables that hold together.

use lab_predict::forecast::tables;
use lab_predict::works::{Holder, Layout, PartId, Pool, PowerPoint, Source, Unit, Works};
use std::collections::BTreeSet;
use std::path::Path;

/// All labs of this repository.
pub(crate) const LABS: [&str; 5] = ["home-ops", "infra-mk3", "jlh-h5b", "ocean", "starter"];

/// The files of `labs/NAME`, without its overlays and the list of what rehearsals are known to find, which is no part of the lab.
pub(crate) fn lab_files(name: &str) -> Vec<lab_source::Input> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs").join(name);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&root).expect("the lab is there") {
        let path = entry.expect("a folder lists").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            files.push(lab_source::Input { name, bytes: std::fs::read(&path).expect("a file reads") });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Reads the lab in `labs/NAME` and lays it out as of 2026-06-01.
pub(crate) fn works(name: &str) -> Works {
    let files = lab_files(name);
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    tables(&reading.lab, jiff::civil::date(2026, 6, 1))
}

fn unit<'w>(works: &'w Works, label: &str) -> &'w Unit {
    works.units.iter().find(|unit| unit.label == label).expect("there is one")
}

fn pool<'w>(works: &'w Works, label: &str) -> &'w Pool {
    works.pools.iter().find(|pool| pool.label == label).expect("there is one")
}

fn names(works: &Works, parts: &[PartId]) -> Vec<String> {
    parts.iter().map(|&part| works[part].name.clone()).collect()
}

/// The units and the point above each supply: `psu-1: pdu-1, ups-1 (battery), circuit-1`.
fn above(works: &Works, label: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for supply in &unit(works, label).supplies {
        let (mut way, mut source) = (Vec::new(), supply.source);
        loop {
            match source {
                Source::Outlet { unit, on_battery, .. } => {
                    way.push(format!("{}{}", works[unit].label, if on_battery { " (battery)" } else { "" }));
                    source = works[unit].supplies[0].source;
                    continue;
                }
                Source::Poe(unit) => way.push(format!("{} (PoE)", works[unit].label)),
                Source::Point(point) => way.push(works[point].label.clone()),
                Source::Unknown => way.push("?".to_owned()),
            }
            break;
        }
        lines.push(format!("{}: {}", supply.label, way.join(", ")));
    }
    lines
}

#[test]
fn starter_has_two_ways_for_power_and_one_pool() {
    let works = works("starter");
    for label in ["node-1", "nas-1", "router-2", "switch-1"] {
        assert_eq!(
            above(&works, label),
            ["psu-1: pdu-1, ups-1 (battery), circuit-1", "psu-2: pdu-2, circuit-2"],
            "{label}"
        );
        assert_eq!(unit(&works, label).supplies_needed, 1);
    }
    assert_eq!(above(&works, "modem-1"), ["psu: pdu-1, ups-1 (battery), circuit-1"]);
    assert_eq!(above(&works, "ap-1"), ["PoE from switch-1:8: switch-1 (PoE)"]);
    assert_eq!(names(&works, &unit(&works, "ap-1").supplies[0].fails), ["cable/in-the-wall switch-1:8"]);
    assert_eq!(names(&works, &unit(&works, "node-1").fails), ["device/node-1", "room/lab-room"]);
    let from: Vec<&PowerPoint> = works.points[1].from.iter().map(|&point| &works[point]).collect();
    assert_eq!((from.len(), &*from[0].label), (1, "grid"));
    let Layout::Groups(groups) = &pool(&works, "tank").layout else { panic!("tank has groups") };
    assert_eq!((groups.len(), groups[0].drives.len(), groups[0].tolerates), (1, 6, 2));
    assert_eq!(names(&works, &works[groups[0].drives[0]].paths[0]), ["device/nas-1 slot-1"]);
    assert!(matches!(pool(&works, "tank").holder, Some(Holder::Machine(_))));
    assert_eq!(works.data.len(), 8);
    assert!(works.data.iter().all(|data| data.pools.len() == 1 && data.pools_needed == 1));
}

#[test]
fn infra_mk3_hangs_on_one_strip_and_has_two_ways_to_its_shelf() {
    let works = works("infra-mk3");
    assert_eq!(
        above(&works, "r730xd-01"),
        ["psu-1: pdu-01, ups-01 (battery), circuit-1", "psu-2: pdu-01, ups-01 (battery), circuit-1"]
    );
    let shelf: Vec<_> =
        works.drives.iter().filter(|drive| drive.label.starts_with("disk-shelf-01/")).collect();
    assert_eq!(shelf.len(), 8);
    for drive in shelf {
        let paths: Vec<_> = drive.paths.iter().map(|path| names(&works, path)).collect();
        let way = |port: &str, module: &str| {
            vec![
                "device/r730xd-01 pcie-1".to_owned(),
                format!("cable/shelf r730xd-01:{port}"),
                format!("device/disk-shelf-01 {module}"),
            ]
        };
        assert_eq!(paths, [way("sas-1", "iom-a"), way("sas-2", "iom-b")]);
    }
    assert!(!works.drives.iter().any(|drive| drive.label.starts_with("tape-library")), "tapes are no drives");
    assert!(!works.units.iter().any(|unit| unit.label == "ms01-4"), "a planned node is not there");
    for (label, lost_at) in [("ssd-replicated-3x", 3), ("ssd-replicated-object", 2)] {
        let Layout::Ceph(ceph) = &pool(&works, label).layout else { panic!("{label} is of Ceph") };
        assert_eq!((ceph.copies, ceph.min_copies, ceph.lost_at, ceph.domains.len()), (3, 2, lost_at, 3));
    }
    let data = |label: &str| works.data.iter().find(|data| data.label == label).expect("there is one");
    let needed = |label: &str| (data(label).pools.len(), data(label).pools_needed);
    assert_eq!(needed("vaultwarden-postgres-data"), (3, 2), "two copies on three nodes");
    assert_eq!(needed("rabbitmq-data"), (3, 3), "one copy on nobody knows which");
}

#[test]
fn home_ops_has_three_hosts_of_four_drives() {
    let works = works("home-ops");
    for label in ["ceph-vm", "ceph-ssd", "ceph-fs"] {
        let Layout::Ceph(ceph) = &pool(&works, label).layout else { panic!("{label} is of Ceph") };
        let sizes: Vec<usize> = ceph.domains.iter().map(Vec::len).collect();
        assert_eq!(sizes, [4, 4, 4]);
        assert_eq!((ceph.copies, ceph.min_copies, ceph.lost_at), (3, 2, 3));
    }
    assert_eq!(pool(&works, "unraid").layout, Layout::Unknown);
    assert!(
        works
            .assumed
            .iter()
            .any(|assumed| assumed.what == "pxmx1 is always powered: nothing says what feeds it")
    );
}

#[test]
fn ocean_keeps_everything_on_one_group() {
    let works = works("ocean");
    let Layout::Groups(groups) = &pool(&works, "data01").layout else { panic!("data01 has groups") };
    assert_eq!((groups.len(), groups[0].drives.len(), groups[0].tolerates), (1, 8, 2));
    assert!(unit(&works, "ups").battery.as_ref().is_some_and(|battery| battery.watt_hours.is_none()));
}

#[test]
fn the_tables_hold_together() {
    for name in ["starter", "infra-mk3", "home-ops", "jlh-h5b", "ocean"] {
        let works = works(name);
        let unique: BTreeSet<&str> = works.parts.iter().map(|part| &*part.name).collect();
        assert_eq!(unique.len(), works.parts.len(), "{name}: parts have names of their own");
        for part in &works.parts {
            assert!(part.unavailability().is_some_and(|share| (0.0..0.2).contains(&share)), "{part:?}");
        }
        for unit in &works.units {
            let supplies = u32::try_from(unit.supplies.len()).expect("few");
            assert!(unit.supplies_needed <= supplies.max(1), "{unit:?}");
            assert_eq!(unit.supplies_needed == 0, supplies == 0, "{unit:?}");
            let used = unit.supplies.iter().flat_map(|supply| &supply.fails).chain(&unit.fails);
            assert!(used.map(|part| part.index()).all(|part| part < works.parts.len()), "{unit:?}");
        }
        for drive in &works.drives {
            assert!(drive.paths.iter().all(|path| !path.is_empty()), "{drive:?}");
            assert_eq!(drive.label.split('/').next(), Some(&*works[drive.unit].label));
        }
        for data in &works.data {
            assert!(data.pools_needed as usize <= data.pools.len(), "{data:?}");
        }
    }
}
