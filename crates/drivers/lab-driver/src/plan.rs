//! What must change on a system: files as they should be against files as they are.

use crate::record::{self, Record, checksum};
use crate::rendering::{Rendering, Unit};
use crate::world::{World, WorldError};
use std::collections::{BTreeMap, BTreeSet};

/// What a system has, as far as Labwright is concerned.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Observed {
    /// What Labwright wrote there before.
    pub record: Record,
    /// The files that are wanted or were written before, with their bytes; `None` for those that are not there.
    pub files: BTreeMap<String, Option<Vec<u8>>>,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Writes a file.
    Write {
        /// Which.
        path: String,
        /// The new text.
        text: String,
        /// True when it is run.
        executable: bool,
        /// What it was; `None` when it is new.
        was: Option<Vec<u8>>,
        /// True when somebody else changed it since Labwright wrote it.
        edited: bool,
    },
    /// Removes a file that Labwright wrote and that is no longer wanted.
    Remove {
        /// Which.
        path: String,
        /// What it was.
        was: Vec<u8>,
    },
    /// Has a program take up its files.
    Reload(&'static Unit),
}

/// Why a plan cannot be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The system has a newer generation.
    Older {
        /// The one it has.
        there: u64,
        /// The one of the plan.
        ours: u64,
    },
    /// Somebody else's file stands where one of ours would.
    Foreign {
        /// Which.
        path: String,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Older { there, ours } => {
                write!(f, "generation {ours} is older than {there}, which is there")
            }
            Self::Foreign { path } => write!(f, "{path} is there, and Labwright did not write it"),
        }
    }
}

/// What must change, in order, and what forbids it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The generation that it brings.
    pub generation: u64,
    /// The changes.
    pub steps: Vec<Step>,
    /// Why it is not applied; empty when it can be.
    pub refusals: Vec<Refusal>,
    /// The record as it was.
    pub(crate) before: Record,
    /// The record once all is done.
    pub(crate) after: Record,
}

impl Plan {
    /// True when everything is as it should be.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The units that take up something, by name.
    pub(crate) fn units(&self) -> BTreeSet<String> {
        let units = self.steps.iter().filter_map(|step| match step {
            Step::Reload(unit) => Some(unit.name.to_owned()),
            _ => None,
        });
        units.collect()
    }
}

/// Looks at a system.
///
/// # Errors
/// When something that is there cannot be read.
pub fn observe(rendering: &Rendering, world: &mut dyn World) -> Result<Observed, WorldError> {
    let text = world.read(record::PATH)?.unwrap_or_default();
    let record = Record::parse(&String::from_utf8_lossy(&text));
    let paths: BTreeSet<&String> = rendering.files.keys().chain(record.files.keys()).collect();
    let mut files = BTreeMap::new();
    for path in paths {
        files.insert(path.clone(), world.read(path)?);
    }
    Ok(Observed { record, files })
}

/// Says what must change so that a system has the files of `rendering`. `generation` counts the states of the lab up, as the
/// commits of its repository do.
pub fn plan(rendering: &Rendering, generation: u64, observed: &Observed) -> Plan {
    let before = observed.record.clone();
    let mut refusals = Vec::new();
    if generation < before.generation {
        refusals.push(Refusal::Older { there: before.generation, ours: generation });
    }
    let mut steps = Vec::new();
    let mut units: BTreeSet<&'static Unit> = BTreeSet::new();
    for (path, file) in &rendering.files {
        let was = observed.files.get(path).cloned().flatten();
        let is_pending = file.unit.is_some_and(|unit| before.pending.contains(unit.name));
        if was.as_deref() != Some(file.text.as_bytes()) {
            let ours = before.files.get(path);
            if was.is_some() && ours.is_none() {
                refusals.push(Refusal::Foreign { path: path.clone() });
            }
            let edited = was.as_deref().zip(ours).is_some_and(|(was, sum)| checksum(was) != *sum);
            let (path, text, executable) = (path.clone(), file.text.clone(), file.executable);
            steps.push(Step::Write { path, text, executable, was, edited });
            units.extend(file.unit);
        } else if is_pending {
            units.extend(file.unit);
        }
    }
    for path in before.files.keys().filter(|path| !rendering.files.contains_key(*path)) {
        if let Some(was) = observed.files.get(path).cloned().flatten() {
            steps.push(Step::Remove { path: path.clone(), was });
        }
    }
    steps.extend(units.into_iter().map(Step::Reload));
    let sums = rendering.files.iter().map(|(path, file)| (path.clone(), checksum(file.text.as_bytes())));
    let after = Record { generation, files: sums.collect(), pending: BTreeSet::new() };
    // A file that is as it should be and in nobody's record becomes ours with the next change, and is no change by itself.
    Plan { generation, steps, refusals, before, after }
}
