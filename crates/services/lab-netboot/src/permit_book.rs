//! The permits of a state folder on disk: every change is there before it is true.
//!
//! One process at a time holds the book; [`crate::control`] is the way to it while a service runs.

use crate::journal::{Journal, JournalError};
use crate::permit::{Change, Permit, Permits};
use std::path::Path;

/// So many superseded changes are kept before the file is written anew.
const SLACK: usize = 1000;

/// The permits and their file.
#[derive(Debug)]
pub struct PermitBook {
    permits: Permits,
    journal: Journal,
}

impl PermitBook {
    /// Opens or makes the book in a state folder. True when a damaged tail was dropped.
    ///
    /// # Errors
    /// When the file cannot be used or another process holds it.
    pub fn open(state: &Path) -> Result<(PermitBook, bool), JournalError> {
        let (journal, lines, damaged) = Journal::open(&state.join("permits.journal"))?;
        let mut permits = Permits::default();
        lines.iter().filter_map(|line| Change::parse(line)).for_each(|change| permits.apply(&change));
        Ok((PermitBook { permits, journal }, damaged))
    }

    /// All permits.
    pub fn permits(&self) -> &Permits {
        &self.permits
    }

    /// Where a machine stands.
    pub fn of(&self, machine: &str) -> Permit {
        self.permits.of(machine)
    }

    /// Writes a change down and then makes it true.
    ///
    /// # Errors
    /// When it cannot be written; it is then not true either.
    pub fn change(&mut self, change: &Change) -> Result<(), JournalError> {
        self.journal.append([change.line().as_str()])?;
        self.permits.apply(change);
        let lines: Vec<String> = self.permits.changes().iter().map(Change::line).collect();
        if self.journal.len() > SLACK + 2 * lines.len() {
            // The change is on the disk already; what is superseded can be cleared away another time.
            let _ = self.journal.rewrite(lines.iter().map(String::as_str));
        }
        Ok(())
    }
}
