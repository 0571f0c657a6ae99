//! Scenarios on one set of tables, and questions about each.

use super::clusters::quorum_of;
use super::index::Index;
use super::network::Network;
use super::power::{Power, Tripped, settle_power};
use super::rows::Rows;
use super::settle::{Given, Look};
use super::state::State;
use super::viewer::Viewer;
use crate::works::{ClusterId, EdgeId, Holder, MachineId, Need, PartId, ServiceId, VertexId, Works};

/// Plays scenarios on one set of tables; what they have in common is worked out once.
#[derive(Debug)]
pub struct Simulator<'w> {
    pub(super) works: &'w Works,
    pub(super) index: Index,
}

/// One scenario, settled.
pub struct Scene<'w> {
    pub(super) works: &'w Works,
    pub(super) index: &'w Index,
    pub(super) failed: Vec<bool>,
    off: Vec<bool>,
    pub(super) power: Power,
    rows: Rows,
    network: Network<'w>,
    state: State,
}

impl<'w> Simulator<'w> {
    /// A simulator for `works`.
    pub fn new(works: &'w Works) -> Self {
        Self { works, index: Index::new(works) }
    }

    /// The scene after `failed` has failed.
    pub fn play(&'w self, failed: &[PartId]) -> Scene<'w> {
        self.play_without(failed, &[])
    }

    /// The scene after `failed` has failed and some machines were shut down by hand.
    pub fn play_without(&'w self, failed: &[PartId], gone: &[MachineId]) -> Scene<'w> {
        let failed = self.flags(failed);
        let power = settle_power(self.works, &self.index, &failed, &Tripped::default());
        let mut off = vec![false; self.works.machines.len()];
        gone.iter().for_each(|machine| off[machine.index()] = true);
        self.play_with(failed, power, off)
    }

    /// The scene after `failed` has failed, with power as given and some machines shut down (`off`).
    pub(super) fn play_with(&'w self, failed: Vec<bool>, power: Power, off: Vec<bool>) -> Scene<'w> {
        let mut rows = Rows::up(self.works, &self.index, power.units.clone());
        let network =
            Given { works: self.works, index: &self.index, failed: &failed, off: &off }.settle(&mut rows);
        let mut scene = Scene {
            works: self.works,
            index: &self.index,
            failed,
            off,
            power,
            rows,
            network,
            state: State::default(),
        };
        scene.state = scene.describe();
        scene
    }

    /// Whether a part is among `failed`, by part.
    pub(super) fn flags(&self, failed: &[PartId]) -> Vec<bool> {
        let mut flags = vec![false; self.works.parts.len()];
        failed.iter().for_each(|part| flags[part.index()] = true);
        flags
    }
}

impl Scene<'_> {
    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state, when nothing else is asked.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Whether any of these has failed.
    pub fn any_failed(&self, parts: &[PartId]) -> bool {
        self.look().any_failed(parts)
    }

    /// Whether packets get from `from` to `to`.
    pub fn reaches(&self, from: Viewer, to: Holder) -> bool {
        self.network.reaches(from, to)
    }

    /// Whether frames get from one vertex to another of the same segment.
    pub fn is_joined(&self, from: VertexId, to: VertexId) -> bool {
        self.network.is_joined(from, to)
    }

    /// The vertices of a holder.
    pub(super) fn vertices(&self, holder: Holder) -> &[VertexId] {
        self.index.vertices(holder)
    }

    /// Whether an edge carries frames.
    pub fn is_open(&self, edge: EdgeId) -> bool {
        self.network.is_open(edge)
    }

    /// Whether a need is met for `from`.
    pub fn is_met(&self, need: &Need, from: Viewer) -> bool {
        self.look().is_met(need, from)
    }

    /// Whether a virtual machine could run on `host`, memory aside.
    pub fn could_run_on(&self, machine: MachineId, host: MachineId) -> bool {
        self.look().is_good_host(&self.works[machine], host)
    }

    pub(super) fn look(&self) -> Look<'_> {
        Look {
            works: self.works,
            index: self.index,
            failed: &self.failed,
            off: &self.off,
            rows: &self.rows,
            network: &self.network,
        }
    }

    fn describe(&self) -> State {
        let (look, rows) = (self.look(), &self.rows);
        let clusters = (0..self.works.clusters.len() as u32)
            .map(|id| quorum_of(self.works, ClusterId(id), rows, &self.network));
        let vantages = 0..self.works.vantages.len() as u32;
        let mut state = State {
            points: self.power.points.clone(),
            units: rows.units.clone(),
            vertices: self.network.vertices.clone(),
            machines: rows.machines.clone(),
            drives: rows.drives.clone(),
            pools: rows.pools.clone(),
            data: rows.data.clone(),
            clusters: clusters.collect(),
            services: (0..self.works.services.len() as u32).map(|id| look.standing(ServiceId(id))).collect(),
            internet: vantages
                .map(|at| self.network.reaches(Viewer::Vantage(at), Holder::Internet))
                .collect(),
            outcomes: Vec::new(),
        };
        state.judge(self.works);
        state
    }
}
