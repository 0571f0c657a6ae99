//! Network namespaces that end with the value: processes in them are ended first.

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

    fn end_processes(&self, full: &str) {
        let Ok(output) = Command::new("ip").args(["netns", "pids", full]).output() else { return };
        for pid in String::from_utf8_lossy(&output.stdout).split_whitespace() {
            let Ok(pid) = pid.parse() else { continue };
            // One that has gone meanwhile is gone.
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for full in &self.names {
            self.end_processes(full);
            drop(Command::new("ip").args(["netns", "delete", full]).status());
        }
    }
}

fn ip(words: &[&str]) {
    let output =
        Command::new("ip").args(words).env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").output().unwrap();
    assert!(output.status.success(), "ip {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
}
