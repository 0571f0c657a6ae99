//! The groups of drives of a pool and what each is for, as rules about layouts go through them.

use lab_model::Lab;
use lab_model::derived::VdevFacts;
use lab_model::lab::PoolId;
use lab_model::written::{DriveKind, VdevKind};

/// What a group is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Holds data.
    Data,
    /// Separate log.
    Log,
    /// Metadata and small blocks.
    Special,
}

/// A group of drives with its purpose.
pub(crate) struct Group<'a> {
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Its drives and layout.
    pub(crate) vdev: &'a VdevFacts,
}

impl Group<'_> {
    /// `raidz2`, `log mirror`, `special mirror`.
    pub(crate) fn what(&self, kind: VdevKind) -> String {
        match self.purpose {
            Purpose::Data => kind.to_string(),
            Purpose::Log => format!("log {kind}"),
            Purpose::Special => format!("special {kind}"),
        }
    }
}

/// All groups of a pool: data, log, special.
pub(crate) fn groups(lab: &Lab, pool: PoolId) -> Vec<Group<'_>> {
    let facts = lab.derived.pool(pool);
    let mut all: Vec<Group<'_>> =
        facts.vdevs.iter().map(|vdev| Group { purpose: Purpose::Data, vdev }).collect();
    all.extend(facts.log.iter().map(|vdev| Group { purpose: Purpose::Log, vdev }));
    all.extend(facts.special.iter().map(|vdev| Group { purpose: Purpose::Special, vdev }));
    all
}

/// How the drives of a group store, when all are known to be of one kind.
pub(crate) fn kind_of(lab: &Lab, vdev: &VdevFacts) -> Option<DriveKind> {
    let kind = |drive: &lab_model::derived::DriveId| {
        lab.derived.drive(*drive).ty.as_ref()?.kind.as_ref().map(|kind| kind.value)
    };
    let first = kind(vdev.drives.first()?)?;
    vdev.drives.iter().all(|drive| kind(drive) == Some(first)).then_some(first)
}
