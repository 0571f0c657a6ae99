//! The Debian packages that tests need. The one list; a test that needs another program adds it here.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program that tests run.
struct Needed {
    program: &'static str,
    package: &'static str,
    what_for: &'static str,
}

const NEEDED: [Needed; 2] = [
    Needed { program: "git", package: "git", what_for: "labs at a revision" },
    Needed { program: "ip", package: "iproute2", what_for: "network namespaces" },
];

/// Installs what is missing, if this is a Debian system and we are root; else says what is missing. Tests that need a missing program
/// fail and say so.
pub(crate) fn install_missing() -> bool {
    let missing: Vec<&Needed> = NEEDED.iter().filter(|needed| !is_there(needed.program)).collect();
    if missing.is_empty() {
        println!("packages: nothing missing");
        return true;
    }
    for needed in &missing {
        println!("packages: {} is missing, for {}", needed.program, needed.what_for);
    }
    if !is_there("apt-get") || !is_root() {
        println!(
            "packages: not installed, since that takes root on a Debian system: {}",
            names(&missing).join(" ")
        );
        return false;
    }
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-y"]).args(args).stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(names(&missing));
    apt(&["update"]) && apt(&install)
}

fn names(missing: &[&Needed]) -> Vec<&'static str> {
    missing.iter().map(|needed| needed.package).collect()
}

/// True if a program of that name stands in `PATH`, or where Debian keeps programs of the administrator.
pub(crate) fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).any(|file| file.is_file())
}

/// Asks the file system instead of the C library: our own process's folder belongs to who runs it.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|metadata| metadata.uid() == 0)
}
