//! Backup jobs: what is copied where, how often, and how long it is kept.

use crate::grammar::words::words;
use crate::grammar::{Date, Period, Retention, Schedule};
use crate::record;
use crate::record::{Ref, Refs, Text};
use crate::written::{Backed, Controller, DataPlace};
use lab_source::Spanned;

words! {
    /// What a copy is written on.
    pub enum Medium {
        /// Rotating drives or flash that stay powered.
        Disk = "disk",
        /// Tape.
        Tape = "tape",
        /// Optical discs.
        Optical = "optical",
        /// A drive that is put away.
        OfflineDisk = "offline-disk",
        /// A service's object storage.
        ObjectStorage = "object-storage",
    }
}

record! {
    /// What is copied where, how often, and how long it is kept.
    Backup {
        /// What is backed up.
        of (required): Refs<Backed>,
        /// The copies, in the order in which they are made; each is made from the one before unless it says otherwise.
        copies (required): Vec<BackupCopy>,
        /// What does it.
        tool: Option<Text>,
        /// What is left out.
        excludes: Vec<Text>,
        /// How the copy is made consistent: `volume snapshot`, `database dump`, `stopped`.
        consistent_by: Option<Text>,
        /// The most data, in time, that may be lost.
        rpo: Option<Spanned<Period>>,
        /// The longest time that a restore may take.
        rto: Option<Spanned<Period>>,
        /// What it is.
        description: Option<Text>,
    }
}

record! {
    /// One copy of a chain.
    BackupCopy {
        /// Where it goes: a dataset, a pool, a device such as a tape library, a site, an external service.
        to (required): Option<Ref<DataPlace>>,
        /// A name for it, when another copy is made from it.
        name: Option<Text>,
        /// The name of the copy it is made from, when that is not the one before; `source` for the original.
        from: Option<Text>,
        /// When it is made.
        every: Option<Spanned<Schedule>>,
        /// When all of it is written again instead of what changed.
        full: Option<Spanned<Schedule>>,
        /// How long copies are kept.
        keep: Option<Spanned<Retention>>,
        /// What it is written on. Follows from `to` when nothing is said.
        medium: Option<Spanned<Medium>>,
        /// True when it cannot be reached, or changed, by whoever broke the original.
        offline: Option<Spanned<bool>>,
        /// True when it is encrypted.
        encrypted: Option<Spanned<bool>>,
        /// Who decides over the place. Follows from `to` when nothing is said.
        controller: Option<Spanned<Controller>>,
        /// True when somebody must do it by hand.
        by_hand: Option<Spanned<bool>>,
        /// The last time a restore from it was tried and worked.
        restored: Option<Spanned<Date>>,
        /// How often a restore is tried.
        tested: Option<Spanned<Schedule>>,
        /// What does it, when it is not the job's tool.
        tool: Option<Text>,
        /// Whether it exists, is only planned, or has been given up.
        status: Option<Spanned<crate::written::Status>>,
    }
}
