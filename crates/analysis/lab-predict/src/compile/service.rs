//! Services: instances, whom they are there for, and needs of every kind.

use super::equations::{Equations, Variable};
use super::machine::Amount;
use super::network::Origin;
use crate::circuit::NodeId;
use crate::works::{Holder, Need, NeedOf, PartId, Placement, ServiceId, VipId};
use std::collections::HashMap;

/// Answers that are asked for again and again.
#[derive(Default, Debug)]
pub(super) struct Reached {
    needs: HashMap<(Origin, ServiceId), NodeId>,
    gone: HashMap<(u32, ServiceId), NodeId>,
    off: HashMap<ServiceId, NodeId>,
    fronts: HashMap<(Origin, VipId, Holder), NodeId>,
}

impl Equations<'_> {
    /// A need is not met from somewhere.
    pub(super) fn unmet(&mut self, from: Origin, need: &Need) -> NodeId {
        match need {
            Need::Data(data) => self.data_unserved(from, *data),
            Need::Pool(pool) => self.pool_unserved(from, *pool),
            Need::Service(service) => self.unreached_service(from, *service),
            Need::Holder(holder) => self.unreached(from, *holder),
            Need::Cluster(cluster) => self.no_member(from, *cluster),
            Need::Internet => self.unreached(from, Holder::Internet),
            Need::External(part) => {
                let (part, internet) = (self.part(*part), self.unreached(from, Holder::Internet));
                self.circuit.or([part, internet])
            }
            Need::Part(part) => self.part(*part),
            Need::AnyOf(needs) => {
                let unmet: Vec<NodeId> = needs.iter().map(|need| self.unmet(from, need)).collect();
                self.circuit.and(unmet)
            }
        }
    }

    fn any_unmet(&mut self, from: Origin, needs: &[NeedOf]) -> NodeId {
        let unmet: Vec<NodeId> = needs.iter().map(|need| self.unmet(from, &need.need)).collect();
        self.circuit.or(unmet)
    }

    /// Where an instance runs, by position.
    pub(super) fn place(&self, service: ServiceId, place: usize) -> Holder {
        match &self.works[service].placement {
            Placement::Fixed(places) => places[place],
            Placement::Movable { on, .. } => Holder::Machine(on[place]),
        }
    }

    fn n_places(&self, service: ServiceId) -> usize {
        match &self.works[service].placement {
            Placement::Fixed(places) => places.len(),
            Placement::Movable { on, .. } => on.len(),
        }
    }

    /// The definition of [`Variable::Instance`].
    pub(super) fn instance(&mut self, service: ServiceId, place: u32) -> NodeId {
        let row = &self.works[service];
        let holder = self.place(service, place as usize);
        let cards = row.cards.iter().filter(|(on, _)| Holder::Machine(*on) == holder);
        let cards: Vec<PartId> = cards.flat_map(|(_, parts)| parts.iter().copied()).collect();
        let cards = self.any_part(&cards);
        let down = self.holder_down(holder);
        let unmet = self.any_unmet(Origin::Holder(holder), &row.needs);
        self.circuit.or([cards, down, unmet])
    }

    fn instances(&mut self, service: ServiceId) -> Vec<NodeId> {
        let n_places = self.n_places(service) as u32;
        (0..n_places).map(|place| self.variable(Variable::Instance(service, place))).collect()
    }

    /// Too few instances work where `failed` says of each place that it is no good.
    fn too_few_instances(&mut self, service: ServiceId, failed: &[NodeId], needed: usize) -> NodeId {
        match &self.works[service].placement {
            Placement::Fixed(_) => self.too_few(failed, needed),
            Placement::Movable { by, replicas, spread, .. } => {
                let amount = Amount { instances: *replicas as usize, spread: *spread, needed };
                self.moved(*by, failed, amount)
            }
        }
    }

    /// A service does not work.
    pub(super) fn service_off(&mut self, service: ServiceId) -> NodeId {
        if let Some(&known) = self.reached.off.get(&service) {
            return known;
        }
        let instances = self.instances(service);
        let off = self.too_few_instances(service, &instances, self.works[service].needed as usize);
        let row = &self.works[service];
        self.name(off, row.span, format!("{} does not work", row.label));
        self.reached.off.insert(service, off);
        off
    }

    /// A need for a service is not met: it does not work, or no instance that works is reached.
    fn unreached_service(&mut self, from: Origin, service: ServiceId) -> NodeId {
        if let Some(&known) = self.reached.needs.get(&(from, service)) {
            return known;
        }
        let instances = self.instances(service);
        let mut places = Vec::new();
        for (place, instance) in instances.into_iter().enumerate() {
            let unreached = self.unreached(from, self.place(service, place));
            places.push(self.circuit.or([instance, unreached]));
        }
        let unreached = self.too_few_instances(service, &places, 1);
        let node = if self.works[service].needed > 1 {
            let off = self.service_off(service);
            self.circuit.or([off, unreached])
        } else {
            unreached
        };
        self.reached.needs.insert((from, service), node);
        node
    }

    /// A service is not there for a vantage, by position.
    pub(super) fn gone_for(&mut self, service: ServiceId, vantage: u32) -> NodeId {
        if let Some(&known) = self.reached.gone.get(&(vantage, service)) {
            return known;
        }
        let seats = &self.works.vantages[vantage as usize].at;
        let node = if self.works[service].clients_need.is_empty() || seats.len() < 2 {
            self.gone_from(service, Origin::Vantage(vantage))
        } else {
            // A network that falls apart may leave the name server to some and the service to others: nobody has both at one seat.
            let gone: Vec<NodeId> =
                seats.iter().map(|&seat| self.gone_from(service, Origin::Seat(seat))).collect();
            self.circuit.and(gone)
        };
        self.reached.gone.insert((vantage, service), node);
        node
    }

    /// A service is not there for somebody.
    fn gone_from(&mut self, service: ServiceId, from: Origin) -> NodeId {
        let row = &self.works[service];
        let instances = self.instances(service);
        let mut places = Vec::new();
        for (place, instance) in instances.into_iter().enumerate() {
            let place = self.place(service, place);
            let unreached = match row.front {
                None => self.unreached(from, place),
                Some(front) => self.unreached_by_way_of(from, front, place),
            };
            places.push(self.circuit.or([instance, unreached]));
        }
        let none_good = self.too_few_instances(service, &places, 1);
        let off = self.service_off(service);
        let unmet = self.any_unmet(from, &row.clients_need);
        self.circuit.or([off, none_good, unmet])
    }

    /// A place is not reached by way of a moving address.
    fn unreached_by_way_of(&mut self, from: Origin, front: VipId, place: Holder) -> NodeId {
        if let Some(&known) = self.reached.fronts.get(&(from, front, place)) {
            return known;
        }
        let row = &self.works[front];
        let mut ways = Vec::new();
        for &holder in &row.holders {
            let to = self.unreached(from, holder);
            let on = self.unreached(Origin::Holder(holder), place);
            ways.push(self.circuit.or([to, on]));
        }
        let node = match row.moved_by {
            // Nobody's leave is needed: VRRP and CARP move it freely.
            None => self.circuit.and(ways),
            mover => self.moved(mover, &ways, Amount::ONE),
        };
        self.reached.fronts.insert((from, front, place), node);
        node
    }

    /// A service is there for none of those who use it.
    pub(super) fn gone(&mut self, service: ServiceId) -> NodeId {
        let row = &self.works[service];
        if row.used_from.is_empty() {
            return self.service_off(service);
        }
        let gone: Vec<NodeId> =
            row.used_from.iter().map(|&vantage| self.gone_for(service, vantage)).collect();
        self.circuit.and(gone)
    }
}
