//! Signals that ask a long run to end: the first sets a flag, so that the run can clean up; the second ends at once.

use crate::error::CommandError;
use crate::exit::Exit;
use lab_box::Interrupt;
use nix::sys::signal::{SigSet, Signal};
use std::io::Write;

/// Turns Ctrl-C, SIGTERM and SIGHUP into a flag. Call it before any thread is started: threads inherit what is blocked,
/// and a signal goes to a thread that does not block it. Programs that are started get them as usual.
///
/// # Errors
/// When signals cannot be blocked, or no thread can be started.
pub(crate) fn listen() -> Result<Interrupt, CommandError> {
    let failed = "cannot listen for signals";
    let mut signals = SigSet::empty();
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().for_each(|signal| signals.add(signal));
    signals.thread_block().map_err(|error| CommandError::failed(failed).caused_by(error))?;
    let interrupt = Interrupt::default();
    let flag = interrupt.clone();
    let wait = move || {
        if signals.wait().is_err() {
            return;
        }
        flag.set();
        say("stopping, and removing what was made; once more ends at once");
        if signals.wait().is_ok() {
            say("ended; `labwright down` removes what is left");
            lab_box::end_descendants();
            #[expect(
                clippy::exit,
                reason = "a second Ctrl-C means: at once, whatever is still being tidied up"
            )]
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(wait)
        .map_err(|error| CommandError::failed(failed).caused_by(error))?;
    Ok(interrupt)
}

/// The terminal is another thread's; a line of our own may stand beside its lines, and nobody may be there to read it.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "\n{text}"));
}
