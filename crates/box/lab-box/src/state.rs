//! What is remembered about a box, so that it can be looked at and taken away by another run of the program, also after
//! the first was killed. Every name that is needed to remove a thing is written before the thing is made.

use crate::process::Process;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde_json::{Value, json};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The state of a box could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another run works on this box.
    #[error("box `{id}` is being worked on by another run of the program (process {pid})")]
    Busy {
        /// The box.
        id: String,
        /// The other run.
        pid: String,
    },
    /// There is no such box.
    #[error("there is no box `{id}`")]
    Absent {
        /// The box.
        id: String,
    },
    /// The box has no such machine.
    #[error("box `{id}` has no machine `{machine}`; it has {known}")]
    NoMachine {
        /// The box.
        id: String,
        /// What was asked for.
        machine: String,
        /// What there is.
        known: String,
    },
    /// A file could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The state file is not ours or damaged.
    #[error("{} is not the state of a box", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl StateError {
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StateError {
        move |source| StateError::File { action, path: path.to_owned(), source }
    }
}

/// Where boxes keep their things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxDirs {
    /// Small files, sockets and logs; a folder a box.
    pub state: PathBuf,
    /// Images (shared) and, below `boxes`, the disks of each box.
    pub cache: PathBuf,
}

impl BoxDirs {
    /// `/run/labwright` for root, else below `$XDG_RUNTIME_DIR`; cache below `$XDG_CACHE_HOME` or `~/.cache`.
    pub fn of_user() -> BoxDirs {
        let variable = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
        let home = || variable("HOME").unwrap_or_else(|| "/root".into()).join(".cache");
        let state = if nix::unistd::geteuid().is_root() {
            "/run".into()
        } else {
            variable("XDG_RUNTIME_DIR").unwrap_or_else(std::env::temp_dir)
        };
        BoxDirs {
            state: state.join("labwright"),
            cache: variable("XDG_CACHE_HOME").unwrap_or_else(home).join("labwright"),
        }
    }

    /// The boxes that have left anything, by name.
    pub fn boxes(&self) -> Vec<String> {
        let folders = [self.state.clone(), self.cache.join("boxes")];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let name = |entry: fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            // A run that was killed before it made anything has left its lock.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { Some(name) } else { name.strip_suffix(".lock").map(str::to_owned) }
        };
        let mut ids: Vec<String> = entries.filter_map(name).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    pub(crate) fn folder(&self, id: &str) -> PathBuf {
        self.state.join(id)
    }

    /// Where the files of a node of wired box `id` are, and what its programs keep.
    pub fn node(&self, id: &str, node: &str) -> PathBuf {
        self.folder(id).join("n").join(node)
    }

    /// Where whoever works with box `id` keeps files of its own; they go with the box.
    pub fn guests(&self, id: &str) -> PathBuf {
        self.folder(id).join("guests")
    }

    pub(crate) fn machine(&self, id: &str, machine: &str) -> PathBuf {
        self.folder(id).join("m").join(machine)
    }

    pub(crate) fn disks(&self, id: &str) -> PathBuf {
        self.cache.join("boxes").join(id)
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder(id).join("box.json")
    }

    /// Takes the box for this run, until the returned value is dropped.
    pub(crate) fn lock(&self, id: &str) -> Result<BoxLock, StateError> {
        let path = self.state.join(format!("{id}.lock"));
        let until = Instant::now() + Duration::from_secs(5);
        loop {
            make_private(&self.state)?;
            let mut options = OpenOptions::new();
            let file = match options.read(true).write(true).create(true).truncate(false).open(&path) {
                // Another run, which took the last box down, removed the folder.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(StateError::file("open", &path))?,
            };
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) if is_same(&lock, &path) => return BoxLock::new(lock, path),
                // Its last holder removed it between our opening and our locking.
                Ok(_) => {}
                Err((mut file, Errno::EWOULDBLOCK)) => {
                    let mut pid = String::new();
                    // Only for the message.
                    drop(file.read_to_string(&mut pid));
                    // A program that a killed run was just starting holds the lock until it really starts.
                    let runs = pid.trim().parse().ok().and_then(Process::of).is_some();
                    if !runs && Instant::now() < until {
                        sleep(Duration::from_millis(10));
                        continue;
                    }
                    return Err(StateError::Busy { id: id.to_owned(), pid: pid.trim().to_owned() });
                }
                Err((_, error)) => return Err(StateError::file("lock", &path)(error.into())),
            }
        }
    }

    pub(crate) fn load(&self, id: &str) -> Result<BoxState, StateError> {
        let path = self.file(id);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StateError::Absent { id: id.to_owned() });
            }
            Err(error) => return Err(StateError::file("read", &path)(error)),
        };
        BoxState::from_json(&text).ok_or(StateError::Damaged { path })
    }

    /// Writes the state so that a reader finds either the old or the new one whole.
    pub(crate) fn store(&self, state: &BoxState) -> Result<(), StateError> {
        make_private(&self.folder(&state.id))?;
        let path = self.file(&state.id);
        let new = path.with_extension("new");
        let mut file = File::create(&new).map_err(StateError::file("make", &new))?;
        file.write_all(state.to_json().as_bytes()).map_err(StateError::file("write", &new))?;
        file.sync_all().map_err(StateError::file("write", &new))?;
        fs::rename(&new, &path).map_err(StateError::file("write", &path))
    }
}

/// Makes a folder, with those above it, that only its owner can enter.
pub(crate) fn make_private(folder: &Path) -> Result<(), StateError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(StateError::file("make", folder))
}

fn is_same(file: &File, path: &Path) -> bool {
    let own = file.metadata().map(|data| (data.dev(), data.ino()));
    let there = fs::metadata(path).map(|data| (data.dev(), data.ino()));
    matches!((own, there), (Ok(own), Ok(there)) if own == there)
}

/// A box taken by this run. Its file goes away with it.
pub(crate) struct BoxLock {
    _lock: Flock<File>,
    path: PathBuf,
}

impl BoxLock {
    fn new(mut lock: Flock<File>, path: PathBuf) -> Result<BoxLock, StateError> {
        let written =
            lock.set_len(0).and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(StateError::file("write", &path))?;
        Ok(BoxLock { _lock: lock, path })
    }
}

impl Drop for BoxLock {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody can be holding the new file; a failure leaves an empty name.
        drop(fs::remove_file(&self.path));
    }
}

/// How far `up` came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Networks and keys may be half made; nothing of it can be used again.
    Starting,
    /// Networks and keys are complete; machines are being started and installed.
    Running,
    /// `up` came to its end.
    Up,
}

impl Phase {
    const ALL: [(Phase, &str); 3] =
        [(Phase::Starting, "starting"), (Phase::Running, "running"), (Phase::Up, "up")];
}

/// How far a machine came in any run, as far as it matters to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// What is on its disk is worth nothing.
    New,
    /// Its system is on the disk.
    Installed,
    /// It was asked and is as described.
    Verified,
}

impl Mark {
    const ALL: [(Mark, &str); 3] =
        [(Mark::New, "new"), (Mark::Installed, "installed"), (Mark::Verified, "verified")];
}

fn word<T: Copy + PartialEq>(all: &[(T, &'static str)], value: T) -> &'static str {
    all.iter().find(|(other, _)| *other == value).map_or("", |(_, word)| word)
}

fn value_of<T: Copy>(all: &[(T, &str)], word: &Value) -> Option<T> {
    all.iter().find(|(_, known)| word == known).map(|(value, _)| *value)
}

/// What is remembered about a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoxState {
    pub(crate) id: String,
    pub(crate) phase: Phase,
    /// Tells whether a later run is about the same machines.
    pub(crate) plan: String,
    /// The run that made it.
    pub(crate) maker: Process,
    pub(crate) machines: Vec<MachineState>,
}

/// What is remembered about a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachineState {
    pub(crate) name: String,
    pub(crate) hostname: String,
    /// Where the box reaches it.
    pub(crate) address: Ipv4Addr,
    /// Its QEMU, once it was started.
    pub(crate) process: Option<Process>,
    pub(crate) mark: Mark,
}

impl MachineState {
    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some_and(Process::is_running)
    }
}

impl BoxState {
    pub(crate) fn machine(&self, name: &str) -> Result<&MachineState, StateError> {
        let found = self.machines.iter().find(|machine| machine.name == name || machine.hostname == name);
        found.ok_or_else(|| StateError::NoMachine {
            id: self.id.clone(),
            machine: name.to_owned(),
            known: self.machines.iter().map(|machine| machine.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn to_json(&self) -> String {
        let process = |process: Process| json!({"pid": process.pid, "start": process.start});
        let machines: Vec<Value> = self
            .machines
            .iter()
            .map(|machine| {
                json!({
                    "name": machine.name,
                    "hostname": machine.hostname,
                    "address": machine.address.to_string(),
                    "process": machine.process.map(process),
                    "mark": word(&Mark::ALL, machine.mark),
                })
            })
            .collect();
        let value = json!({
            "version": 2,
            "id": self.id,
            "phase": word(&Phase::ALL, self.phase),
            "plan": self.plan,
            "maker": process(self.maker),
            "machines": machines,
        });
        format!("{value:#}\n")
    }

    fn from_json(text: &str) -> Option<BoxState> {
        let value: Value = serde_json::from_str(text).ok()?;
        if value["version"] != 2 {
            return None;
        }
        let process = |value: &Value| {
            Some(Process {
                pid: i32::try_from(value["pid"].as_i64()?).ok()?,
                start: value["start"].as_u64()?,
            })
        };
        let machine = |value: &Value| {
            Some(MachineState {
                name: value["name"].as_str()?.to_owned(),
                hostname: value["hostname"].as_str()?.to_owned(),
                address: value["address"].as_str()?.parse().ok()?,
                process: process(&value["process"]),
                mark: value_of(&Mark::ALL, &value["mark"])?,
            })
        };
        Some(BoxState {
            id: value["id"].as_str()?.to_owned(),
            phase: value_of(&Phase::ALL, &value["phase"])?,
            plan: value["plan"].as_str()?.to_owned(),
            maker: process(&value["maker"])?,
            machines: value["machines"].as_array()?.iter().map(machine).collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dirs(root: &Path) -> BoxDirs {
        BoxDirs { state: root.join("state"), cache: root.join("cache") }
    }

    fn state() -> BoxState {
        let machine = |name: &str, process| MachineState {
            name: name.into(),
            hostname: format!("{name}.lab.example"),
            address: Ipv4Addr::new(10, 77, 0, 11),
            process,
            mark: if process.is_some() { Mark::Installed } else { Mark::New },
        };
        BoxState {
            id: "home".into(),
            phase: Phase::Running,
            plan: "ab".into(),
            maker: Process { pid: 7, start: 99 },
            machines: vec![machine("a", None), machine("b", Some(Process { pid: 8, start: 100 }))],
        }
    }

    #[test]
    fn what_is_stored_is_loaded() {
        let root = tempfile::tempdir().unwrap();
        let dirs = dirs(root.path());
        assert!(matches!(dirs.load("home"), Err(StateError::Absent { .. })));
        dirs.store(&state()).unwrap();
        assert_eq!(dirs.load("home").unwrap(), state());
        let up = BoxState { phase: Phase::Up, ..state() };
        dirs.store(&up).unwrap();
        assert_eq!(dirs.load("home").unwrap(), up);
        fs::write(dirs.state.join("killed.lock"), "1").unwrap();
        assert_eq!(dirs.boxes(), ["home", "killed"]);
    }

    #[test]
    fn a_damaged_file_is_told_from_an_absent_one() {
        let root = tempfile::tempdir().unwrap();
        let dirs = dirs(root.path());
        for text in ["", "{", "{}", "{\"version\":1}", "[1]", &state().to_json().replace("10.77", "x")] {
            make_private(&dirs.folder("home")).unwrap();
            fs::write(dirs.file("home"), text).unwrap();
            assert!(matches!(dirs.load("home"), Err(StateError::Damaged { .. })), "{text}");
        }
    }

    #[test]
    fn one_run_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let dirs = dirs(root.path());
        let lock = dirs.lock("home").unwrap();
        let other = dirs.lock("home").err().unwrap().to_string();
        assert!(other.contains(&std::process::id().to_string()), "{other}");
        dirs.lock("cabin").unwrap();
        drop(lock);
        assert_eq!(fs::read_dir(&dirs.state).unwrap().count(), 0);
        dirs.lock("home").unwrap();
    }

    #[test]
    fn machines_are_found_by_name_and_hostname() {
        assert_eq!(state().machine("b.lab.example").unwrap().name, "b");
        let error = state().machine("c").unwrap_err().to_string();
        assert_eq!(error, "box `home` has no machine `c`; it has a, b");
    }
}
