//! Taking a box away: its processes, its namespace, its files. Works from what is written down and from what is found in
//! the namespace, so that it does not matter where the run that made the box was killed.

use crate::net::{Namespace, NetError};
use crate::process::Process;
use crate::state::{BoxDirs, BoxLock, StateError};
use nix::sys::signal::Signal;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How often processes of a box are looked for until there are none.
const ROUNDS: usize = 20;

/// A box could not be removed completely.
#[derive(Debug, thiserror::Error)]
pub enum DownError {
    /// Its state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its namespace cannot be removed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A process did not end.
    #[error("process {0} does not end")]
    Process(i32),
    /// A folder cannot be removed.
    #[error("cannot remove {}", path.display())]
    Remove {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Processes ended.
    pub processes: usize,
    /// Whether there was a network namespace.
    pub namespace: bool,
    /// Folders deleted: state, disks.
    pub folders: usize,
}

impl Removed {
    /// Whether there was nothing to remove.
    pub fn is_nothing(self) -> bool {
        self == Removed::default()
    }
}

/// Removes everything of box `id`; the shared image stays in the cache. Removing what is not there is no fault.
///
/// # Errors
/// Another run works on the box, or something cannot be removed; what was removed stays removed.
pub fn down(dirs: &BoxDirs, id: &str) -> Result<Removed, DownError> {
    let lock = dirs.lock(id)?;
    down_locked(dirs, id, lock)
}

/// As [`down`], for a caller that holds the box's lock and gives it up.
pub(crate) fn down_locked(dirs: &BoxDirs, id: &str, lock: BoxLock) -> Result<Removed, DownError> {
    let removed = remove(dirs, id)?;
    drop(lock);
    // Fails, and is meant to, while another box is there.
    drop(fs::remove_dir(&dirs.state));
    Ok(removed)
}

/// Removes the box's things, for a caller that holds its lock and goes on with it.
pub(crate) fn remove(dirs: &BoxDirs, id: &str) -> Result<Removed, DownError> {
    let namespaces = Namespace::family(id);
    let processes = end_processes(dirs, id, &namespaces)?;
    let mut removed = Removed { processes, namespace: !namespaces.is_empty(), folders: 0 };
    for namespace in &namespaces {
        namespace.remove()?;
    }
    for folder in [dirs.disks(id), dirs.folder(id)] {
        removed.folders += usize::from(remove_folder(&folder)?);
    }
    // Fails, and is meant to, while another box has disks.
    drop(fs::remove_dir(dirs.cache.join("boxes")));
    Ok(removed)
}

/// Ends everything that belongs to the box, again and again: what is listed may start something else before its turn comes.
fn end_processes(dirs: &BoxDirs, id: &str, namespaces: &[Namespace]) -> Result<usize, DownError> {
    let mut n_ended = 0;
    for _ in 0..ROUNDS {
        let processes = processes(dirs, id, namespaces);
        if processes.is_empty() {
            return Ok(n_ended);
        }
        n_ended += processes.len();
        // All at once: one may wait for another, such as whoever writes to a pool for ZFS.
        processes.iter().for_each(|process| process.signal(Signal::SIGKILL));
        if let Some(process) = processes.into_iter().find(|process| !process.end()) {
            return Err(DownError::Process(process.pid));
        }
    }
    match processes(dirs, id, namespaces).first() {
        Some(process) => Err(DownError::Process(process.pid)),
        None => Ok(n_ended),
    }
}

fn processes(dirs: &BoxDirs, id: &str, namespaces: &[Namespace]) -> Vec<Process> {
    let mut processes: Vec<Process> = namespaces.iter().flat_map(Namespace::processes).collect();
    // A damaged state names nobody; the namespace still does.
    if let Ok(state) = dirs.load(id) {
        let known = state.machines.iter().filter_map(|machine| machine.process);
        processes.extend(known.filter(|process| process.is_running()));
    }
    processes.sort_by_key(|process| process.pid);
    processes.dedup();
    let own = Process::own();
    processes.retain(|process| *process != own);
    processes
}

fn remove_folder(folder: &Path) -> Result<bool, DownError> {
    match fs::remove_dir_all(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(DownError::Remove { path: folder.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_nothing_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
        assert!(down(&dirs, "no-such-box").unwrap().is_nothing());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_state_does_not_stop_the_removal() {
        let root = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
        fs::create_dir_all(dirs.folder("no-such-box")).unwrap();
        fs::create_dir_all(dirs.disks("no-such-box")).unwrap();
        fs::write(dirs.folder("no-such-box").join("box.json"), "{half").unwrap();
        let removed = down(&dirs, "no-such-box").unwrap();
        assert_eq!(removed, Removed { processes: 0, namespace: false, folders: 2 });
        assert!(dirs.boxes().is_empty());
    }
}
