//! The exit codes of every verb: one table, printed by `--help` and explained in `docs/exit-codes.md`.
//!
//! A code says what a script should do next, never which verb ran. Codes are never given a second meaning; a panic
//! ends with Rust's own 101 and is a bug.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// What was asked for is done; a checked lab has no finding at or above the threshold.
    Done = 0,
    /// An operation failed.
    Failed = 1,
    /// The command line is wrong, or what it names cannot be read: no lab, no such revision, no such overlay.
    Usage = 2,
    /// The lab was read and checked, and has findings at or above the threshold, or a prediction about it was refuted.
    Findings = 3,
    /// A machine or a service that must answer did not.
    Unreachable = 4,
    /// Labwright refused, to protect something: nothing was changed.
    Refused = 5,
    /// Ended by Ctrl-C or another signal that asks to end.
    Interrupted = 130,
}

/// The table as `--help` prints it.
pub(crate) const HELP: &str = "\
Exit codes:
    0  done; for `check`: no finding at or above the threshold
    1  an operation failed
    2  wrong usage, or input that cannot be read
    3  `check` found something at or above the threshold (--deny, default error); `rehearse` refuted a prediction
    4  a machine or service that must answer did not
    5  refused, to protect something; nothing was changed
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_and_manual_name_every_code() {
        let manual = include_str!("../../../../docs/exit-codes.md");
        for exit in [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Findings,
            Exit::Unreachable,
            Exit::Refused,
            Exit::Interrupted,
        ] {
            let code = exit as u8;
            assert!(HELP.contains(&format!("\n{code:5}  ")), "--help does not name {code}");
            assert!(manual.contains(&format!("\n| {code} |")), "docs/exit-codes.md does not name {code}");
        }
    }
}
