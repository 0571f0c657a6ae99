//! `labwright netboot` in network namespaces of its own, with a running system as client and dnsmasq as rival.
//!
//! Needs root, `ip`, `udhcpc` and `dnsmasq`; where one is missing the test says so and ends.

use crate::lab::{Lab, Run};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const LAB: &str = "
prefixes:
  10.0.20.0/24: { gateway: 10.0.20.1, dns: 10.0.20.1, ranges: { 10.0.20.100-10.0.20.110: dhcp } }
devices:
  box-1: { drives: { nvme-0: { serial: ABCD1234 } }, interfaces: { eth0: { mac: '52:54:00:99:00:01' } } }
hosts:
  router: { addresses: { lan: 10.0.20.1/24 } }
  node: { on: box-1, os: debian 12, addresses: { eth0: 10.0.20.11/24 } }
";

/// A server's and a client's namespace with a wire between them.
struct Wire {
    name: String,
    children: Vec<Child>,
}

fn ip(args: &[&str]) {
    let output = Command::new("ip").args(args).output().unwrap();
    assert!(output.status.success(), "ip {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[expect(clippy::print_stderr, reason = "a test that did not test anything must say so")]
fn can_run() -> bool {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let there = |name: &&str| path.split(':').any(|folder| Path::new(folder).join(name).exists());
    let missing = ["ip", "udhcpc", "dnsmasq"].into_iter().find(|name| !there(name));
    if let (false, _) | (_, Some(_)) = (is_root, missing) {
        eprintln!("skipped: needs root and {}", missing.unwrap_or("nothing else"));
        return false;
    }
    true
}

impl Wire {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lwt{}n{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let client = format!("{name}c");
        ip(&["netns", "add", &name]);
        ip(&["netns", "add", &client]);
        ip(&["-n", &name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", &client]);
        ip(&["-n", &name, "addr", "add", "10.0.20.9/24", "dev", "eth0"]);
        ip(&["-n", &name, "link", "set", "eth0", "up"]);
        ip(&["-n", &client, "link", "set", "eth0", "address", "52:54:00:99:00:01", "up"]);
        Self { name, children: Vec::new() }
    }

    fn client(&self) -> String {
        format!("{}c", self.name)
    }

    fn inside(&self, namespace: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace, program]);
        command
    }

    fn labwright(&self, lab: &Lab, args: &[&str]) -> Command {
        let mut command = self.inside(&self.name, env!("CARGO_BIN_EXE_labwright"));
        command.current_dir(lab.path()).args(["netboot", "--state", "state"]).args(args);
        command
    }

    /// Starts the service and returns its output once it serves.
    fn serve(&mut self, lab: &Lab, args: &[&str]) -> BufReader<ChildStdout> {
        let mut child = self.labwright(lab, args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        self.children.push(child);
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(line.starts_with("10.0.20.0/24 on eth0 from 10.0.20.9"), "{line}");
        lines
    }

    fn ask(&self) -> std::process::Output {
        let client = self.client();
        self.inside(&client, "udhcpc")
            .args(["-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true"])
            .output()
            .unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        for mut child in self.children.drain(..) {
            let _ = child.kill().and_then(|()| child.wait());
        }
        for name in [self.client(), self.name.clone()] {
            let _ = Command::new("ip").args(["netns", "del", &name]).status();
        }
    }
}

fn wait_for(lines: &mut impl BufRead, part: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "`{part}` was not said, but: {all}");
        if line.contains(part) {
            return line;
        }
        all.push_str(&line);
    }
}

#[test]
fn a_host_of_the_lab_gets_its_address_and_is_named() {
    if !can_run() {
        return;
    }
    let lab = Lab::new(&[("net.yaml", LAB)]);
    let mut wire = Wire::new();
    let mut lines = wire.serve(&lab, &[]);
    let asked = wire.ask();
    let said = String::from_utf8_lossy(&asked.stderr);
    assert!(said.contains("lease of 10.0.20.11 obtained"), "{said}");
    let line = wait_for(&mut lines, "has 10.0.20.11");
    assert!(line.contains("node"), "{line}");
}

#[test]
fn another_dhcp_server_is_found_and_not_fought() {
    if !can_run() {
        return;
    }
    let lab = Lab::new(&[("net.yaml", LAB)]);
    let mut wire = Wire::new();
    let client = wire.client();
    ip(&["-n", &client, "addr", "add", "10.0.20.1/24", "dev", "eth0"]);
    let mut rival = wire.inside(&client, "dnsmasq");
    rival.args([
        "--no-daemon",
        "--conf-file=/dev/null",
        "--port=0",
        "--dhcp-leasefile=/dev/null",
        "--dhcp-authoritative",
    ]);
    rival.args(["--user=root", "--interface=eth0", "--dhcp-range=10.0.20.50,10.0.20.60,1h", "--no-ping"]);
    rival.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut rival = rival.spawn().unwrap();
    let mut said = BufReader::new(rival.stderr.take().unwrap());
    wire.children.push(rival);
    wait_for(&mut said, "DHCP, IP range");
    let run = Run::of(wire.labwright(&lab, &[]).output().unwrap());
    assert_eq!(run.code, 5, "{}", run.stderr);
    let expect =
        "another DHCP server answers on `eth0`: 10.0.20.1 (router of the lab), which offers 10.0.20.";
    assert!(run.stderr.contains(expect), "{}", run.stderr);
    assert!(run.stderr.contains("--proxy"), "{}", run.stderr);
    let mut lines = wire.serve(&lab, &["--proxy"]);
    wait_for(&mut lines, "machines known");
}

#[test]
fn what_cannot_be_served_is_refused_with_what_to_do() {
    if !can_run() {
        return;
    }
    let wire = Wire::new();
    let elsewhere = LAB.replace("10.0.20.", "10.9.9.");
    for (text, args, code, part) in [
        (LAB, &["--interface", "eth7"][..], 2, "there is no interface `eth7`"),
        (&elsewhere, &["--interface", "eth0"], 5, "the lab's networks are 10.9.9.0/24"),
        (&elsewhere, &[], 5, "no interface of this machine is in a network of the lab"),
        ("hosts: { a: { on: nothing } }", &[], 5, "the lab has 1 errors"),
    ] {
        let lab = Lab::new(&[("net.yaml", text)]);
        let run = Run::of(wire.labwright(&lab, args).output().unwrap());
        assert_eq!((run.code, run.stderr.contains(part)), (code, true), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_machine_is_explained_after_the_service_was_killed() {
    if !can_run() {
        return;
    }
    let lab = Lab::new(&[("net.yaml", LAB)]);
    let mut wire = Wire::new();
    let mut lines = wire.serve(&lab, &["--authoritative"]);
    let client = wire.client();
    let pxe = ["-V", "PXEClient:Arch:00007:UNDI:003016", "-x", "0x5d:0007"];
    let mut ask = wire.inside(&client, "udhcpc");
    ask.args(["-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true"]).args(pxe);
    assert!(ask.output().unwrap().status.success());
    wait_for(&mut lines, "has 10.0.20.11");
    let mut service = wire.children.pop().unwrap();
    service.kill().and_then(|()| service.wait()).unwrap();
    let explain = |who: &str, format: &str| {
        let run = lab.run(&["netboot", "explain", who, "--state", "state", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    let text = explain("node", "text");
    for part in [
        "node (52:54:00:99:00:01)\n",
        "DISCOVER from 0.0.0.0 (x86-64 UEFI firmware)\n",
        "OFFER 10.0.20.11, nothing to boot: it has its own disk and no open permit\n",
        "it is to start from its own disk.\n",
    ] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    assert!(explain("52:54:00:99:00:01", "json").contains("\"stop\":\"own-disk\""));
    // One digit off, and never seen.
    let near = explain("52:54:00:99:00:07", "text");
    assert!(near.contains("node has nearly the same, 52:54:00:99:00:01"), "{near}");
    let unknown = lab.run(&["netboot", "explain", "nobody", "--state", "state"]);
    assert_eq!(
        (unknown.code, unknown.stderr.contains("it has router, node")),
        (2, true),
        "{}",
        unknown.stderr
    );
}
