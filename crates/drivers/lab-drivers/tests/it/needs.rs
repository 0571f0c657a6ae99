//! What tests need of the machine, and waiting for what must come true.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long anything may take on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// True when something is missing, which is told.
pub(crate) fn lacks(programs: &[&str]) -> bool {
    let mut missing: Vec<&str> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    if !nix::unistd::geteuid().is_root() {
        missing.push("root");
    }
    if missing.is_empty() {
        return false;
    }
    lab_testkit::leave_out(&missing.join(" "));
    true
}

/// The path of a program, also where Debian keeps those of the administrator.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// True when `holds` comes true in time.
pub(crate) fn comes(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if holds() {
            return true;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    false
}
