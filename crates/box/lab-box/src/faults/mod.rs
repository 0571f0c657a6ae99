//! Breaking a wired box and mending it: plain acts on nodes, cables and programs, really done.
//!
//! What follows from an act is not known here and not invented: whoever knows the lab's power tree says which nodes go off. What is in
//! force is written down before it is done, and what each interface and node shall be follows from all acts in force together, so
//! that faults may overlap and be mended in any order.

mod act;
mod effect;
mod impair;

pub use act::Act;

use crate::net::{Namespace, NetError};
use crate::process::Process;
use crate::state::{BoxDirs, BoxState, StateError};
use crate::tool::{Tool, ToolError, find};
use crate::up::UpError;
use crate::wired::{self, WiredRecord};
use effect::Effect;
use nix::sys::signal::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

/// Nodes that are started at once.
const AT_ONCE: usize = 4;
/// After both ends of a cable are up the kernel says so within this.
const CARRIER: Duration = Duration::from_millis(300);
const TAKES_ALL: &str = "a string takes all";

/// A fault could not be made or mended.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// There is no such box, or it is no wired one.
    #[error(transparent)]
    State(#[from] StateError),
    /// The box has no such thing.
    #[error("box `{id}` has no {what} `{name}`")]
    Unknown {
        /// The box.
        id: String,
        /// Node, cable or program.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A program that does it failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A namespace could not be entered.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A node does not start again.
    #[error("`{node}` does not start again")]
    Start {
        /// The node.
        node: String,
        /// Why.
        #[source]
        source: Box<UpError>,
    },
    /// Programs of nodes do not start again.
    #[error("programs do not start again: {0}")]
    Programs(String),
}

/// The acts that are in force in box `id`.
///
/// # Errors
/// There is no such box, or it is no wired one.
pub fn in_force(dirs: &BoxDirs, id: &str) -> Result<BTreeSet<Act>, FaultError> {
    WiredRecord::load(dirs, id)?;
    read(dirs, id)
}

/// Does `acts`, beside those in force. Returns when they are done.
///
/// # Errors
/// Something is not there, or cannot be broken; then nothing, or a part, is done, and what is in force is still written down.
pub fn inject(dirs: &BoxDirs, id: &str, acts: &[Act]) -> Result<(), FaultError> {
    change(dirs, id, |old| old.iter().cloned().chain(acts.iter().cloned()).collect())
}

/// Undoes `acts`: cables carry again, nodes start with everything that ran in them.
///
/// # Errors
/// Something cannot be mended; the rest is.
pub fn heal(dirs: &BoxDirs, id: &str, acts: &[Act]) -> Result<(), FaultError> {
    change(dirs, id, |old| old.iter().filter(|act| !acts.contains(act)).cloned().collect())
}

/// Undoes everything that is in force.
///
/// # Errors
/// As [`heal`].
pub fn heal_all(dirs: &BoxDirs, id: &str) -> Result<(), FaultError> {
    change(dirs, id, |_| BTreeSet::new())
}

fn change(
    dirs: &BoxDirs,
    id: &str,
    new: impl FnOnce(&BTreeSet<Act>) -> BTreeSet<Act>,
) -> Result<(), FaultError> {
    let _lock = dirs.lock(id)?;
    let record = WiredRecord::load(dirs, id)?;
    let old = read(dirs, id)?;
    let new = new(&old);
    let effects = [effect::of(&record, &old, id)?, effect::of(&record, &new, id)?];
    write(dirs, id, &new)?;
    let mut work = Work { dirs, id, record: &record, state: dirs.load(id)? };
    work.go(&effects[0], &effects[1])
}

struct Work<'a> {
    dirs: &'a BoxDirs,
    id: &'a str,
    record: &'a WiredRecord,
    state: BoxState,
}

impl Work<'_> {
    /// What breaks first, then what is mended.
    fn go(&mut self, old: &Effect, new: &Effect) -> Result<(), FaultError> {
        let n_nodes = self.record.nodes.len();
        for node in 0..n_nodes {
            let downed: Vec<&str> = new.downs(node).filter(|device| !old.is_down(node, device)).collect();
            self.set_links(node, &downed, "down")?;
        }
        for node in 0..n_nodes {
            if new.off.contains(&node) && !old.off.contains(&node) {
                self.turn_off(node)?;
            } else if impairments(new, node) != impairments(old, node) && !new.off.contains(&node) {
                self.impair(node, new)?;
            }
        }
        for (node, program) in new.killed.difference(&old.killed) {
            self.kill(*node, program);
        }
        self.mend(old, new)
    }

    fn mend(&mut self, old: &Effect, new: &Effect) -> Result<(), FaultError> {
        let starting: Vec<usize> = old.off.difference(&new.off).copied().collect();
        for &node in &starting {
            self.start_first(node)?;
        }
        // Routes go with the link they lead over, so everything is said again where a link comes back.
        for node in 0..self.record.nodes.len() {
            let comes_back = old.downs(node).any(|device| !new.is_down(node, device));
            if !new.off.contains(&node) && (comes_back || starting.contains(&node)) {
                self.set_again(node, new)?;
                wired::renew_leases(&self.namespace(node));
            }
        }
        if !starting.is_empty() {
            self.dirs.store(&self.state)?;
            sleep(CARRIER);
        }
        let mut failed = self.start_programs(&starting, new);
        for (node, program) in old.killed.difference(&new.killed) {
            if !new.off.contains(node) && !starting.contains(node) {
                failed.extend(self.start_some(*node, &[program.as_str()]));
            }
        }
        for &node in &starting {
            self.impair(node, new)?;
        }
        if failed.is_empty() { Ok(()) } else { Err(FaultError::Programs(failed.join("; "))) }
    }

    fn namespace(&self, node: usize) -> Namespace {
        Namespace::of_machine(self.id, &self.record.nodes[node].name)
    }

    fn ip(&self, node: usize, commands: String) -> Result<(), FaultError> {
        if !commands.is_empty() {
            let namespace = self.namespace(node);
            Tool::new("ip").args(["-n", namespace.name(), "-force", "-batch", "-"]).input(commands).run()?;
        }
        Ok(())
    }

    fn set_links(&self, node: usize, devices: &[&str], to: &str) -> Result<(), FaultError> {
        let text = devices.iter().fold(String::new(), |mut text, device| {
            writeln!(text, "link set dev {device} {to}").expect(TAKES_ALL);
            text
        });
        self.ip(node, text)
    }

    /// The power goes: nothing is said to anybody, and nothing is remembered.
    fn turn_off(&mut self, node: usize) -> Result<(), FaultError> {
        let namespace = self.namespace(node);
        // All at once: one may wait for another, such as whoever writes to a pool for ZFS.
        let processes = namespace.processes();
        processes.iter().for_each(|process| process.signal(Signal::SIGKILL));
        for process in processes {
            process.end();
        }
        self.state.machines[node].process = None;
        let listed = Tool::new("ip").args(["-n", namespace.name(), "-br", "link"]).run()?;
        let names =
            listed.lines().filter_map(|line| line.split(['@', ' ']).next()).filter(|name| *name != "lo");
        let text = names.fold(String::new(), |mut text, name| {
            writeln!(text, "addr flush dev {name}").expect(TAKES_ALL);
            text
        });
        self.ip(node, text)?;
        for (program, words) in [("nft", &["flush", "ruleset"][..]), ("conntrack", &["-F"][..])] {
            if find(program).is_some() {
                // A kernel without it has nothing to forget.
                drop(namespace.tool(program).args(words).run());
            }
        }
        Ok(self.dirs.store(&self.state)?)
    }

    fn start_first(&mut self, node: usize) -> Result<(), FaultError> {
        let name = &self.record.nodes[node].name;
        let start = |source| FaultError::Start { node: name.clone(), source: Box::new(source) };
        let process = wired::start_first(self.dirs, self.id, name).map_err(start)?;
        self.state.machines[node].process = Some(process);
        Ok(())
    }

    fn set_again(&self, node: usize, new: &Effect) -> Result<(), FaultError> {
        let mut text = self.record.nodes[node].settings.clone();
        for device in new.downs(node) {
            // A link that stays down is not let up for a moment.
            text = text.replace(&format!("link set dev {device} up\n"), "");
        }
        // A route over a link that is still down cannot be set; the others are.
        drop(self.ip(node, text));
        Ok(())
    }

    fn start_programs(&self, nodes: &[usize], new: &Effect) -> Vec<String> {
        let mut failed = Vec::new();
        for some in nodes.chunks(AT_ONCE) {
            let ran: Vec<Vec<String>> = std::thread::scope(|scope| {
                let running: Vec<_> = some
                    .iter()
                    .map(|&node| {
                        let names = wired::program_names(&self.record.nodes[node]);
                        let is_alive = |name: &&str| !new.killed.contains(&(node, (*name).to_owned()));
                        let names: Vec<&str> = names.into_iter().filter(is_alive).collect();
                        scope.spawn(move || self.start_some(node, &names))
                    })
                    .collect();
                running.into_iter().map(|run| run.join().unwrap_or_default()).collect()
            });
            failed.extend(ran.into_iter().flatten());
        }
        failed
    }

    fn start_some(&self, node: usize, names: &[&str]) -> Vec<String> {
        let name = &self.record.nodes[node].name;
        let Some(first) = self.state.machines[node].process.filter(|first: &Process| first.is_running())
        else {
            return vec![format!("{name}: it is off")];
        };
        let failed = wired::start_programs(first, names);
        failed.into_iter().map(|(program, error)| format!("{name} {program}: {error}")).collect()
    }

    fn kill(&self, node: usize, program: &str) {
        let programs = &self.record.nodes[node].programs;
        if let Some((_, processes)) = programs.iter().find(|(name, _)| name == program) {
            wired::end_named(&self.namespace(node), processes);
        }
    }

    fn impair(&self, node: usize, new: &Effect) -> Result<(), FaultError> {
        let name = &self.record.nodes[node].name;
        let folder = self.dirs.folder(self.id).join("n").join(name);
        impair::set(&self.namespace(node), &folder, &new.drops(node), &new.delays(node))
    }
}

/// What the interfaces of a node do to frames that leave.
fn impairments(effect: &Effect, node: usize) -> (BTreeMap<String, u8>, BTreeMap<String, u16>) {
    (effect.drops(node), effect.delays(node))
}

fn path(dirs: &BoxDirs, id: &str) -> PathBuf {
    dirs.folder(id).join("faults")
}

fn read(dirs: &BoxDirs, id: &str) -> Result<BTreeSet<Act>, FaultError> {
    let path = path(dirs, id);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(StateError::file("read", &path)(error).into()),
    };
    let acts: Option<BTreeSet<Act>> = text.lines().map(Act::parse).collect();
    acts.ok_or(FaultError::State(StateError::Damaged { path }))
}

fn write(dirs: &BoxDirs, id: &str, acts: &BTreeSet<Act>) -> Result<(), FaultError> {
    let path = path(dirs, id);
    let text: String = acts.iter().map(|act| format!("{act}\n")).collect();
    Ok(fs::write(&path, text).map_err(StateError::file("write", &path))?)
}
