//! `cargo xtask kill-box`: runs of a box end by `kill -9` at moments that nobody chose; `labwright down` follows, and then nothing may be left
//! on this machine. For runs of `up --wired` and of `box zones`.
//!
//! No part of `test`: it takes a release build, root, the real programs of services and ten seconds and more a run, and it looks at the whole machine,
//! so nothing else should make boxes meanwhile.

mod traces;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use traces::Traces;

/// The lab whose box is killed when none is named: it has real programs, disks and a pair of routers.
const LAB: &str = "labs/infra-mk3";
/// Part of its usual time within which a run is killed: some come to their end.
const SPREAD: f64 = 1.05;

pub(crate) const USAGE: &str = "\
Kill runs of a box at chosen-by-chance moments and look for what `labwright down` leaves

Usage: cargo xtask kill-box [TIMES [LAB [SEED]]]

  TIMES  how often each kind of run is killed; 20
  LAB    the lab; labs/infra-mk3
  SEED   where chance begins; the clock

LABWRIGHT_PROGRAM names the program to kill, in place of a release build of this workspace.";

/// What is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Up,
    Zones,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Run::Up => "up --wired",
            Run::Zones => "box zones",
        })
    }
}

/// The program under test and the lab that it is given.
struct Stage {
    program: PathBuf,
    lab: PathBuf,
}

/// Kills runs as the arguments say. True if nothing was left after any of them.
pub(crate) fn run(root: &Path, args: &[&str]) -> bool {
    let Some((times, lab, mut chance)) = understood(root, args) else {
        println!("{USAGE}");
        return false;
    };
    let Some(program) = release(root) else { return false };
    if let Some(there) = Traces::of_machine().box_that_is_up() {
        println!("there is a box already ({there}); take it down first");
        return false;
    }
    let stage = Stage { program, lab };
    println!("{} times each, chance from {}", times, chance.0);
    // Both, whatever comes of the first.
    let clean = [Run::Up, Run::Zones].map(|run| stage.kill_each(run, times, &mut chance));
    clean == [true; 2]
}

fn understood(root: &Path, args: &[&str]) -> Option<(u32, PathBuf, Chance)> {
    let times = args.first().map_or(Some(20), |text| text.parse().ok())?;
    let lab = args.get(1).map_or_else(|| root.join(LAB), PathBuf::from);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = args.get(2).map_or_else(|| Some(now()), |text| text.parse().ok())?;
    (args.len() <= 3).then_some((times, lab, Chance(seed)))
}

fn release(root: &Path) -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("LABWRIGHT_PROGRAM") {
        return Some(program.into());
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--release", "--quiet", "-p", "labwright"]);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    cargo.status().is_ok_and(|status| status.success()).then(|| target.join("release/labwright"))
}

impl Stage {
    fn kill_each(&self, run: Run, times: u32, chance: &mut Chance) -> bool {
        let Some(usual) = self.usual(run) else { return false };
        println!("\n{run}: {:.1} s when it is let be", usual.as_secs_f64());
        let mut n_clean = 0;
        let mut most = (0, 0);
        for number in 1..=times {
            let moment = usual.mul_f64(SPREAD * chance.share());
            let Some(seen) = self.kill_one(run, moment) else { return false };
            most = (most.0.max(seen.namespaces), most.1.max(seen.processes));
            n_clean += u32::from(seen.left.is_empty());
            println!(
                "{number:3}  killed after {:5.2} s with {:2} namespaces and {:2} processes; down took {:.2} s; {}",
                moment.as_secs_f64(),
                seen.namespaces,
                seen.processes,
                seen.down.as_secs_f64(),
                if seen.left.is_empty() { "nothing is left" } else { "LEFT:" }
            );
            seen.left.iter().for_each(|left| println!("       {left}"));
        }
        println!(
            "{run}: after {n_clean} of {times} kills nothing was left; up to {} namespaces and {} processes",
            most.0, most.1
        );
        n_clean == times
    }

    /// How long a run takes that nobody kills.
    fn usual(&self, run: Run) -> Option<Duration> {
        if run == Run::Zones {
            self.finish(self.start(Run::Up))?;
        }
        let begin = Instant::now();
        self.finish(self.start(run))?;
        let usual = begin.elapsed();
        self.down()?;
        Some(usual)
    }

    fn kill_one(&self, run: Run, moment: Duration) -> Option<Seen> {
        // What one kill leaves is not told of the next again.
        let before = Traces::of_machine();
        if run == Run::Zones {
            self.finish(self.start(Run::Up))?;
        }
        let mut child = self.start(run);
        std::thread::sleep(moment);
        // It may have come to its end.
        drop(child.kill());
        drop(child.wait());
        let between = Traces::of_machine();
        let begin = Instant::now();
        self.down()?;
        let down = begin.elapsed();
        let after = Traces::of_machine();
        let (namespaces, processes) = between.come_since(&before);
        Some(Seen { namespaces, processes, left: after.differences(&before, &between), down })
    }

    fn start(&self, run: Run) -> Child {
        let mut command = Command::new(&self.program);
        match run {
            Run::Up => command.args(["up", "--wired"]),
            Run::Zones => command.args(["box", "zones"]),
        };
        command.arg(&self.lab).env(traces::MARK, "1");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program was just built")
    }

    /// Waits for a run that is to succeed. What a box finds not to be as described is no matter here.
    fn finish(&self, mut child: Child) -> Option<()> {
        let status = child.wait().ok()?;
        let is_done = matches!(status.code(), Some(0 | 3 | 4));
        if !is_done {
            println!("a run that nobody killed ended with {status}");
            let _ = self.down();
        }
        is_done.then_some(())
    }

    fn down(&self) -> Option<()> {
        let mut command = Command::new(&self.program);
        let output = command.arg("down").arg(&self.lab).stdin(Stdio::null()).output().ok()?;
        if !output.status.success() {
            println!("`labwright down` failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        output.status.success().then_some(())
    }
}

/// What was found at one kill.
struct Seen {
    /// Namespaces and processes of the box when its run had just been killed.
    namespaces: usize,
    processes: usize,
    /// What is on the machine after `down` that was not there before the run, and the other way round.
    left: Vec<String>,
    down: Duration,
}

/// Numbers as good as chance, the same for the same seed (SplitMix64).
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The upper 32 bits, which a float holds exactly.
        let upper = u32::try_from((z ^ (z >> 31)) >> 32).expect("32 bits");
        f64::from(upper) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_spread_and_can_be_had_again() {
        let mut chance = Chance(7);
        let shares: Vec<f64> = (0..1000).map(|_| chance.share()).collect();
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        let early = shares.iter().filter(|share| **share < 0.25).count();
        assert!((200..300).contains(&early), "{early}");
        assert!((Chance(7).share() - shares[0]).abs() < f64::EPSILON);
    }

    #[test]
    fn arguments_have_their_places() {
        let root = Path::new("/r");
        let (times, lab, _) = understood(root, &[]).unwrap();
        assert_eq!((times, lab), (20, PathBuf::from("/r/labs/infra-mk3")));
        let (times, lab, chance) = understood(root, &["3", "labs/starter", "9"]).unwrap();
        assert_eq!((times, lab, chance.0), (3, PathBuf::from("labs/starter"), 9));
        assert!(understood(root, &["often"]).is_none() && understood(root, &["1", "a", "2", "b"]).is_none());
    }
}
