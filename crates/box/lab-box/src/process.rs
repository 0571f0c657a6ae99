//! Processes told apart for certain: a number together with the time of its start, so that a number which the kernel
//! gave to somebody else in the meantime is never taken for ours.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// Start in clock ticks since the machine started (proc(5), field 22 of `stat`).
    pub(crate) start: u64,
}

impl Process {
    /// The process that has `pid` now; none when there is none, or when it has ended and only waits for its parent.
    pub(crate) fn of(pid: i32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (state, start) = parse_stat(&stat)?;
        (!matches!(state, 'Z' | 'X')).then_some(Process { pid, start })
    }

    /// This process.
    pub(crate) fn own() -> Process {
        let pid = std::process::id().cast_signed();
        Process::of(pid).unwrap_or(Process { pid, start: 0 })
    }

    /// Whether it still runs.
    pub(crate) fn is_running(self) -> bool {
        Process::of(self.pid) == Some(self)
    }

    /// Sends it a signal, if it is still the same.
    pub(crate) fn signal(self, signal: Signal) {
        if self.is_running() {
            // It may have gone since.
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }

    /// Ends it at once, if it is still the same, and waits until it is gone. False: it did not go.
    pub(crate) fn end(self) -> bool {
        if !self.is_running() {
            return true;
        }
        match kill(Pid::from_raw(self.pid), Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(_) => return false,
        }
        let limit = Instant::now() + Duration::from_secs(10);
        while self.is_running() {
            if Instant::now() > limit {
                return false;
            }
            sleep(Duration::from_millis(10));
        }
        true
    }
}

/// What the kernel says of a process that is of use here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kin {
    pub(crate) process: Process,
    parent: i32,
    pub(crate) session: i32,
}

/// Every process that this one started, and those that they started. One whose parent ended is not among them.
pub(crate) fn descendants() -> Vec<Kin> {
    let listing = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = listing.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: Vec<Kin> = pids.filter_map(kin).collect();
    let mut family = vec![std::process::id().cast_signed()];
    let mut found = Vec::new();
    while let Some(parent) = family.pop() {
        for kin in all.iter().filter(|kin| kin.parent == parent) {
            family.push(kin.process.pid);
            found.push(*kin);
        }
    }
    found
}

fn kin(pid: i32) -> Option<Kin> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (state, start) = parse_stat(&stat)?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(1);
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    (!matches!(state, 'Z' | 'X')).then_some(Kin { process: Process { pid, start }, parent, session })
}

/// State and start time. The command name may hold anything, brackets included, so reading starts after its last one.
fn parse_stat(stat: &str) -> Option<(char, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_command_name_with_brackets_does_not_mislead() {
        let stat = "42 (a) Z (b)) S 1 42 42 0 -1 4194560 1 0 0 0 5 6 0 0 20 0 1 0 123456 1 1";
        assert_eq!(parse_stat(stat), Some(('S', 123_456)));
        assert_eq!(parse_stat("nonsense"), None);
    }

    #[test]
    fn a_recycled_number_is_not_touched() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let real = Process::of(child.id().cast_signed()).unwrap();
        let stale = Process { start: real.start.wrapping_sub(1), ..real };
        assert!(!stale.is_running() && stale.end());
        assert!(real.is_running());
        assert!(real.end());
        child.wait().unwrap();
        assert_eq!(Process::of(real.pid), None);
    }
}
