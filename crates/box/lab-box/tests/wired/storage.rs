//! Pools of real ZFS whose disks go, one by one until there are too few, and come back; each state beside what is predicted for it.

use crate::set_up::{PATIENCE, Stand, planned};
use lab_box::faults::Act;
use lab_box::{PoolNow, disk_program, pools_now};
use lab_predict::answers::{Forecast, parts_named};
use lab_predict::simulate::{Keeping, simulate};
use std::time::Instant;

fn lab(vdev: &str) -> String {
    let (vdev, log) = vdev.split_once("; ").unwrap_or((vdev, ""));
    let log = if log.is_empty() { String::new() } else { format!(", {log}") };
    format!(
        "
lab: {{ name: storage }}
prefixes: {{ 10.0.10.0/24: {{}} }}
devices:
  switch: {{ role: switch, interfaces: {{ p1: 1000base-t }} }}
  nas: {{ role: server, interfaces: {{ eth0: 1000base-t }}, drives: {{ bay-1..4: {{}} }} }}
cables: {{ lan: {{ kind: cat6, between: {{ 'switch:p1': 'nas:eth0' }} }} }}
hosts: {{ store: {{ on: nas, addresses: {{ eth0: 10.0.10.11/24 }} }} }}
pools: {{ tank: {{ kind: zfs, on: store, vdevs: [{{ {vdev} }}]{log} }} }}
"
    )
}

fn now(stand: &Stand) -> PoolNow {
    let all = pools_now(stand.dirs(), &stand.id).unwrap();
    assert_eq!((all.len(), &*all[0].0, &*all[0].1), (1, "store", "tank"));
    all.into_iter().next().unwrap().2
}

fn fail(bay: &&str) -> Act {
    Act::ProcessKilled { node: "store".into(), program: disk_program("nas", bay) }
}

/// Takes the drives in `bays` away, each time one more, and judges the prediction by what the pool does.
#[expect(clippy::print_stderr, reason = "what was seen, for whoever reads the log")]
fn check(name: &str, vdev: &str, bays: &[&str]) {
    let (reading, plan) = planned(&lab(vdev));
    let forecast = Forecast::new(&reading.lab, jiff::civil::date(2026, 1, 1), 1).unwrap();
    let Some(stand) = Stand::up(name, plan) else { return };
    for n_gone in 0..=bays.len() {
        let gone = &bays[..n_gone];
        let parts = gone.iter().flat_map(|bay| parts_named(&forecast, &format!("nas/{bay}")).unwrap());
        let predicted = simulate(&forecast.works, &parts.collect::<Vec<_>>()).pools[0];
        stand.inject(&gone.iter().map(fail).collect::<Vec<_>>());
        let mut seen = now(&stand);
        let serves = predicted == Keeping::Serving;
        // A look at the pool is enough for ZFS to notice a disk that is missed and not needed.
        assert!(
            !serves || seen.health == if n_gone > 0 { "DEGRADED" } else { "ONLINE" },
            "without {gone:?}: {seen:?}"
        );
        // One that is needed it finds out about by what it cannot write, which is five seconds later at most.
        let begin = Instant::now();
        while !serves && seen.writes {
            assert!(begin.elapsed() < PATIENCE, "without {gone:?}: {seen:?}");
            seen = now(&stand);
        }
        eprintln!("{vdev} without {gone:?}: {seen:?}, predicted {predicted:?}");
        assert_eq!(seen.reads && seen.writes, serves, "without {gone:?}");
        if predicted == Keeping::Lost {
            // The same drives are back: nothing is lost yet. New ones in their place: everything is.
            heal(&stand, true);
            stand.inject(&gone.iter().map(fail).collect::<Vec<_>>());
            for bay in gone {
                let kept = format!("{}/n/store/disks/kept/{}", stand.id, disk_program("nas", bay));
                std::fs::remove_file(stand.dirs().state.join(kept)).unwrap();
            }
        }
        heal(&stand, serves);
    }
    let removed = stand.down();
    assert!(removed.processes > bays.len(), "{removed:?}");
}

#[expect(clippy::print_stderr, reason = "what was seen, for whoever reads the log")]
fn heal(stand: &Stand, is_whole: bool) {
    stand.heal_all();
    let seen = now(stand);
    eprintln!("healed: {seen:?}");
    assert_eq!(seen.reads && seen.writes, is_whole, "{seen:?}");
}

#[test]
fn a_mirror_outlives_one_disk_as_predicted() {
    check("mirror", "mirror: bay-1..2", &["bay-1", "bay-2"]);
}

#[test]
fn a_raidz_outlives_one_disk_as_predicted() {
    check("raidz", "raidz1: bay-1..3", &["bay-2", "bay-3"]);
}

/// What is confirmed goes to the log, and what is read is in memory: that the disks are gone shows all the same.
#[test]
fn a_log_of_its_own_does_not_hide_that_too_few_disks_are_left() {
    check("log", "mirror: bay-1..2; log: { stripe: bay-4 }", &["bay-1", "bay-2"]);
}
