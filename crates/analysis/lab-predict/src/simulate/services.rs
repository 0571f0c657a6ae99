//! Services: where instances work, and from where they are reached.

use super::needs::moved;
use super::rows::Running;
use super::settle::Look;
use super::state::{Seen, Standing};
use super::viewer::Viewer;
use crate::works::{Holder, Service, ServiceId, VertexId, VipId};

impl Look<'_> {
    pub(super) fn services(&self) -> Vec<Running> {
        (0..)
            .map(ServiceId)
            .zip(&self.works.services)
            .map(|(id, service)| self.running(id, service))
            .collect()
    }

    fn running(&self, id: ServiceId, service: &Service) -> Running {
        let places: Vec<bool> =
            self.index.places(id.index()).iter().map(|&place| self.works_at(service, place)).collect();
        let instances = self.instances(id, places.iter().filter(|&&works| works).count());
        Running { works: instances >= service.needed, instances, places }
    }

    fn works_at(&self, service: &Service, place: Holder) -> bool {
        let has_cards = || match place {
            Holder::Machine(machine) => {
                !service.cards.iter().any(|(on, parts)| *on == machine && self.any_failed(parts))
            }
            _ => true,
        };
        self.is_up(place) && has_cards() && self.all_met(&service.needs, Viewer::Holder(place))
    }

    /// Everything about a service, once everything has settled.
    pub(super) fn standing(&self, id: ServiceId) -> Standing {
        let running = &self.rows.services[id.index()];
        let places: Vec<Holder> = self
            .index
            .places(id.index())
            .iter()
            .zip(&running.places)
            .filter(|(_, works)| **works)
            .map(|(&place, _)| place)
            .collect();
        let seen = self.works[id].used_from.iter().map(|&vantage| self.seen(id, &places, vantage)).collect();
        Standing { works: running.works, running: running.instances, places, seen }
    }

    fn seen(&self, id: ServiceId, places: &[Holder], vantage: u32) -> Seen {
        let service = &self.works[id];
        let from = Viewer::Vantage(vantage);
        let good = self.good(id, places, from);
        // A network that falls apart may leave the name server to some and the service to others.
        let seats = &self.works.vantages[vantage as usize].at;
        let at_one = || {
            let is_had = |&seat: &VertexId| {
                let from = Viewer::Seat(seat);
                self.is_had(id, self.good(id, places, from).len(), from)
            };
            service.clients_need.is_empty() || seats.len() < 2 || seats.iter().any(is_had)
        };
        let reached = self.rows.services[id.index()].works && self.some_instance(id, good.len());
        let there = reached && self.is_had(id, good.len(), from) && at_one();
        Seen { vantage, there, reached, from: good }
    }

    /// The places to which somebody gets.
    fn good(&self, id: ServiceId, places: &[Holder], from: Viewer) -> Vec<Holder> {
        let front = self.works[id].front;
        places.iter().copied().filter(|&place| self.is_good_for(front, from, place)).collect()
    }

    /// Whether so many places are enough for somebody who has what people need beside.
    fn is_had(&self, id: ServiceId, n_good: usize, from: Viewer) -> bool {
        self.some_instance(id, n_good) && self.all_met(&self.works[id].clients_need, from)
    }

    /// Whether people get to a place, by way of the moving address if there is one.
    fn is_good_for(&self, front: Option<VipId>, from: Viewer, place: Holder) -> bool {
        let Some(front) = front else { return self.network.reaches(from, place) };
        let vip = &self.works[front];
        let leads = |&&holder: &&Holder| {
            self.is_up(holder)
                && self.network.reaches(from, holder)
                && self.network.reaches(Viewer::Holder(holder), place)
        };
        let good = vip.holders.iter().filter(leads).count();
        moved(vip.holders.len(), good, 1, false, vip.moved_by.is_none() || self.is_moved_by(vip.moved_by)) > 0
    }
}
