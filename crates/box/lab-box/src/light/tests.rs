//! What `ip` is told, on a router with a trunk and a virtual machine on the bridge of its host.

use super::*;
use crate::plan::tests;

/// `node1` with a trunk for `lan` and, by tag 20, `lan20`; `node2` on the bridge of `node1`.
fn light() -> LightPlan {
    let mut plan = tests::plan(2);
    plan.networks.push(crate::plan::Network { name: "lan20".into(), service: None });
    let device = |name: &str, link| Device { name: name.into(), mac: None, link };
    let uplink = vec![(None, "lan".to_owned()), (Some(20), "lan20".to_owned())];
    let wiring = vec![
        vec![
            device("eth0", Link::Uplink { carries: uplink }),
            device("eth0.20", Link::Vlan { over: "eth0".into(), vlan: 20 }),
            device("vmbr0", Link::Bridge { port: "eth0".into() }),
        ],
        vec![device("net0", Link::OnBridge { host: 0, bridge: "vmbr0".into() })],
    ];
    LightPlan { plan, wiring }
}

#[test]
fn a_trunk_reaches_a_bridge_for_each_tag() {
    let text = wiring::of_box(&light());
    let expect = "link add m0c0 type veth peer name eth0 netns lw-test.node1\nlink set m0c0 up\n\
                  link set m0c0 master br0\nlink add link m0c0 name m0c0.20 type vlan id 20\n\
                  link set m0c0.20 master br1 up\n";
    assert!(text.ends_with(expect), "{text}");
}

#[test]
fn a_guest_is_plugged_into_the_bridge_of_its_host() {
    let text = wiring::links(&light(), 0);
    assert!(text.contains("link add vmbr0 type bridge\nlink set eth0 master vmbr0\n"), "{text}");
    assert!(text.ends_with("peer name net0 netns lw-test.node2\nlink set m1c0 master vmbr0 up\n"), "{text}");
    assert_eq!(wiring::links(&light(), 1), "link set lo up\n");
}

#[test]
fn without_vlans_each_has_its_own_cable() {
    let light = light().without_tags();
    assert!(!light.has_tags());
    let text = wiring::of_box(&light);
    assert!(!text.contains("vlan"), "{text}");
    assert!(
        text.contains("peer name eth0.20 netns lw-test.node1\nlink set m0c1 up\nlink set m0c1 master br1\n")
    );
}
