//! Whole processes: start, reading the files, checking, printing, end.

use crate::shown;
use nix::sys::resource::{UsageWho, getrusage};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Prints a line for each lab.
pub(crate) fn print() {
    println!("\n{:<34} {:>10} {:>10} {:>9} {:>10}", "labwright check", "min", "median", "runs", "peak");
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs");
    line("labs/starter", &labs.join("starter"), 20);
    line("labs/infra-mk3", &labs.join("infra-mk3"), 20);
    for (devices, runs) in [(200, 20), (2_000, 20), (20_000, 3)] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), devices);
        line(&format!("generated, {devices} devices"), folder.path(), runs);
    }
}

fn line(name: &str, lab: &Path, runs: usize) {
    let mut times: Vec<Duration> = (0..runs).map(|_| run(lab)).collect();
    times.sort();
    let (min, median) = (shown(times[0]), shown(times[times.len() / 2]));
    println!("{name:<34} {min:>10} {median:>10} {runs:>9} {:>6} MiB", peak_kib() / 1024);
}

/// Checks a lab once and gives the time from before its start until after its end.
pub(crate) fn run(lab: &Path) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_labwright"));
    command.args(["check", "--today", "2026-05-01"]).arg(lab).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().unwrap();
    let time = started.elapsed();
    assert!(matches!(status.code(), Some(0 | 3)), "the check of {} ended with {status}", lab.display());
    time
}

/// The most memory that any child so far had at once.
fn peak_kib() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()
}

fn write(folder: &Path, devices: usize) {
    for (name, bytes) in lab_testkit::generate(devices, 1) {
        let path: PathBuf = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
