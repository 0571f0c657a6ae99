//! The loop that settles rows and network.
//!
//! The same lines run in two directions: from everything up downwards, for the state after a failure, and from everything down upwards, for a
//! cold start. They only ever ask whether things are up, never whether they are down, so that either direction ends.

use super::index::Index;
use super::network::Network;
use super::rows::{Rows, Running};
use crate::works::{Holder, PartId, Works};

/// One look at everything: rows and a network as they are, from which the next rows follow.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) works: &'a Works,
    pub(super) index: &'a Index,
    /// Whether a part has failed.
    pub(super) failed: &'a [bool],
    /// Machines that were shut down.
    pub(super) off: &'a [bool],
    pub(super) rows: &'a Rows,
    pub(super) network: &'a Network<'a>,
}

impl Look<'_> {
    pub(super) fn any_failed(&self, parts: &[PartId]) -> bool {
        parts.iter().any(|&part| self.failed[part.index()])
    }

    pub(super) fn is_up(&self, holder: Holder) -> bool {
        match holder {
            Holder::Unit(id) => self.rows.units[id.index()],
            Holder::Machine(id) => self.rows.machines[id.index()],
            Holder::Internet => true,
        }
    }
}

/// What does not change while rows settle.
pub(super) struct Given<'w, 'a> {
    pub(super) works: &'w Works,
    pub(super) index: &'w Index,
    pub(super) failed: &'a [bool],
    pub(super) off: &'a [bool],
}

impl<'w> Given<'w, '_> {
    fn look<'b>(&'b self, rows: &'b Rows, network: &'b Network<'b>) -> Look<'b> {
        Look { works: self.works, index: self.index, failed: self.failed, off: self.off, rows, network }
    }

    /// Which edges their own parts and the units on the way allow.
    pub(super) fn open_edges(&self, units: &[bool]) -> Vec<bool> {
        let is_failed = |part: &PartId| self.failed[part.index()];
        (self.works.edges.iter())
            .map(|edge| {
                !edge.fails.iter().any(is_failed) && edge.through.iter().all(|unit| units[unit.index()])
            })
            .collect()
    }

    /// Applies the lines until nothing changes, and gives back the network that they were last applied with.
    pub(super) fn settle(&self, rows: &mut Rows) -> Network<'w> {
        let mut network = Network::new(self.works, self.index, rows, self.open_edges(&rows.units));
        rows.drives = self.look(rows, &network).drives();
        loop {
            let before = rows.clone();
            self.pass(rows, &network);
            if *rows == before {
                return network;
            }
            if rows.machines != before.machines {
                network = Network::new(self.works, self.index, rows, network.into_open());
            }
        }
    }

    /// Applies every line once, layer upon layer.
    pub(super) fn pass(&self, rows: &mut Rows, network: &Network<'_>) {
        rows.pools = self.look(rows, network).pools();
        rows.data = self.look(rows, network).data();
        rows.machines = self.look(rows, network).machines();
        rows.voters = self.look(rows, network).voters();
        rows.services = self.look(rows, network).services();
    }

    /// The same but for machines and services, which take time to come up.
    pub(super) fn pass_at_once(&self, rows: &mut Rows, network: &Network<'_>) {
        rows.drives = self.look(rows, network).drives();
        rows.pools = self.look(rows, network).pools();
        rows.data = self.look(rows, network).data();
        rows.voters = self.look(rows, network).voters();
    }

    /// The same, with each layer from the rows as they were and not from the layer before.
    pub(super) fn layers_at_once(&self, rows: &mut Rows, network: &Network<'_>) {
        let look = self.look(rows, network);
        let (drives, pools, data, voters) = (look.drives(), look.pools(), look.data(), look.voters());
        (rows.drives, rows.pools, rows.data, rows.voters) = (drives, pools, data, voters);
    }

    /// The machines that could run now.
    pub(super) fn machines(&self, rows: &Rows, network: &Network<'_>) -> Vec<bool> {
        self.look(rows, network).machines()
    }

    /// The services that could work now.
    pub(super) fn services(&self, rows: &Rows, network: &Network<'_>) -> Vec<Running> {
        self.look(rows, network).services()
    }
}
