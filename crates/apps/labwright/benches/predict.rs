//! Whole processes of `labwright predict`: labs, and fault trees beside SCRAM, where it is installed.
//!
//! `cargo bench -p labwright --bench predict`. Prints figures and asserts none; what to make of them is in `docs/benchmarks.md`. Times are
//! those of the processor, user and system together, which other work on the machine changes little; the least of some runs. Sets are of
//! up to three events; SCRAM's time is that of the fastest of its three algorithms that ends within five seconds.

#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run ends by panicking")]

use lab_testkit::fault_tree::{SHAPES, fault_tree};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    // Without it, somebody only wants to know whether it builds: `cargo test --all-targets`.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    labs();
    trees();
}

fn labs() {
    println!("{:<34} {:>10} {:>10} {:>12}", "labwright predict", "processor", "wall", "peak so far");
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs");
    for lab in ["starter", "jlh-h5b", "ocean", "home-ops", "infra-mk3"] {
        lab_line(&format!("labs/{lab}"), &labs.join(lab), "3");
    }
    lab_line("labs/infra-mk3, 4 at once", &labs.join("infra-mk3"), "4");
    for (name, n_services) in [("generated, 200 devices", 0), ("the same with 300 services", 291)] {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in lab_testkit::generate_crowded(200, 1, n_services) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        for order in ["1", "2", "3"] {
            lab_line(&format!("{name}, {order} at once"), folder.path(), order);
        }
    }
}

fn lab_line(name: &str, lab: &Path, order: &str) {
    let lab = lab.to_str().unwrap();
    let run = least(7, &labwright(&["predict", "--today", "2026-05-01", "--order", order, lab]));
    let run = run.unwrap();
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() / 1024;
    println!("{name:<34} {:>7.1} ms {:>7.1} ms {peak:>8} MiB", millis(run.processor), millis(run.wall));
}

/// Sets alone, all of them written to a file, and sets with probabilities as either tool gives them unasked.
fn trees() {
    let has_scram = Command::new("scram").arg("--version").output().is_ok();
    println!("\n{:<26} {:^34} {:^34}", "fault tree", "all sets to a file", "with probabilities");
    let each = format!("{:>10} {:>12} {:>9} ", "labwright", "SCRAM", "ratio");
    println!("{:<26} {each} {each}", "");
    let folder = tempfile::tempdir().unwrap();
    let mut ratios = [Vec::new(), Vec::new()];
    for shape in SHAPES {
        for events in [25, 60, 120, 276, 600, 1000, 1567] {
            let path = folder.path().join(format!("{}-{events}.xml", shape.word()));
            std::fs::write(&path, fault_tree(shape, events, 1)).unwrap();
            let file = path.to_str().unwrap();
            let ours = [
                labwright(&["predict", "--probability", "none", "--all", "--fault-tree", file]),
                labwright(&["predict", "--fault-tree", file]),
            ];
            let theirs: [&[&str]; 2] = [&[], &["--probability", "true"]];
            let mut line = format!("{:<26}", format!("{}, {events} events", shape.word()));
            for (at, (ours, options)) in ours.iter().zip(theirs).enumerate() {
                let ours = least(3, ours).unwrap().processor;
                let scram = if has_scram { scram(file, options) } else { None };
                line += &compared(ours, scram);
                ratios[at].extend(scram.map(|scram| scram.as_secs_f64() / ours.as_secs_f64()));
            }
            println!("{line}");
        }
    }
    for (what, ratios) in ["all sets to a file", "with probabilities"].iter().zip(&mut ratios) {
        ratios.sort_by(f64::total_cmp);
        if let (Some(least), Some(median)) = (ratios.first(), ratios.get(ratios.len() / 2)) {
            println!("{what}: the least ratio {least:.1}, the median {median:.1} of {}", ratios.len());
        }
    }
}

fn compared(ours: Duration, scram: Option<Duration>) -> String {
    let ours_ = format!("{:.1} ms", millis(ours));
    match scram {
        Some(scram) => {
            let ratio = scram.as_secs_f64() / ours.as_secs_f64();
            format!(" {ours_:>10} {:>9.1} ms {ratio:>9.1} ", millis(scram))
        }
        None => format!(" {ours_:>10} {:>12} {:>9} ", "over 5 s", "-"),
    }
}

fn scram(file: &str, options: &[&str]) -> Option<Duration> {
    let run = |algorithm: &str| {
        let mut words = vec!["timeout", "5", "scram", algorithm, "--limit-order", "3"];
        words.extend(options);
        words.push(file);
        least(2, &owned(&words))
    };
    ["--zbdd", "--mocus", "--bdd"].into_iter().filter_map(run).map(|run| run.processor).min()
}

fn labwright(words: &[&str]) -> Vec<String> {
    let mut command = vec![env!("CARGO_BIN_EXE_labwright")];
    command.extend(words);
    owned(&command)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What a process took.
#[derive(Clone, Copy)]
struct Run {
    processor: Duration,
    wall: Duration,
}

/// The least of both over some runs. None if it failed.
fn least(runs: usize, command: &[String]) -> Option<Run> {
    let mut least: Option<Run> = None;
    let output = tempfile::tempfile().unwrap();
    for _ in 0..runs {
        output.set_len(0).unwrap();
        let (before, started) = (processor_of_children(), Instant::now());
        let status = Command::new(&command[0])
            .args(&command[1..])
            .stdout(output.try_clone().unwrap())
            .stderr(Stdio::null())
            .status();
        let run = Run { wall: started.elapsed(), processor: processor_of_children() - before };
        if !status.unwrap().success() {
            return None;
        }
        least = Some(match least {
            Some(known) => {
                Run { wall: known.wall.min(run.wall), processor: known.processor.min(run.processor) }
            }
            None => run,
        });
    }
    least
}

fn processor_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let time = |value: TimeVal| {
        Duration::from_secs(value.tv_sec() as u64) + Duration::from_micros(value.tv_usec() as u64)
    };
    time(usage.user_time()) + time(usage.system_time())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
