//! Network namespaces that end with the value: processes in them are ended first.

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Namespaces of one test.
pub(crate) struct Namespaces {
    prefix: String,
    names: Vec<String>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Namespaces {
    /// Namespaces of these names.
    pub(crate) fn new(names: &[&str]) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut made = Self { prefix: format!("lwt{}-{count}-", std::process::id()), names: Vec::new() };
        for name in names {
            made.add(name);
        }
        made
    }

    /// One more.
    pub(crate) fn add(&mut self, name: &str) {
        let full = self.full(name);
        ip(&["netns", "add", &full]);
        self.names.push(full);
        self.ip(name, "link set lo up");
    }

    /// The name that the system knows.
    pub(crate) fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// `ip` inside one of them.
    pub(crate) fn ip(&self, name: &str, words: &str) {
        let full = self.full(name);
        let words: Vec<&str> = ["-n", &full].into_iter().chain(words.split_whitespace()).collect();
        ip(&words);
    }

    /// A cable between two of them.
    pub(crate) fn wire(&self, one: (&str, &str), two: (&str, &str)) {
        let full = self.full(two.0);
        self.ip(one.0, &format!("link add {} type veth peer name {} netns {full}", one.1, two.1));
        self.ip(one.0, &format!("link set {} up", one.1));
        self.ip(two.0, &format!("link set {} up", two.1));
    }

    /// A command inside, run to its end. What it said, and whether it went well.
    pub(crate) fn run(&self, name: &str, words: &[&str]) -> (bool, String) {
        let output = self.command(name, words).stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// The same for what must go well.
    pub(crate) fn must(&self, name: &str, words: &[&str]) -> String {
        let (good, said) = self.run(name, words);
        assert!(good, "{words:?}: {said}");
        said
    }

    /// A command inside.
    pub(crate) fn command(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new("ip");
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(["netns", "exec", &self.full(name)])
            .args(words)
            .env("PATH", format!("{path}:/usr/sbin:/sbin"));
        command
    }

    /// Runs `work` on a thread of its own inside.
    pub(crate) fn enter<T: Send>(&self, name: &str, work: impl FnOnce() -> T + Send) -> T {
        let file = File::open(format!("/run/netns/{}", self.full(name))).unwrap();
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                setns(file, CloneFlags::CLONE_NEWNET).unwrap();
                work()
            });
            inside.join().unwrap()
        })
    }

    /// The processes in one of them.
    pub(crate) fn pids(&self, name: &str) -> Vec<Pid> {
        pids(&self.full(name))
    }
}

fn pids(full: &str) -> Vec<Pid> {
    let Ok(output) = Command::new("ip").args(["netns", "pids", full]).output() else { return Vec::new() };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.split_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid::from_raw).collect()
}

/// Ends a process. One that has gone meanwhile is gone.
pub(crate) fn end(pid: Pid) {
    let _ = kill(pid, Signal::SIGKILL);
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for full in &self.names {
            pids(full).into_iter().for_each(end);
            drop(Command::new("ip").args(["netns", "delete", full]).status());
        }
    }
}

fn ip(words: &[&str]) {
    let output =
        Command::new("ip").args(words).env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").output().unwrap();
    assert!(output.status.success(), "ip {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
}
