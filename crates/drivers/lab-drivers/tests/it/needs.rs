//! What tests need of the machine. Where it is missing they say so and end, unless the one who runs them says that nothing may be
//! left out, as `cargo xtask test` does once it has installed everything.

use std::path::PathBuf;

/// Set to `never` by who has everything installed.
const SKIP: &str = "LABWRIGHT_SKIP";

/// True when something is missing, which is told.
pub(crate) fn lacks(programs: &[&str]) -> bool {
    let mut missing: Vec<&str> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    if !nix::unistd::geteuid().is_root() {
        missing.push("root");
    }
    if missing.is_empty() {
        return false;
    }
    let told = format!("needs {}", missing.join(" "));
    assert!(std::env::var_os(SKIP).is_none_or(|skip| skip != "never"), "nothing may be left out: {told}");
    eprintln!("skipped: {told}");
    true
}

/// The path of a program, also where Debian keeps those of the administrator.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}
