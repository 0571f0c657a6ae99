//! Needs: whether something is met for whoever asks, and how instances that move are counted.

use super::settle::Look;
use super::state::Keeping;
use super::viewer::Viewer;
use crate::works::{
    ClusterId, DataId, Holder, Layout, MachineId, Need, NeedOf, PartId, Placement, PoolId, ServiceId,
};

/// How many of `instances` run where it is good, of `places` places of which `good` are; see *moving* in [`crate::works`].
pub(super) fn moved(places: usize, good: usize, instances: u32, spread: bool, quorum: bool) -> u32 {
    let (good, bad) = (good as u32, (places - good) as u32);
    match (spread, quorum) {
        (true, true) => instances.min(good),
        (true, false) => instances.min(places as u32).saturating_sub(bad),
        (false, true) if good > 0 => instances,
        (false, false) if bad == 0 && good > 0 => instances,
        (false, _) => 0,
    }
}

impl Look<'_> {
    pub(super) fn all_met(&self, needs: &[NeedOf], from: Viewer) -> bool {
        needs.iter().all(|need| self.is_met(&need.need, from))
    }

    /// Whether a need is met for `from`.
    pub(super) fn is_met(&self, need: &Need, from: Viewer) -> bool {
        match need {
            Need::Data(id) => self.data_served(*id, from),
            Need::Pool(id) => self.pool_served(*id, from),
            Need::Service(id) => self.service_reached(*id, from),
            Need::Holder(holder) => self.is_up(*holder) && self.network.reaches(from, *holder),
            Need::Cluster(id) => self.voter_reached(*id, from),
            Need::Internet => self.network.reaches(from, Holder::Internet),
            Need::External(part) => {
                !self.failed[part.index()] && self.network.reaches(from, Holder::Internet)
            }
            Need::Part(part) => !self.failed[part.index()],
            Need::AnyOf(needs) => needs.iter().any(|need| self.is_met(need, from)),
        }
    }

    /// Whether a member of a cluster that has quorum is reached.
    pub(super) fn voter_reached(&self, id: ClusterId, from: Viewer) -> bool {
        let cluster = &self.works[id];
        cluster.members.iter().zip(&self.rows.voters[id.index()]).any(|(&member, &votes)| {
            votes && self.network.reaches_in(from, Holder::Machine(member), cluster.clients_in)
        })
    }

    pub(super) fn has_quorum(&self, id: ClusterId) -> bool {
        self.rows.has_quorum(self.works, id)
    }

    /// Whether a pool serves, and its server is reached.
    pub(super) fn pool_served(&self, id: PoolId, from: Viewer) -> bool {
        let pool = &self.works[id];
        if self.rows.pools[id.index()] != Keeping::Serving {
            return false;
        }
        match (&pool.layout, pool.holder) {
            (Layout::Ceph(ceph), _) => self.voter_reached(ceph.cluster, from),
            (_, Some(holder)) => self.network.reaches(from, holder),
            (_, None) => true,
        }
    }

    /// Whether enough pools of data serve, and are reached.
    pub(super) fn data_served(&self, id: DataId, from: Viewer) -> bool {
        let data = &self.works[id];
        data.pools.iter().filter(|&&pool| self.pool_served(pool, from)).count() as u32 >= data.pools_needed
    }

    /// Whether a working instance is reached, and, where several must work, they do.
    fn service_reached(&self, id: ServiceId, from: Viewer) -> bool {
        let (service, running) = (&self.works[id], &self.rows.services[id.index()]);
        // In a cold start a place where it could run is not yet one where it does.
        if (service.needed > 1 || self.rows.starting) && !running.works {
            return false;
        }
        let places = self.index.places(id.index()).iter().zip(&running.places);
        let good = places.filter(|&(&place, &works)| works && self.network.reaches(from, place)).count();
        self.some_instance(id, good)
    }

    /// Whether at least one instance of a service is at one of `good` of its places.
    pub(super) fn some_instance(&self, id: ServiceId, good: usize) -> bool {
        self.instances(id, good) > 0
    }

    /// How many instances of a service are at `good` of its places.
    pub(super) fn instances(&self, id: ServiceId, good: usize) -> u32 {
        match &self.works[id].placement {
            Placement::Fixed(_) => good as u32,
            Placement::Movable { by: Some(by), .. } if self.starts_nothing(*by) => 0,
            Placement::Movable { on, by, replicas, spread } => {
                let stranded = self.n_stranded(&self.works[id].strands, on);
                let left = moved(on.len(), on.len() - stranded, *replicas, *spread, false);
                moved(on.len(), good, *replicas, *spread, self.is_moved_by(*by)).min(left)
            }
        }
    }

    /// At how many of these places something is stranded.
    pub(super) fn n_stranded(&self, strands: &[(MachineId, Vec<PartId>)], on: &[MachineId]) -> usize {
        strands.iter().filter(|(place, parts)| on.contains(place) && self.any_failed(parts)).count()
    }

    /// Whether a mover holds up what it would start, in a cold start.
    pub(super) fn starts_nothing(&self, by: ClusterId) -> bool {
        self.rows.starting && !self.has_quorum(by)
    }

    /// Whether a mover is there and has quorum.
    pub(super) fn is_moved_by(&self, by: Option<ClusterId>) -> bool {
        by.is_some_and(|by| self.has_quorum(by))
    }
}
