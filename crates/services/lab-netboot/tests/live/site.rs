//! A closed site for one test: a namespace with a bridge and the service, and as many client namespaces as asked for.
//!
//! Dropping it ends the service, the processes it started and the namespaces.

use lab_netboot::config::{Artefact, Config, Pool, Segment};
use lab_netboot::{Event, EventKind, Service};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

static NEXT: AtomicU32 = AtomicU32::new(0);

pub(crate) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// Whether a test can run here; says why not.
pub(crate) fn can_run(programs: &[&str]) -> bool {
    if !nix::unistd::geteuid().is_root() {
        return skipped("root");
    }
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let there = |program: &str| path.split(':').any(|folder| Path::new(folder).join(program).exists());
    match std::iter::once(&"ip").chain(programs).find(|program| !there(program)) {
        Some(missing) => skipped(missing),
        None => true,
    }
}

fn skipped(needs: &str) -> bool {
    lab_testkit::leave_out(needs);
    false
}

pub(crate) struct Site {
    pub(crate) name: String,
    clients: u32,
    pub(crate) folder: tempfile::TempDir,
    running: Option<(Service, Receiver<Event>)>,
    children: Vec<Child>,
}

impl Site {
    /// The server's namespace with its bridge, and `clients` namespaces, each with `e0` on the bridge.
    pub(crate) fn new(clients: u32) -> Site {
        remove_leftovers();
        let name = format!("lnb{}n{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let site = Site {
            name,
            clients,
            folder: tempfile::tempdir().expect("a folder"),
            running: None,
            children: vec![],
        };
        let server = &site.name;
        ip(&["netns", "add", server]);
        ip(&["-n", server, "link", "set", "lo", "up"]);
        ip(&["-n", server, "link", "add", "br0", "type", "bridge"]);
        ip(&["-n", server, "addr", "add", "10.77.0.1/16", "dev", "br0"]);
        ip(&["-n", server, "addr", "add", "fd77::1/64", "dev", "br0", "nodad"]);
        ip(&["-n", server, "link", "set", "br0", "up"]);
        for i in 0..clients {
            let client = site.client(i);
            let port = format!("p{i}");
            ip(&["netns", "add", &client]);
            ip(&["-n", server, "link", "add", &port, "type", "veth", "peer", "name", "e0", "netns", &client]);
            ip(&["-n", server, "link", "set", &port, "master", "br0", "up"]);
            ip(&["-n", &client, "link", "set", "lo", "up"]);
            ip(&["-n", &client, "link", "set", "e0", "address", &mac(i), "up"]);
        }
        site
    }

    /// The namespace of a client.
    pub(crate) fn client(&self, i: u32) -> String {
        format!("{}c{i}", self.name)
    }

    /// A configuration for this site: a pool, and three artefacts.
    pub(crate) fn config(&self) -> Config {
        let network = "10.77.0.0/16".parse().expect("a network");
        let mut segment = Segment::new("lan", "br0", SERVER, network);
        let at = |a, b| Ipv4Addr::new(10, 77, a, b);
        segment.pools = vec![Pool { first: at(1, 0), last: at(255, 254) }];
        segment.options.routers = vec![SERVER];
        segment.options.dns = vec![SERVER];
        segment.options.domain = Some("lab.test".into());
        let mut config = Config::new(self.folder.path().join("state"), segment);
        config.namespace = Some(format!("/run/netns/{}", self.name).into());
        let big: Vec<u8> = (0..3_000_001_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let file = self.folder.path().join("big");
        std::fs::write(&file, big).expect("a file");
        config.artefacts.insert("big.bin".into(), Artefact::File(file));
        config.artefacts.insert("even.bin".into(), Artefact::Bytes(Arc::from(vec![7; 512 * 8])));
        config.artefacts.insert("empty".into(), Artefact::Bytes(Arc::from([])));
        config
    }

    /// Starts the service; ends the one that runs.
    pub(crate) fn start(&mut self, config: Config) {
        self.running = None;
        let (sender, receiver) = channel();
        self.running = Some((Service::start(config, sender).expect("the service starts"), receiver));
    }

    pub(crate) fn service(&self) -> &Service {
        &self.running.as_ref().expect("started").0
    }

    /// Waits for an event that `wanted` likes, up to a minute; the ones before it are dropped.
    pub(crate) fn wait_for(&self, what: &str, seconds: u64, wanted: impl Fn(&EventKind) -> bool) -> Event {
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut seen = Vec::new();
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            let Ok(event) = self.running.as_ref().expect("started").1.recv_timeout(left) else { break };
            if wanted(&event.kind) {
                return event;
            }
            seen.push(event.kind);
        }
        panic!("{what} did not happen; what did: {seen:#?}");
    }

    /// Starts a program in a namespace; it ends with the site.
    pub(crate) fn spawn(&mut self, namespace: &str, program: &[&str]) {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]).args(program).current_dir(self.folder.path());
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.children.push(quiet.spawn().expect("a program"));
    }

    /// Ends the program that was started last, without warning, and waits for its end.
    pub(crate) fn kill_last(&mut self) {
        let mut child = self.children.pop().expect("a child");
        child.kill().and_then(|()| child.wait()).expect("its end");
    }

    /// Tries a step until it succeeds, for half a minute.
    pub(crate) fn eventually(&self, what: &str, mut step: impl FnMut(&Site) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !step(self) {
            assert!(Instant::now() < end, "{what} did not happen");
            std::thread::yield_now();
        }
    }

    /// Runs a program in a namespace and returns what it said.
    pub(crate) fn run(&self, namespace: &str, program: &[&str]) -> Output {
        Command::new("ip")
            .args(["netns", "exec", namespace])
            .args(program)
            .current_dir(self.folder.path())
            .output()
            .expect("a program")
    }

    /// Runs a program in a namespace; it must succeed. Returns its standard output.
    pub(crate) fn must(&self, namespace: &str, program: &[&str]) -> String {
        let output = self.run(namespace, program);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{program:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.running = None;
        for mut child in self.children.drain(..) {
            let _ = child.kill().and_then(|()| child.wait());
        }
        (0..self.clients).map(|i| self.client(i)).chain([self.name.clone()]).for_each(|name| remove(&name));
    }
}

/// Ends what runs in a namespace, and the namespace.
fn remove(namespace: &str) {
    let pids = Command::new("ip").args(["netns", "pids", namespace]).output();
    for pid in String::from_utf8_lossy(&pids.expect("ip").stdout).split_whitespace() {
        let pid = nix::unistd::Pid::from_raw(pid.parse().expect("a process id"));
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
    }
    let _ = Command::new("ip").args(["netns", "del", namespace]).status();
}

/// Removes the sites of earlier runs that were killed: their names hold the number of a process that is gone.
fn remove_leftovers() {
    for entry in std::fs::read_dir("/run/netns").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix("lnb").and_then(|rest| rest.split('n').next()?.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            remove(&name);
        }
    }
}

/// The card of a client.
pub(crate) fn mac(i: u32) -> String {
    format!("52:54:00:77:00:{:02x}", i + 1)
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().expect("ip");
    assert!(output.status.success(), "ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
