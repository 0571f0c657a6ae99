//! Changes that are proposed: on a small lab word for word, on the labs of this repository by doing what is printed.

use super::*;
use lab_source::Input;
use std::path::Path;

fn read(files: Vec<Input>, overlays: &[&str]) -> Reading {
    let overlays = overlays.iter().map(|name| (*name).to_owned()).collect();
    lab_model::read(lab_model::Input { files, overlays, types: &() })
}

fn forecast(reading: &Reading) -> Forecast<'_> {
    let texts = Texts { files: &reading.files, types: &() };
    let today = jiff::civil::date(2026, 6, 1);
    Forecast::new(&reading.lab, today, 2).expect("pairs are computed").with_texts(texts)
}

fn input(name: &str, text: &str) -> Input {
    Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// The files of `labs/NAME`, without its overlays and what is no part of the lab.
fn lab_of_repository(name: &str) -> Vec<Input> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs").join(name);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&root).expect("the lab is there") {
        let path = entry.expect("a folder lists").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            files.push(Input { name, bytes: std::fs::read(&path).expect("a file reads") });
        }
    }
    files
}

/// Does what is printed, as a user would: a file below `overlays/`, the lab read anew with it.
fn check_lab(name: &str) {
    let files = lab_of_repository(name);
    let reading = read(files.clone(), &[]);
    let before = forecast(&reading);
    let fixes = fix(&before).expect("the texts are there");
    assert!(!fixes.fixes.is_empty(), "{name}: nothing to gain");
    let n_found: usize = fixes.fixes.iter().map(|fix| 1 + fix.n_alternatives).sum();
    assert_eq!(n_found + fixes.n_useless + fixes.n_refused, fixes.n_tried, "{name}");
    let numbers = Numbers::of(&before);
    let sets = Sets::of(&before, &numbers);
    let today = before.today;
    let known = lab_check::check(&reading.lab, today).findings;
    for fix in &fixes.fixes {
        let mut changed = files.clone();
        changed.push(input("overlays/fix/fix.yaml", &fix.yaml));
        let changed = read(changed, &["fix"]);
        assert!(!changed.has_errors(), "{name}, {}: {:?}", fix.what, changed.diagnostics);
        let after = forecast(&changed);
        let effect = sets.compared_with(&Sets::of(&after, &numbers), &before, &after);
        assert_eq!(format!("{effect:?}"), format!("{:?}", fix.effect), "{name}, {}", fix.what);
        for finding in lab_check::check(&changed.lab, today).findings {
            let is_new =
                !known.iter().any(|known| (known.code, &known.message) == (finding.code, &finding.message));
            let is_error = finding.severity == Severity::Error;
            assert!(!is_new || !is_error, "{name}, {}: {}", fix.what, finding.message);
        }
    }
}

#[test]
fn what_is_printed_does_what_was_said_in_the_starter() {
    check_lab("starter");
}

#[test]
fn what_is_printed_does_what_was_said_in_infra_mk3() {
    check_lab("infra-mk3");
}

#[test]
fn what_is_printed_does_what_was_said_in_the_others() {
    for name in ["home-ops", "ocean", "jlh-h5b"] {
        check_lab(name);
    }
}

const SMALL: &str = "\
lab: { name: small, voltage: 230 V }
power:
  grid: { kind: utility }
  circuit-1..2: { from: grid, breaker: 16 A }
devices:
  ups: { type: generic/ups-1500va, inlets: { in: circuit-1 } }
  strip: { type: generic/pdu-8, inlets: { in: 'ups:1' } }
  server: { type: generic/server-1u, inlets: { psu-1: 'strip:1', psu-2: 'strip:2' } }
hosts:
  server: { on: server }
services:
  wiki: { on: server, for: household }
";

#[track_caller]
fn check(text: &str, expect: &[(&str, &str, Cost)]) {
    let reading = read(vec![input("lab.yaml", text)], &[]);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let fixes = fix(&forecast(&reading)).expect("the texts are there");
    let told: Vec<(&str, &str, Cost)> =
        fixes.fixes.iter().map(|fix| (fix.what.as_str(), fix.yaml.as_str(), fix.cost.clone())).collect();
    assert_eq!(told, expect);
}

#[test]
fn one_of_two_plugs_in_one_strip_goes_past_it() {
    let reading = read(vec![input("lab.yaml", SMALL)], &[]);
    let fixes = fix(&forecast(&reading)).expect("the texts are there");
    let first = &fixes.fixes[0];
    assert_eq!(first.what, "plug psu-1 of server into ups:2 instead of strip:1");
    assert_eq!(first.cost, Cost::Free);
    assert_eq!(first.yaml, "devices:\n  server:\n    inlets:\n      psu-1: ups:2\n");
    assert_eq!(first.place, Some(("lab.yaml".to_owned(), 8)));
    let gone = ("strip, the cord of strip at in".to_owned(), "gone: wiki".to_owned());
    assert_eq!(first.effect.removed, [gone]);
    assert_eq!((first.effect.n_removed, first.effect.n_brought), (2, 0));
}

#[test]
fn nothing_leaves_its_battery_and_full_strips_take_no_plug() {
    // The server has one plug, the battery supply has no outlet left, and the other circuit would be past the battery.
    let text = "\
power:
  grid: { kind: utility }
  circuit-1..2: { from: grid }
devices:
  ups: { type: small-ups, inlets: { in: circuit-1 } }
  server: { role: server, inlets: { psu: { from: 'ups:1', connector: C14 } } }
device-types:
  small-ups:
    manufacturer: own
    model: one outlet
    role: ups
    u_height: 0
    power-ports: [{ name: in, type: iec-60320-c14 }]
    power-outlets: [{ name: '1', type: iec-60320-c13, power_port: in }]
    battery: { capacity: 100 Wh }
hosts: { server: { on: server } }
services: { wiki: { on: server, for: household } }
";
    let yaml = "\
devices:
  server:
    inlets:
      psu:
        from: transfer-switch-1
  transfer-switch-1:
    role: transfer-switch
    inlets:
      a: ups:1
      b: circuit-2
";
    check(
        text,
        &[("an automatic transfer switch before server, fed by ups:1 and circuit-2", yaml, Cost::NotKnown)],
    );
}

#[test]
fn plugs_of_one_entry_go_together() {
    let text = SMALL
        .replace(
            "  server: { type: generic/server-1u, inlets: { psu-1: 'strip:1', psu-2: 'strip:2' } }",
            "  server-1..2: { role: server, inlets: { psu: { from: 'strip:1..2', connector: C14 } } }",
        )
        .replace("server: { on: server }", "server-1..2: { on: server-1..2 }")
        .replace("on: server,", "on: server-1..2, replicas: 2,");
    let reading = read(vec![input("lab.yaml", &text)], &[]);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let fixes = fix(&forecast(&reading)).expect("the texts are there");
    let first = &fixes.fixes[0];
    assert_eq!(first.what, "plug psu of server-1..2 into ups");
    assert!(first.yaml.ends_with("from: (ups:2,ups:3)\n"), "{}", first.yaml);
    assert!(!fixes.fixes[1..].iter().any(|fix| fix.what.starts_with("plug psu of server-1 ")));
}

#[test]
fn a_database_that_copies_itself_gets_a_second_instance() {
    let text = "\
devices:
  node-1..3: { role: server, interfaces: { eth0: 1000base-t }, drives: { d: own/disk } }
drive-types: { own/disk: { kind: ssd } }
hosts: { node-1..3: { on: node-1..3 } }
clusters: { k8s: { kind: kubernetes, members: node-1..3 } }
pools: { local-1..3: { kind: zfs, on: node-1..3, vdevs: [{ stripe: 'node-1..3/d' }] } }
storage-classes: { local: { cluster: k8s, mode: local, pools: [local-1, local-2, local-3] } }
volumes: { sql-data: { on: local, service: sql, database: true } }
services: { sql: { on: k8s, roles: [database], for: household } }
";
    let yaml = "services:\n  sql:\n    replicas: 2\nvolumes:\n  sql-data:\n    copies: 2\n";
    check(text, &[("two instances of sql, each with a copy of sql-data", yaml, Cost::Free)]);
}

/// What is proposed first, with its lines.
#[track_caller]
fn check_first(text: &str, what: &str, yaml: &str) {
    let reading = read(vec![input("lab.yaml", text)], &[]);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let fixes = fix(&forecast(&reading)).expect("the texts are there");
    let told: Vec<(&str, &str)> =
        fixes.fixes.iter().map(|fix| (fix.what.as_str(), fix.yaml.as_str())).collect();
    assert_eq!(told.first(), Some(&(what, yaml)), "{told:?}");
}

#[test]
fn instances_that_may_share_a_host_are_spread() {
    let text = "\
devices: { node-1..2: { role: server } }
hosts: { node-1..2: { on: node-1..2 } }
clusters: { docker: { kind: containers, members: node-1..2 } }
services: { wiki: { on: docker, replicas: 2, spread: anywhere, for: household } }
";
    let yaml = "services:\n  wiki:\n    spread: host\n";
    check_first(text, "keep the 2 instances of wiki on different hosts", yaml);
}

#[test]
fn a_virtual_machine_leaves_the_host_of_the_one_that_stands_in_for_it() {
    let text = "\
devices: { node-1..2: { role: server } }
hosts: { node-1..2: { on: node-1..2 } }
vms: { names-1: { on: node-1 }, names-2: { on: node-1 }, other: { on: node-2 } }
services: { names: { on: [names-1, names-2], for: household } }
";
    let yaml = "vms:\n  names-2:\n    on: host/node-2\n";
    check_first(text, "move names-2 to node-2, away from names-1", yaml);
}

#[test]
fn two_votes_get_a_third() {
    let text = "\
devices: { node-1..2: { role: server }, nas: { role: server } }
hosts: { node-1..2: { on: node-1..2 }, nas: { on: nas } }
clusters: { pve: { kind: proxmox, members: node-1..2, restarts-elsewhere: true } }
vms: { web: { on: cluster/pve } }
services: { wiki: { on: vm/web, for: household } }
";
    let yaml = "\
clusters:
  pve:
    members: [host/node-1, host/node-2, host/nas]
    workers: [host/node-1, host/node-2]
    members-work: false
";
    check_first(text, "a QDevice for pve on nas: either of two may then be gone", yaml);
}

#[test]
fn data_without_a_copy_gets_one_where_others_have_theirs() {
    let text = "\
devices:
  nas-1..2: { role: nas, drives: { 'd1..2': own/disk } }
drive-types: { own/disk: { kind: hdd } }
pools:
  tank: { kind: zfs, on: nas-1, vdevs: [{ stripe: nas-1/d1 }] }
  second: { kind: zfs, on: nas-2, vdevs: [{ mirror: nas-2/d1..2 }] }
datasets:
  (photos,papers): { pool: tank, importance: irreplaceable }
  films: { pool: tank, importance: replaceable }
  copies: { pool: second, importance: replaceable }
backups: { nightly: { of: papers, copies: [{ to: copies, every: daily }] } }
";
    let yaml = "\
backups:
  copy-1:
    of: [dataset/photos]
    copies: [{ to: copies, every: daily }]
";
    check_first(text, "a daily copy of photos at copies", yaml);
}

#[test]
fn the_second_cable_to_one_switch_goes_to_the_other() {
    let text = "\
devices:
  sw-1..2: { role: switch, interfaces: { 'p1..8': 1000base-t } }
  web: { role: server, interfaces: { 'eth0..1': 1000base-t } }
  db: { role: server, interfaces: { 'eth0..1': 1000base-t } }
hosts: { web: { on: web }, db: { on: db } }
cables:
  uplink: { kind: cat6, between: { 'sw-1:p8': 'sw-2:p8' } }
  of-web: { kind: cat6, between: { 'sw-1:p1': 'web:eth0', 'sw-1:p2': 'web:eth1' } }
  of-db: { kind: cat6, between: { 'sw-2:p3': 'db:eth0', 'sw-2:p4': 'db:eth1' } }
services:
  sql: { on: host/db }
  wiki: { on: host/web, needs: [sql], for: household }
";
    let yaml = "\
cables:
  of-db:
    between:
      sw-2:p4: ~
      sw-1:p3: db:eth1
";
    check_first(text, "move the cable of db:eth1 from sw-2:p4 to sw-1:p3", yaml);
}

#[test]
fn an_address_with_one_holder_gets_a_second() {
    let text = "\
devices:
  sw: { role: switch, interfaces: { 'p1..4': 1000base-t } }
  gate-1..2: { role: server, interfaces: { lan: 1000base-t } }
  web: { role: server, interfaces: { eth0: 1000base-t } }
cables: { all: { kind: cat6, between: { 'sw:p1..2': 'gate-1..2:lan', 'sw:p3': 'web:eth0' } } }
vlans: { lan: { id: 1 } }
prefixes: { 10.0.0.0/24: { vlan: lan } }
hosts:
  gate-1..2: { on: gate-1..2, routes: true, addresses: { lan: 10.0.0.2..3/24 } }
  web: { on: web, addresses: { eth0: 10.0.0.9/24 } }
vips: { entry: { address: 10.0.0.1, protocol: vrrp, members: [gate-1], service: wiki } }
services: { wiki: { on: host/web, address: 10.0.0.1, for: household } }
";
    let yaml = "vips:\n  entry:\n    members: [host/gate-1, host/gate-2]\n";
    check_first(text, "let gate-2 hold entry as well, when gate-1 is down", yaml);
}
