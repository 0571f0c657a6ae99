//! What a cluster does, as far as a box must show it: each machine counts who answers, decides with a quorum where instances run, and
//! takes addresses that move. Simple and the same for all kinds: what it shows is who can decide, not how long a real one takes.

use super::duties::{Cluster, Duties, Instance, MovingAddress};
use super::serve::Machine;
use super::{PORT, converse};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

/// How often machines ask for each other.
const BEAT: Duration = Duration::from_millis(700);
/// Who is silent this often is taken for gone: one lost answer is no failure.
const SILENT_MAX: u32 = 2;

/// What a machine knows of its clusters, and where instances and addresses begin when that was said: names in order, by service or address.
pub(super) struct Views(Mutex<Known>);

#[derive(Default)]
struct Known {
    views: BTreeMap<String, View>,
    placement: BTreeMap<String, Vec<String>>,
}

impl Known {
    /// The machines in the order in which they are taken.
    fn order<'a>(&'a self, name: &str, described: &'a [String]) -> &'a [String] {
        self.placement.get(name).map_or(described, Vec::as_slice)
    }
}

#[derive(Clone, Default, Debug)]
struct View {
    /// Who answers, the machine itself included.
    alive: BTreeSet<String>,
    /// Whether enough of those who vote do, or one who does says so.
    has_quorum: bool,
    /// Where instances run, by service: kept while nobody can decide.
    runs: BTreeMap<String, Vec<String>>,
}

impl Views {
    pub(super) fn new(duties: &Duties) -> Self {
        // Until it is known better, all are there: a machine that starts does not take what others have.
        let view = |cluster: &Cluster| {
            let all = cluster.members.iter().chain(&cluster.workers).map(|(name, _)| name.clone()).collect();
            (cluster.name.clone(), View { alive: all, has_quorum: true, runs: BTreeMap::new() })
        };
        Self(Mutex::new(Known {
            views: duties.clusters.iter().map(view).collect(),
            placement: BTreeMap::new(),
        }))
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What is said to others of a cluster.
    pub(super) fn line(&self, cluster: &str) -> String {
        match self.locked().views.get(cluster) {
            Some(view) if view.has_quorum => "alive quorum".to_owned(),
            Some(_) => "alive alone".to_owned(),
            None => "no such cluster".to_owned(),
        }
    }

    /// Whom the machine hears of a cluster, itself included, as it is said to others.
    pub(super) fn heard(&self, machine: &str, cluster: &str) -> String {
        match self.locked().views.get(cluster) {
            Some(view) => {
                let alive: Vec<&str> = view.alive.iter().map(String::as_str).collect();
                format!("hears {machine} {}", alive.join(","))
            }
            None => "no such cluster".to_owned(),
        }
    }

    /// Whether an instance runs on a machine now.
    pub(super) fn runs(&self, machine: &str, instance: &Instance) -> bool {
        let Some(moves) = &instance.moves else { return true };
        let known = self.locked();
        let order = known.order(&instance.service, &moves.order);
        let first = || order.iter().take(moves.replicas as usize).any(|name| name == machine);
        let Some(by) = &moves.by else { return first() };
        let runs = known.views.get(by).and_then(|view| view.runs.get(&instance.service));
        runs.map_or_else(first, |on| on.iter().any(|name| name == machine))
    }

    fn holds(&self, machine: &str, moving: &MovingAddress) -> Option<bool> {
        let known = self.locked();
        let view = known.views.get(&moving.cluster)?;
        if moving.needs_quorum && !view.has_quorum {
            // Nobody decides, so nothing moves.
            return None;
        }
        let order = known.order(&moving.address.to_string(), &moving.holders);
        Some(order.iter().find(|name| view.alive.contains(*name)).is_some_and(|first| first == machine))
    }
}

/// Asks for the others, decides, and takes addresses, for ever.
pub(super) fn decide(machine: &Machine, placement: Option<&Path>) {
    let mut silent: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut held: BTreeSet<IpAddr> = BTreeSet::new();
    loop {
        if let Some(text) = placement.and_then(|file| fs::read_to_string(file).ok()) {
            machine.views.locked().placement = orders(&text);
        }
        for cluster in &machine.duties.clusters {
            let heard = hear(&machine.duties.machine, cluster);
            let all: BTreeSet<&String> =
                cluster.members.iter().chain(&cluster.workers).map(|(name, _)| name).collect();
            let mut alive = BTreeSet::from([machine.duties.machine.clone()]);
            for name in all {
                let count = silent.entry((cluster.name.clone(), name.clone())).or_default();
                *count = if heard.contains_key(name) { 0 } else { *count + 1 };
                if *count < SILENT_MAX {
                    alive.insert(name.clone());
                }
            }
            look(machine, cluster, alive, &heard);
        }
        for moving in &machine.duties.addresses {
            let Some(holds) = machine.views.holds(&machine.duties.machine, moving) else { continue };
            if holds {
                // Told again while it is held: a neighbour that missed it would ask the old holder for minutes.
                let is_new = held.insert(moving.address);
                take(moving.address, is_new);
            } else if held.remove(&moving.address) {
                address("del", moving.address);
            }
        }
        sleep(BEAT);
    }
}

/// Lines of `NAME MACHINE,MACHINE`.
fn orders(text: &str) -> BTreeMap<String, Vec<String>> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, list)| (name.to_owned(), list.split(',').map(str::to_owned).collect())).collect()
}

/// Who answers, and whether they say that they have quorum.
fn hear(me: &str, cluster: &Cluster) -> BTreeMap<String, bool> {
    let others: Vec<&(String, IpAddr)> =
        cluster.members.iter().chain(&cluster.workers).filter(|(name, _)| name != me).collect();
    let line = format!("alive {}", cluster.name);
    let line = &line;
    std::thread::scope(|scope| {
        let asked: Vec<_> = others
            .iter()
            .map(|(name, at)| (name, scope.spawn(move || converse(SocketAddr::new(*at, PORT), line))))
            .collect();
        let said = asked.into_iter().filter_map(|(name, asked)| {
            let said = asked.join().ok()?.ok()?;
            said.starts_with("alive ").then(|| (name.clone(), said.ends_with(" quorum")))
        });
        said.collect()
    })
}

fn look(machine: &Machine, cluster: &Cluster, alive: BTreeSet<String>, heard: &BTreeMap<String, bool>) {
    let is_member = |name: &String| cluster.members.iter().any(|(member, _)| member == name);
    let votes = alive.iter().filter(|name| is_member(name)).count() as u32;
    let has_quorum = if cluster.quorum == 0 {
        true
    } else if is_member(&machine.duties.machine) {
        votes >= cluster.quorum
    } else {
        heard.iter().any(|(name, says)| *says && is_member(name))
    };
    let mut known = machine.views.locked();
    let own =
        machine.duties.instances.iter().filter_map(|instance| Some((instance, instance.moves.as_ref()?)));
    let own = own.filter(|(_, moves)| has_quorum && moves.by.as_ref() == Some(&cluster.name));
    let runs = own.map(|(instance, moves)| {
        let fit = known.order(&instance.service, &moves.order).iter().filter(|name| alive.contains(*name));
        (instance.service.clone(), fit.take(moves.replicas as usize).cloned().collect::<Vec<_>>())
    });
    let runs: Vec<_> = runs.collect();
    let view = known.views.entry(cluster.name.clone()).or_default();
    view.runs.extend(runs);
    (view.alive, view.has_quorum) = (alive, has_quorum);
}

/// Takes an address, and lets the neighbours know: whoever has the old holder in mind learns the new one from a request that comes
/// from the address (RFC 826, "merge").
fn take(own: IpAddr, is_new: bool) {
    if is_new {
        address("add", own);
    }
    let IpAddr::V4(v4) = own else { return };
    let Ok(socket) = UdpSocket::bind((v4, 0)) else { return };
    // Neighbours that nobody is known to be make the kernel ask all.
    let last = v4.octets()[3];
    for offset in [251u8, 253] {
        let target = Ipv4Addr::new(v4.octets()[0], v4.octets()[1], v4.octets()[2], last.wrapping_add(offset));
        drop(socket.send_to(b"moved", (target, 9)));
    }
}

/// Adds or removes an address on the interface that is in its network. What cannot be done is tried again with the next beat's change.
fn address(verb: &str, own: IpAddr) {
    let listing = Command::new("ip").args(["-o", "-4", "address", "show"]).output();
    let listing = listing.map(|said| String::from_utf8_lossy(&said.stdout).into_owned()).unwrap_or_default();
    let device = listing.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "inet")?;
        let (net, length) = words.get(at + 1)?.split_once('/')?;
        let (net, length): (Ipv4Addr, u32) = (net.parse().ok()?, length.parse().ok()?);
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        let IpAddr::V4(own) = own else { return None };
        let is_in = length < 32 && u32::from(net) & mask == u32::from(own) & mask;
        is_in.then(|| words.get(1).copied().unwrap_or_default().to_owned())
    });
    let device = device.unwrap_or_else(|| "lo".to_owned());
    let mut ip = Command::new("ip");
    ip.args(["address", verb, &format!("{own}/32"), "dev", &device]);
    drop(ip.stdout(Stdio::null()).stderr(Stdio::null()).status());
}
