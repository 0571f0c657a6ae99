//! LACP itself (IEEE 802.1AX), by Open vSwitch in user space, since the kernel here may not aggregate: what it does when links of an aggregate are cut
//! or fall silent, to hold the box's own LACP against; both as partners of each other; and what becomes of an aggregate whose other end does not speak it.

use crate::cables::{cable, host, own_switch};
use crate::set_up::{Stand, pause, ping};
use lab_box::faults::Act;
use lab_box::observe::Watch;
use lab_box::wired::{Aggregate, Choice, LaneEnd, Node, NodeKind, Program, WiredPlan};
use std::process::Command;
use std::time::Duration;

fn lacks() -> bool {
    let lacks = Command::new("ovs-vswitchd").arg("--version").output().is_err();
    if lacks {
        lab_testkit::leave_out("openvswitch-switch");
    }
    lacks
}

/// Who is at an end of the aggregate.
#[derive(Clone, Copy)]
enum End {
    /// Open vSwitch, with the words of its LACP and its mode.
    OpenVSwitch(&'static str, &'static str),
    /// The box.
    Own(Choice),
}

const OVS: End = End::OpenVSwitch("active", "balance-tcp");
const OWN: End = End::Own(Choice::Lacp { interval_secs: 1 });

/// Two hosts on two switches, joined by two cables.
fn plan(ends: [End; 2]) -> WiredPlan {
    let switch = |name: &str, end: End| {
        let (lacp, mode) = match end {
            End::OpenVSwitch(lacp, mode) => (lacp, mode),
            End::Own(_) => return own_switch(name),
        };
        let program = Program {
            name: "ovs".into(),
            script: format!("LACP={lacp}\nMODE={mode}\n{}", include_str!("switch.sh")),
            processes: vec!["ovs-vswitchd".into(), "ovsdb-server".into()],
            is_last: false,
        };
        Node { programs: vec![program], ..Node::new(name, NodeKind::Switch) }
    };
    let nodes = vec![
        switch("left", ends[0]),
        switch("right", ends[1]),
        host("one", "10.0.10.1/24"),
        host("two", "10.0.10.2/24"),
    ];
    let mut plan = WiredPlan { nodes, ..WiredPlan::default() };
    // A switch of Open vSwitch has its ports itself, no bridge of the kernel.
    let on = |end: End, is_member: bool| {
        move |lane: &mut LaneEnd| match end {
            End::OpenVSwitch(..) => lane.bridge = None,
            End::Own(choice) if is_member => {
                lane.aggregate = Some(Aggregate { name: "trunk".into(), choice });
            }
            End::Own(_) => {}
        }
    };
    let to_host = |end: End, at: [(&str, &str); 2]| cable(&plan, at, on(end, false));
    let across = |at: [(&str, &str); 2]| {
        let mut cable = cable(&plan, at, |_| {});
        (0..2).for_each(|side| on(ends[side], true)(&mut cable.lanes[0].ends[side]));
        cable
    };
    plan.cables = vec![
        to_host(ends[0], [("left", "p1"), ("one", "eth0")]),
        to_host(ends[1], [("right", "p1"), ("two", "eth0")]),
        across([("left", "t1"), ("right", "t1")]),
        across([("left", "t2"), ("right", "t2")]),
    ];
    plan
}

#[test]
fn lacp_outlives_each_link_and_not_both() {
    outlives_each_link(
        "lacp",
        [OVS, OVS],
        &[cut("left:t1"), cut("left:t2"), silent("left:t1"), silent("left:t2")],
    );
}

fn cut(cable: &str) -> Act {
    Act::CableCut { cable: cable.to_owned() }
}

fn silent(cable: &str) -> Act {
    Act::CableSilent { cable: cable.to_owned() }
}

/// The box's own LACP beside that of Open vSwitch, which takes in what the other end takes in.
#[test]
fn the_own_lacp_and_that_of_open_vswitch_understand_each_other() {
    outlives_each_link("mixed", [OVS, OWN], &[cut("left:t1"), cut("left:t2"), silent("left:t1")]);
}

#[expect(clippy::print_stderr, reason = "figures for whoever reads along")]
fn outlives_each_link(name: &str, ends: [End; 2], acts: &[Act]) {
    if lacks() {
        return;
    }
    let Some(stand) = Stand::up(name, plan(ends)) else { return };
    let across = ping("one", "10.0.10.2");
    assert!(stand.becomes(&across, true), "the aggregate never comes into service");
    for act in acts {
        let every = Duration::from_millis(20);
        let watch = Watch::start(&stand.id, std::slice::from_ref(&across), every, Duration::from_millis(500));
        stand.inject(std::slice::from_ref(act));
        pause(Duration::from_secs(if matches!(act, Act::CableSilent { .. }) { 4 } else { 1 }));
        assert!(stand.becomes(&across, true), "{act}: nothing comes through any more");
        let trace = watch.stop().remove(0);
        let (lost, asked) = trace.lost();
        eprintln!("{act}: {lost} of {asked} lost, {:.2} s", trace.seconds_lost(Duration::ZERO));
        assert!(trace.ends_well() && lost < asked);
        stand.heal_all();
        assert!(stand.becomes(&across, true));
        if name == "mixed" {
            // Open vSwitch speaks on a link that is back when its second is over.
            pause(Duration::from_secs(2));
        }
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
    carries_nothing("alone", [OVS, End::OpenVSwitch("off", "active-backup")]);
    carries_nothing("static", [OWN, End::Own(Choice::Presence { interval_secs: 1 })]);
}

fn carries_nothing(name: &str, ends: [End; 2]) {
    let Some(stand) = Stand::up(name, plan(ends)) else { return };
    let across = ping("one", "10.0.10.2");
    // Longer than three times its fast interval.
    pause(Duration::from_secs(4));
    assert!(!stand.now(&across), "an end that negotiates takes a link into service that nobody answers on");
    stand.down();
}
