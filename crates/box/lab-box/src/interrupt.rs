//! Stopping in the middle: a flag that somebody sets, and the end of the programs that are being waited for.
//!
//! Knows nothing of signals; who sets the flag, and why, is the caller's business.

use crate::process::{Kin, descendants};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getsid};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often programs that still run are told to end.
const TICK: Duration = Duration::from_millis(50);
/// How long a program may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// A flag that asks a run to stop. All clones are one flag; it is never unset.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Does `work`. Once the flag is set, programs that the work waits for are ended, so that it comes to its end with
    /// an error. Machines, which have sessions of their own, are not touched.
    pub(crate) fn watch_over<T>(&self, work: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| self.end_what_runs(&over));
            // Also when the work panics; else the scope would wait for ever.
            let _over = SetAtEnd(&over);
            work()
        })
    }

    fn end_what_runs(&self, over: &AtomicBool) {
        let mut since = None;
        while !over.load(Ordering::SeqCst) {
            sleep(TICK);
            if !self.is_set() {
                continue;
            }
            let begin = *since.get_or_insert_with(Instant::now);
            let signal = if begin.elapsed() > PATIENCE { Signal::SIGKILL } else { Signal::SIGTERM };
            let own = getsid(None).map_or(0, Pid::as_raw);
            end(descendants().iter().filter(|kin| kin.session == own), signal);
        }
    }
}

struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Kills every program that this process started, machines included. For an end without cleaning up.
pub fn end_descendants() {
    end(descendants().iter(), Signal::SIGKILL);
}

fn end<'k>(kin: impl Iterator<Item = &'k Kin>, signal: Signal) {
    for kin in kin.filter(|kin| kin.process.is_running()) {
        // It may have ended in the meantime.
        let _ = kill(Pid::from_raw(kin.process.pid), signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::Tool;

    #[test]
    fn work_that_waits_for_a_program_comes_to_its_end() {
        let interrupt = Interrupt::default();
        let begin = Instant::now();
        let result = interrupt.watch_over(|| {
            interrupt.set();
            // A shell that waits for a child of its own: both must go.
            Tool::new("sh").args(["-c", "sleep 600; true"]).run()
        });
        assert!(result.is_err());
        assert!(begin.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn work_that_is_not_interrupted_is_left_alone() {
        assert_eq!(Interrupt::default().watch_over(|| Tool::new("echo").arg("x").run()).unwrap(), "x\n");
    }
}
