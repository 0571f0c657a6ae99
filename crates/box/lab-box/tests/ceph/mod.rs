//! A real Ceph of three monitors and three OSDs, one of each on three machines, of which one and two go, and of which two lose the cable
//! between them: what then becomes of reads and writes, beside what is predicted.

use crate::set_up::{Stand, planned};
use lab_box::faults::Act;
use lab_box::wired::Program;
use lab_model::Reading;
use lab_predict::answers::{Forecast, parts_named};
use lab_predict::simulate::{Keeping, simulate};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// For what takes a cluster some time: to come up, to notice who is gone.
const PATIENCE: Duration = Duration::from_secs(90);
/// What has not gone through by then is blocked.
const BLOCKED: &str = "12";

const LAB: &str = "
lab: { name: ceph }
prefixes: { 10.0.10.0/24: {} }
devices:
  switch: { role: switch, interfaces: { p1..3: 1000base-t } }
  box-1..3: { role: server, interfaces: { eth0: 1000base-t }, drives: { d-1: {} } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'box-1:eth0', 'switch:p2': 'box-2:eth0', 'switch:p3': 'box-3:eth0' } } }
hosts:
  node-1..3: { on: 'box-1..3', addresses: { eth0: 10.0.10.11..13/24 } }
clusters: { ceph: { kind: ceph, members: node-1..3, osds: box-1..3/d-1 } }
pools: { lab: { kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2, failure-domain: host } }
";

/// Each machine has a cable to each other one, nobody forwards; a switch carries the monitors, or nothing of Ceph.
const MESH: &str = "
lab: { name: ceph }
prefixes: { 10.0.10.0/24: {}, 10.0.20.0/24: {} }
devices:
  switch: { role: switch, interfaces: { p1..3: 1000base-t } }
  box-1..3: { role: server, interfaces: { eth0: 1000base-t, m1..2: 10gbase-t }, drives: { d-1: {} } }
cables:
  lan: { kind: cat6, between: { 'switch:p1': 'box-1:eth0', 'switch:p2': 'box-2:eth0', 'switch:p3': 'box-3:eth0' } }
  mesh-12: { kind: cat6a, between: { 'box-1:m1': 'box-2:m2' } }
  mesh-23: { kind: cat6a, between: { 'box-2:m1': 'box-3:m2' } }
  mesh-31: { kind: cat6a, between: { 'box-3:m1': 'box-1:m2' } }
lags: { mesh-1..3: { of: 'box-1..3:m1..2', mode: broadcast } }
hosts:
  node-1..3: { on: 'box-1..3', addresses: { eth0: 10.0.10.11..13/24, vmbr1: 10.0.20.11..13/24 } }
bridges: { node-1..3-mesh: { on: 'host/node-1..3', name: vmbr1, ports: mesh-1..3 } }
clusters: { ceph: { kind: ceph, members: node-1..3, osds: box-1..3/d-1, NETWORKS } }
pools: { lab: { kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2, failure-domain: host } }
";
/// Rounds of questions while the cable is cut, each as long as what is blocked is waited for: together nine times the heartbeat grace.
const N_ROUNDS: usize = 3;

/// The third machine, which is asked and stays.
struct Third<'a>(&'a Stand);

impl Third<'_> {
    fn run(&self, words: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let conf: PathBuf =
            [self.0.dirs().state.as_path(), self.0.id.as_ref(), "n/node-3/ceph/conf".as_ref()]
                .iter()
                .collect();
        let namespace = format!("lw-{}.node-3", self.0.id);
        let mut child = Command::new("ip")
            .args(["netns", "exec", &namespace, "timeout", "-s", "KILL", BLOCKED])
            .args(words)
            .env("CEPH_CONF", conf)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Who is blocked before it reads is ended with the input unread.
        drop(child.stdin.take().unwrap().write_all(input));
        let output = child.wait_with_output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    fn writes(&self, name: &str) -> bool {
        self.run(&["rados", "-p", "lab", "put", name, "-"], name.as_bytes()).is_some()
    }

    fn reads(&self, name: &str) -> bool {
        self.run(&["rados", "-p", "lab", "get", name, "-"], b"").is_some_and(|said| said == name.as_bytes())
    }

    fn sees_all(&self) -> bool {
        let said = self.run(&["ceph", "--connect-timeout", "5", "osd", "stat"], b"").unwrap_or_default();
        String::from_utf8_lossy(&said).contains("3 up")
    }

    /// The name of an object of whose copies a machine has the first, which all reads and writes go to.
    fn object_led_by(&self, number: u8) -> String {
        let of_node: PathBuf =
            [self.0.dirs().state.as_path(), self.0.id.as_ref(), "n".as_ref()].iter().collect();
        let id = std::fs::read_to_string(of_node.join(format!("node-{number}/ceph/id"))).unwrap();
        let leads = |name: &String| {
            let said = self.run(&["ceph", "osd", "map", "lab", name], b"").unwrap_or_default();
            String::from_utf8_lossy(&said).contains(&format!("acting ([{},", id.trim()))
        };
        let found = (0..60).map(|n| format!("object-{n}")).find(leads);
        found.unwrap_or_else(|| {
            let said = self.run(&["ceph", "osd", "map", "lab", "object-0"], b"").unwrap_or_default();
            panic!("osd {id} leads none: {}", String::from_utf8_lossy(&said))
        })
    }

    /// Which of the objects can be written, and which read, asked at the same time.
    fn round(&self, objects: &[String; 3]) -> [[bool; 3]; 2] {
        std::thread::scope(|scope| {
            let writes = objects.each_ref().map(|name| scope.spawn(|| self.writes(name)));
            let reads = objects.each_ref().map(|name| scope.spawn(|| self.reads(name)));
            [writes, reads].map(|asked| asked.map(|asked| asked.join().unwrap()))
        })
    }

    fn until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) -> Duration {
        let begin = Instant::now();
        while !is_so(self) {
            assert!(begin.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        }
        begin.elapsed()
    }
}

fn lacks() -> bool {
    let is_there = |program: &&str| Command::new(program).arg("--version").output().is_ok();
    let lacks = !["ceph-mon", "ceph-osd", "ceph", "rados"].iter().all(is_there);
    if lacks {
        lab_testkit::leave_out("ceph-mon, ceph-osd and ceph-common");
    }
    lacks
}

/// A cluster that was written to, and its lab. `public` and `replication` begin the addresses that Ceph is given.
#[expect(clippy::print_stderr, reason = "what was measured is what it is run for")]
fn up(lab: &str, public: &str, replication: &str) -> Option<(Stand, Reading)> {
    let (reading, mut plan) = planned(lab);
    if lacks() {
        return None;
    }
    for number in 1..=3 {
        let node = plan.find(&format!("host/node-{number}")).unwrap();
        let given = format!("NUMBER={number}\nPUBLIC={public}\nREPLICATION={replication}\n");
        plan.nodes[node].programs.push(Program {
            name: "ceph".into(),
            script: given + include_str!("node.sh"),
            processes: vec!["ceph-mon".into(), "ceph-osd".into()],
            is_last: false,
        });
    }
    let begin = Instant::now();
    let stand = Stand::up("ceph", plan)?;
    let third = Third(&stand);
    third.until("three OSDs are up", Third::sees_all);
    let make = ["ceph", "osd", "pool", "create", "lab", "32", "32"];
    assert!(third.run(&make, b"").is_some());
    third.until("a first write", |third| third.writes("first"));
    eprintln!("up and written to after {:.1} s", begin.elapsed().as_secs_f64());
    Some((stand, reading))
}

fn forecast(reading: &Reading) -> Forecast<'_> {
    Forecast::new(&reading.lab, jiff::civil::date(2026, 1, 1), 1).unwrap()
}

#[test]
fn a_real_ceph_serves_and_stops_as_predicted() {
    let Some((stand, reading)) = up(LAB, "10.0.10.1", "") else { return };
    let forecast = forecast(&reading);
    let third = Third(&stand);
    for n_off in 0..3 {
        let gone: Vec<String> = (1..=n_off).map(|number| format!("node-{number}")).collect();
        let parts: Vec<_> = gone.iter().flat_map(|name| parts_named(&forecast, name).unwrap()).collect();
        let predicted = simulate(&forecast.works, &parts).pools[0];
        let acts: Vec<Act> = gone.iter().map(|node| Act::NodeOff { node: node.clone() }).collect();
        stand.inject(&acts);
        let object = format!("while-{n_off}-are-off");
        if predicted == Keeping::Serving {
            let took = third.until("a write", |third| third.writes(&object));
            assert!(third.reads("first") && third.reads(&object), "{n_off} off");
            eprintln!(
                "{n_off} of 3 off: reads and writes after {:.1} s, predicted {predicted:?}",
                took.as_secs_f64()
            );
        } else {
            let (writes, reads) = (third.writes(&object), third.reads("first"));
            eprintln!(
                "{n_off} of 3 off: writes {writes}, reads {reads} within {BLOCKED} s, predicted {predicted:?}"
            );
            assert!(!writes && !reads, "{n_off} off");
        }
        stand.heal_all();
        let took = third.until("a write", |third| third.writes("healed"));
        third.until("three OSDs are up", Third::sees_all);
        assert!(third.reads("first"), "what was written at first is there");
        eprintln!("healed: writes after {:.1} s", took.as_secs_f64());
    }
    stand.down();
}

#[test]
fn a_real_ceph_whose_copies_go_over_a_mesh_waits_for_its_cable() {
    without_a_cable("network: 10.0.10.0/24, replication-network: 10.0.20.0/24", "10.0.10.1", "10.0.20.1");
}

#[test]
fn a_real_ceph_that_is_all_on_a_mesh_waits_for_its_cable() {
    without_a_cable("network: 10.0.20.0/24", "10.0.20.1", "");
}

/// Cuts the cable between the first two machines.
#[expect(clippy::print_stderr, reason = "what was measured is what it is run for")]
fn without_a_cable(networks: &str, public: &str, replication: &str) {
    let lab = MESH.replace("NETWORKS", networks);
    let Some((stand, reading)) = up(&lab, public, replication) else { return };
    let forecast = forecast(&reading);
    let third = Third(&stand);
    let parts = parts_named(&forecast, "box-1:m1").unwrap();
    let predicted = simulate(&forecast.works, &parts).pools[0];
    let objects = [1, 2, 3].map(|number| third.object_led_by(number));
    assert!(objects.iter().all(|object| third.writes(object)));
    stand.inject(&[Act::CableCut { cable: "box-1:m1".into() }]);
    let begin = Instant::now();
    let rounds: Vec<[[bool; 3]; 2]> = (0..N_ROUNDS).map(|_| third.round(&objects)).collect();
    let said = third.run(&["ceph", "--connect-timeout", "10", "osd", "stat"], b"");
    let said = said.map(|said| String::from_utf8_lossy(&said).trim_end().to_owned());
    eprintln!(
        "writes and reads of what each of three leads, in {N_ROUNDS} rounds of {:.1} s: {rounds:?}; OSDs by the monitors: {said:?}; predicted {predicted:?}",
        begin.elapsed().as_secs_f64()
    );
    // Whatever one of the two leads waits, reads as soon as the lease to read has run out; what the third leads goes on.
    assert_eq!(predicted, Keeping::Stopped);
    assert!(rounds.iter().all(|[writes, _]| *writes == [false, false, true]));
    // Monitors of which two do not hear each other may be in the middle of an election and say nothing.
    assert!(said.map_or(replication.is_empty(), |said| said.contains("3 up")));
    assert_eq!(rounds.last().map(|[_, reads]| *reads), Some([false, false, true]));
    stand.heal_all();
    let took = third.until("a write of each", |third| objects.iter().all(|object| third.writes(object)));
    assert!(objects.iter().all(|object| third.reads(object)) && third.reads("first"));
    eprintln!("healed: writes after {:.1} s", took.as_secs_f64());
    stand.down();
}
