//! `cargo xtask test`: everything that must hold before a change lands, in the order of what is told soonest.
//!
//! Every step runs even if one before it failed, so that one run tells all. What is skipped is said.

use crate::packages;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How a step ended.
enum Outcome {
    Held(Duration),
    Failed(Duration),
    Skipped(String),
}

/// Runs every step and prints how each ended. True if none failed.
pub(crate) fn run(root: &Path) -> bool {
    let cargo = |args: &[&str]| step(root, args, &[]);
    let has_deny = packages::is_there("cargo-deny");
    let has_nextest = packages::is_there("cargo-nextest");
    let tests = if has_nextest {
        ["nextest", "run", "--workspace", "--no-fail-fast"].map(str::to_owned).to_vec()
    } else {
        plain_tests(root)
    };
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    let packages = install_packages();
    // Once everything is there, a test that leaves something out for want of it has failed.
    let may_skip = if matches!(packages, Outcome::Held(_)) { "never" } else { "told" };
    let outcomes = [
        ("packages", packages),
        ("format", cargo(&["fmt", "--all", "--check"])),
        ("lints", cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])),
        // `tidy` is one of these tests, and so are the generated files.
        ("tests", step(root, &tests, &[("INSTA_UPDATE", "no"), ("LABWRIGHT_SKIP", may_skip)])),
        // The other runner leaves these out.
        ("examples", cargo(&["test", "--workspace", "--doc", "--quiet"])),
        ("live", live(root, has_nextest, may_skip)),
        (
            "documents",
            step(root, &["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")]),
        ),
        (
            "dependencies",
            match has_deny {
                true => cargo(&["deny", "check", "bans", "licenses", "sources"]),
                false => Outcome::Skipped("cargo-deny is not installed".to_owned()),
            },
        ),
    ];
    println!();
    for (name, outcome) in &outcomes {
        println!("{}", line(name, outcome));
    }
    !outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
}

/// What Cargo's own runner is asked for: all that the other runner takes by default, which is everything but the live profile.
fn plain_tests(root: &Path) -> Vec<String> {
    let always = ["test", "--workspace", "--no-fail-fast", "--quiet", "--lib", "--bins", "--examples"];
    let mut args: Vec<String> = always.map(str::to_owned).to_vec();
    for name in test_targets(root).into_iter().filter(|name| name != LIVE) {
        args.extend(["--test".to_owned(), name]);
    }
    args
}

/// The target of each crate that holds its live tests.
const LIVE: &str = "live";

/// The names of all integration tests: `tests/NAME.rs` and `tests/NAME/main.rs` of any crate.
fn test_targets(root: &Path) -> BTreeSet<String> {
    let folders = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<PathBuf>>()
    };
    let crates = folders(&root.join("crates")).into_iter().flat_map(|area| folders(&area));
    let files = crates.flat_map(|krate| folders(&krate.join("tests")));
    let targets = files
        .filter(|path| path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").is_file());
    targets.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

/// Real clients and firmware, and rehearsals, in network namespaces.
fn live(root: &Path, has_nextest: bool, may_skip: &str) -> Outcome {
    let args: &[&str] = match has_nextest {
        true => &[
            "nextest",
            "run",
            "-p",
            "lab-netboot",
            "-p",
            "labwright",
            "--profile",
            "short",
            "--no-fail-fast",
        ],
        false => &[
            "test",
            "-p",
            "lab-netboot",
            "-p",
            "labwright",
            "--test",
            LIVE,
            "--quiet",
            "--",
            "--skip",
            "the_debian_installer",
        ],
    };
    step(root, args, &[("LABWRIGHT_SKIP", may_skip)])
}

/// Tests that need a missing package say so and end, so this is no failure.
fn install_packages() -> Outcome {
    let start = Instant::now();
    match packages::install_missing() {
        Ok(()) => Outcome::Held(start.elapsed()),
        Err(why) => Outcome::Skipped(why),
    }
}

fn step(root: &Path, args: &[&str], env: &[(&str, &str)]) -> Outcome {
    println!("\n== cargo {}", args.join(" "));
    timed(|| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(root).args(args).envs(env.iter().copied());
        command.status().is_ok_and(|status| status.success())
    })
}

fn timed(run: impl FnOnce() -> bool) -> Outcome {
    let start = Instant::now();
    if run() { Outcome::Held(start.elapsed()) } else { Outcome::Failed(start.elapsed()) }
}

fn line(name: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Held(time) => format!("{name:14}ok       {:4} s", time.as_secs()),
        Outcome::Failed(time) => format!("{name:14}FAILED   {:4} s", time.as_secs()),
        Outcome::Skipped(why) => format!("{name:14}skipped  {why}"),
    }
}
