//! Whole labs in wired boxes: who may reach whom, who holds the only line out, cables that are bad, what a killed run leaves behind, and a real
//! etcd whose members go.
//!
//! Needs root and the packages of a wired box; says "skipped: needs ..." without them. `LAB_BOX_TAKEOVERS` and `LAB_BOX_KILLS` say how
//! often a line changes hands and a run is killed; few when nothing is said.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

use lab_box::faults::{self, Act};
use lab_box::observe::{Probe, Question, Watch, ask};
use lab_box::wired::{NodeKind, Program, WiredPlan};
use lab_box::{BoxDirs, Options, Removed, down, missing_wired, project_wired, up_wired};
use lab_model::{Lab, Reading};
use lab_predict::answers::{Forecast, parts_named};
use lab_predict::simulate::simulate;
use lab_rehearse::zones::{matrix, tally, trials, try_all};
use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(40);
/// The only address that a provider of the box gives.
const PUBLIC: &str = "203.0.113.2";
/// Set in the run that is to be killed: the folder of its box.
const VICTIM: &str = "LAB_BOX_VICTIM";

struct Guarded<'a>(&'a BoxDirs, &'a str);

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        drop(down(self.0, self.1));
    }
}

fn collect(folder: &Path, root: &Path, files: &mut Vec<lab_source::Input>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.ends_with("overlays") {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(lab_source::Input { name, bytes: fs::read(&path).unwrap() });
        }
    }
}

fn read(name: &str) -> Reading {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs").join(name);
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files);
    lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() })
}

fn planned(lab: &Lab, id: &str) -> WiredPlan {
    let mut plan = project_wired(lab).0;
    plan.id = id.to_owned();
    plan
}

fn options(root: &Path) -> Options {
    let dirs = BoxDirs { state: root.join("state"), cache: root.join("cache") };
    Options { dirs, ..Options::of_user() }
}

fn lacks(plan: &WiredPlan) -> bool {
    let missing = missing_wired(plan);
    let is_root = nix::unistd::geteuid().is_root();
    if !missing.is_empty() || !is_root {
        lab_testkit::leave_out(&format!("root and {missing:?}"));
    }
    !missing.is_empty() || !is_root
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn ping(from: &str, to: &str) -> Probe {
    Probe { from: from.into(), question: Question::Ping { to: to.parse().unwrap() } }
}

/// A thread that ended meanwhile wakes whoever is parked, so one parking is not enough.
fn pause(time: Duration) {
    let begin = Instant::now();
    while let Some(left) = time.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

fn comes(id: &str, probe: &Probe) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if ask(id, std::slice::from_ref(probe), Duration::from_millis(500)).unwrap()[0].ok {
            return true;
        }
    }
    false
}

#[test]
fn every_pair_of_zones_does_what_the_rules_say() {
    for name in ["infra-mk3", "ocean"] {
        let reading = read(name);
        let id = format!("zones{}-{name}", std::process::id());
        let plan = planned(&reading.lab, &id);
        if lacks(&plan) {
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let options = options(root.path());
        let _guard = Guarded(&options.dirs, &id);
        let report = up_wired(&plan, &options, &mut |_| {}).unwrap();
        assert!(report.is_as_described(), "{name}: {:#?}", report.rows);
        let trials = trials(&reading.lab, &plan);
        let seen = try_all(&id, &trials).unwrap();
        let all = tally(&trials, &seen, |_| true);
        let text = lab_show::render_text(&matrix(name, &trials, &seen), 200);
        eprintln!("{text}");
        assert_eq!(all.against, 0, "{text}");
        assert!(all.passed > 0 && all.passed < all.tried, "{text}");
        // Who is isolated does not reach a neighbour either.
        for zone in reading.lab.zones.iter().filter(|(_, zone)| zone.isolated.is_some()) {
            let own = zone.1.name.text.to_string();
            let inside = tally(&trials, &seen, |trial| trial.from == own && trial.column == own);
            assert!(inside.tried > 0 && inside.passed == 0, "{own}: {inside:?}");
        }
    }
}

/// The routers at one line: the node where they meet, and the port there of each.
struct Line {
    gate: String,
    legs: Vec<(String, String)>,
}

impl Line {
    fn of(plan: &WiredPlan) -> Line {
        let mut line = Line { gate: String::new(), legs: Vec::new() };
        for cable in &plan.cables {
            for side in 0..2 {
                let is_leg = |end: &lab_box::wired::LaneEnd| {
                    end.aggregate.as_ref().is_some_and(|a| a.choice == lab_box::wired::Choice::Gate)
                };
                let Some(lane) = cable.lanes.iter().find(|lane| is_leg(&lane.ends[side])) else { continue };
                line.gate.clone_from(&plan.nodes[cable.ends[side].node].name);
                let router = plan.nodes[cable.ends[1 - side].node].name.clone();
                line.legs.push((router, lane.ends[side].device.clone()));
            }
        }
        assert_eq!(line.legs.len(), 2, "the lab has no line that two routers share");
        line
    }

    /// The routers that the line lets in now.
    fn let_in(&self, id: &str) -> BTreeSet<String> {
        let said = ip(id, &self.gate, &["-o", "link", "show"]);
        let is_in = |port: &str| {
            let line = said.lines().find(|line| line.contains(&format!(" {port}@")));
            line.is_some_and(|line| line.contains(" master "))
        };
        let routers = self.legs.iter().filter(|(_, port)| is_in(port));
        routers.map(|(router, _)| router.clone()).collect()
    }

    /// The routers that have the public address, over a link that is up and let in.
    fn holders(&self, id: &str) -> BTreeSet<String> {
        let before = self.let_in(id);
        let has = |router: &String| {
            let said = ip(id, router, &["-o", "-4", "address", "show", "up", "to", PUBLIC]);
            !said.is_empty()
        };
        let holders: BTreeSet<String> =
            self.legs.iter().map(|(router, _)| router).filter(|r| has(r)).cloned().collect();
        // What was let in all the while of the look.
        let after = self.let_in(id);
        holders.into_iter().filter(|router| before.contains(router) && after.contains(router)).collect()
    }
}

fn ip(id: &str, node: &str, words: &[&str]) -> String {
    let output = Command::new("ip").args(["-n", &format!("lw-{id}.{node}")]).args(words).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The router whose turn it is, and nobody else's.
fn settled(id: &str, line: &Line) -> String {
    let begin = Instant::now();
    loop {
        let holders = line.holders(id);
        if let (1, Some(only)) = (holders.len(), holders.first()) {
            return only.clone();
        }
        assert!(begin.elapsed() < PATIENCE, "nobody holds the line, or two: {holders:?}");
    }
}

#[test]
fn two_routers_never_hold_the_line() {
    let reading = read("infra-mk3");
    let id = format!("line{}", std::process::id());
    let plan = planned(&reading.lab, &id);
    if lacks(&plan) {
        return;
    }
    let line = Line::of(&plan);
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    up_wired(&plan, &options, &mut |_| {}).unwrap();
    let out = ping("client-users", "198.51.100.1");
    assert!(comes(&id, &out), "the Internet is not reached");
    let takeovers = number("LAB_BOX_TAKEOVERS", 3);
    let (stop, mut lost) = (AtomicBool::new(false), Vec::new());
    let (looks, twice) = std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let (mut looks, mut twice) = (0usize, 0usize);
            while !stop.load(Ordering::SeqCst) {
                twice += usize::from(line.let_in(&id).len() > 1 || line.holders(&id).len() > 1);
                looks += 1;
                pause(Duration::from_millis(20));
            }
            (looks, twice)
        });
        for turn in 0..takeovers {
            let leader = settled(&id, &line);
            let act = match turn % 2 {
                0 => Act::NodeOff { node: leader.clone() },
                _ => Act::ProcessKilled { node: leader.clone(), program: "keepalived".to_owned() },
            };
            let watch = Watch::start(
                &id,
                std::slice::from_ref(&out),
                Duration::from_millis(25),
                Duration::from_millis(500),
            );
            faults::inject(dirs, &id, std::slice::from_ref(&act)).unwrap();
            let begin = Instant::now();
            while settled(&id, &line) == leader {
                assert!(begin.elapsed() < PATIENCE, "{act}: {leader} still holds the line");
            }
            assert!(comes(&id, &out), "{act}: the Internet is not reached again");
            lost.push(watch.stop()[0].seconds_lost(Duration::ZERO));
            faults::heal_all(dirs, &id).unwrap();
            assert!(comes(&id, &out), "healed from {act}: the Internet is not reached");
            // Both must hear each other before the next change.
            pause(Duration::from_secs(4));
        }
        stop.store(true, Ordering::SeqCst);
        looking.join().unwrap()
    });
    lost.sort_by(f64::total_cmp);
    eprintln!(
        "{takeovers} takeovers, {looks} looks, twice held in {twice}; seconds without the Internet: {:.2} least, {:.2} in the middle, {:.2} most",
        lost[0],
        lost[lost.len() / 2],
        lost[lost.len() - 1]
    );
    assert_eq!(twice, 0);
    assert!(looks > takeovers);
}

#[test]
fn a_bad_cable_is_slow_and_lossy_until_it_is_mended_and_a_provider_dies() {
    let reading = read("starter");
    let id = format!("bad{}", std::process::id());
    let plan = planned(&reading.lab, &id);
    if lacks(&plan) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    assert!(up_wired(&plan, &options, &mut |_| {}).unwrap().is_as_described());
    // A machine with one described cable, and its next hop.
    let (node, via) = plan
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.kind == NodeKind::Host)
        .find_map(|(index, node)| {
            let ends =
                plan.cables.iter().filter(|c| c.is_described && c.ends.iter().any(|e| e.node == index));
            let via: IpAddr = node.routes.iter().find(|route| route.to.is_none())?.via;
            (ends.count() == 1).then_some((index, via))
        })
        .unwrap();
    let cable = plan.cables.iter().find(|c| c.is_described && c.ends.iter().any(|e| e.node == node)).unwrap();
    let probe = ping(&plan.nodes[node].name, &via.to_string());
    assert!(comes(&id, &probe));
    let took = || ask(&id, std::slice::from_ref(&probe), Duration::from_secs(2)).unwrap()[0].took;
    let name = || cable.name.clone();
    let bad = [Act::CableSlow { cable: name(), ms: 30 }, Act::CableLossy { cable: name(), percent: 20 }];
    faults::inject(dirs, &id, &bad[..1]).unwrap();
    assert!(comes(&id, &probe));
    let slow = took();
    assert!(slow >= Duration::from_millis(60), "30 ms each way: {slow:?}");
    faults::inject(dirs, &id, &bad[1..]).unwrap();
    let watch = Watch::start(
        &id,
        std::slice::from_ref(&probe),
        Duration::from_millis(10),
        Duration::from_millis(400),
    );
    pause(Duration::from_secs(4));
    let (lost, asked) = watch.stop()[0].lost();
    eprintln!("30 ms and 20 % each way: {slow:?}, {lost} of {asked} lost");
    // 36 % of both ways; far enough from it that chance does not decide.
    assert!(lost * 100 > asked * 20 && lost * 100 < asked * 55, "{lost} of {asked}");
    faults::heal(dirs, &id, &bad).unwrap();
    assert!(comes(&id, &probe));
    assert!(took() < Duration::from_millis(30), "it is still slow");

    let provider = plan.nodes.iter().find(|node| node.kind == NodeKind::Provider).unwrap();
    let out = ping("client-users", "198.51.100.1");
    assert!(comes(&id, &out), "the Internet is not reached");
    let act = Act::NodeOff { node: provider.name.clone() };
    faults::inject(dirs, &id, std::slice::from_ref(&act)).unwrap();
    assert!(!ask(&id, std::slice::from_ref(&out), Duration::from_secs(1)).unwrap()[0].ok);
    faults::heal_all(dirs, &id).unwrap();
    assert!(comes(&id, &out), "the provider is back and the Internet is not reached");
}

/// What there is of a box outside its folder.
fn traces(id: &str) -> Vec<String> {
    let listing = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let names = listing.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(&format!("lw-{id}"))).collect()
}

fn of_the_host() -> String {
    let said = |words: &[&str]| Command::new("ip").args(words).output().unwrap().stdout;
    String::from_utf8([said(&["-br", "address"]), said(&["route"])].concat()).unwrap()
}

#[test]
fn a_run_that_is_killed_leaves_nothing_that_down_does_not_take() {
    let reading = read("infra-mk3");
    if let Some(root) = std::env::var_os(VICTIM) {
        let root = PathBuf::from(root);
        let id = root.file_name().unwrap().to_str().unwrap().to_owned();
        drop(up_wired(&planned(&reading.lab, &id), &options(&root), &mut |_| {}));
        return;
    }
    if lacks(&planned(&reading.lab, "killed")) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let kills = number("LAB_BOX_KILLS", 3);
    let before = of_the_host();
    for kill in 0..kills {
        let id = format!("kill{}-{kill}", std::process::id());
        let folder = root.path().join(&id);
        fs::create_dir(&folder).unwrap();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_run_that_is_killed_leaves_nothing_that_down_does_not_take"])
            .env(VICTIM, &folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Moments all over the twelve seconds that it takes, none twice.
        let moment = Duration::from_millis(12_000 * (2 * kill as u64 + 1) / (2 * kills as u64));
        pause(moment);
        victim.kill().unwrap();
        victim.wait().unwrap();
        let options = options(&folder);
        let _guard = Guarded(&options.dirs, &id);
        let there = traces(&id).len();
        let removed = down(&options.dirs, &id).unwrap();
        eprintln!("killed after {moment:?}: {there} namespaces, {} processes, all gone", removed.processes);
        assert_eq!(traces(&id), Vec::<String>::new(), "after {moment:?}");
        assert_eq!(down(&options.dirs, &id).unwrap(), Removed::default());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "after {moment:?}");
    }
    assert_eq!(of_the_host(), before);
}

/// The BGP of a node over an aggregate: it does not notice that one of the links is gone, and is back soon after both were.
#[test]
fn a_session_over_an_aggregate_stays_and_comes_back() {
    let reading = read("infra-mk3");
    let id = format!("bgp{}", std::process::id());
    let plan = planned(&reading.lab, &id);
    if lacks(&plan) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    up_wired(&plan, &options, &mut |_| {}).unwrap();
    let has_routes = || !ip(&id, "router-01", &["route", "show", "proto", "bgp"]).is_empty();
    let becomes = |wanted: bool, why: &str| {
        let begin = Instant::now();
        while has_routes() != wanted {
            assert!(begin.elapsed() < PATIENCE, "{why}");
            pause(Duration::from_millis(100));
        }
        begin.elapsed()
    };
    becomes(true, "no route comes by BGP");
    let cut = |end: &str| {
        let cables = plan.cables.iter().filter(|cable| cable.is_described && cable.is_called(end));
        let acts: Vec<Act> = cables.map(|cable| Act::CableCut { cable: cable.name.clone() }).collect();
        assert!(!acts.is_empty(), "no cable at {end}");
        faults::inject(dirs, &id, &acts).unwrap();
    };
    cut("cable/node-breakouts switch-01:1/9");
    for _ in 0..50 {
        assert!(has_routes(), "one link of two is gone, and so is the session");
        pause(Duration::from_millis(100));
    }
    cut("cable/node-breakouts switch-01:1/10");
    becomes(false, "both links are gone, and the routes are not");
    faults::heal_all(dirs, &id).unwrap();
    let after = becomes(true, "healed, and the session is not");
    eprintln!("routes are back {:.1} s after both links are", after.as_secs_f32());
}

const KV: &str = "
lab: { name: kv }
prefixes: { 10.0.10.0/24: {} }
devices:
  switch: { role: switch, interfaces: { p1..3: 1000base-t } }
  box-1..3: { role: server, interfaces: { eth0: 1000base-t } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'box-1:eth0', 'switch:p2': 'box-2:eth0', 'switch:p3': 'box-3:eth0' } } }
hosts:
  node-1: { on: box-1, addresses: { eth0: 10.0.10.11/24 } }
  node-2: { on: box-2, addresses: { eth0: 10.0.10.12/24 } }
  node-3: { on: box-3, addresses: { eth0: 10.0.10.13/24 } }
services: { kv: { on: [node-1, node-2, node-3], software: etcd, replicas: 3, quorum: 2 } }
";

/// The start of a member of etcd, in place of what the box would put there.
fn etcd(number: usize) -> Program {
    let peers: Vec<String> = (1..=3).map(|n| format!("node-{n}=http://10.0.10.1{n}:2380")).collect();
    let at = format!("http://10.0.10.1{number}");
    Program {
        name: "etcd".to_owned(),
        // It maps more memory than it uses.
        script: format!(
            "ulimit -S -v unlimited\nmkdir -p -m 700 /mnt/etcd\nsetsid etcd --name node-{number} --data-dir /mnt/etcd \
             --listen-peer-urls {at}:2380 --initial-advertise-peer-urls {at}:2380 --listen-client-urls {at}:2379 \
             --advertise-client-urls {at}:2379 --initial-cluster {} &\n",
            peers.join(",")
        ),
        processes: vec!["etcd".to_owned()],
        is_last: false,
    }
}

/// Whether a member answers to these words.
fn kv(id: &str, node: &str, words: &[&str]) -> bool {
    let number = node.trim_start_matches("node-");
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &format!("lw-{id}.{node}"), "etcdctl", "--command-timeout=3s"]);
    command.arg(format!("--endpoints=http://10.0.10.1{number}:2379")).args(words);
    command.env("ETCDCTL_API", "3").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn a_real_etcd_keeps_and_loses_its_quorum_as_predicted() {
    let has = |program: &str| Command::new(program).arg("version").output().is_ok();
    if !has("etcdctl") || !Command::new("etcd").arg("--version").output().is_ok_and(|o| o.status.success()) {
        lab_testkit::leave_out("etcd-server and etcd-client");
        return;
    }
    let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: KV.into() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    let id = format!("kv{}", std::process::id());
    let mut plan = planned(&reading.lab, &id);
    if lacks(&plan) {
        return;
    }
    for number in 1..=3 {
        let node = plan.find(&format!("host/node-{number}")).unwrap();
        plan.nodes[node].programs.push(etcd(number));
    }
    let root = tempfile::tempdir().unwrap();
    let options = options(root.path());
    let dirs = &options.dirs;
    let _guard = Guarded(dirs, &id);
    up_wired(&plan, &options, &mut |_| {}).unwrap();
    let writes = |node: &str| kv(&id, node, &["put", "key", "value"]);
    let reads = |node: &str| kv(&id, node, &["get", "key"]);
    let reads_old = |node: &str| kv(&id, node, &["get", "key", "--consistency=s"]);
    let begin = Instant::now();
    while !writes("node-3") {
        assert!(begin.elapsed() < PATIENCE, "the members find no quorum");
    }
    let today = jiff::civil::date(2026, 1, 1);
    let forecast = Forecast::new(&reading.lab, today, 1).unwrap();
    for n_off in 0..3 {
        let gone: Vec<String> = (1..=n_off).map(|number| format!("node-{number}")).collect();
        let parts: Vec<_> = gone.iter().flat_map(|name| parts_named(&forecast, name).unwrap()).collect();
        let predicted = simulate(&forecast.works, &parts).services[0].works;
        let acts: Vec<Act> = gone.iter().map(|node| Act::NodeOff { node: node.clone() }).collect();
        faults::inject(dirs, &id, &acts).unwrap();
        // A leader that went is followed by another within a second or two; who has no quorum never answers.
        let begin = Instant::now();
        let mut seen = writes("node-3");
        while !seen && predicted && begin.elapsed() < PATIENCE {
            seen = writes("node-3");
        }
        let read = reads("node-3");
        eprintln!(
            "{n_off} of 3 members without power: writes {seen}, reads {read}, reads of what it has {}, predicted {predicted}",
            reads_old("node-3")
        );
        assert_eq!((seen, read), (predicted, predicted), "{gone:?}");
        assert!(reads_old("node-3"));
        faults::heal_all(dirs, &id).unwrap();
        let begin = Instant::now();
        while !writes("node-3") {
            assert!(begin.elapsed() < PATIENCE, "healed, and no quorum");
        }
    }
}
