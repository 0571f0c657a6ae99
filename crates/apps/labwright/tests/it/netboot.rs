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

fn can_run() -> bool {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let there = |name: &&str| path.split(':').any(|folder| Path::new(folder).join(name).exists());
    let missing = ["ip", "udhcpc", "dnsmasq"].into_iter().find(|name| !there(name));
    if let (false, _) | (_, Some(_)) = (is_root, missing) {
        lab_testkit::leave_out(&format!("root and {}", missing.unwrap_or("nothing else")));
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

const PROXMOX: &str = "
lab: { name: test, domain: home.example }
prefixes:
  10.0.20.0/24: { gateway: 10.0.20.1, dns: 10.0.20.1 }
devices:
  box-1..2: { drives: { nvme-0: { serial: ABCD1234 } }, interfaces: { eth0: { mac: '52:54:00:99:00:01..02' } } }
hosts:
  pve: { on: box-1, os: proxmox 9, addresses: { eth0: 10.0.20.11/24 }, users: { root: { keys: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBP61N//WxoVQxsctZXgTGfBXC0KsYtYXHFbX5KPROj1 a@b } } }
  mute: { on: box-2, os: proxmox 9, addresses: { eth0: 10.0.20.12/24 } }
";

fn proxmox() -> Lab {
    let lab = Lab::new(&[]);
    lab.write("lab.yaml", PROXMOX);
    lab
}

#[test]
fn a_permit_names_what_is_wiped_and_is_not_given_by_mistake() {
    let lab = proxmox();
    for (args, code, part) in [
        (
            &["permit", "pve"][..],
            5,
            "installing `pve` wipes the disk with serial number ABCD1234 in bay nvme-0",
        ),
        (&["permit", "pve", "--wipe"], 5, "no terminal to ask at; `--yes`"),
        (&["permit", "mute", "--wipe", "--yes"], 5, "nobody could log in"),
        (&["permit", "nobody", "--wipe", "--yes"], 2, "there is no host `nobody`"),
        (&["permit", "pve", "--wipe", "--yes"], 0, "may install itself once"),
    ] {
        let run = lab.run(&[&["netboot"], args, &["--state", "state"]].concat());
        assert_eq!((run.code, run.stderr.contains(part)), (code, true), "{args:?}: {}", run.stderr);
    }
    let permits = |lab: &Lab| lab.run(&["netboot", "permits", "--state", "state", "--format", "json"]).stdout;
    assert!(permits(&lab).contains(r#""host":"pve","permit":"open","handed":0"#), "{}", permits(&lab));
    let run = lab.run(&["netboot", "revoke", "pve", "--state", "state"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(permits(&lab).contains(r#""host":"pve","permit":"closed""#), "{}", permits(&lab));
}

#[test]
fn a_proxmox_installer_gets_its_answers_while_the_permit_is_open() {
    if !can_run() {
        return;
    }
    let lab = proxmox();
    let mut wire = Wire::new();
    let _lines = wire.serve(&lab, &["--authoritative"]);
    let client = wire.client();
    ip(&["-n", &client, "addr", "add", "10.0.20.50/24", "dev", "eth0"]);
    let post = |mac: &str| {
        let body = format!(r#"{{"sysinfo":{{"network_interfaces":[{{"link":"eno1","mac":"{mac}"}}]}}}}"#);
        let mut curl = wire.inside(&client, "curl");
        curl.args(["-s", "-w", "\n%{http_code}", "-H", "Content-Type: application/json", "-d", &body]);
        let output = curl.arg("http://10.0.20.9/answer").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, code) = text.rsplit_once('\n').unwrap();
        (code.to_owned(), body.to_owned())
    };
    assert_eq!(post("52:54:00:99:00:01").0, "403", "no permit");
    // The service runs: it is asked by its socket.
    let run = lab.run(&["netboot", "permit", "pve", "--wipe", "--yes", "--state", "state"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (code, answer) = post("52:54:00:99:00:01");
    assert_eq!(code, "200");
    assert!(answer.contains("fqdn = \"pve.home.example\""), "{answer}");
    let report = "http://10.0.20.9/report/52:54:00:99:00:01/installed";
    assert!(answer.contains(&format!("url = \"{report}\"")), "{answer}");
    assert_eq!(post("52:54:00:99:00:77").0, "403", "another machine");
    let mut curl = wire.inside(&client, "curl");
    assert!(curl.args(["-sf", "-d", "{}", report]).status().unwrap().success());
    assert_eq!(post("52:54:00:99:00:01").0, "403", "installed");
}

/// Serves bytes at `/good`, a part of them as `/cut` would leave it, and knows ranges.
fn http_server(bytes: &'static [u8], requests: usize) -> (String, std::thread::JoinHandle<Vec<String>>) {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/file", listener.local_addr().unwrap());
    let serve = move || {
        let mut heads = Vec::new();
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.unwrap();
            let head: Vec<String> = BufReader::new(&stream)
                .lines()
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            let range = head
                .iter()
                .find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
            let from: usize = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
            let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
            let part = format!("Content-Range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
            let length = bytes.len() - from;
            write!(
                stream,
                "HTTP/1.1 {status}\r\n{part}Content-Length: {length}\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            stream.write_all(&bytes[from..]).unwrap();
            heads.push(head.join("\n"));
        }
        heads
    };
    (url, std::thread::spawn(serve))
}

#[test]
fn files_are_fetched_once_resumed_and_refused_when_they_are_wrong() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    const GOOD: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    let (url, server) = http_server(b"hello world", 2);
    let lab = Lab::new(&[("netboot/artefacts.txt", &format!("talos-1/amd64/vmlinuz {GOOD} {url}\n"))]);
    lab.write("state/files/talos-1/amd64/vmlinuz.part", "hello ");
    let fetch = || lab.run(&["netboot", "fetch", "--state", "state"]);
    let run = fetch();
    assert_eq!((run.code, run.stderr.contains("its checksum is right")), (0, true), "{}", run.stderr);
    let file = lab.path().join("state/files/talos-1/amd64/vmlinuz");
    assert_eq!(std::fs::read(&file).unwrap(), b"hello world");
    assert!(fetch().stderr.contains("already here"));
    lab.write("netboot/artefacts.txt", &format!("talos-1/amd64/vmlinuz {} {url}\n", "0".repeat(64)));
    let run = fetch();
    assert_eq!((run.code, run.stderr.contains(GOOD)), (1, true), "{}", run.stderr);
    assert!(!file.exists(), "a file that is not the wanted one is not served");
    let heads = server.join().unwrap();
    assert!(heads[0].to_lowercase().contains("range: bytes=6-"), "resumed: {}", heads[0]);
}
