//! What the prediction says of every question, for one state of the lab: answered or not, and after how many seconds again.

use crate::vector::{From, Meaning, Probe};
use lab_model::written::VipProtocol;
use lab_predict::simulate::clock::{Cause, Recovery, Seconds, Wait, recoveries, ways};
use lab_predict::simulate::{Keeping, Scene, Viewer};
use lab_predict::works::{Holder, SegmentId, ServiceId, VipId, Works};
use std::collections::BTreeSet;

/// What is predicted of one question.
#[derive(Clone, PartialEq, Debug)]
pub struct Expected {
    /// Whether it is answered once everything has settled; none with the reason in `unsaid`.
    pub up: Option<bool>,
    /// Why nothing is said of it.
    pub unsaid: Option<String>,
    /// How long it may be gone when it is answered before and after.
    pub within: Within,
}

/// How long an answer may be missing.
#[derive(Clone, PartialEq, Debug)]
pub enum Within {
    /// So long at the most, waiting for these.
    Seconds {
        /// The most, in seconds.
        most: f64,
        /// What is waited for.
        waits: Vec<String>,
    },
    /// The seconds are not judged.
    NotJudged(String),
}

/// What is predicted of every question. `before` is the lab while all is well.
pub fn expect(works: &Works, before: &Scene<'_>, after: &Scene<'_>, probes: &[Probe]) -> Vec<Expected> {
    let oracle = Oracle { works, before, after, recoveries: recoveries(before, after) };
    probes.iter().map(|probe| oracle.expected(probe)).collect()
}

struct Oracle<'a, 'w> {
    works: &'w Works,
    before: &'a Scene<'w>,
    after: &'a Scene<'w>,
    recoveries: Vec<Recovery>,
}

impl Oracle<'_, '_> {
    fn expected(&self, probe: &Probe) -> Expected {
        let Some(viewer) = viewer(probe.from) else { return self.of_zone(probe) };
        let at = |scene: &Scene<'_>, holder: Holder| scene.reaches(viewer, holder);
        let is_up = match probe.meaning {
            Meaning::Service { service, by_name } => self.is_there(service, probe.from, by_name),
            Meaning::Denied { .. } | Meaning::Neighbour => Some(false),
            Meaning::Names { service, at: holder } => {
                let works_there = self.after.state().services[service.index()].places.contains(&holder);
                Some(works_there && at(self.after, holder))
            }
            Meaning::Pool { pool } => Some(self.after.state().pools[pool.index()] == Keeping::Serving),
            Meaning::Gateway => Some(self.gateways(viewer).iter().any(|holder| at(self.after, *holder))),
            Meaning::Internet { allowed } => Some(allowed && at(self.after, Holder::Internet)),
            Meaning::Zone { to, allowed } => {
                Some(allowed && self.after.state().is_up(to) && at(self.after, to))
            }
        };
        let moved = match probe.meaning {
            Meaning::Service { service, .. } => self.moved_machine(service),
            _ => None,
        };
        let unsaid = match (is_up, moved) {
            (_, Some(machine)) => {
                Some(format!("{machine} would be moved to another host, which a box does not do"))
            }
            (None, None) => Some("how many instances are at what is left is a matter of chance".to_owned()),
            _ => None,
        };
        Expected { up: is_up.filter(|_| unsaid.is_none()), unsaid, within: self.within(probe) }
    }

    /// Of machines that the lab does not name it is known only what they must not reach.
    fn of_zone(&self, probe: &Probe) -> Expected {
        let up = probe.is_isolation().then_some(false);
        let unsaid =
            up.is_none().then(|| "nothing is predicted for machines that are not described".to_owned());
        Expected { up, unsaid, within: Within::Seconds { most: 0.0, waits: Vec::new() } }
    }

    fn is_there(&self, service: ServiceId, from: From, by_name: bool) -> Option<bool> {
        let From::Vantage(vantage) = from else { return None };
        let standing = &self.after.state().services[service.index()];
        let seen = standing.seen.iter().find(|seen| seen.vantage == vantage)?;
        // Without a name, what people need for finding it does not count.
        Some(if by_name { seen.there } else { seen.reached })
    }

    /// The routers of the networks that somebody is in.
    fn gateways(&self, viewer: Viewer) -> Vec<Holder> {
        let segments = self.segments(viewer);
        let gateways = segments.iter().flat_map(|segment| &self.works[*segment].gateways);
        gateways.map(|gateway| gateway.holder).collect()
    }

    fn segments_of(&self, from: From) -> BTreeSet<SegmentId> {
        viewer(from).map(|viewer| self.segments(viewer)).unwrap_or_default()
    }

    fn segments(&self, viewer: Viewer) -> BTreeSet<SegmentId> {
        match viewer {
            Viewer::Vantage(at) => {
                self.works.vantages[at as usize].at.iter().map(|vertex| self.works[*vertex].segment).collect()
            }
            Viewer::Seat(seat) => BTreeSet::from([self.works[seat].segment]),
            Viewer::Holder(holder) => {
                let own = self.works.vertices.iter().filter(|vertex| vertex.holder == holder);
                own.map(|vertex| vertex.segment).collect()
            }
        }
    }

    /// A virtual machine that is started elsewhere and that a service waits for.
    fn moved_machine(&self, service: ServiceId) -> Option<&str> {
        let recovery = self.recoveries.iter().find(|recovery| recovery.service == service)?;
        recovery.chain.iter().find_map(|wait| match wait.cause {
            Cause::VmMoves(id) => Some(self.works[id].label.as_str()),
            _ => None,
        })
    }

    fn within(&self, probe: &Probe) -> Within {
        let chain: Vec<Wait> = match probe.meaning {
            Meaning::Service { service, .. } => {
                let known = self.recoveries.iter().find(|recovery| recovery.service == service);
                known.map(|recovery| recovery.chain.clone()).unwrap_or_default()
            }
            // Asked on the spot, so nothing of the network is waited for.
            Meaning::Pool { .. } => Vec::new(),
            Meaning::Zone { to, .. } => {
                let mut segments = self.segments_of(probe.from);
                segments.extend(self.segments(Viewer::Holder(to)));
                longest(ways(self.before, self.after, &segments))
            }
            _ => longest(ways(self.before, self.after, &self.segments_of(probe.from))),
        };
        if let Some(wait) = chain.iter().find(|wait| self.is_played(wait.cause)) {
            return Within::NotJudged(format!("{} is played by a stand-in", self.shown(wait.cause)));
        }
        let seconds = chain.iter().fold(0.0, |sum, wait| sum + wait.seconds.most);
        if !f64::is_finite(seconds) {
            return Within::NotJudged("a hand is needed".to_owned());
        }
        let waits = chain.iter().map(|wait| format!("{} ({})", self.shown(wait.cause), range(wait.seconds)));
        Within::Seconds { most: seconds, waits: waits.collect() }
    }

    /// What stands in for something decides by itself how long it takes.
    fn is_played(&self, cause: Cause) -> bool {
        match cause {
            Cause::Address(vip) => !is_real(self.works, vip),
            Cause::VmMoves(_) | Cause::InstanceMoves(_) => true,
            Cause::OtherInstance(_) | Cause::Aggregate(_) | Cause::SpanningTree(_) | Cause::Router(_) => {
                false
            }
        }
    }

    fn shown(&self, cause: Cause) -> String {
        match cause {
            Cause::Address(vip) => format!("address {} moves", self.works[vip].label),
            Cause::Aggregate(_) => "a member of an aggregate is left out".to_owned(),
            Cause::SpanningTree(segment) => format!("spanning tree of {}", self.works[segment].label),
            Cause::Router(segment) => format!("another router of {}", self.works[segment].label),
            Cause::VmMoves(id) => format!("{} starts on another host", self.works[id].label),
            Cause::InstanceMoves(id) => format!("{} starts on another machine", self.works[id].label),
            Cause::OtherInstance(id) => format!("another instance of {}", self.works[id].label),
        }
    }
}

/// Whether the protocol that moves an address runs in the box.
fn is_real(works: &Works, vip: VipId) -> bool {
    matches!(works[vip].protocol, VipProtocol::Vrrp | VipProtocol::Carp)
}

fn range(seconds: Seconds) -> String {
    format!("{} to {} s", seconds.least, seconds.most)
}

fn longest(waits: Vec<Wait>) -> Vec<Wait> {
    waits.into_iter().max_by(|a, b| a.seconds.most.total_cmp(&b.seconds.most)).into_iter().collect()
}

/// Who asks, for the tables; none for somebody whom they do not have.
pub(crate) fn viewer(from: From) -> Option<Viewer> {
    match from {
        From::Vantage(at) | From::Seat { vantage: at, .. } => Some(Viewer::Vantage(at)),
        From::Machine(id) => Some(Viewer::Holder(Holder::Machine(id))),
        From::Unit(id) => Some(Viewer::Holder(Holder::Unit(id))),
        From::Zone(_) => None,
    }
}
