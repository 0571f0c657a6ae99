//! What is told while a box comes up. Values only; how they look is the caller's business.

use std::fmt;
use std::time::Duration;

/// Something that happened on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Time since the start.
    pub elapsed: Duration,
    /// The machine; none when it concerns the whole box.
    pub machine: Option<String>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a machine is, in the order in which it gets there. [`Stage::Preparing`] concerns the whole box.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Something is made before the machines start; in words.
    Preparing(String),
    /// Nothing new, told about once a second so that a clock can go on. Concerns the whole box.
    Waiting,
    /// The machine has power and empty disks.
    Started,
    /// It asked for an address.
    Seen,
    /// It was offered one.
    Offered,
    /// A boot loader was fetched.
    Loader,
    /// The kernel was fetched.
    Kernel,
    /// A machine without a disk fetches its system into memory; per cent.
    Loading(u8),
    /// The installer works; per cent.
    Installing(u8),
    /// The installer is done.
    Written,
    /// It started again, from its disk.
    Rebooted,
    /// The installed system says that it is up.
    Up,
    /// It was asked from outside and is as described.
    Verified,
    /// It will not get there; why.
    Failed(String),
}

impl Stage {
    /// The stage in one word, stable, for machines to read.
    pub fn word(&self) -> &'static str {
        match self {
            Stage::Preparing(_) => "preparing",
            Stage::Waiting => "waiting",
            Stage::Started => "started",
            Stage::Seen => "seen",
            Stage::Offered => "offered",
            Stage::Loader => "loader",
            Stage::Kernel => "kernel",
            Stage::Loading(_) => "loading",
            Stage::Installing(_) => "installing",
            Stage::Written => "written",
            Stage::Rebooted => "rebooted",
            Stage::Up => "up",
            Stage::Verified => "verified",
            Stage::Failed(_) => "failed",
        }
    }

    /// Whether nothing more will come for this machine.
    pub fn is_final(&self) -> bool {
        matches!(self, Stage::Verified | Stage::Failed(_))
    }

    /// What is awaited at this stage, for people.
    pub fn awaited(&self) -> &'static str {
        match self {
            Stage::Preparing(_) | Stage::Waiting | Stage::Verified | Stage::Failed(_) => "",
            Stage::Started => "its request for an address",
            Stage::Seen | Stage::Offered | Stage::Loader => "its boot program",
            Stage::Kernel => "its first program",
            Stage::Loading(_) => "its system",
            Stage::Installing(_) => "the end of the installation",
            Stage::Written => "its restart",
            Stage::Rebooted => "the installed system",
            Stage::Up => "an answer by SSH",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stage::Preparing(what) => f.write_str(what),
            Stage::Loading(percent) => write!(f, "loading {percent} %"),
            Stage::Installing(percent) => write!(f, "installing {percent} %"),
            Stage::Failed(why) => write!(f, "failed: {why}"),
            other => f.write_str(other.word()),
        }
    }
}
