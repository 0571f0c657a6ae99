//! Two network namespaces joined by a wire: a server works in one, its clients in the other; and what the server cost.
//!
//! Dropping the yard ends what runs in it. Nothing outside the namespaces is touched.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The server's address; the clients' is one higher.
pub(crate) const SERVER: &str = "10.80.0.1";

/// The namespaces and a folder for what the servers write.
pub(crate) struct Yard {
    name: String,
    pub(crate) folder: tempfile::TempDir,
}

/// What a server has used up since it was started.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Time of the processor, of the system on its behalf included.
    pub(crate) cpu: Duration,
    /// The largest resident memory of all its processes together, in KiB.
    pub(crate) peak_kib: u64,
}

/// A program in the server's namespace; ended with the value.
pub(crate) struct Running {
    child: Child,
    namespace: String,
}

impl Yard {
    pub(crate) fn new() -> Yard {
        let name = format!("lnbench{}", std::process::id());
        let yard = Yard { name, folder: tempfile::tempdir().unwrap() };
        let (server, client) = (yard.server(), yard.client());
        ip(&["netns", "add", &server]);
        ip(&["netns", "add", &client]);
        ip(&["-n", &server, "link", "add", "s0", "type", "veth", "peer", "name", "c0", "netns", &client]);
        for (namespace, card, address) in [(&server, "s0", "10.80.0.1/16"), (&client, "c0", "10.80.0.2/16")] {
            ip(&["-n", namespace, "addr", "add", address, "dev", card]);
            ip(&["-n", namespace, "link", "set", "lo", "up"]);
            ip(&["-n", namespace, "link", "set", card, "up"]);
        }
        yard
    }

    fn server(&self) -> String {
        format!("{}s", self.name)
    }

    fn client(&self) -> String {
        format!("{}c", self.name)
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    /// Starts a server and waits until it listens on a port.
    pub(crate) fn serve(&self, program: &[&str], port: u16) -> Running {
        let namespace = self.server();
        let log = std::fs::File::create(self.path("server.log")).unwrap();
        let child = Command::new("ip")
            .args(["netns", "exec", &namespace])
            .args(program)
            // Kea keeps its lock and its number where it is told to, or in folders of the system.
            .envs([("KEA_PIDFILE_DIR", self.folder.path()), ("KEA_LOCKFILE_DIR", self.folder.path())])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        let mut running = Running { child: child.unwrap(), namespace };
        running.wait_for(port, &self.path("server.log"));
        running
    }

    /// Begins a client.
    pub(crate) fn ask(&self, program: &[&str]) -> Child {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.client()]).args(program).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// Waits for the end of a client, which must be a success unless `may_fail`; returns what it said.
pub(crate) fn answer(client: Child, may_fail: bool) -> String {
    let Output { status, stdout, stderr } = client.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success() || may_fail, "{said}{}", String::from_utf8_lossy(&stderr));
    said
}

impl Running {
    fn wait_for(&mut self, port: u16, log: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        let (wanted, pid) = (format!(":{port:04X} "), self.child.id());
        loop {
            let tables =
                ["udp", "tcp"].map(|table| std::fs::read_to_string(format!("/proc/{pid}/net/{table}")));
            if tables.iter().flatten().any(|table| table.contains(&wanted)) && !self.is_outside() {
                return;
            }
            let has_ended = self.child.try_wait().unwrap().is_some();
            let said = std::fs::read_to_string(log).unwrap_or_default();
            assert!(!has_ended && Instant::now() < end, "no server on port {port}: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Until `ip` has entered the namespace, the tables are those of the machine.
    fn is_outside(&self) -> bool {
        let of = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        of("self") == of(&self.child.id().to_string())
    }

    /// What all processes in the namespace have used up.
    pub(crate) fn cost(&self) -> Cost {
        let pids = Command::new("ip").args(["netns", "pids", &self.namespace]).output().unwrap();
        let pids = String::from_utf8_lossy(&pids.stdout).into_owned();
        pids.split_whitespace().map(cost_of).fold(Cost::default(), |sum, one| Cost {
            cpu: sum.cpu + one.cpu,
            peak_kib: sum.peak_kib + one.peak_kib,
        })
    }
}

/// Ended children that were waited for are counted with their parent.
fn cost_of(pid: &str) -> Cost {
    let read =
        |name: &str| std::fs::read_to_string(Path::new("/proc").join(pid).join(name)).unwrap_or_default();
    let stat = read("stat");
    // The name before the last `)` may hold blanks; the times are the 12th to the 15th word after it.
    let words =
        stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
    let ticks: u64 = words.iter().skip(11).take(4).filter_map(|word| word.parse::<u64>().ok()).sum();
    let status = read("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib = peak.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
    // `USER_HZ` is 100 on every architecture that Debian has.
    Cost { cpu: Duration::from_millis(ticks * 10), peak_kib }
}

impl Drop for Running {
    fn drop(&mut self) {
        end_all(&self.namespace);
        let _ = self.child.wait();
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        for namespace in [self.client(), self.server()] {
            end_all(&namespace);
            let _ = Command::new("ip").args(["netns", "del", &namespace]).status();
        }
    }
}

fn end_all(namespace: &str) {
    let pids = Command::new("ip").args(["netns", "pids", namespace]).output().unwrap();
    for pid in String::from_utf8_lossy(&pids.stdout).split_whitespace() {
        let pid = nix::unistd::Pid::from_raw(pid.parse().unwrap());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().unwrap();
    assert!(output.status.success(), "ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
