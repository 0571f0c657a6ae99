//! A rehearsal of a lab of four devices, in a real box; what is refused before one is made; what is left when one is killed.

use super::lab::{Lab, Run};
use lab_testkit::left_of_box;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// A switch with a socket for people, two servers of which one needs the other, each on its cable.
fn lab(name: &str) -> Lab {
    let head = format!("lab: {{ name: {name}, domain: home.test }}\n");
    Lab::new(&[
        ("lab.yaml", &head),
        (
            "rest.yaml",
            "
device-types:
  own/switch: { manufacturer: own, model: switch, role: switch, interfaces: [{ names: 1..8, type: 1000base-t }] }
  own/server: { manufacturer: own, model: server, interfaces: [{ name: eth0, type: 1000base-t }] }
devices: { switch-1: { type: own/switch }, server-1..2: { type: own/server } }
hosts: { server-1..2: { on: server-1..2, addresses: { eth0: 10.97.10.11..12/24 } } }
cables: { copper: { kind: cat6, between: { 'switch-1:1..2': 'server-1..2:eth0' } } }
vlans: { people: { id: 10, roles: users } }
ports: { switch-1: { 1..8: people } }
prefixes: { 10.97.10.0/24: { vlan: people } }
zones: { people: { of: people } }
services:
  database: { on: server-1, ports: [5432/tcp], for: household }
  photos: { on: server-2, ports: [8080/tcp], needs: [database], for: household }
",
        ),
    ])
}

#[test]
fn what_would_be_rehearsed_is_told_and_nothing_made() {
    let Run { code, stdout, stderr } = lab("dry").run(&["rehearse", "--dry-run", "--any", "1"]);
    assert_eq!(code, 0, "{stderr}");
    for expect in ["server-1 off", "cable at switch-1:1 cut", "photos, database"] {
        assert!(stdout.contains(expect) || stdout.contains("database, photos"), "no {expect}: {stdout}");
    }
}

#[test]
fn what_fails_can_be_chosen_by_name() {
    let lab = lab("chosen");
    let Run { code, stdout, stderr } =
        lab.run(&["rehearse", "--dry-run", "--fail", "server-1,server-2", "--fail", "switch-1:1"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("2 failures") && stdout.contains("server-1 off, server-2 off"), "{stdout}");
    let Run { code, stderr, .. } = lab.run(&["rehearse", "--dry-run", "--fail", "server-9"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("did you mean"), "{stderr}");
    // A file that is something else is not written over.
    lab.write("notes.txt", "buy milk\n");
    let kept = lab.path().join("notes.txt");
    let Run { code, stderr, .. } = lab.run(&["rehearse", "--keep", kept.to_str().unwrap()]);
    assert_eq!((code, std::fs::read_to_string(&kept).unwrap().as_str()), (2, "buy milk\n"), "{stderr}");
}

#[test]
fn a_list_of_known_differences_needs_reasons() {
    let lab = lab("known");
    let known =
        |entry: &str| lab.write("known.yaml", &format!("rehearse: {{ known: {{ one: {{ {entry} }} }} }}\n"));
    known("fault: device/server-1");
    let Run { code, stdout, .. } = lab.run(&["check"]);
    assert!(code == 3 && stdout.contains("because"), "{stdout}");
    known("fault: device/server-3, because: it is slow");
    let Run { stdout, .. } = lab.run(&["check"]);
    assert!(stdout.contains("known-difference-of-nothing") && stdout.contains("did you mean"), "{stdout}");
    known("fault: device/server-2, because: it is slow");
    assert!(!lab.run(&["check"]).stdout.contains("known-difference-of-nothing"));
    let Run { code, stdout, .. } = lab.run(&["rehearse", "--dry-run"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(lab.run(&["show", "promises"]).stdout.contains("it is slow"));
}

/// Every single failure, really: what needs the database goes with it, and the other way round it does not.
#[test]
fn every_single_failure_is_as_predicted() {
    let lab = lab(&format!("rehearse-{}", std::process::id()));
    let Run { code, stdout, stderr } = lab.run(&["rehearse", "--any", "1", "--format", "json"]);
    if code == 5 {
        // No root, or programs of a box are missing.
        lab_testkit::leave_out(&format!("what a box needs: {stderr}"));
        return;
    }
    assert_eq!(code, 0, "{stderr}\n{stdout}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["agreement"]["refuted"], 0);
    let acts = report["acts"].as_array().unwrap();
    let seen = |fails: &str, question: &str| -> String {
        let act = acts.iter().find(|act| act["fault"]["id"] == fails).unwrap_or_else(|| panic!("no {fails}"));
        let row = act["rows"].as_array().unwrap().iter().find(|row| row["question"] == question).unwrap();
        row["seen"].as_str().unwrap().to_owned()
    };
    assert_eq!(seen("device/server-1", "people: photos"), "down");
    assert_eq!(seen("device/server-1", "people: database"), "down");
    assert_eq!(seen("device/server-2", "people: database"), "up");
    assert_eq!(seen("cable/copper switch-1:1", "people: photos"), "down");
    assert_eq!(left_of_box(&format!("rehearse-{}", std::process::id())), [""; 0], "something is left");
}

/// A rehearsal that is killed leaves a box behind; meanwhile another one is refused; `down` takes everything away, and the next one runs;
/// one that is interrupted takes its box away itself.
#[test]
fn what_is_killed_is_taken_away_and_can_be_done_again() {
    let name = format!("killed-{}", std::process::id());
    let lab = lab(&name);
    let begin = || {
        let mut command = lab.command();
        command.args(["rehearse", "--any", "1"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut first = command.spawn().unwrap();
        let said = BufReader::new(first.stderr.take().unwrap());
        let is_up = said.lines().map_while(Result::ok).any(|line| line.contains("the box is up"));
        (first, is_up)
    };
    let (mut first, is_up) = begin();
    if !is_up {
        lab_testkit::leave_out("what a box needs");
        first.wait().unwrap();
        return;
    }
    let Run { code, stderr, .. } = lab.run(&["rehearse", "--any", "1"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(stderr.contains("is up already"), "{stderr}");
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!left_of_box(&name).is_empty(), "it was killed while its box was up");
    let Run { code, stderr, .. } = lab.run(&["down", "--box", &name]);
    assert_eq!((code, left_of_box(&name)), (0, Vec::new()), "{stderr}");

    let (mut second, is_up) = begin();
    assert!(is_up, "the second does not come up");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(second.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let code = second.wait().unwrap().code();
    assert_eq!((code, left_of_box(&name)), (Some(130), Vec::new()));
}
