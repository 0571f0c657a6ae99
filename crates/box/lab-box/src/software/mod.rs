//! The real programs that play services in a wired box, where the lab names one that Debian has and it is installed: one table, one file a
//! program for its start. Everything else is played by listeners.
//!
//! A program runs in its node's network, mounts and shared memory, with a data folder below the box's own folder, the limits of every
//! program of a node, and the user that it wants. It is empty and open to everybody in the box: what is tried is the way to it and
//! that it works, not what the lab keeps in it. The host's own files, users and running services are not touched.

mod cast;
#[cfg(test)]
mod tests;

use crate::observe::Language;
use crate::plan::{ServicePort, Transport};
use crate::tool::find;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;

/// Which of a service's ports are the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// All that are TCP.
    EachTcp,
    /// Its usual one, or else the first, by all transports that are described.
    One,
}

/// A program that Debian has and that can play a service.
#[derive(Debug, PartialEq, Eq)]
pub struct Software {
    /// Its name, which is that of the program in a node as well: `postgresql`.
    pub name: &'static str,
    /// What labs call it: the first word of `software`, or the whole name of a service of which no software is written.
    words: &'static [&'static str],
    /// (package, program in `PATH` or path of a file) that it takes. A `*` stands for one folder.
    needs: &'static [(&'static str, &'static str)],
    /// Where it listens when the lab does not say.
    port: u16,
    takes: Takes,
    /// Ports between its members, which nobody else may have.
    inner: &'static [u16],
    /// Names of its processes.
    processes: &'static [&'static str],
    start: &'static str,
    /// Words that make it say its version: the first of all words that begins with a digit, `V` before it or not.
    version: &'static [&'static str],
    /// What asks it whether it works.
    language: Language,
}

/// All of them.
static TABLE: [Software; 5] = [
    Software {
        name: "etcd",
        words: &["etcd"],
        needs: &[("etcd-server", "etcd")],
        port: 2379,
        takes: Takes::One,
        inner: &[2380],
        processes: &["etcd"],
        start: include_str!("etcd.sh"),
        version: &["etcd", "--version"],
        language: Language::KeyValue,
    },
    Software {
        name: "nfs-ganesha",
        words: &["nfs", "nfs-ganesha", "ganesha", "nfs-server", "nfsd", "nfs-kernel-server"],
        needs: &[("nfs-ganesha", "ganesha.nfsd"), ("nfs-ganesha-vfs", "/usr/lib/*/ganesha/libfsalvfs.so")],
        port: 2049,
        takes: Takes::One,
        inner: &[],
        processes: &["ganesha.nfsd"],
        start: include_str!("nfs-ganesha.sh"),
        version: &["ganesha.nfsd", "-v"],
        language: Language::Nfs,
    },
    Software {
        name: "nginx",
        words: &["nginx"],
        needs: &[("nginx-light", "nginx"), ("openssl", "openssl")],
        port: 80,
        takes: Takes::EachTcp,
        inner: &[],
        processes: &["nginx"],
        start: include_str!("nginx.sh"),
        version: &["nginx", "-v"],
        language: Language::Http,
    },
    Software {
        name: "postgresql",
        words: &["postgresql", "postgres", "cloudnativepg"],
        needs: &[("postgresql", "/usr/lib/postgresql/*/bin/initdb")],
        port: 5432,
        takes: Takes::One,
        inner: &[],
        processes: &["postgres"],
        start: include_str!("postgresql.sh"),
        version: &["/usr/lib/postgresql/*/bin/postgres", "--version"],
        language: Language::Sql,
    },
    Software {
        name: "unbound",
        words: &["unbound"],
        needs: &[("unbound", "unbound")],
        port: 53,
        takes: Takes::One,
        inner: &[],
        processes: &["unbound"],
        start: include_str!("unbound.sh"),
        version: &["unbound", "-V"],
        language: Language::Names,
    },
];

impl Software {
    /// The program called `name` in the table.
    pub(crate) fn called(name: &str) -> Option<&'static Software> {
        TABLE.iter().find(|software| software.name == name)
    }

    /// The program that a service is: by what the lab writes as its software, or else by the service's name.
    pub(crate) fn of_service(name: &str, software: Option<&str>) -> Option<&'static Software> {
        let word = match software {
            Some(text) => text.split(|c: char| c.is_whitespace() || ",;:/(".contains(c)).next()?,
            None => name,
        };
        let word = word.to_lowercase();
        TABLE.iter().find(|software| software.words.contains(&word.as_str()))
    }

    /// Of a service's ports those that are the program's; its usual port when none is described.
    pub(crate) fn ports_of(&self, described: &[ServicePort], service: &str) -> Vec<ServicePort> {
        if described.is_empty() {
            let (port, transport, service) = (self.port, Transport::Tcp, service.to_owned());
            return vec![ServicePort { port, transport, service }];
        }
        let is_tcp = |port: &&ServicePort| port.transport == Transport::Tcp;
        match self.takes {
            Takes::EachTcp => {
                described.iter().filter(is_tcp).filter(|p| !self.inner.contains(&p.port)).cloned().collect()
            }
            Takes::One => {
                let is_usual = |port: &&ServicePort| port.port == self.port && is_tcp(port);
                let first = described.iter().find(is_usual).or_else(|| described.iter().find(is_tcp));
                let number = first.map(|first| first.port);
                described.iter().filter(|port| Some(port.port) == number).cloned().collect()
            }
        }
    }

    /// Whether it listens at every port of every service that it plays, and not at one.
    pub(crate) fn takes_each(&self) -> bool {
        self.takes == Takes::EachTcp
    }

    /// Whether its processes on several machines know of each other.
    pub(crate) fn is_cluster(&self) -> bool {
        !self.inner.is_empty()
    }

    /// What it takes and this system lacks: packages, each once.
    pub fn missing(&self) -> Vec<&'static str> {
        let absent = self.needs.iter().filter(|(_, what)| !is_there(what));
        let mut packages: Vec<&str> = absent.map(|(package, _)| *package).collect();
        packages.dedup();
        packages
    }

    /// Its name with the version that is installed here: `etcd 3.4.23`; the name alone when it does not say.
    pub fn titled(&self) -> String {
        let (program, words) = self.version.split_first().expect("each has a program");
        let newest = found(program).into_iter().max();
        let output = newest.and_then(|program| Command::new(program).args(words).output().ok());
        let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
        match version_in(&String::from_utf8_lossy(&said)) {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// How it is asked at a port.
    pub fn language_at(&self, port: u16) -> Language {
        // Where browsers expect encryption, only the beginning of it is asked for.
        if self.language == Language::Http && port % 1000 == 443 { Language::Tls } else { self.language }
    }
}

/// A program on one node, for one or more services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The program.
    pub software: &'static Software,
    /// Its ports, each with a service that it plays; the first for each port and transport.
    pub ports: Vec<ServicePort>,
    /// Every service that it plays.
    pub services: Vec<String>,
    /// The nodes that play the same, with their addresses: the members of a cluster of the program's own.
    pub members: Vec<(String, IpAddr)>,
    /// Names that it answers for, when it is a name server; `*.home` for all below.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// Whether the real program runs. False before it is known, and where it is not installed: a listener stands in for it.
    pub is_real: bool,
}

impl Instance {
    /// The shell commands that start it in the background on a node that has these pools.
    fn script(&self, node: &str, pools: &[String]) -> String {
        let mut numbers: Vec<u16> = self.ports.iter().map(|port| port.port).collect();
        numbers.dedup();
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let members: Vec<String> =
            self.members.iter().map(|(name, address)| format!("{name} {address}")).collect();
        let mut text = String::new();
        for (name, value) in [
            ("NODE", node),
            ("DATA", &format!("/mnt/data.{}", self.software.name)),
            ("PORTS", &numbers.join(" ")),
            ("SERVICES", &self.services.join(", ")),
            ("MEMBERS", &members.join(" ")),
            ("POOLS", &pools.join(" ")),
            ("NAMES", &local_zones(&self.names)),
        ] {
            writeln!(text, "{name}={}", quoted(value)).expect("a string takes all");
        }
        text + self.software.start
    }
}

/// For the shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Names as Unbound has them: a wildcard is a zone that redirects.
fn local_zones(names: &BTreeMap<String, Vec<IpAddr>>) -> String {
    let mut text = String::new();
    for (name, addresses) in names {
        let (zone, kind) = match name.strip_prefix("*.") {
            Some(parent) => (parent, "redirect"),
            // A name that is also the parent of a wildcard is one zone: the wildcard's.
            None if names.contains_key(&format!("*.{name}")) => continue,
            None => (&**name, "static"),
        };
        writeln!(text, "  local-zone: \"{zone}.\" {kind}").expect("a string takes all");
        for address in addresses {
            let ty = if address.is_ipv4() { "A" } else { "AAAA" };
            writeln!(text, "  local-data: \"{zone}. IN {ty} {address}\"").expect("a string takes all");
        }
    }
    text
}

fn is_there(what: &str) -> bool {
    !found(what).is_empty()
}

/// The files that are meant: a program in `PATH`, a path, or a path in which `*` is any one folder.
fn found(what: &str) -> Vec<PathBuf> {
    let mut files = match what.split_once("/*/") {
        Some((folder, rest)) => {
            let inside = fs::read_dir(folder).into_iter().flatten().flatten();
            inside.map(|entry| entry.path().join(rest)).collect()
        }
        None if what.starts_with('/') => vec![PathBuf::from(what)],
        None => find(what).into_iter().collect(),
    };
    files.retain(|file| file.exists());
    files
}

/// The first word that is a version, without what comes before its digits: `3.4.23` of `etcd Version: 3.4.23`, `1.22.1` of `nginx/1.22.1`.
fn version_in(said: &str) -> Option<&str> {
    let words = said.split(|c: char| c.is_whitespace() || "/()".contains(c));
    let words = words.map(|word| word.strip_prefix('V').unwrap_or(word));
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    words.into_iter().find(is_version)
}
