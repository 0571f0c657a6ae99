//! What `ip -batch` is told for a wired box. Text only.

use super::plan::{LaneEnd, WiredPlan};
use crate::net::Namespace;
use std::fmt::Write;

const TAKES_ALL: &str = "a string takes all";

/// The namespaces: the box's own, which holds nothing, and one a node.
pub(super) fn namespaces(plan: &WiredPlan) -> String {
    let nodes = plan.nodes.iter().map(|node| Namespace::of_machine(&plan.id, &node.name));
    std::iter::once(Namespace::of_box(&plan.id)).chain(nodes).fold(String::new(), |mut text, namespace| {
        writeln!(text, "netns add {}", namespace.name()).expect(TAKES_ALL);
        text
    })
}

/// The cables whose first end is at `node`.
pub(super) fn cables(plan: &WiredPlan, node: usize) -> String {
    let mut text = String::new();
    for cable in plan.cables.iter().filter(|cable| cable.ends[0].node == node) {
        let far = Namespace::of_machine(&plan.id, &plan.nodes[cable.ends[1].node].name);
        for lane in &cable.lanes {
            writeln!(
                text,
                "link add name {} type veth peer name {} netns {}",
                lane.ends[0].device,
                lane.ends[1].device,
                far.name()
            )
            .expect(TAKES_ALL);
        }
    }
    text
}

/// The bridges of `node`. Forwarding begins at once, since nothing can loop where there is no spanning tree; where there is one it
/// has the shortest timers that IEEE 802.1D allows.
pub(super) fn bridges(plan: &WiredPlan, node: usize) -> String {
    let mut text = "link set lo up\n".to_owned();
    for bridge in &plan.nodes[node].bridges {
        let tree = match bridge.spanning_tree {
            true => "stp_state 1 forward_delay 200 hello_time 100 max_age 600",
            false => "stp_state 0 forward_delay 0",
        };
        writeln!(text, "link add name {} type bridge {tree}", bridge.name).expect(TAKES_ALL);
    }
    text
}

/// Ports, addresses and routes of `node`; may be said again to a node that was off.
pub(super) fn settings(plan: &WiredPlan, node: usize) -> String {
    let mut text = String::new();
    let mut line = |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect(TAKES_ALL);
    for (_, _, end) in plan.ends_of(node) {
        let LaneEnd { device, mac, mtu, bridge, isolated, aggregate } = end;
        if let Some(mac) = mac {
            line(format_args!("link set dev {device} address {mac}"));
        }
        if let Some(mtu) = mtu {
            line(format_args!("link set dev {device} mtu {mtu}"));
        }
        // Which link of an aggregate is in service is decided by a program of the node.
        if aggregate.is_some() {
            continue;
        }
        if let Some(bridge) = bridge {
            line(format_args!("link set dev {device} master {bridge}"));
        }
        if *isolated {
            line(format_args!("link set dev {device} type bridge_slave isolated on"));
        }
    }
    for bridge in &plan.nodes[node].bridges {
        if let Some(mac) = bridge.mac {
            line(format_args!("link set dev {} address {mac}", bridge.name));
        }
        if let Some(mtu) = bridge.mtu {
            line(format_args!("link set dev {} mtu {mtu}", bridge.name));
        }
        line(format_args!("link set dev {} up", bridge.name));
    }
    for (_, _, end) in plan.ends_of(node) {
        line(format_args!("link set dev {} up", end.device));
    }
    for (device, address) in &plan.nodes[node].addresses {
        line(format_args!("addr replace {address} dev {device}"));
    }
    for route in &plan.nodes[node].routes {
        match route.to {
            Some(to) => line(format_args!("route replace {to} via {}", route.via)),
            None => line(format_args!("route replace default via {}", route.via)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_hosts_on_a_switch;
    use super::*;

    #[test]
    fn a_trunk_is_a_pair_of_interfaces_for_each_vlan() {
        let plan = two_hosts_on_a_switch("t");
        assert_eq!(
            cables(&plan, 0),
            "link add name p1 type veth peer name eth0 netns lw-t.one\nlink add name p1.20 type veth peer name eth0.20 netns lw-t.one\n\
             link add name p2 type veth peer name eth0 netns lw-t.two\n"
        );
        assert_eq!(cables(&plan, 1), "");
    }

    #[test]
    fn settings_can_be_said_again() {
        let plan = two_hosts_on_a_switch("t");
        let text = settings(&plan, 0);
        assert!(
            text.contains("link set dev p1 master vlan10\n")
                && text.contains("link set dev p1.20 master vlan20\n"),
            "{text}"
        );
        assert!(!text.contains("link add"), "{text}");
        let text = settings(&plan, 1);
        assert!(
            text.ends_with("addr replace 10.0.10.1/24 dev eth0\naddr replace 10.0.20.1/24 dev eth0.20\n"),
            "{text}"
        );
    }
}
