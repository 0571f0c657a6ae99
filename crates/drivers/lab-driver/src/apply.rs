//! Making a plan true, step by step. Cut off anywhere, the next plan goes on from there: what is about to be written is in the
//! record before it is written, and units are noted as pending until they have taken up their files.

use crate::plan::{Plan, Refusal, Step};
use crate::record::{self, Record, checksum};
use crate::world::{World, WorldError};

/// How an application ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything was as it should be.
    Unchanged,
    /// Every step is done.
    Applied {
        /// How many.
        n_steps: usize,
    },
    /// Nothing was done, to protect what is there.
    Refused(Vec<Refusal>),
    /// A step failed; those before it are done.
    Failed {
        /// How many are done.
        n_done: usize,
        /// Why it failed.
        error: WorldError,
    },
}

impl Outcome {
    /// True when the system is as it should be.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Applied { .. })
    }
}

/// Makes a plan true.
pub fn apply(plan: &Plan, world: &mut dyn World) -> Outcome {
    if !plan.refusals.is_empty() {
        return Outcome::Refused(plan.refusals.clone());
    }
    if plan.is_empty() {
        return Outcome::Unchanged;
    }
    if let Err(error) = announce(plan, world) {
        return Outcome::Failed { n_done: 0, error };
    }
    for (n_done, step) in plan.steps.iter().enumerate() {
        if let Err(error) = take(step, world) {
            return Outcome::Failed { n_done, error };
        }
    }
    match world.write(record::PATH, plan.after.to_text().as_bytes(), false) {
        Ok(()) => Outcome::Applied { n_steps: plan.steps.len() },
        Err(error) => Outcome::Failed { n_done: plan.steps.len(), error },
    }
}

/// Writes down what is going to be ours, and who has to take it up.
fn announce(plan: &Plan, world: &mut dyn World) -> Result<(), WorldError> {
    let mut record: Record = plan.before.clone();
    for step in &plan.steps {
        if let Step::Write { path, text, .. } = step {
            record.files.insert(path.clone(), checksum(text.as_bytes()));
        }
    }
    record.pending.extend(plan.units());
    world.write(record::PATH, record.to_text().as_bytes(), false)
}

fn take(step: &Step, world: &mut dyn World) -> Result<(), WorldError> {
    match step {
        Step::Write { path, text, executable, .. } => world.write(path, text.as_bytes(), *executable),
        Step::Remove { path, .. } => world.remove(path),
        Step::Reload(unit) => world.run(unit.reload),
    }
}
