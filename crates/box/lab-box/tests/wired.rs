//! A wired box in earnest: cables that are cut, fall silent and are mended, nodes without power, aggregates that lose a link, and a guest
//! that must not reach another. Everything stands in namespaces that the tests make.
//!
//! Needs root, nftables and perl; says "skipped: needs ..." without them.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

use lab_box::faults::{self, Act};
use lab_box::observe::{Probe, Question, Watch, ask};
use lab_box::wired::{
    Aggregate, Bridge, Cable, Lane, LaneEnd, Node, NodeKind, Plug, Program, WiredPlan, WiredRecord,
};
use lab_box::{BoxDirs, Options, ServicePort, Transport, down, missing_wired, up_wired};
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

struct Guarded<'a>(&'a BoxDirs, &'a str);

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        drop(down(self.0, self.1));
    }
}

fn options(root: &Path) -> Options {
    let dirs = BoxDirs { state: root.join("state"), cache: root.join("cache") };
    Options { dirs, ..Options::of_user() }
}

fn is_skipped(plan: &WiredPlan) -> bool {
    let missing = missing_wired(plan);
    let is_root = nix::unistd::geteuid().is_root();
    if !missing.is_empty() || !is_root {
        lab_testkit::leave_out(&format!("root and {missing:?}"));
    }
    !missing.is_empty() || !is_root
}

fn switch(name: &str) -> Node {
    let bridge = Bridge { name: "lan".into(), mac: None, mtu: None, spanning_tree: false };
    Node { bridges: vec![bridge], ..Node::new(name, NodeKind::Switch) }
}

fn host(name: &str, address: &str) -> Node {
    let service = ServicePort { port: 80, transport: Transport::Tcp, service: "pages".into() };
    Node {
        things: vec![format!("host/{name}")],
        addresses: vec![("eth0".into(), address.parse().unwrap())],
        services: vec![service],
        ..Node::new(name, NodeKind::Host)
    }
}

/// A cable between ports of two nodes; a port of a switch is on its bridge.
fn cable(plan: &WiredPlan, ends: [(&str, &str); 2], change: impl Fn(&mut LaneEnd)) -> Cable {
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

/// `one` and `two` on a switch, and `three` on another, joined to the first by an aggregate of two cables.
fn plan(id: &str) -> WiredPlan {
    let mut left = switch("left");
    let mut right = switch("right");
    for node in [&mut left, &mut right] {
        node.programs.push(Program {
            name: "aggregates".into(),
            script: "setsid perl /mnt/aggregates.pl /mnt/aggregates &\nsleep 0.2\n".into(),
            processes: vec!["lw-aggregates".into()],
            is_last: false,
        });
    }
    let nodes = vec![
        left,
        right,
        host("one", "10.0.10.1/24"),
        host("two", "10.0.10.2/24"),
        host("three", "10.0.10.3/24"),
    ];
    let mut plan = WiredPlan { id: id.to_owned(), nodes, ..WiredPlan::default() };
    let plain = |_: &mut LaneEnd| {};
    let isolated = |end: &mut LaneEnd| end.isolated = end.bridge.is_some();
    let joined = |end: &mut LaneEnd| {
        end.aggregate = Some(Aggregate { name: "trunk".into(), interval_secs: 1 });
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

fn ping(from: &str, to: &str) -> Probe {
    Probe { from: from.into(), question: Question::Ping { to: to.parse().unwrap() } }
}

fn page(from: &str, to: &str) -> Probe {
    Probe { from: from.into(), question: Question::Tcp { to: format!("{to}:80").parse().unwrap() } }
}

fn now(id: &str, probe: &Probe) -> bool {
    ask(id, std::slice::from_ref(probe), Duration::from_millis(700)).unwrap()[0].ok
}

/// Whether the answer becomes `expect` in time.
fn becomes(id: &str, probe: &Probe, expect: bool) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if now(id, probe) == expect {
            return true;
        }
    }
    false
}

/// A thread that ended meanwhile wakes whoever is parked, so one parking is not enough.
fn pause(time: Duration) {
    let begin = Instant::now();
    while let Some(left) = time.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

#[test]
fn what_is_broken_is_broken_and_what_is_mended_is_whole() {
    let id = format!("wired{}", std::process::id());
    let plan = plan(&id);
    if is_skipped(&plan) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    let report = up_wired(&plan, &options, &mut |_| {}).unwrap();
    assert!(report.is_as_described(), "{:#?}", report.rows);
    let across = page("one", "10.0.10.3");
    assert!(becomes(&id, &across, true));
    assert!(!now(&id, &ping("one", "10.0.10.2")), "two isolated ports speak with each other");

    let cut = |cable: &str| Act::CableCut { cable: cable.to_owned() };
    let silent = |cable: &str| Act::CableSilent { cable: cable.to_owned() };
    let off = |node: &str| Act::NodeOff { node: node.to_owned() };
    for act in [cut("left:p1"), silent("one:eth0"), off("host/three"), off("right")] {
        faults::inject(dirs, &id, std::slice::from_ref(&act)).unwrap();
        assert!(!now(&id, &across), "{act} breaks nothing");
        assert_eq!(
            faults::in_force(dirs, &id).unwrap().into_iter().collect::<Vec<_>>(),
            std::slice::from_ref(&act)
        );
        faults::heal(dirs, &id, std::slice::from_ref(&act)).unwrap();
        assert!(becomes(&id, &across, true), "{act} is not mended");
    }
    // Two faults on one way, mended one after the other.
    faults::inject(dirs, &id, &[cut("left:p1"), off("three")]).unwrap();
    faults::heal(dirs, &id, &[off("three")]).unwrap();
    assert!(!now(&id, &across));
    faults::heal_all(dirs, &id).unwrap();
    assert!(becomes(&id, &across, true));
    assert!(faults::inject(dirs, &id, &[off("nobody")]).is_err());
    assert_eq!(WiredRecord::load(dirs, &id).unwrap().cables.len(), 5);

    let removed = down(dirs, &id).unwrap();
    assert!(removed.processes >= 7, "{removed:?}");
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn an_aggregate_outlives_each_of_its_links() {
    let id = format!("aggr{}", std::process::id());
    let plan = plan(&id);
    if is_skipped(&plan) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    assert!(up_wired(&plan, &options, &mut |_| {}).unwrap().is_as_described());
    let across = ping("one", "10.0.10.3");
    assert!(becomes(&id, &across, true));
    for (link, is_silent) in [("left:t1", false), ("left:t1", true), ("left:t2", false)] {
        let cable = link.to_owned();
        let act = if is_silent { Act::CableSilent { cable } } else { Act::CableCut { cable } };
        let every = Duration::from_millis(20);
        let watch = Watch::start(&id, std::slice::from_ref(&across), every, Duration::from_millis(500));
        faults::inject(dirs, &id, std::slice::from_ref(&act)).unwrap();
        assert!(becomes(&id, &across, true), "{act}: nothing comes through any more");
        pause(Duration::from_secs(if is_silent { 5 } else { 1 }));
        assert!(becomes(&id, &across, true), "{act}: nothing comes through any more");
        let trace = watch.stop().remove(0);
        let (lost, asked) = trace.lost();
        eprintln!(
            "{act}: {lost} of {asked} lost, one each 20 ms, {:.2} s",
            trace.seconds_lost(Duration::ZERO)
        );
        assert!(trace.ends_well() && lost < asked);
        faults::heal_all(dirs, &id).unwrap();
        assert!(becomes(&id, &across, true));
    }
}
