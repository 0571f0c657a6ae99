//! The rows that are settled together, and where settling begins: everything up, or nothing.

use super::index::Index;
use super::state::{DriveState, Keeping};
use crate::works::{ClusterId, Works};

/// What is settled beside the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rows {
    /// True in a cold start: what is needed only in order to start counts too.
    pub(super) starting: bool,
    pub(super) units: Vec<bool>,
    pub(super) machines: Vec<bool>,
    pub(super) drives: Vec<DriveState>,
    pub(super) pools: Vec<Keeping>,
    pub(super) data: Vec<Keeping>,
    /// Which members of each cluster have quorum.
    pub(super) voters: Vec<Vec<bool>>,
    pub(super) services: Vec<Running>,
}

/// What is settled of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Running {
    /// Whether enough instances work.
    pub(super) works: bool,
    /// How many work.
    pub(super) instances: u32,
    /// Where an instance works, by position among its places.
    pub(super) places: Vec<bool>,
}

impl Rows {
    /// Whether a cluster has quorum.
    pub(super) fn has_quorum(&self, works: &Works, id: ClusterId) -> bool {
        works[id].quorum == 0 || self.voters[id.index()].contains(&true)
    }

    /// Everything up but what `units` says is not.
    pub(super) fn up(works: &Works, index: &Index, units: Vec<bool>) -> Self {
        let services = (works.services.iter().enumerate())
            .map(|(at, _)| Running {
                works: true,
                instances: u32::MAX,
                places: vec![true; index.places(at).len()],
            })
            .collect();
        Self {
            starting: false,
            units,
            machines: vec![true; works.machines.len()],
            drives: vec![DriveState::There; works.drives.len()],
            pools: vec![Keeping::Serving; works.pools.len()],
            data: vec![Keeping::Serving; works.data.len()],
            voters: works.clusters.iter().map(|cluster| vec![true; cluster.members.len()]).collect(),
            services,
        }
    }

    /// Nothing up.
    pub(super) fn down(works: &Works, index: &Index) -> Self {
        let services = (works.services.iter().enumerate())
            .map(|(at, _)| Running {
                works: false,
                instances: 0,
                places: vec![false; index.places(at).len()],
            })
            .collect();
        Self {
            starting: true,
            units: vec![false; works.units.len()],
            machines: vec![false; works.machines.len()],
            drives: vec![DriveState::Away; works.drives.len()],
            pools: vec![Keeping::Stopped; works.pools.len()],
            data: vec![Keeping::Stopped; works.data.len()],
            voters: works.clusters.iter().map(|cluster| vec![false; cluster.members.len()]).collect(),
            services,
        }
    }
}
