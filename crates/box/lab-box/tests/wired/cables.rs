//! Cables that are cut, fall silent and are mended, nodes without power, aggregates that lose a link, and a guest that must not reach another.

use crate::set_up::{Stand, page, pause, ping};
use lab_box::faults::{self, Act};
use lab_box::observe::Watch;
use lab_box::wired::{
    Aggregate, Bridge, Cable, Choice, Lane, LaneEnd, Node, NodeKind, Plug, Program, WiredPlan, WiredRecord,
};
use lab_box::{ServicePort, Transport};
use std::time::Duration;

fn switch(name: &str) -> Node {
    let bridge = Bridge { name: "lan".into(), mac: None, mtu: None, spanning_tree: false };
    Node { bridges: vec![bridge], ..Node::new(name, NodeKind::Switch) }
}

pub(crate) fn host(name: &str, address: &str) -> Node {
    let service = ServicePort { port: 80, transport: Transport::Tcp, service: "pages".into() };
    Node {
        things: vec![format!("host/{name}")],
        addresses: vec![("eth0".into(), address.parse().unwrap())],
        services: vec![service],
        ..Node::new(name, NodeKind::Host)
    }
}

/// A cable between ports of two nodes; a port of a switch is on its bridge.
pub(crate) fn cable(plan: &WiredPlan, ends: [(&str, &str); 2], change: impl Fn(&mut LaneEnd)) -> Cable {
    let plugs =
        ends.map(|(node, port)| Plug { node: plan.find(node).unwrap(), port: format!("{node}:{port}") });
    let ends = [0, 1].map(|side| {
        let on_switch = plan.nodes[plugs[side].node].kind == NodeKind::Switch;
        let bridge = on_switch.then(|| "lan".to_owned());
        let mut end = LaneEnd { device: ends[side].1.into(), bridge, ..LaneEnd::default() };
        change(&mut end);
        end
    });
    Cable {
        name: format!("{} {}", plugs[0].port, plugs[1].port),
        things: Vec::new(),
        ends: plugs,
        lanes: vec![Lane { tag: None, ends }],
        is_described: true,
    }
}

/// A switch that chooses between the links of its aggregates.
pub(crate) fn own_switch(name: &str) -> Node {
    let program = Program {
        name: "aggregates".into(),
        script: "setsid perl /mnt/aggregates.pl /mnt/aggregates &\nsleep 0.2\n".into(),
        processes: vec!["lw-aggregates".into()],
        is_last: false,
    };
    Node { programs: vec![program], ..switch(name) }
}

/// `one` and `two` on a switch, and `three` on another, joined to the first by an aggregate of two cables.
fn plan(choice: Choice) -> WiredPlan {
    let nodes = vec![
        own_switch("left"),
        own_switch("right"),
        host("one", "10.0.10.1/24"),
        host("two", "10.0.10.2/24"),
        host("three", "10.0.10.3/24"),
    ];
    let mut plan = WiredPlan { nodes, ..WiredPlan::default() };
    let plain = |_: &mut LaneEnd| {};
    let isolated = |end: &mut LaneEnd| end.isolated = end.bridge.is_some();
    let joined = |end: &mut LaneEnd| {
        end.aggregate = Some(Aggregate { name: "trunk".into(), choice });
    };
    plan.cables = vec![
        cable(&plan, [("left", "p1"), ("one", "eth0")], isolated),
        cable(&plan, [("left", "p2"), ("two", "eth0")], isolated),
        cable(&plan, [("right", "p3"), ("three", "eth0")], plain),
        cable(&plan, [("left", "t1"), ("right", "t1")], joined),
        cable(&plan, [("left", "t2"), ("right", "t2")], joined),
    ];
    plan
}

#[test]
fn what_is_broken_is_broken_and_what_is_mended_is_whole() {
    let Some(stand) = Stand::up("cables", plan(Choice::Presence { interval_secs: 1 })) else { return };
    let across = page("one", "10.0.10.3");
    assert!(stand.becomes(&across, true));
    assert!(!stand.now(&ping("one", "10.0.10.2")), "two isolated ports speak with each other");

    let cut = |cable: &str| Act::CableCut { cable: cable.to_owned() };
    let silent = |cable: &str| Act::CableSilent { cable: cable.to_owned() };
    let off = |node: &str| Act::NodeOff { node: node.to_owned() };
    for act in [cut("left:p1"), silent("one:eth0"), off("host/three"), off("right")] {
        stand.inject(std::slice::from_ref(&act));
        assert!(!stand.now(&across), "{act} breaks nothing");
        let in_force = faults::in_force(stand.dirs(), &stand.id).unwrap();
        assert_eq!(in_force.into_iter().collect::<Vec<_>>(), std::slice::from_ref(&act));
        stand.heal(std::slice::from_ref(&act));
        assert!(stand.becomes(&across, true), "{act} is not mended");
    }
    // Two faults on one way, mended one after the other.
    stand.inject(&[cut("left:p1"), off("three")]);
    stand.heal(&[off("three")]);
    assert!(!stand.now(&across));
    stand.heal_all();
    assert!(stand.becomes(&across, true));
    assert!(faults::inject(stand.dirs(), &stand.id, &[off("nobody")]).is_err());
    assert_eq!(WiredRecord::load(stand.dirs(), &stand.id).unwrap().cables.len(), 5);
    let removed = stand.down();
    assert!(removed.processes >= 7, "{removed:?}");
}

#[test]
fn an_aggregate_outlives_each_of_its_links() {
    outlives_each_link("links", Choice::Presence { interval_secs: 1 });
}

#[test]
fn an_aggregate_with_lacp_outlives_each_of_its_links() {
    outlives_each_link("negotiated", Choice::Lacp { interval_secs: 1 });
}

#[expect(clippy::print_stderr, reason = "figures for whoever reads along")]
fn outlives_each_link(name: &str, choice: Choice) {
    let Some(stand) = Stand::up(name, plan(choice)) else { return };
    let across = ping("one", "10.0.10.3");
    assert!(stand.becomes(&across, true));
    for (link, is_silent) in [("left:t1", false), ("left:t1", true), ("left:t2", false)] {
        let cable = link.to_owned();
        let act = if is_silent { Act::CableSilent { cable } } else { Act::CableCut { cable } };
        let every = Duration::from_millis(20);
        let watch = Watch::start(&stand.id, std::slice::from_ref(&across), every, Duration::from_millis(500));
        stand.inject(std::slice::from_ref(&act));
        assert!(stand.becomes(&across, true), "{act}: nothing comes through any more");
        pause(Duration::from_secs(if is_silent { 5 } else { 1 }));
        assert!(stand.becomes(&across, true), "{act}: nothing comes through any more");
        let trace = watch.stop().remove(0);
        let (lost, asked) = trace.lost();
        eprintln!(
            "{act}: {lost} of {asked} lost, one each 20 ms, {:.2} s",
            trace.seconds_lost(Duration::ZERO)
        );
        assert!(trace.ends_well() && lost < asked);
        stand.heal_all();
        assert!(stand.becomes(&across, true));
    }
    stand.down();
}
