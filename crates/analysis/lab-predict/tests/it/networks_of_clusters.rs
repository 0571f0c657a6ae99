//! Ceph and the networks that it is told to use, workloads that are tied to a machine, and routers that stand beside each other: small labs
//! with facts that their operators would recognise.

use lab_predict::forecast::tables;
use lab_predict::simulate::{Simulator, at_once};
use lab_predict::works::{PartId, Works};

fn works(text: &str) -> Works {
    let text = format!(
        "lab: {{ name: test, voltage: 230 V }}\ndrive-types: {{ own/flash: {{ kind: ssd }} }}\n{text}"
    );
    let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.into_bytes() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    tables(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// What comes about once parts have failed, a line each, without what is off or down itself, or has no Internet.
fn after(works: &Works, failed: &[&str]) -> Vec<String> {
    let part = |name: &&str| {
        let found = works.parts.iter().position(|part| part.name == *name);
        let known: Vec<&str> = works.parts.iter().map(|part| part.name.as_str()).collect();
        PartId(found.unwrap_or_else(|| panic!("no {name} in {known:?}")) as u32)
    };
    let failed: Vec<PartId> = failed.iter().map(part).collect();
    let outcomes = Simulator::new(works).play(&failed).into_state().outcomes;
    let told = outcomes.iter().map(|outcome| format!("{} {:?}", works.label(outcome.subject), outcome.fate));
    told.filter(|line| ![" Off", " Down", " NoInternet"].iter().any(|end| line.ends_with(end))).collect()
}

fn assumed(works: &Works) -> Vec<&str> {
    works.assumed.iter().map(|assumption| assumption.what.as_str()).collect()
}

/// Three hosts with a foot in the LAN (`front`) and one in a network of their own (`back`), each over a switch.
fn two_networks(cluster: &str) -> Works {
    works(&format!(
        "
devices:
  n1..3: {{ role: server, interfaces: {{ 'front': 1000base-t, 'back': 10gbase-t }}, drives: {{ bay-1: {{ model: own/flash }} }} }}
  s-front: {{ role: switch, interfaces: {{ '1..4': 1000base-t }} }}
  s-back: {{ role: switch, interfaces: {{ '1..3': 10gbase-t }} }}
cables:
  front: {{ kind: cat6, between: {{ 's-front:1..3': 'n1..3:front' }} }}
  back: {{ kind: cat6, between: {{ 's-back:1..3': 'n1..3:back' }} }}
vlans: {{ front: {{ id: 10 }}, back: {{ id: 20 }} }}
prefixes: {{ 10.0.1.0/24: {{ vlan: front }}, 10.0.2.0/24: {{ vlan: back }} }}
hosts: {{ n1..3: {{ on: n1..3, addresses: {{ front: 10.0.1.1..3/24, back: 10.0.2.1..3/24 }} }} }}
clusters: {{ ceph: {{ kind: ceph, members: n1..3, osds: 'n1..3/bay-1', {cluster} }} }}
pools: {{ p: {{ kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2 }} }}
"
    ))
}

#[test]
fn monitors_count_each_other_in_ceph_s_own_network() {
    let anywhere = two_networks("");
    assert_eq!(after(&anywhere, &["device/s-back"]), [""; 0], "another way is left");
    let named = two_networks("network: 10.0.2.0/24");
    assert_eq!(after(&named, &["device/s-back"]), ["ceph NoQuorum", "p Stopped"]);
    assert_eq!(after(&named, &["device/s-front"]), [""; 0]);
    assert_eq!(after(&named, &["cable/back s-back:1"]), [""; 0], "one host less");
    assert_eq!(after(&named, &["cable/back s-back:1", "device/n2"]), ["ceph NoQuorum", "p Stopped"]);
}

#[test]
fn an_osd_without_the_network_of_copies_is_called_down_although_it_reaches_the_monitors() {
    let works = two_networks("network: 10.0.1.0/24, replication-network: 10.0.2.0/24");
    assert_eq!(after(&works, &["cable/back s-back:1"]), [""; 0], "two hosts report the third");
    assert_eq!(after(&works, &["cable/back s-back:1", "cable/back s-back:2"]), ["p Stopped"]);
    assert_eq!(after(&works, &["device/s-back"]), ["p Stopped"], "the monitors still have quorum");
    assert_eq!(after(&works, &["cable/back s-back:1", "cable/front s-front:1"]), [""; 0]);
    assert_eq!(after(&works, &["cable/back s-back:1", "cable/front s-front:2"]), ["p Stopped"]);
}

#[test]
fn a_network_in_which_not_all_are_does_not_count() {
    let works = two_networks("network: 10.0.9.0/24");
    assert_eq!(after(&works, &["device/s-back"]), [""; 0]);
    let told =
        "ceph goes over any network and not only 10.0.9.0/24: no interface of n1 there is written down";
    assert!(assumed(&works).contains(&told), "{:?}", assumed(&works));
}

#[test]
fn a_cable_of_a_mesh_without_a_switch_stops_what_has_copies_at_both_ends() {
    let works = works(
        "
devices: { n1..3: { role: server, interfaces: { 'm-1..2': 10gbase-t }, drives: { bay-1: { model: own/flash } } } }
cables: { mesh: { kind: cat6a, between: { 'n1:m-1': 'n2:m-2', 'n2:m-1': 'n3:m-2', 'n3:m-1': 'n1:m-2' } } }
lags: { 'n1..3-mesh': { of: 'n1..3:m-1..2', mode: broadcast } }
prefixes: { 10.0.2.0/24: { unnumbered-vlan: true } }
hosts: { n1..3: { on: n1..3, addresses: { 'n1..3-mesh': 10.0.2.1..3/24 } } }
clusters: { ceph: { kind: ceph, members: n1..3, osds: 'n1..3/bay-1', network: 10.0.2.0/24 } }
pools: { p: { kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2 } }
",
    );
    assert_eq!(after(&works, &["cable/mesh n1:m-1"]), ["p Stopped"], "each is missed by one host only");
    assert_eq!(after(&works, &["device/n1"]), [""; 0], "two hosts report it");
}

const KUBERNETES: &str = "
devices: { n1..3: { role: server } }
hosts: { n1..3: { on: n1..3 } }
clusters: { k: { kind: kubernetes, members: n1..3, members-work: true } }
";

#[test]
fn what_a_workload_is_decides_whether_it_comes_back() {
    let gone = |service: &str, failed: &[&str]| {
        let works = works(&format!("{KUBERNETES}\nservices: {{ db: {{ on: cluster/k, {service} }} }}"));
        after(&works, failed).contains(&"db Gone".to_owned())
    };
    assert!(!gone("", &["device/n1"]), "a Deployment is the default");
    assert!(!gone("workload: deployment", &["device/n1"]));
    assert!(gone("workload: stateful-set", &["device/n1"]), "nobody deletes the pod of a silent node");
    assert!(!gone("workload: stateful-set, replicas: 2", &["device/n1"]));
    assert!(gone("workload: stateful-set, replicas: 2", &["device/n1", "device/n2"]));
    assert!(gone("workload: stateful-set, replicas: 3, quorum: 2", &["device/n1", "device/n2"]));
    assert!(!gone("workload: daemon-set", &["device/n1", "device/n2"]));
    assert!(gone("workload: daemon-set, quorum: 2", &["device/n1", "device/n2"]));
}

/// A client, two routers, and a line to the Internet behind each.
fn two_routers(prefix: &str, more: &str) -> Works {
    works(&format!(
        "
devices:
  sw: {{ role: switch, interfaces: {{ 'p1..3': 1000base-t }} }}
  r1..2: {{ role: router, interfaces: {{ 'lan': 1000base-t, 'wan': 1000base-t }} }}
  pc: {{ role: server, interfaces: {{ eth0: 1000base-t }} }}
cables: {{ all: {{ kind: cat6, between: {{ 'sw:p1..2': 'r1..2:lan', 'sw:p3': 'pc:eth0' }} }} }}
hosts: {{ pc: {{ on: pc, addresses: {{ eth0: 10.0.0.9/24 }} }} }}
vlans: {{ lan: {{ id: 1 }} }}
prefixes: {{ 10.0.0.0/24: {{ vlan: lan, {prefix} }} }}
providers: {{ isp: {{ description: it }} }}
circuits: {{ line-1..2: {{ provider: isp, ends-at: 'r1..2:wan' }} }}
services: {{ web: {{ on: host/pc, needs: [internet] }} }}
{more}
"
    ))
}

#[test]
fn a_second_router_takes_over_only_by_an_address_that_moves() {
    let beside = two_routers("routers: [r1, r2]", "");
    assert!(after(&beside, &["device/r1"]).contains(&"web Gone".to_owned()));
    assert!(!after(&beside, &["device/r2"]).contains(&"web Gone".to_owned()));
    let told = "whoever is in lan sends to r1 and not to r2: no address moves between them";
    assert!(assumed(&beside).contains(&told), "{:?}", assumed(&beside));
    let moving = two_routers(
        "gateway: 10.0.0.1",
        "vips: { gw: { address: 10.0.0.1, protocol: vrrp, members: [r1, r2] } }",
    );
    for router in ["device/r1", "device/r2"] {
        assert!(!after(&moving, &[router]).contains(&"web Gone".to_owned()), "{router}");
    }
    let by_hand = two_routers(
        "gateway: 10.0.0.1",
        "vips: { gw: { address: 10.0.0.1, protocol: manual, members: [r1, r2] } }",
    );
    assert!(after(&by_hand, &["device/r1"]).contains(&"web Gone".to_owned()));
}

/// Nodes of Kubernetes with a way to people and one to the file server, over a switch each.
const STORAGE_NETWORK: &str = "
devices:
  n1..3: { role: server, interfaces: { 'front': 1000base-t, 'back': 10gbase-t } }
  nas: { role: server, interfaces: { back: 10gbase-t } }
  r: { role: router, interfaces: { lan: 1000base-t } }
  s-front: { role: switch, interfaces: { '1..4': 1000base-t } }
  s-back: { role: switch, interfaces: { '1..4': 10gbase-t } }
cables:
  front: { kind: cat6, between: { 's-front:1..3': 'n1..3:front', 's-front:4': 'r:lan' } }
  back: { kind: cat6, between: { 's-back:1..3': 'n1..3:back', 's-back:4': 'nas:back' } }
vlans: { front: { id: 10 }, back: { id: 20 } }
prefixes: { 10.0.1.0/24: { vlan: front, routers: [r] }, 10.0.2.0/24: { vlan: back } }
hosts:
  n1..3: { on: n1..3, addresses: { front: 10.0.1.1..3/24, back: 10.0.2.1..3/24 } }
  nas: { on: nas, addresses: { back: 10.0.2.9/24 } }
";

#[test]
fn what_lost_its_storage_on_a_node_that_is_heard_is_moved_by_nobody() {
    let gone = |cluster: &str, service: &str, failed: &[&str]| {
        let works = works(&format!(
            "{STORAGE_NETWORK}\nclusters: {{ k: {{ members: n1..3, members-work: true, {cluster} }} }}\nservices: {{ app: {{ on: cluster/k, {service} }} }}"
        ));
        after(&works, failed).contains(&"app Gone".to_owned())
    };
    let together = |failed: &[&str]| {
        let works = works(&format!(
            "{STORAGE_NETWORK}\nclusters: {{ k: {{ members: n1..3, members-work: true, kind: kubernetes }} }}\nservices: {{ app: {{ on: cluster/k, needs: [host/nas] }} }}"
        ));
        let parts: Vec<PartId> = (0..)
            .map(PartId)
            .zip(&works.parts)
            .filter(|(_, part)| failed.contains(&&*part.name))
            .map(|(id, _)| id)
            .collect();
        let works = at_once(&works, &parts).unwrap_or(works);
        after(&works, failed).contains(&"app Gone".to_owned())
    };
    assert!(together(&["cable/back s-back:2"]));
    assert!(together(&["cable/back s-back:2", "cable/front s-front:3"]), "that one is still heard");
    assert!(
        !together(&["cable/back s-back:2", "cable/front s-front:2"]),
        "a node that is silent as well is evicted"
    );
    assert!(!together(&["cable/back s-back:2", "device/n2"]));
    let kubernetes = "kind: kubernetes";
    let files = "needs: [host/nas]";
    assert!(gone(kubernetes, files, &["cable/back s-back:2"]), "it was on that node, which is ready");
    assert!(!gone(kubernetes, "needs: [device/r]", &["cable/back s-back:2"]), "it needs nothing there");
    assert!(!gone(kubernetes, files, &["device/n2"]), "a node without power is not heard");
    assert!(
        !gone(kubernetes, files, &["cable/front s-front:2"]),
        "nor is one without the network of the nodes"
    );
    assert!(
        !gone("kind: containers, quorum: 2", files, &["cable/back s-back:2"]),
        "a swarm starts what is not well anew"
    );
    let two = "needs: [host/nas], replicas: 2";
    assert!(!gone(kubernetes, two, &["cable/back s-back:2"]), "one of two is stranded");
    assert!(gone(kubernetes, two, &["cable/back s-back:2", "cable/back s-back:3"]));
}
