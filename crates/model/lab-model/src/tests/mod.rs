//! Whole small labs: what is read, and what is said of faults.

use crate::read::{Input, read};
use lab_source::Severity;

/// Reads one file and gives the lab with its findings as `severity code message`.
fn lab(text: &str) -> (crate::Lab, Vec<String>) {
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let reading = read(Input { files: vec![file], overlays: Vec::new(), types: &() });
    let show = |finding: &lab_source::Diagnostic| {
        let word = if finding.severity == Severity::Error { "error" } else { finding.severity.word() };
        format!("{word} {} {}", finding.code, finding.message)
    };
    (reading.lab, reading.diagnostics.iter().map(show).collect())
}

#[test]
fn ranges_make_several_things_in_step() {
    let (lab, findings) = lab("
lab: { name: test }
racks:
  rack-1: { height: 24 U }
device-types:
  own/switch: { manufacturer: own, model: switch, interfaces: [{ names: 1..8, type: 1000base-t }] }
  own/node: { manufacturer: own, model: node, interfaces: [{ names: eth0..1, type: 1000base-t }] }
devices:
  switch-1: { type: own/switch, at: rack-1/U1 }
  node-1..3: { type: own/node, at: rack-1/U4..6 }
cables:
  copper:
    kind: cat6
    between: { switch-1:1..6: node-1..3:eth0..1 }
hosts:
  deb-1..3: { on: node-1..3, addresses: { eth0: 10.0.0.1..3/24 } }
");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(lab.devices.len(), 4);
    assert_eq!(lab.derived.links.len(), 6);
    let node = lab.devices.find("node-2").expect("made by the range");
    let port = lab.derived.find_port(node, "eth0").expect("of its type");
    let peer = lab.derived.peer(port).expect("cabled");
    assert_eq!(&*lab.derived.port(peer).name, "3");
    let host = lab.hosts.find("deb-3").expect("made by the range");
    let (_, address) = lab.hosts[host].addresses.iter().next().expect("one address");
    assert_eq!(address.address[0].value.to_string(), "10.0.0.3/24");
    assert_eq!(lab.hosts[host].on.as_ref().and_then(|on| on.id), lab.devices.find("node-3"));
}

#[test]
fn several_devices_have_all_of_their_parts() {
    let (lab, findings) = lab("
lab: { name: test }
device-types:
  own/node: { manufacturer: own, model: node, drive-bays: [{ names: m2-1..2 }] }
drive-types:
  own/ssd: { capacity: 1 TB }
devices:
  node-1..2: { type: own/node, drives: { m2-1..2: own/ssd } }
hosts:
  node-1..2: { on: node-1..2, addresses: { node-1..2-vmbr0: 10.0.0.1..2/24 } }
");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(lab.derived.drives.len(), 4);
    for (_, host) in lab.hosts.iter() {
        assert_eq!(host.addresses.len(), 1, "each its own bridge");
    }
}

#[test]
fn a_type_that_is_nowhere_is_one_finding() {
    let (_, findings) = lab("
lab: { name: test }
devices:
  switch-1: { type: own/nothing }
  strip-1: { type: own/strip }
  node-1: { inlets: { psu: \"strip-1:4\" }, interfaces: { eth0: 1000base-t } }
cables:
  copper: { kind: cat6, between: { switch-1:1: node-1:eth0 } }
vlans: { v: 10 }
ports: { switch-1: { 1..8: v } }
");
    let codes: Vec<&str> =
        findings.iter().map(|finding| finding.split(' ').nth(1).unwrap_or_default()).collect();
    assert_eq!(codes, ["unknown-type", "unknown-type"], "{findings:#?}");
}

#[test]
fn outlets_and_serial_numbers_run_in_step() {
    let (lab, findings) = lab("
lab: { name: test }
device-types:
  own/strip: { manufacturer: own, model: strip, power-outlets: [{ names: 1..4 }] }
devices:
  strip-1: { type: own/strip }
  node-1..3: { serial: N-1..3, inlets: { psu: \"strip-1:2..4\" } }
");
    assert_eq!(findings, Vec::<String>::new());
    let serial = |name: &str| {
        let node = lab.devices.find(name).expect("made by the range");
        lab.devices[node].serial.as_ref().map(ToString::to_string)
    };
    assert_eq!(serial("node-2").as_deref(), Some("N-2"));
    let strip = lab.devices.find("strip-1").expect("written");
    let plugged: Vec<usize> = lab.derived.outlets_of(strip).map(|(_, outlet)| outlet.feeds.len()).collect();
    assert_eq!(plugged, [0, 1, 1, 1]);
}

#[test]
fn a_host_may_be_called_as_its_device_and_nothing_else_may() {
    let (lab, findings) = lab("
lab: { name: test }
devices:
  a: {}
hosts:
  a: { on: a }
services:
  b: { on: a }
clusters:
  a: { kind: other }
vlans: { v: 10 }
prefixes:
  10.0.0.0/24: { vlan: v, routers: a }
");
    assert_eq!(findings, ["warning ambiguous-name `a` is the name of several things"]);
    let (_, prefix) = lab.prefixes.iter().next().expect("one");
    assert_eq!(prefix.routers.ids().next(), lab.find(crate::Kind::Host, "a"));
}

#[test]
fn every_fault_is_told_and_the_rest_is_read() {
    let (lab, findings) = lab("
lab: { nam: test }
racks:
  rack-1: { height: 24 X }
devices:
  a: { at: rack-1/U1, sttus: active }
  b: [1, 2]
  c: { status: brokn }
hosts:
  h: { on: aa }
");
    assert_eq!(lab.devices.len(), 2);
    for code in ["unknown-key", "missing-key", "bad-value", "wrong-type", "unknown-name"] {
        assert!(findings.iter().any(|finding| finding.contains(code)), "{code} in {findings:#?}");
    }
}

#[test]
fn the_schema_describes_every_kind() {
    let schema = crate::schema::schema();
    let properties = &schema["definitions"]["Written"]["properties"];
    for kind in crate::Kind::ALL {
        assert!(properties[kind.key()]["description"].is_string(), "{}", kind.key());
    }
}
