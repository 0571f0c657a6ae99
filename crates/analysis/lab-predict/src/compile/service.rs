//! Services: instances, whom they are there for, and needs of every kind.

use super::crowd::{Crowd, Place, Share, Tally};
use super::equations::{Equations, Variable};
use super::machine::Amount;
use super::network::{Origin, Target};
use super::views::{ViewId, Ways};
use crate::circuit::NodeId;
use crate::works::{Holder, Need, NeedOf, PartId, Placement, PoolId, ServiceId, VipId};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Answers that are asked for again and again.
#[derive(Default, Debug)]
pub(super) struct Reached {
    needs: HashMap<(Origin, ServiceId), NodeId>,
    gone: HashMap<(u32, ServiceId), NodeId>,
    off: HashMap<ServiceId, NodeId>,
    fronts: HashMap<(Origin, VipId, Target), NodeId>,
    crowds: HashMap<ServiceId, Option<Rc<Crowd>>>,
    lacking: HashMap<(ServiceId, ViewId), NodeId>,
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

    /// What makes an instance fail at a place, whatever is seen from there.
    fn own_failures(&mut self, service: ServiceId, holder: Holder) -> NodeId {
        let cards = self.works[service].cards.iter().filter(|(on, _)| Holder::Machine(*on) == holder);
        let cards: Vec<PartId> = cards.flat_map(|(_, parts)| parts.iter().copied()).collect();
        let cards = self.any_part(&cards);
        let down = self.holder_down(holder);
        self.circuit.or([cards, down])
    }

    /// The definition of [`Variable::Instance`].
    pub(super) fn instance(&mut self, service: ServiceId, place: u32) -> NodeId {
        let holder = self.place(service, place as usize);
        let own = self.own_failures(service, holder);
        let unmet = self.any_unmet(Origin::Holder(holder), &self.works[service].needs);
        self.circuit.or([own, unmet])
    }

    fn instance_at(&mut self, service: ServiceId, place: usize) -> NodeId {
        self.variable(Variable::Instance(service, place as u32))
    }

    /// The places of a service of which some are counted together. None if there are none.
    fn crowd_of(&mut self, service: ServiceId) -> Option<Rc<Crowd>> {
        let Placement::Movable { on, .. } = &self.works[service].placement else { return None };
        if on.len() < self.crowd_min {
            return None;
        }
        if let Some(known) = self.reached.crowds.get(&service) {
            return known.clone();
        }
        let holders = on.iter().map(|&machine| Holder::Machine(machine));
        let places: Vec<Place> = holders.map(|holder| (holder, self.own_failures(service, holder))).collect();
        let crowd = self.crowd(places);
        self.reached.crowds.insert(service, crowd.clone());
        crowd
    }

    /// As [`Self::crowd_of`], unless one who asks sits on a member itself, and so is not kept from it by its links.
    fn crowd_for(&mut self, from: Origin, crowd: Option<Rc<Crowd>>) -> Option<Rc<Crowd>> {
        let sits_on: HashSet<Holder> = match from {
            Origin::Vantage(vantage) => {
                let seats = self.works.vantages[vantage as usize].at.iter();
                seats.map(|&seat| self.works[seat].holder).collect()
            }
            Origin::Seat(seat) => HashSet::from([self.works[seat].holder]),
            Origin::Holder(_) | Origin::View(_) => return crowd,
        };
        crowd.filter(|crowd| !crowd.counts_any(&sits_on))
    }

    /// Something that a service needs is not met from a view.
    fn lacking(&mut self, service: ServiceId, view: ViewId) -> NodeId {
        if let Some(&known) = self.reached.lacking.get(&(service, view)) {
            return known;
        }
        let node = self.any_unmet(Origin::View(view), &self.works[service].needs);
        self.reached.lacking.insert((service, view), node);
        node
    }

    /// The places of a service that are no good: it does not work there, or `unreached` says that they are not reached.
    fn no_good(
        &mut self,
        service: ServiceId,
        crowd: Option<&Crowd>,
        mut unreached: impl FnMut(&mut Self, Target) -> NodeId,
    ) -> Tally {
        let places: Vec<usize> =
            crowd.map_or_else(|| (0..self.n_places(service)).collect(), |crowd| crowd.singles.clone());
        let mut failed = Vec::new();
        for place in places {
            let instance = self.instance_at(service, place);
            let unreached = unreached(self, Target::Holder(self.place(service, place), None));
            failed.push(self.circuit.or([instance, unreached]));
        }
        let mut shares = vec![Share::Each(failed)];
        for group in crowd.into_iter().flat_map(|crowd| &crowd.groups) {
            shares.push(self.share(group, |equations, view| {
                let lacking = equations.lacking(service, view);
                let unreached = unreached(equations, Target::View(view));
                equations.circuit.or([lacking, unreached])
            }));
        }
        self.tally(shares)
    }

    /// Too few instances work where a tally says of each place that it is no good.
    fn too_few_instances(&mut self, service: ServiceId, failed: &Tally, needed: usize) -> NodeId {
        match &self.works[service].placement {
            Placement::Fixed(_) => self.at_least((failed.len() + 1).saturating_sub(needed), failed),
            Placement::Movable { by, replicas, spread, .. } => {
                let amount = Amount { instances: *replicas as usize, spread: *spread, needed };
                let moved = self.moved(*by, failed, amount);
                let stranded = self.too_many_stranded(service, amount);
                self.circuit.or([moved, stranded])
            }
        }
    }

    /// So many instances may be stranded that too few are left.
    fn too_many_stranded(&mut self, service: ServiceId, amount: Amount) -> NodeId {
        let row = &self.works[service];
        let Placement::Movable { on, .. } = &row.placement else { return NodeId::NEVER };
        let n_left = if amount.spread { amount.instances.min(on.len()) } else { 1 };
        let places = row.strands.iter().filter(|(machine, _)| on.contains(machine));
        let stranded: Vec<NodeId> = places.map(|(_, parts)| self.any_part(parts)).collect();
        let n_bearable = if amount.spread { n_left.saturating_sub(amount.needed) } else { 0 };
        self.circuit.at_least(n_bearable + 1, stranded)
    }

    /// A service does not work.
    pub(super) fn service_off(&mut self, service: ServiceId) -> NodeId {
        if let Some(&known) = self.reached.off.get(&service) {
            return known;
        }
        let row = &self.works[service];
        let crowd = self.crowd_of(service);
        let tally = match crowd {
            // Members of a crowd that are cut off lack something, or all need nothing.
            Some(crowd) if self.needs_others(service) => {
                self.no_good(service, Some(&crowd), |_, _| NodeId::NEVER)
            }
            Some(crowd) if row.needs.is_empty() => {
                let singles = crowd.singles.iter().map(|&place| self.instance_at(service, place));
                let singles = Share::Each(singles.collect());
                self.tally(vec![singles, Share::Each(crowd.own())])
            }
            _ => self.no_good(service, None, |_, _| NodeId::NEVER),
        };
        let off = self.too_few_instances(service, &tally, row.needed as usize);
        self.name(off, row.span, format!("{} does not work", row.label));
        self.reached.off.insert(service, off);
        off
    }

    /// True if it is certain that an instance fails where none of its places is left a way out.
    fn needs_others(&self, service: ServiceId) -> bool {
        let n_places = self.n_places(service);
        let places: HashSet<Holder> = (0..n_places).map(|place| self.place(service, place)).collect();
        self.works[service].needs.iter().any(|need| self.is_elsewhere(&need.need, &places))
    }

    /// True if it is certain that a need is met at none of some places itself.
    fn is_elsewhere(&self, need: &Need, places: &HashSet<Holder>) -> bool {
        let pool = |pool: PoolId| {
            let holder = self.works[pool].holder;
            holder.is_some_and(|holder| !places.contains(&holder))
        };
        match need {
            Need::Internet | Need::External(_) => !places.contains(&Holder::Internet),
            Need::Holder(holder) => !places.contains(holder),
            Need::Pool(of) => pool(*of),
            Need::Data(data) => {
                let row = &self.works[*data];
                row.pools_needed > 0 && row.pools.iter().all(|&of| pool(of))
            }
            Need::AnyOf(needs) => needs.iter().all(|need| self.is_elsewhere(need, places)),
            Need::Service(service) => match &self.works[*service].placement {
                Placement::Fixed(on) => on.iter().all(|holder| !places.contains(holder)),
                Placement::Movable { .. } => false,
            },
            Need::Cluster(_) | Need::Part(_) => false,
        }
    }

    /// A need for a service is not met: it does not work, or no instance that works is reached.
    fn unreached_service(&mut self, from: Origin, service: ServiceId) -> NodeId {
        if let Some(&known) = self.reached.needs.get(&(from, service)) {
            return known;
        }
        let crowd = self.crowd_of(service);
        if let (Origin::View(view), Some(_)) = (from, &crowd) {
            return self.variable(Variable::Unseen(service, view));
        }
        let unreached = match (from, crowd) {
            (Origin::Holder(holder), Some(crowd)) => match self.ways(holder) {
                Some(ways) => self.unseen_by(holder, &ways, service),
                None => self.none_reached(from, service, Some(crowd)),
            },
            (_, crowd) => self.none_reached(from, service, crowd),
        };
        let node = self.or_off(service, unreached);
        self.reached.needs.insert((from, service), node);
        node
    }

    /// Where one instance is enough, one that is reached works; otherwise the others count too.
    fn or_off(&mut self, service: ServiceId, unreached: NodeId) -> NodeId {
        if self.works[service].needed <= 1 {
            return unreached;
        }
        let off = self.service_off(service);
        self.circuit.or([off, unreached])
    }

    /// No instance that works is reached.
    fn none_reached(&mut self, from: Origin, service: ServiceId, crowd: Option<Rc<Crowd>>) -> NodeId {
        let crowd = self.crowd_for(from, crowd);
        let tally = self.no_good(service, crowd.as_deref(), |equations, to| equations.way_on(from, to));
        self.too_few_instances(service, &tally, 1)
    }

    /// The definition of [`Variable::Unseen`].
    pub(super) fn unseen(&mut self, service: ServiceId, view: ViewId) -> NodeId {
        let crowd = self.crowd_of(service);
        let unreached = self.none_reached(Origin::View(view), service, crowd);
        self.or_off(service, unreached)
    }

    /// No instance that works is reached from a holder, which may be one of its places.
    fn unseen_by(&mut self, holder: Holder, ways: &Ways, service: ServiceId) -> NodeId {
        let mut at_home = Vec::new();
        for place in 0..self.n_places(service) {
            let is_home = self.place(service, place) == holder;
            at_home.push(if is_home { self.instance_at(service, place) } else { NodeId::ALWAYS });
        }
        let alone = self.too_few_instances(service, &Tally::each(at_home), 1);
        let unseen =
            self.by_views(ways, alone, |equations, view| equations.variable(Variable::Unseen(service, view)));
        let down = self.holder_down(holder);
        self.circuit.or([down, unseen])
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
            self.circuit.and_apart(gone)
        };
        self.reached.gone.insert((vantage, service), node);
        node
    }

    /// A service is not there for somebody.
    fn gone_from(&mut self, service: ServiceId, from: Origin) -> NodeId {
        let row = &self.works[service];
        let crowd = self.crowd_of(service);
        let crowd = self.crowd_for(from, crowd);
        let tally = self.no_good(service, crowd.as_deref(), |equations, to| match row.front {
            Some(front) => equations.unreached_by_way_of(from, front, to),
            None => equations.way_on(from, to),
        });
        let unreached = self.too_few_instances(service, &tally, 1);
        let gone = self.or_off(service, unreached);
        let unmet = self.any_unmet(from, &row.clients_need);
        self.circuit.or([gone, unmet])
    }

    /// A place is not reached by way of a moving address.
    fn unreached_by_way_of(&mut self, from: Origin, front: VipId, to: Target) -> NodeId {
        if let Some(&known) = self.reached.fronts.get(&(from, front, to)) {
            return known;
        }
        let row = &self.works[front];
        let places: Vec<Place> =
            row.holders.iter().map(|&holder| (holder, self.holder_down(holder))).collect();
        let crowd = self.crowd(places);
        let crowd = self.crowd_for(from, crowd);
        let singles =
            crowd.as_ref().map_or_else(|| (0..row.holders.len()).collect(), |crowd| crowd.singles.clone());
        let mut ways = Vec::new();
        for single in singles {
            let holder = row.holders[single];
            let there = self.unreached(from, holder);
            let onward = self.way_on(Origin::Holder(holder), to);
            ways.push(self.circuit.or([there, onward]));
        }
        let mut shares = vec![Share::Each(ways)];
        for group in crowd.iter().flat_map(|crowd| &crowd.groups) {
            shares.push(self.share(group, |equations, view| {
                let there = equations.no_way_to(from, Target::View(view));
                let onward = equations.way_on(Origin::View(view), to);
                equations.circuit.or([there, onward])
            }));
        }
        let ways = self.tally(shares);
        let node = match row.moved_by {
            // Nobody's leave is needed: VRRP and CARP move it freely.
            None => self.at_least(ways.len(), &ways),
            mover => self.moved(mover, &ways, Amount::ONE),
        };
        self.reached.fronts.insert((from, front, to), node);
        node
    }

    fn way_on(&mut self, from: Origin, to: Target) -> NodeId {
        match to {
            Target::Holder(holder, only) => self.unreached_in(from, holder, only),
            Target::View(_) => self.no_way_to(from, to),
        }
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
