//! A real Ceph of three monitors and three OSDs, one of each on three machines, of which one and two go: what then becomes of reads and writes, beside
//! what is predicted.

use crate::set_up::{Stand, planned};
use lab_box::faults::Act;
use lab_box::wired::Program;
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

#[test]
fn a_real_ceph_serves_and_stops_as_predicted() {
    let (reading, mut plan) = planned(LAB);
    if lacks() {
        return;
    }
    for number in 1..=3 {
        let node = plan.find(&format!("host/node-{number}")).unwrap();
        plan.nodes[node].programs.push(Program {
            name: "ceph".into(),
            script: format!("NUMBER={number}\n{}", include_str!("node.sh")),
            processes: vec!["ceph-mon".into(), "ceph-osd".into()],
            is_last: false,
        });
    }
    let forecast = Forecast::new(&reading.lab, jiff::civil::date(2026, 1, 1), 1).unwrap();
    let begin = Instant::now();
    let Some(stand) = Stand::up("ceph", plan) else { return };
    let third = Third(&stand);
    let up = |third: &Third<'_>| {
        let said = third.run(&["ceph", "--connect-timeout", "5", "osd", "stat"], b"").unwrap_or_default();
        String::from_utf8_lossy(&said).contains("3 up")
    };
    third.until("three OSDs are up", up);
    let make = ["ceph", "osd", "pool", "create", "lab", "8", "8"];
    assert!(third.run(&make, b"").is_some());
    third.until("a first write", |third| third.writes("first"));
    eprintln!("up and written to after {:.1} s", begin.elapsed().as_secs_f64());
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
        third.until("three OSDs are up", up);
        assert!(third.reads("first"), "what was written at first is there");
        eprintln!("healed: writes after {:.1} s", took.as_secs_f64());
    }
    stand.down();
}
