//! What has become of everything, row by row, and the outcomes that follow from it.

use crate::works::{ClusterId, Fate, Holder, MachineId, Outcome, ServiceId, Subject, Works};

/// The state of a lab after a set of parts has failed. Every list stands in the order of its table in [`Works`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    /// Whether a power point is on.
    pub points: Vec<bool>,
    /// Whether a unit is up.
    pub units: Vec<bool>,
    /// Whether a vertex is up.
    pub vertices: Vec<bool>,
    /// Whether a machine is up.
    pub machines: Vec<bool>,
    /// What has become of drives.
    pub drives: Vec<DriveState>,
    /// What has become of pools.
    pub pools: Vec<Keeping>,
    /// What has become of data.
    pub data: Vec<Keeping>,
    /// Who can decide.
    pub clusters: Vec<Quorum>,
    /// What has become of services.
    pub services: Vec<Standing>,
    /// Whether a vantage reaches the Internet.
    pub internet: Vec<bool>,
    /// The outcomes that hold, in the order of [`Works::outcomes`].
    pub outcomes: Vec<Outcome>,
}

/// What has become of a drive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DriveState {
    /// It answers.
    There,
    /// What it holds is still on it, and nobody gets at it.
    Away,
    /// What it held is gone.
    Dead,
}

/// What has become of a pool or of data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Keeping {
    /// It can be read and written.
    Serving,
    /// It is there and cannot be read or written now.
    Stopped,
    /// It is gone.
    Lost,
}

/// Whether a cluster can decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quorum {
    /// True when it can; always so for one that needs no votes.
    pub held: bool,
    /// Members that are up, grouped by who reaches whom; the largest group first. One group when nothing is split.
    pub sides: Vec<Vec<MachineId>>,
}

/// What has become of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// True when enough instances work.
    pub works: bool,
    /// How many instances work.
    pub running: u32,
    /// Where an instance works, or would.
    pub places: Vec<Holder>,
    /// What each vantage of `used_from` has of it, in that order.
    pub seen: Vec<Seen>,
}

/// What the people at a vantage have of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The vantage, by position in [`Works::vantages`].
    pub vantage: u32,
    /// True when the service is there for them.
    pub there: bool,
    /// True when it works and they get to it, whether or not they find it by its name.
    pub reached: bool,
    /// The places that are good for them.
    pub from: Vec<Holder>,
}

impl Standing {
    /// True when it is there for somebody who uses it, or, with no word on who does, when it works.
    pub fn is_there(&self) -> bool {
        if self.seen.is_empty() { self.works } else { self.seen.iter().any(|seen| seen.there) }
    }
}

impl State {
    /// True when `outcome` holds.
    pub fn holds(&self, outcome: Outcome) -> bool {
        match (outcome.subject, outcome.fate) {
            (Subject::Unit(id), _) => !self.units[id.index()],
            (Subject::Machine(id), _) => !self.machines[id.index()],
            (Subject::Cluster(ClusterId(id)), _) => !self.clusters[id as usize].held,
            (Subject::Pool(id), Fate::Lost) => self.pools[id.index()] == Keeping::Lost,
            (Subject::Pool(id), _) => self.pools[id.index()] != Keeping::Serving,
            (Subject::Data(id), Fate::Lost) => self.data[id.index()] == Keeping::Lost,
            (Subject::Data(id), _) => self.data[id.index()] != Keeping::Serving,
            (Subject::Service(id), Fate::GoneFor(at)) => !self.is_there_for(id, at),
            (Subject::Service(id), _) => !self.services[id.index()].is_there(),
            (Subject::Vantage(at), _) => !self.internet[at as usize],
        }
    }

    /// True when a service is there for a vantage that uses it.
    pub fn is_there_for(&self, service: ServiceId, vantage: u32) -> bool {
        self.services[service.index()].seen.iter().any(|seen| seen.vantage == vantage && seen.there)
    }

    /// Whether a holder is up.
    pub fn is_up(&self, holder: Holder) -> bool {
        match holder {
            Holder::Unit(id) => self.units[id.index()],
            Holder::Machine(id) => self.machines[id.index()],
            Holder::Internet => true,
        }
    }

    /// Fills in the outcomes that hold.
    pub(super) fn judge(&mut self, works: &Works) {
        self.outcomes = works.outcomes().into_iter().filter(|&outcome| self.holds(outcome)).collect();
    }
}
