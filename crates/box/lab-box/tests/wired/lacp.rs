//! LACP itself (IEEE 802.1AX), by Open vSwitch in user space, since the kernel here may not aggregate: what it does when links of an aggregate are cut
//! or fall silent, to hold the box's own way against, and what becomes of an aggregate whose other end does not speak it.

use crate::cables::{cable, host};
use crate::set_up::{Stand, pause, ping};
use lab_box::faults::Act;
use lab_box::observe::Watch;
use lab_box::wired::{LaneEnd, Node, NodeKind, Program, WiredPlan};
use std::process::Command;
use std::time::Duration;

fn lacks() -> bool {
    let lacks = Command::new("ovs-vswitchd").arg("--version").output().is_err();
    if lacks {
        lab_testkit::leave_out("openvswitch-switch");
    }
    lacks
}

/// Two hosts on two switches, joined by two cables; `right` speaks LACP or does not.
fn plan(right: (&str, &str)) -> WiredPlan {
    let switch = |name: &str, (lacp, mode): (&str, &str)| {
        let program = Program {
            name: "ovs".into(),
            script: format!("LACP={lacp}\nMODE={mode}\n{}", include_str!("switch.sh")),
            processes: vec!["ovs-vswitchd".into(), "ovsdb-server".into()],
            is_last: false,
        };
        Node { programs: vec![program], ..Node::new(name, NodeKind::Switch) }
    };
    let nodes = vec![
        switch("left", ("active", "balance-tcp")),
        switch("right", right),
        host("one", "10.0.10.1/24"),
        host("two", "10.0.10.2/24"),
    ];
    let mut plan = WiredPlan { nodes, ..WiredPlan::default() };
    // The switches' own program has the ports, no bridge of the kernel.
    let plain = |end: &mut LaneEnd| end.bridge = None;
    plan.cables = vec![
        cable(&plan, [("left", "p1"), ("one", "eth0")], plain),
        cable(&plan, [("right", "p1"), ("two", "eth0")], plain),
        cable(&plan, [("left", "t1"), ("right", "t1")], plain),
        cable(&plan, [("left", "t2"), ("right", "t2")], plain),
    ];
    plan
}

#[test]
fn lacp_outlives_each_link_and_not_both() {
    if lacks() {
        return;
    }
    let Some(stand) = Stand::up("lacp", plan(("active", "balance-tcp"))) else { return };
    let across = ping("one", "10.0.10.2");
    assert!(stand.becomes(&across, true), "the aggregate never comes into service");
    let cut = |cable: &str| Act::CableCut { cable: cable.to_owned() };
    let silent = |cable: &str| Act::CableSilent { cable: cable.to_owned() };
    for act in [cut("left:t1"), cut("left:t2"), silent("left:t1"), silent("left:t2")] {
        let every = Duration::from_millis(20);
        let watch = Watch::start(&stand.id, std::slice::from_ref(&across), every, Duration::from_millis(500));
        stand.inject(std::slice::from_ref(&act));
        pause(Duration::from_secs(if matches!(act, Act::CableSilent { .. }) { 4 } else { 1 }));
        assert!(stand.becomes(&across, true), "{act}: nothing comes through any more");
        let trace = watch.stop().remove(0);
        let (lost, asked) = trace.lost();
        eprintln!("{act}: {lost} of {asked} lost, {:.2} s", trace.seconds_lost(Duration::ZERO));
        assert!(trace.ends_well() && lost < asked);
        stand.heal_all();
        assert!(stand.becomes(&across, true));
    }
    stand.inject(&[cut("left:t1"), cut("left:t2")]);
    assert!(!stand.now(&across), "both links are cut");
    stand.heal_all();
    assert!(stand.becomes(&across, true), "both links are back");
    stand.down();
}

#[test]
fn lacp_without_a_partner_carries_nothing() {
    if lacks() {
        return;
    }
    let Some(stand) = Stand::up("alone", plan(("off", "active-backup"))) else { return };
    let across = ping("one", "10.0.10.2");
    // Longer than three times its fast interval.
    pause(Duration::from_secs(4));
    assert!(!stand.now(&across), "an end that negotiates takes a link into service that nobody answers on");
    stand.down();
}
