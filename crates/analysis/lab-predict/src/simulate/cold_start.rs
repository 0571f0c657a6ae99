//! Black start: everything is off, power is back. What comes up, in which order and when, what waits for a hand, and what waits for itself.
//!
//! The lines of [`crate::works`] from below: nothing is up until all that it needs is, what it needs only in order to start counted too. A mover without quorum
//! starts nothing. Times are a pace that is taken for granted, the same for all rows of a kind: the order is exact, the minutes are a guess.
//! Keys that a person types are not in the tables.

use super::network::Network;
use super::power::{Power, Tripped, settle_power};
use super::rows::{Rows, Running};
use super::scene::Simulator;
use super::settle::Given;
use super::state::{Keeping, State};
use crate::works::{
    Fate, Holder, Layout, MachineId, MachineKind, Outcome, PartId, Placement, ServiceId, Source, Subject,
    UnitId, Works,
};
use std::collections::{BTreeMap, BTreeSet};

/// How long things take to start, in seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// A switch, router or access point: whatever has a place in the network itself.
    pub device: f64,
    /// A host, from power to its services starting.
    pub host: f64,
    /// A virtual machine.
    pub vm: f64,
    /// An instance of a service.
    pub service: f64,
}

impl Default for Pace {
    /// What is usual for small labs; servers with much memory take longer.
    fn default() -> Self {
        Self { device: 90.0, host: 120.0, vm: 45.0, service: 15.0 }
    }
}

/// Something came up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Start {
    /// What.
    pub subject: Subject,
    /// Seconds after power came back; hands take no time.
    pub seconds: f64,
    /// The round in which it came, from 1: what comes at the same moment is one round.
    pub round: u32,
    /// True when a hand was needed for something before it.
    pub after_hand: bool,
}

/// Rows of which each waits for the next, and the last for the first.
#[derive(Clone, PartialEq, Debug)]
pub struct Circle {
    /// The rows, none twice.
    pub rows: Vec<Subject>,
    /// The row of it that a hand should start in some other way, since that frees most.
    pub cut_at: Subject,
    /// How many rows come up after that.
    pub frees: usize,
}

/// How a black start goes.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct ColdStart {
    /// What comes up, in order.
    pub starts: Vec<Start>,
    /// Units that have power and wait for a hand.
    pub by_hand: Vec<UnitId>,
    /// Units that came up although nobody says whether they do by themselves.
    pub unsaid: Vec<UnitId>,
    /// What works in ordinary times and does not come up even after every hand.
    pub never: Vec<Subject>,
    /// Why: circles that share no row, the smallest first. What is in `never` and in no circle waits for one, or for something that is not there at all.
    pub circles: Vec<Circle>,
}

impl ColdStart {
    /// Seconds until something is up; None when it never is.
    pub fn seconds(&self, subject: Subject) -> Option<f64> {
        self.starts.iter().find(|start| start.subject == subject).map(|start| start.seconds)
    }
}

/// Starts a lab from nothing, with `failed` failed all the while.
pub fn cold_start(simulator: &Simulator<'_>, failed: &[PartId], pace: Pace) -> ColdStart {
    let ordinary = simulator.play(failed).into_state();
    let flags = simulator.flags(failed);
    let off = vec![false; simulator.works.machines.len()];
    let given = Given { works: simulator.works, index: &simulator.index, failed: &flags, off: &off };
    let power = settle_power(simulator.works, &simulator.index, &flags, &Tripped::default());
    let mut rise = Rise::new(given, power, pace);
    rise.run();
    let by_hand = rise.waiting_for_hand();
    rise.hands = true;
    rise.run();
    let never = subjects(simulator.works)
        .filter(|&subject| is_well(&ordinary, subject) && !rise.seen.contains(&subject))
        .collect();
    let unsaid = rise.starts.iter().filter_map(|start| match start.subject {
        Subject::Unit(id)
            if simulator.works[id].starts_with_power.is_none()
                && !simulator.works[id].supplies.is_empty() =>
        {
            Some(id)
        }
        _ => None,
    });
    let mut result = ColdStart { by_hand, unsaid: unsaid.collect(), never, ..ColdStart::default() };
    result.circles =
        Blocked { given: &rise.given, rows: &rise.rows, ordinary: &ordinary, rest: &result.never }.circles();
    result.starts = rise.starts;
    result
}

/// Every row that can come up.
fn subjects(works: &Works) -> impl Iterator<Item = Subject> + '_ {
    works
        .outcomes()
        .into_iter()
        .map(|outcome| outcome.subject)
        .filter(|subject| !matches!(subject, Subject::Vantage(_)))
        .collect::<BTreeSet<_>>()
        .into_iter()
}

fn is_well(state: &State, subject: Subject) -> bool {
    match subject {
        Subject::Service(id) => state.services[id.index()].works,
        _ => !state.holds(Outcome { subject, fate: Fate::Stopped }),
    }
}

struct Rise<'w, 'a> {
    given: Given<'w, 'a>,
    power: Power,
    pace: Pace,
    /// True once a hand has been at every unit that waits for one.
    hands: bool,
    seconds: f64,
    round: u32,
    rows: Rows,
    /// When what has begun to start will be up.
    pending: BTreeMap<Subject, f64>,
    /// What a service that starts will be.
    planned: Vec<Running>,
    seen: BTreeSet<Subject>,
    starts: Vec<Start>,
}

impl<'w, 'a> Rise<'w, 'a> {
    fn new(given: Given<'w, 'a>, power: Power, pace: Pace) -> Self {
        let rows = Rows::down(given.works, given.index);
        let planned = rows.services.clone();
        let (pending, seen, starts) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        Self {
            given,
            power,
            pace,
            hands: false,
            seconds: 0.0,
            round: 1,
            rows,
            pending,
            planned,
            seen,
            starts,
        }
    }

    /// Goes on until nothing more comes.
    fn run(&mut self) {
        loop {
            self.begin();
            let Some(next) = self.pending.values().copied().min_by(f64::total_cmp) else { return };
            if next > self.seconds {
                self.seconds = next;
                self.round += 1;
            }
            let done: Vec<Subject> =
                self.pending.iter().filter(|(_, at)| **at <= next).map(|(&subject, _)| subject).collect();
            done.into_iter().for_each(|subject| self.finish(subject));
        }
    }

    /// Notes what is up at once, and begins to start what can start.
    fn begin(&mut self) {
        let network = Network::new(
            self.given.works,
            self.given.index,
            &self.rows,
            self.given.open_edges(&self.rows.units),
        );
        loop {
            let before = self.rows.clone();
            self.given.pass_at_once(&mut self.rows, &network);
            if self.rows == before {
                break;
            }
        }
        self.note();
        for at in 0..self.rows.units.len() {
            let id = UnitId(at as u32);
            if !self.rows.units[at] && self.can_start(id) {
                self.plan(Subject::Unit(id), self.unit_seconds(id));
            }
        }
        for (at, can) in self.given.machines(&self.rows, &network).into_iter().enumerate() {
            if can && !self.rows.machines[at] {
                let host = matches!(self.given.works.machines[at].kind, MachineKind::Host { .. });
                self.plan(
                    Subject::Machine(MachineId(at as u32)),
                    if host { self.pace.host } else { self.pace.vm },
                );
            }
        }
        for (at, target) in self.given.services(&self.rows, &network).into_iter().enumerate() {
            if target.works && target != self.planned[at] {
                self.planned[at] = target;
                self.plan(Subject::Service(ServiceId(at as u32)), self.pace.service);
            }
        }
    }

    fn plan(&mut self, subject: Subject, takes: f64) {
        self.pending.entry(subject).or_insert(self.seconds + takes);
    }

    fn finish(&mut self, subject: Subject) {
        self.pending.remove(&subject);
        match subject {
            Subject::Unit(id) => self.rows.units[id.index()] = true,
            Subject::Machine(id) => self.rows.machines[id.index()] = true,
            Subject::Service(id) => self.rows.services[id.index()] = self.planned[id.index()].clone(),
            Subject::Pool(_) | Subject::Data(_) | Subject::Cluster(_) | Subject::Vantage(_) => {}
        }
    }

    fn note(&mut self) {
        for subject in subjects(self.given.works) {
            if stands(self.given.works, &self.rows, subject) && self.seen.insert(subject) {
                self.starts.push(Start {
                    subject,
                    seconds: self.seconds,
                    round: self.round,
                    after_hand: self.hands,
                });
            }
        }
    }

    /// Whether a unit has power from units that are up, and needs no hand.
    fn can_start(&self, id: UnitId) -> bool {
        let unit = &self.given.works[id];
        (self.hands || unit.starts_with_power != Some(false) || unit.supplies.is_empty())
            && self.has_power(id)
    }

    fn has_power(&self, id: UnitId) -> bool {
        let unit = &self.given.works[id];
        let from_up = |source: Source| match source {
            Source::Outlet { unit, .. } | Source::Poe(unit) => self.rows.units[unit.index()],
            Source::Point(_) | Source::Unknown => true,
        };
        let supplies = unit.supplies.iter().zip(self.given.index.supplies(id.index()));
        let fed = supplies
            .filter(|(supply, position)| self.power.supplies[*position] && from_up(supply.source))
            .count() as u32;
        self.power.units[id.index()]
            && unit.inside.is_none_or(|chassis| self.rows.units[chassis.index()])
            && (unit.supplies.is_empty() || fed >= unit.supplies_needed)
    }

    fn waiting_for_hand(&self) -> Vec<UnitId> {
        let all = (0..self.rows.units.len() as u32).map(UnitId);
        all.filter(|&id| {
            !self.rows.units[id.index()]
                && self.given.works[id].starts_with_power == Some(false)
                && self.power.units[id.index()]
        })
        .collect()
    }

    fn unit_seconds(&self, id: UnitId) -> f64 {
        if self.given.index.vertices(Holder::Unit(id)).is_empty() { 0.0 } else { self.pace.device }
    }
}

fn stands(works: &Works, rows: &Rows, subject: Subject) -> bool {
    match subject {
        Subject::Unit(id) => rows.units[id.index()],
        Subject::Machine(id) => rows.machines[id.index()],
        Subject::Pool(id) => rows.pools[id.index()] == Keeping::Serving,
        Subject::Data(id) => rows.data[id.index()] == Keeping::Serving,
        Subject::Cluster(id) => rows.has_quorum(works, id),
        Subject::Service(id) => rows.services[id.index()].works,
        Subject::Vantage(_) => false,
    }
}

/// What did not come up, for finding out why.
struct Blocked<'b, 'w, 'a> {
    given: &'b Given<'w, 'a>,
    rows: &'b Rows,
    ordinary: &'b State,
    rest: &'b [Subject],
}

impl Blocked<'_, '_, '_> {
    fn circles(&self) -> Vec<Circle> {
        let waits: BTreeMap<Subject, Vec<Subject>> =
            self.rest.iter().map(|&subject| (subject, self.waits_for(subject))).collect();
        let mut found: Vec<Vec<Subject>> =
            self.rest.iter().filter_map(|&subject| shortest_circle(&waits, subject)).collect();
        found.sort_by_key(|circle| (circle.len(), circle.iter().min().copied()));
        let mut taken = BTreeSet::new();
        found.retain(|circle| {
            let is_new = circle.iter().all(|subject| !taken.contains(subject));
            if is_new {
                taken.extend(circle.iter().copied());
            }
            is_new
        });
        found.into_iter().map(|rows| self.cut(rows)).collect()
    }

    /// A smallest set of blocked rows which, if they were up, would let `subject` start: nothing in it can be left out. Empty when nothing would.
    ///
    /// The shortest list of rows that is enough ends in one that is needed; what stands before it is searched again.
    fn waits_for(&self, subject: Subject) -> Vec<Subject> {
        let others = self.rest.iter().copied().filter(|&other| other != subject);
        let (mut among, mut found): (Vec<Subject>, Vec<Subject>) = (others.collect(), Vec::new());
        if !self.starts_with(subject, &among) {
            return Vec::new();
        }
        while !self.starts_with(subject, &found) {
            let enough = |length: usize| self.starts_with(subject, &[&among[..length], &found].concat());
            let (mut low, mut high) = (0, among.len());
            while low + 1 < high {
                let middle = usize::midpoint(low, high);
                if enough(middle) { high = middle } else { low = middle }
            }
            found.push(among[high - 1]);
            among.truncate(high - 1);
        }
        found
    }

    /// Whether `subject` starts while `up` are up beside what is.
    fn starts_with(&self, subject: Subject, up: &[Subject]) -> bool {
        let mut rows = self.rows.clone();
        up.iter().for_each(|&subject| self.raise(&mut rows, subject));
        let network = self.network(&rows);
        match subject {
            Subject::Unit(_) => true,
            Subject::Machine(id) => self.given.machines(&rows, &network)[id.index()],
            Subject::Service(id) => self.given.services(&rows, &network)[id.index()].works,
            Subject::Pool(_) | Subject::Data(_) | Subject::Cluster(_) | Subject::Vantage(_) => {
                self.given.layers_at_once(&mut rows, &network);
                stands(self.given.works, &rows, subject)
            }
        }
    }

    fn network(&self, rows: &Rows) -> Network<'_> {
        Network::new(self.given.works, self.given.index, rows, self.given.open_edges(&rows.units))
    }

    /// Sets a row up, as it is in ordinary times, and what must be up for it to be reached: whoever waits for a service waits for that, and not
    /// once more for the machine that it runs on.
    fn raise(&self, rows: &mut Rows, subject: Subject) {
        let works = self.given.works;
        match subject {
            Subject::Unit(id) => rows.units[id.index()] = true,
            Subject::Machine(id) => rows.machines[id.index()] = self.ordinary.machines[id.index()],
            Subject::Pool(id) => {
                rows.pools[id.index()] = Keeping::Serving;
                if let Layout::Ceph(ceph) = &works[id].layout {
                    self.raise(rows, Subject::Cluster(ceph.cluster));
                }
                works[id].holder.into_iter().for_each(|holder| self.raise_holder(rows, holder));
            }
            Subject::Data(id) => {
                rows.data[id.index()] = Keeping::Serving;
                works[id].pools.iter().for_each(|&pool| self.raise(rows, Subject::Pool(pool)));
            }
            Subject::Cluster(id) => {
                rows.voters[id.index()].fill(true);
                works[id].members.iter().for_each(|&member| self.raise(rows, Subject::Machine(member)));
            }
            Subject::Service(id) => {
                let standing = &self.ordinary.services[id.index()];
                let places = self
                    .given
                    .index
                    .places(id.index())
                    .iter()
                    .map(|place| standing.places.contains(place))
                    .collect();
                rows.services[id.index()] =
                    Running { works: standing.works, instances: standing.running, places };
                standing.places.iter().for_each(|&place| self.raise_holder(rows, place));
                if let Placement::Movable { by: Some(by), .. } = &works[id].placement {
                    rows.voters[by.index()].fill(true);
                }
            }
            Subject::Vantage(_) => {}
        }
    }

    fn raise_holder(&self, rows: &mut Rows, holder: Holder) {
        match holder {
            Holder::Unit(id) => self.raise(rows, Subject::Unit(id)),
            Holder::Machine(id) => self.raise(rows, Subject::Machine(id)),
            Holder::Internet => {}
        }
    }

    /// Where a hand is best laid on a circle.
    fn cut(&self, rows: Vec<Subject>) -> Circle {
        let best = rows
            .iter()
            .map(|&subject| (self.freed_by(subject), subject))
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        let (frees, cut_at) = best.expect("a circle has rows");
        Circle { rows, cut_at, frees }
    }

    /// How many blocked rows come up once one of them is up.
    fn freed_by(&self, subject: Subject) -> usize {
        let mut rows = self.rows.clone();
        self.raise(&mut rows, subject);
        loop {
            let before = rows.clone();
            let network = self.network(&before);
            self.given.pass(&mut rows, &network);
            self.raise(&mut rows, subject);
            if rows == before {
                return self
                    .rest
                    .iter()
                    .filter(|&&row| row != subject && stands(self.given.works, &rows, row))
                    .count();
            }
        }
    }
}

/// The shortest circle through a row, which stands first.
fn shortest_circle(waits: &BTreeMap<Subject, Vec<Subject>>, start: Subject) -> Option<Vec<Subject>> {
    let mut before: BTreeMap<Subject, Subject> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for &next in waits.get(&at).into_iter().flatten() {
            if next == start {
                let mut circle = vec![at];
                while let Some(&previous) = before.get(&circle[circle.len() - 1]) {
                    circle.push(previous);
                }
                circle.reverse();
                return Some(circle);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = before.entry(next) {
                entry.insert(at);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::{edge, host, needs, part, point, segment, service, unit, vertex, vm};
    use super::*;
    use crate::works::{Need, VertexKind};

    fn seconds(result: &ColdStart, subject: Subject) -> Option<f64> {
        result.seconds(subject)
    }

    /// Two hosts on a segment, joined; each forwards for what runs on it.
    fn two() -> (Works, [MachineId; 2], crate::works::SegmentId, [crate::works::VertexId; 2]) {
        let mut works = Works::default();
        let lan = segment(&mut works, "lan");
        let hosts = ["a", "b"].map(|name| host(&mut works, name).0);
        let ends = hosts.map(|host| vertex(&mut works, Holder::Machine(host), lan, VertexKind::Forwards));
        edge(&mut works, ends[0], ends[1], vec![]);
        (works, hosts, lan, ends)
    }

    /// A name server as a virtual machine on b (120 + 45 s), its service 15 s later, 180 s; host a needs names in order to start: 180 + 120 = 300 s.
    #[test]
    fn what_waits_comes_later() {
        let (mut works, [a, b], lan, ends) = two();
        let guest = vm(&mut works, "dns-vm", vec![b], None);
        let end = vertex(&mut works, Holder::Machine(guest), lan, VertexKind::Station);
        edge(&mut works, ends[1], end, vec![]);
        let dns = service(&mut works, "dns", Placement::Fixed(vec![Holder::Machine(guest)]));
        works.machines[a.index()].needs_to_start = vec![needs(Need::Service(dns))];
        // a is reached through its own bridge once it is up; b reaches nothing through it before.
        let result = cold_start(&Simulator::new(&works), &[], Pace::default());
        assert_eq!(seconds(&result, Subject::Machine(b)), Some(120.0));
        assert_eq!(seconds(&result, Subject::Machine(guest)), Some(165.0));
        assert_eq!(seconds(&result, Subject::Service(dns)), Some(180.0));
        assert_eq!(seconds(&result, Subject::Machine(a)), Some(300.0));
        assert!(result.never.is_empty() && result.circles.is_empty());
    }

    /// Host b needs names in order to start, and the name server is a virtual machine on b: dns waits for its machine, that for b, b for dns. Everything else that
    /// waits (host a, for b's pool-less service) is in no circle.
    #[test]
    fn a_circle_is_named() {
        let (mut works, [a, b], lan, ends) = two();
        let guest = vm(&mut works, "dns-vm", vec![b], None);
        let end = vertex(&mut works, Holder::Machine(guest), lan, VertexKind::Station);
        edge(&mut works, ends[1], end, vec![]);
        let dns = service(&mut works, "dns", Placement::Fixed(vec![Holder::Machine(guest)]));
        works.machines[b.index()].needs_to_start = vec![needs(Need::Service(dns))];
        works.machines[a.index()].needs_to_start = vec![needs(Need::Holder(Holder::Machine(b)))];
        let result = cold_start(&Simulator::new(&works), &[], Pace::default());
        let circle = [Subject::Machine(b), Subject::Service(dns), Subject::Machine(guest)];
        assert_eq!(result.never, [Subject::Machine(a), circle[0], circle[2], circle[1]]);
        assert_eq!(result.circles.len(), 1);
        let mut rows = result.circles[0].rows.clone();
        let first = rows.iter().position(|&row| row == circle[0]).unwrap();
        rows.rotate_left(first);
        assert_eq!(rows, circle);
        // Whichever is started by hand, the other two and host a follow.
        assert_eq!(result.circles[0].frees, 3);
    }

    /// A second name server outside the circle breaks it.
    #[test]
    fn another_way_breaks_the_circle() {
        let (mut works, [a, b], ..) = two();
        let inner = service(&mut works, "dns-1", Placement::Fixed(vec![Holder::Machine(b)]));
        let outer = service(&mut works, "dns-2", Placement::Fixed(vec![Holder::Machine(a)]));
        let any = Need::AnyOf(vec![Need::Service(inner), Need::Service(outer)]);
        works.machines[b.index()].needs_to_start = vec![needs(any)];
        let result = cold_start(&Simulator::new(&works), &[], Pace::default());
        // 120 for a, 15 for its name server, 120 for b.
        assert_eq!(seconds(&result, Subject::Machine(b)), Some(255.0));
        assert!(result.never.is_empty());
    }

    /// A quorum of two that is its own name server: neither node starts without the service, and the service not without quorum.
    #[test]
    fn a_mover_without_quorum_starts_nothing() {
        let (mut works, [a, b], ..) = two();
        let cluster = super::super::tests::cluster(&mut works, "k8s", &[a, b], 2);
        let movable = Placement::Movable { on: vec![a, b], by: Some(cluster), replicas: 1, spread: false };
        let dns = service(&mut works, "dns", movable);
        works.machines[a.index()].needs_to_start = vec![needs(Need::Service(dns))];
        let result = cold_start(&Simulator::new(&works), &[], Pace::default());
        assert_eq!(seconds(&result, Subject::Machine(b)), Some(120.0));
        let circle: BTreeSet<Subject> = result.circles[0].rows.iter().copied().collect();
        assert_eq!(
            circle,
            BTreeSet::from([Subject::Machine(a), Subject::Cluster(cluster), Subject::Service(dns)])
        );
    }

    /// A unit that waits for a hand, what is behind it, and a unit whose power is broken, which is not waited for.
    #[test]
    fn hands_are_counted() {
        let mut works = Works::default();
        let broken = part(&mut works, "feed-b");
        let feeds = [vec![], vec![broken]].map(|fails| point(&mut works, "feed", fails, vec![]));
        let nas = unit(&mut works, "nas", vec![], &[Source::Point(feeds[0])]);
        let dark = unit(&mut works, "dark", vec![], &[Source::Point(feeds[1])]);
        [nas, dark].iter().for_each(|unit| works.units[unit.index()].starts_with_power = Some(false));
        let machine = super::super::tests::machine(&mut works, "nas", MachineKind::Host { unit: Some(nas) });
        let result = cold_start(&Simulator::new(&works), &[broken], Pace::default());
        assert_eq!(result.by_hand, [nas]);
        let start = result.starts.iter().find(|start| start.subject == Subject::Machine(machine)).unwrap();
        assert!(start.after_hand && result.never.is_empty());
    }
}
