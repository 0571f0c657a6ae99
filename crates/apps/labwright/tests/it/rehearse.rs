//! A rehearsal of a lab of four devices, in a real box; and what is refused before one is made.

use super::lab::{Lab, Run};

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
fn a_list_of_known_differences_needs_reasons() {
    let lab = lab("known");
    lab.write("rehearse-known.yaml", "- fault: x\n");
    let Run { code, stderr, .. } = lab.run(&["rehearse", "--dry-run"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("line 1: a difference that is lived with needs a reason"), "{stderr}");
    // It is no part of the lab's description.
    assert_eq!(lab.run(&["check"]).code, 0);
}

/// Every single failure, really: what needs the database goes with it, and the other way round it does not.
#[test]
fn every_single_failure_is_as_predicted() {
    let lab = lab(&format!("rehearse-{}", std::process::id()));
    let Run { code, stdout, stderr } = lab.run(&["rehearse", "--any", "1", "--format", "json"]);
    if code == 5 {
        // No root, or programs of a box are missing.
        println!("skipped: needs what a box needs: {stderr}");
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
    let left = std::fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let own = format!("rehearse-{}", std::process::id());
    assert!(
        !left.into_iter().any(|entry| entry.file_name().to_string_lossy().contains(&own)),
        "namespaces are left"
    );
}
