//! What a small lab becomes: cables with their lanes, bridges, addresses, and who is outside.

use super::super::tests::lab_from;
use super::cables::{Passing, passing};
use super::ends::Carried;
use crate::wired::{NodeKind, WiredPlan};
use lab_model::lab::VlanIdOf;

const LAB: &str = "
lab: { name: Home Lab }
vlans: { lan: { id: 10 }, guests: { id: 20, private: { isolated: 21 } } }
prefixes:
  10.0.10.0/24: { vlan: lan, gateway: 10.0.10.1 }
  10.0.20.0/24: { vlan: guests, gateway: 10.0.20.1 }
circuits: { line: { ends-at: 'router:wan' } }
devices:
  router: { role: router, interfaces: { p1: 1000base-t, wan: 1000base-t } }
  switch: { role: switch, interfaces: { p1..4: 1000base-t, vlan10: { type: virtual } }, addresses: { vlan10: 10.0.10.4/24 } }
  ap: { role: access-point, interfaces: { eth0: 1000base-t } }
  box: { role: server, interfaces: { eth0: 1000base-t } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'router:p1', 'switch:p2': 'box:eth0', 'switch:p3': 'ap:eth0' } } }
ports:
  switch:
    p1: { untagged: lan, tagged: guests, private: promiscuous }
    p2: { access: lan }
    p3: { untagged: lan, tagged: guests, private: isolated }
hosts:
  gate:
    on: router
    routes: true
    addresses: { p1: 10.0.10.1/24, p1.20: 10.0.20.1/24, wan: dhcp }
    interfaces: { p1: { untagged: lan, tagged: guests }, p1.20: { over: p1, vlan: guests } }
  node: { on: box, addresses: { eth0: 10.0.10.11/24 } }
zones:
  lan: { of: lan, may-reach: [internet] }
  guests: { of: guests, isolated: true, may-reach: [internet] }
";

fn plan() -> WiredPlan {
    super::project_wired(&lab_from(LAB)).0
}

fn lanes(plan: &WiredPlan, cable: &str) -> Vec<String> {
    let cable = plan.cables.iter().find(|own| own.is_called(cable)).unwrap();
    let end = |end: &crate::wired::LaneEnd| match &end.bridge {
        Some(bridge) => format!("{}@{bridge}{}", end.device, if end.isolated { "!" } else { "" }),
        None => end.device.clone(),
    };
    cable.lanes.iter().map(|lane| format!("{} {}", end(&lane.ends[0]), end(&lane.ends[1]))).collect()
}

#[test]
fn a_cable_has_a_lane_for_all_that_both_ends_let_pass() {
    let plan = plan();
    let find = |name: &str| &plan.nodes[plan.find(name).unwrap()];
    assert_eq!(lanes(&plan, "switch:p1").len(), 2);
    let (untagged, tagged) = (&lanes(&plan, "router:p1")[0], &lanes(&plan, "router:p1")[1]);
    assert!(
        untagged.contains("p1@vlan10") && untagged.contains(" p1") || untagged.starts_with("p1 "),
        "{untagged}"
    );
    assert!(tagged.contains("p1.20@vlan20"), "{tagged}");
    assert_eq!(lanes(&plan, "box:eth0").len(), 1);
    assert!(lanes(&plan, "ap:eth0")[1].contains("p3.20@vlan20!"), "{:?}", lanes(&plan, "ap:eth0"));
    assert_eq!(find("switch").addresses, [("vlan10".to_owned(), "10.0.10.4/24".parse().unwrap())]);
    assert_eq!(find("host/gate").kind, NodeKind::Router);
    assert_eq!(find("device/router").name, "gate", "a device is spoken of as its host");
}

#[test]
fn a_line_has_a_provider_and_the_internet_behind_it() {
    let plan = plan();
    let provider = &plan.nodes[plan.find("provider-line").unwrap()];
    assert_eq!(provider.programs[0].name, "dnsmasq");
    assert_eq!(lanes(&plan, "router:wan"), ["line wan"]);
    assert!(plan.find("internet").is_some());
    let gate = &plan.nodes[plan.find("gate").unwrap()];
    assert_eq!(gate.programs.iter().map(|program| program.name.as_str()).next(), Some("lease"));
    assert!(gate.files.contains_key("etc/nftables.conf"));
}

#[test]
fn every_zone_has_a_client_and_an_isolated_one_two() {
    let plan = plan();
    let clients: Vec<&str> =
        plan.nodes.iter().filter(|n| n.kind == NodeKind::Client).map(|n| n.name.as_str()).collect();
    assert_eq!(clients, ["client-lan", "client-guests-1", "client-guests-2"]);
    let own: Vec<String> = lanes(&plan, "client-guests-1:eth0");
    assert!(own[0].ends_with('!'), "on an isolated port: {own:?}");
}

#[test]
fn an_end_of_which_nothing_is_written_takes_what_the_other_sends() {
    let carried = |untagged: Option<u32>, tagged: &[u32]| Carried {
        has_untagged: untagged.is_some(),
        untagged: untagged.map(VlanIdOf),
        tagged: tagged.iter().map(|vlan| VlanIdOf(*vlan)).collect(),
    };
    let (trunk, access, only) = (carried(Some(1), &[2, 3]), carried(Some(2), &[]), carried(None, &[3, 4]));
    let untagged = |one: u32, other: u32| Passing::Untagged([Some(VlanIdOf(one)), Some(VlanIdOf(other))]);
    for (one, other, expect) in [
        (None, None, vec![Passing::Untagged([None, None])]),
        (Some(&access), None, vec![untagged(2, 2)]),
        (Some(&trunk), Some(&access), vec![untagged(1, 2)]),
        (Some(&trunk), Some(&only), vec![Passing::Tagged(VlanIdOf(3))]),
        (Some(&access), Some(&only), vec![]),
    ] {
        assert_eq!(passing(one, other), expect, "{one:?} {other:?}");
    }
}

/// Each port is in an aggregate of its own machine, and at the far end of that of another.
#[test]
fn in_a_mesh_every_machine_has_its_own_aggregate() {
    const MESH: &str = "
lab: { name: mesh }
prefixes: { 10.0.20.0/24: {} }
devices: { box-1..3: { role: server, interfaces: { m1..2: 10gbase-t } } }
cables: { mesh: { kind: cat6a, between: { 'box-1:m1': 'box-2:m2', 'box-2:m1': 'box-3:m2', 'box-3:m1': 'box-1:m2' } } }
lags: { mesh-1..3: { of: 'box-1..3:m1..2', mode: broadcast } }
hosts: { node-1..3: { on: box-1..3, addresses: { vmbr1: 10.0.20.11..13/24 } } }
bridges: { node-1..3-mesh: { on: host/node-1..3, name: vmbr1, ports: mesh-1..3 } }
";
    let plan = super::project_wired(&lab_from(MESH)).0;
    for port in ["box-1:m1", "box-2:m1", "box-3:m1"] {
        let lane = lanes(&plan, port).concat();
        assert!(lane.contains("m1@vmbr1!") && lane.contains("m2@vmbr1!"), "{lane}");
    }
}
