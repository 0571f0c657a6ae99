//! Faults written by hand: thirty in one file, and labs that refer to themselves in every way there is.

use crate::{hold, lines_told, read_bytes, read_files, told};

/// Each line that ends with `# !` has a fault of its own.
const THIRTY: &str = "\
lab: { name: faults, energy-price: cheap } # !
sites:
  home: { controler: owner } # !
racks:
  rack-1: { site: hoem, height: 42 U } # !
  rack-2: { site: home, height: tall } # !
  rack-3: [home] # !
power:
  circuit-1: { breaker: 16 A, voltage: many } # !
  circuit-2: { from: gird, breaker: 16 A } # !
devices:
  a: { type: generic/swich-24-poe } # !
  b: { at: rack-9/U1 } # !
  c: { type: generic/server-1u, inlets: { psu-9: circuit-1 } } # !
  d: { type: generic/server-1u, inlets: { psu-1: circuit-9 } } # !
  e: { type: generic/server-1u, drives: { m2-1: { model: generic/none } } } # !
  f: { memory: lots } # !
  g: { colour: red } # !
  h-3..1: {} # !
cables:
  one:
    kind: string # !
    between:
      nothing:1: c:eth0 # !
      c:eth7: d:eth0 # !
vlans:
  v1: { id: 4095 } # !
  v2: { id: ten } # !
prefixes:
  10.0.0.0/33: {} # !
  10.0.1.0/24: { vlan: v9 } # !
  10.0.2.0/24: { gateway: 10.0.2.256 } # !
hosts:
  x: { on: z } # !
  y: { addresses: { eth0: 10.0.2.999/24 } } # !
pools:
  tank: { kind: zsf } # !
services:
  s: { needs: [dataset/none] } # !
  t: { replicas: -1 } # !
backups:
  k: { of: [dataset/gone], copies: [] } # !
promises:
  p: { claims: {} } # !
";

#[test]
fn all_faults_of_a_file_are_told_in_one_run() {
    let reading = read_files(&[("lab.yaml", THIRTY)]);
    let told_lines = lines_told(&reading);
    let marked: Vec<usize> =
        (1..).zip(THIRTY.lines()).filter(|(_, line)| line.ends_with("# !")).map(|(at, _)| at).collect();
    assert!(marked.len() >= 30, "{}", marked.len());
    for at in marked {
        let line = THIRTY.lines().nth(at - 1).unwrap();
        assert!(told_lines.contains(&at), "line {at} is told: {line}\n{}", told(&reading));
    }
    hold(&reading);
}

#[test]
fn what_leads_back_to_itself_ends() {
    for text in [
        "power: { a: { from: b }, b: { from: a } }",
        "power: { a: { from: a, breaker: 16 A } }",
        "power: { mains: {} }\ndevices: { ups: { type: generic/ups-1500va, inlets: { in: 'pdu:1' } }, \
         pdu: { type: generic/pdu-8, inlets: { in: 'ups:1' } } }",
        "devices: { pdu: { type: generic/pdu-8, inlets: { in: 'pdu:1' } } }",
        "devices: { a: { at: a }, b: { inside: b }, c: { inside: d }, d: { inside: c } }",
        "services: { a: { needs: [b] }, b: { needs: [c] }, c: { needs: [a] }, d: { needs: [d] } }",
        "clusters: { a: { kind: kubernetes, inside: a }, b: { kind: ceph, inside: c }, c: { kind: etcd, inside: b } }",
        "hosts: { h: { interfaces: { a: { over: b }, b: { over: c }, c: { over: a }, d: { over: d } }, \
         addresses: { a: 10.0.0.1/24, d: 10.0.0.2/24 } } }",
        "hosts: { h: {} }\nbridges: { x: { on: h, ports: [y] }, y: { on: h, ports: [x] }, z: { on: h, ports: [z] } }",
        "hosts: { h: {} }\nvms: { v: { on: h, needs: [v] } }\nvolumes: { a: { on: a } }",
        "backups: { b: { of: [dataset/d], copies: [{ to: dataset/d, name: x, from: y }, { to: dataset/d, name: y, from: x }] } }\n\
         datasets: { d: {} }",
        "devices: { p: { type: generic/patch-panel-24 }, q: { type: generic/patch-panel-24 } }\n\
         cables: { c: { kind: cat6, between: { 'p:1': 'q:1', 'p:rear/1': 'q:rear/1' } } }",
        "devices: { s: { type: generic/switch-8 } }\ncables: { c: { kind: cat6, between: { 's:1': 's:1', 's:2': 's:2' } } }",
        "zones: { a: { may-reach: [b] }, b: { may-reach: [a, b] } }",
        "ha: { a: { members: [a] } }\nnames: { a.example.net: { to: a } }",
    ] {
        hold(&read_files(&[("lab.yaml", text)]));
    }
}

#[test]
fn files_that_are_no_lab_are_told_and_survived() {
    for (bytes, code) in [
        (&b""[..], ""),
        (b"# nothing\n\n# at all\n", ""),
        (b"- a\n- list\n", "not-a-mapping"),
        (b"just text\n", "not-a-mapping"),
        (b"devices:\n\ta: {}\n", "yaml-syntax"),
        (b"devices: { a: \xff\xfe }\n", "not-utf8"),
        (b"\xff\xfed\0e\0v\0", "not-utf8"),
        (b"devices: { a: { memory: 8 \0GiB } }\n", "control-character"),
        (b"devices:\n  a: {}\n  a: {}\n", "duplicate"),
        (b"devices:\n  a: { type: generic/serv", "yaml-syntax"),
        (b"a: &a [x]\nb: [*a, *c]\n", ""),
    ] {
        let reading = read_bytes(&[("lab.yaml", bytes)]);
        let told = told(&reading);
        assert!(told.contains(code), "{} is told as {code}: {told}", String::from_utf8_lossy(bytes));
        let located = reading.diagnostics.iter().all(|finding| finding.primary.is_some());
        assert!(located, "every finding has a place: {told}");
        hold(&reading);
    }
}
