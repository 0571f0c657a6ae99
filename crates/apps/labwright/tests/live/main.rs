//! Rehearsals in real boxes: a few failures of `labs/starter` are as predicted, and a description that is wrong about the wiring is found out.
//!
//! Needs root and the packages of a wired box; says "skipped: needs ..." without them. Under a minute each.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

use lab_box::{BoxDirs, Interrupt, Options, UpError, down, up_wired};
use lab_model::Reading;
use lab_predict::answers::{Forecast, parts_named};
use lab_rehearse::{Choice, From, Memory, Outcome, Places, Script, Stage, Vector, Wanted, Wired};
use lab_rehearse::{choose, rehearse, report, spare_ports, vector};
use lab_testkit::left_of_box;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The program under test, which also plays the stand-ins.
const PROGRAM: &str = env!("CARGO_BIN_EXE_labwright");

#[test]
fn a_few_failures_of_the_starter_lab_are_as_predicted() {
    let name = format!("starter-{}", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs/starter");
    for entry in std::fs::read_dir(labs).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            // A name of its own, so that a box of the lab itself is not in the way.
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("  name: starter\n", &format!("  name: {name}\n"));
            std::fs::write(folder.path().join(entry.file_name()), text).unwrap();
        }
    }
    let failures = ["--fail", "router-1", "--fail", "node-1", "--fail", "switch-1:1"];
    let mut command = Command::new(PROGRAM);
    command.arg("rehearse").arg(folder.path()).args(failures).args(["--format", "json"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(5) {
        return lab_testkit::leave_out(&format!("what a box needs: {told}"));
    }
    assert_eq!(output.status.code(), Some(0), "{told}\n{said}");
    assert!(told.contains("router-1 fails"), "{told}");
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((report["lab"].as_str(), report["agreement"]["refuted"].as_u64()), (Some(&*name), Some(0)));
    assert!(report["agreement"]["confirmed"].as_u64().unwrap() > 0, "{told}");
    let acts = report["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 4, "all well, and three failures");
    assert!(acts[1..].iter().all(|act| !act["changes"].as_array().unwrap().is_empty()), "nobody noticed");
    assert_eq!(left_of_box(&name), [""; 0], "something of the box is left");
}

/// People at an access point behind one switch, a server at the other, and two cables between the switches, of which the second may be only on paper.
fn building(name: &str, has_second: bool) -> Reading {
    let (second, ports) = match has_second {
        true => (", 'switch-1:8': 'switch-2:8'", "1: people, 7..8: people"),
        false => ("", "1: people, 7: people"),
    };
    let text = format!(
        "
lab: {{ name: {name}, domain: home.test }}
device-types:
  own/switch: {{ manufacturer: own, model: switch, role: switch, interfaces: [{{ names: 1..8, type: 1000base-t }}] }}
  own/server: {{ manufacturer: own, model: server, interfaces: [{{ name: eth0, type: 1000base-t }}] }}
  own/ap: {{ manufacturer: own, model: ap, role: access-point, interfaces: [{{ name: eth0, type: 1000base-t }}] }}
devices: {{ switch-1..2: {{ type: own/switch }}, ap-1: {{ type: own/ap }}, server-1: {{ type: own/server }} }}
hosts: {{ server-1: {{ on: server-1, addresses: {{ eth0: 10.98.10.11/24 }} }} }}
cables: {{ copper: {{ kind: cat6, between: {{ 'switch-1:1': 'server-1:eth0', 'switch-2:1': 'ap-1:eth0', 'switch-1:7': 'switch-2:7'{second} }} }} }}
vlans: {{ people: {{ id: 10, roles: users }} }}
ports: {{ switch-1: {{ {ports} }}, switch-2: {{ 1..8: people }} }}
prefixes: {{ 10.98.10.0/24: {{ vlan: people }} }}
zones: {{ people: {{ of: people }} }}
services: {{ photos: {{ on: server-1, ports: [8080/tcp], for: household }} }}
"
    );
    read(text)
}

fn read(text: String) -> Reading {
    let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: text.into_bytes() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    let errors = reading.diagnostics.iter().filter(|found| found.severity == lab_source::Severity::Error);
    assert_eq!(errors.count(), 0, "{:#?}", reading.diagnostics);
    reading
}

/// What came of one failure in a box wired as `truth` says, beside the predictions for what is `described`.
struct Rehearsed {
    vector: Vector,
    choice: Choice,
    outcome: Outcome,
}

fn rehearsed(described: &Reading, truth: &Reading, fails: &[&str], dirs: &BoxDirs) -> Option<Rehearsed> {
    let options = Options { dirs: dirs.clone(), ..Options::of_user() };
    let lab = &described.lab;
    let forecast = Forecast::new(lab, jiff::civil::date(2026, 1, 1), 2).unwrap();
    let works = &forecast.works;
    let (plan, _) = lab_box::project_wired(&truth.lab);
    let mut wired = Wired::new(lab, works, plan, dirs.clone(), false);
    let given = wired.given();
    let of = |thing| given.get(&lab.subject(thing)).cloned().unwrap_or_default();
    let policy = lab_reach::compile(lab);
    let spare = spare_ports(&policy);
    let (outside, programs) = (wired.outside(), wired.programs());
    let places = Places { lab, works, given: &of, outside, spare, policy: &policy, programs: &programs };
    let is_there = |from: From| !wired.seats(from).is_empty();
    let vector = vector(&places, &policy, &is_there, &|at| wired.seat_addresses(at));
    let parts =
        |names: &&str| names.split(',').flat_map(|name| parts_named(&forecast, name).unwrap()).collect();
    let wanted = Wanted::These(fails.iter().map(parts).collect());
    let choice = choose(&forecast, &wanted, &wired);
    let missing = wired.plan.missing_software();
    if !missing.is_empty() {
        lab_testkit::leave_out(&format!("{missing:?}"));
        return None;
    }
    match up_wired(&wired.plan, &options, &mut |_| {}) {
        Ok(_) => {}
        Err(UpError::Missing(missing)) => {
            lab_testkit::leave_out(&format!("{missing:?}"));
            return None;
        }
        Err(UpError::Net(why)) => {
            lab_testkit::leave_out(&format!("{why}"));
            return None;
        }
        Err(error) => panic!("the box does not come up: {error}"),
    }
    let mut troupe = wired.cast(&places, Path::new(PROGRAM), &dirs.guests(&wired.plan.id)).unwrap();
    let script =
        Script { places: &places, vector: &vector, choice: &choice, known: &[], program: Path::new(PROGRAM) };
    let mut memory = Memory::new(&wired.plan);
    let interrupt: Interrupt = options.interrupt.clone();
    let outcome = rehearse(&mut wired, (&mut troupe, &mut memory), &script, &interrupt, &mut |_| {}).unwrap();
    drop(troupe);
    Some(Rehearsed { vector, choice, outcome })
}

/// The second cable between two switches was described and never plugged in. All is well until the first fails; then reality differs, and the report
/// says for which failure, and what.
#[test]
fn a_cable_that_is_only_on_paper_is_found_out() {
    let name = format!("paper{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
    let described = building(&name, true);
    let truth = building(&name, false);
    let result = rehearsed(&described, &truth, &["switch-1:7"], &dirs);
    down(&dirs, &name).unwrap();
    assert_eq!(left_of_box(&name), [""; 0], "something of the box is left");
    let Some(Rehearsed { vector, choice, outcome }) = result else { return };
    let report = report::Report {
        lab: &name,
        day: "2026-01-01",
        vector: &vector,
        choice: &choice,
        outcome: &outcome,
        stand_ins: &[],
        missing: &[],
    };
    assert!(!report.is_agreed());
    let json = report::json(&report);
    let refuted = |act: &Value| -> Vec<(String, String)> {
        let rows = act["rows"].as_array().unwrap().iter().filter(|row| row["verdict"] == "refuted");
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        rows.map(|row| (text(row, "question"), text(row, "why"))).collect()
    };
    let acts = json["acts"].as_array().unwrap();
    assert_eq!(refuted(&acts[0]), [], "while nothing has failed, all is as described");
    assert_eq!(acts[1]["fault"]["id"], "cable/copper switch-1:7");
    let expect = ("people: photos".to_owned(), "predicted up, seen down".to_owned());
    assert_eq!(refuted(&acts[1]), [expect]);
    let page = lab_rehearse::page::render(&report);
    for words in
        ["Refuted", "the cable from switch-1:7 to switch-2:7", "people: photos", "predicted up, seen down"]
    {
        assert!(page.contains(words), "no {words} in the page");
    }
    if let Ok(path) = std::env::var("LABWRIGHT_REFUTED_PAGE") {
        std::fs::write(path, page).unwrap();
    }
}

/// A shop of nginx that needs a database of PostgreSQL and photos on a mirror of ZFS, and a store of etcd on three machines.
fn shop(name: &str) -> Reading {
    read(format!(
        "
lab: {{ name: {name}, domain: home.test }}
device-types:
  own/switch: {{ manufacturer: own, model: switch, role: switch, interfaces: [{{ names: 1..8, type: 1000base-t }}] }}
  own/server:
    {{ manufacturer: own, model: server, interfaces: [{{ name: eth0, type: 1000base-t }}], drive-bays: [{{ names: bay-1..2 }}] }}
  own/ap: {{ manufacturer: own, model: ap, role: access-point, interfaces: [{{ name: eth0, type: 1000base-t }}] }}
drive-types: {{ own/disk: {{ kind: hdd, interface: sata, capacity: 1 TB }} }}
devices:
  switch-1: {{ type: own/switch }}
  ap-1: {{ type: own/ap }}
  server-1..2: {{ type: own/server }}
  server-3: {{ type: own/server, drives: {{ bay-1..2: own/disk }} }}
hosts: {{ node-1..3: {{ on: server-1..3, addresses: {{ eth0: 10.97.10.11..13/24 }} }} }}
cables: {{ copper: {{ kind: cat6, between: {{ 'switch-1:1..3': 'server-1..3:eth0', 'switch-1:4': 'ap-1:eth0' }} }} }}
vlans: {{ people: {{ id: 10, roles: users }} }}
ports: {{ switch-1: {{ 1..8: people }} }}
prefixes: {{ 10.97.10.0/24: {{ vlan: people }} }}
zones: {{ people: {{ of: people }} }}
pools: {{ tank: {{ kind: zfs, on: node-3, vdevs: [{{ mirror: bay-1..2 }}] }} }}
datasets: {{ photos: {{ pool: tank, importance: important, shares: [nfs] }} }}
services:
  orders: {{ on: node-1, software: PostgreSQL 15, for: household }}
  shop: {{ on: node-2, software: nginx, ports: [8080/tcp], needs: [orders, dataset/photos], for: household }}
  kv: {{ on: [node-1, node-2, node-3], software: etcd, replicas: 3, quorum: 2, for: household }}
  mail: {{ on: node-2, software: exim, ports: [25/tcp], for: household }}
"
    ))
}

/// Programs themselves are asked, each in its own protocol, also for what others need; etcd decides about its quorum, and ZFS about its disks.
#[test]
fn real_programs_and_disks_do_what_is_predicted() {
    let name = format!("shop{}", std::process::id());
    let root = tempfile::tempdir().unwrap();
    let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
    let lab = shop(&name);
    let failures = ["node-1", "server-3/bay-1", "server-3/bay-1,server-3/bay-2"];
    let result = rehearsed(&lab, &lab, &failures, &dirs);
    down(&dirs, &name).unwrap();
    assert_eq!(left_of_box(&name), [""; 0], "something of the box is left");
    let Some(Rehearsed { vector, choice, outcome }) = result else { return };
    let asked: Vec<(String, Option<&str>)> =
        vector.probes.iter().map(|probe| (probe.id(), probe.by.as_deref().map(first_word))).collect();
    let real =
        ["people: orders", "people: shop", "people: kv", "people: mail", "node-3: tank reads and writes"];
    let by = ["postgresql", "nginx", "etcd", "stand-in", "ZFS"];
    assert_eq!(asked, real.map(str::to_owned).into_iter().zip(by.map(Some)).collect::<Vec<_>>());
    assert_eq!(choice.refused.len(), 0, "{:?}", choice.refused);
    let seen =
        |act: usize| -> Vec<Option<bool>> { outcome.acts[act].rows.iter().map(|row| row.seen.up).collect() };
    let [up, down] = [Some(true), Some(false)];
    let told = format!("{:#?}", outcome.acts);
    assert_eq!(seen(0), [up; 5], "{told}");
    // nginx itself runs on: its database is gone. Two of three members of etcd decide.
    assert_eq!(seen(1), [down, down, up, up, up], "{told}");
    assert_eq!(seen(2), [up; 5], "{told}");
    assert_eq!(seen(3), [up, down, up, up, down], "{told}");
    assert!(outcome.acts[1..].iter().all(|act| act.healed.is_some()), "{told}");
    let rows = outcome.acts.iter().flat_map(|act| &act.rows);
    let refuted = rows.filter(|row| matches!(row.verdict, lab_rehearse::Verdict::Refuted(_)));
    assert_eq!(refuted.count(), 0, "{told}");
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}
