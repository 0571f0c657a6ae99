//! What can become of things: the outcomes that are predicted, proved and rehearsed, in one list.

use super::{ClusterId, DataId, Holder, MachineId, PoolId, ServiceId, UnitId, Works};
use lab_model::ThingId;
use lab_source::Span;

/// What something is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// A unit.
    Unit(UnitId),
    /// A machine.
    Machine(MachineId),
    /// A pool.
    Pool(PoolId),
    /// Data.
    Data(DataId),
    /// A cluster.
    Cluster(ClusterId),
    /// A service.
    Service(ServiceId),
    /// The people at a vantage, by position in [`Works::vantages`].
    Vantage(u32),
}

/// What becomes of it. From bad to worse: the order of the variants is the order of severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    /// A unit has no power, or is broken.
    Off,
    /// A machine does not run.
    Down,
    /// A cluster cannot decide: its API is gone, nothing is moved.
    NoQuorum,
    /// A vantage has no Internet.
    NoInternet,
    /// A service is not there for one vantage that uses it, by position in [`Works::vantages`].
    GoneFor(u32),
    /// A service is not there for anybody who uses it.
    Gone,
    /// A pool or data cannot be read and written now.
    Stopped,
    /// A pool or data is lost.
    Lost,
}

/// One outcome: this becomes of that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Outcome {
    /// What it is about.
    pub subject: Subject,
    /// What becomes of it.
    pub fate: Fate,
}

impl Works {
    /// Every outcome that is predicted, in a fixed order: units, machines, clusters, pools, data, services, vantages.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let mut all = Vec::new();
        let mut add = |subject, fate| all.push(Outcome { subject, fate });
        (0..self.units.len() as u32).for_each(|id| add(Subject::Unit(UnitId(id)), Fate::Off));
        (0..self.machines.len() as u32).for_each(|id| add(Subject::Machine(MachineId(id)), Fate::Down));
        for (id, cluster) in (0..).zip(&self.clusters) {
            if cluster.quorum > 0 {
                add(Subject::Cluster(ClusterId(id)), Fate::NoQuorum);
            }
        }
        for id in 0..self.pools.len() as u32 {
            add(Subject::Pool(PoolId(id)), Fate::Stopped);
            add(Subject::Pool(PoolId(id)), Fate::Lost);
        }
        for id in 0..self.data.len() as u32 {
            add(Subject::Data(DataId(id)), Fate::Stopped);
            add(Subject::Data(DataId(id)), Fate::Lost);
        }
        for (id, service) in (0..).zip(&self.services) {
            add(Subject::Service(ServiceId(id)), Fate::Gone);
            if service.used_from.len() > 1 {
                service
                    .used_from
                    .iter()
                    .for_each(|&at| add(Subject::Service(ServiceId(id)), Fate::GoneFor(at)));
            }
        }
        for (at, vantage) in (0..).zip(&self.vantages) {
            if !vantage.outside {
                add(Subject::Vantage(at), Fate::NoInternet);
            }
        }
        all
    }

    /// The thing of the lab that a subject is. None for a vantage without a zone.
    pub fn thing(&self, subject: Subject) -> Option<ThingId> {
        match subject {
            Subject::Unit(id) => Some(self[id].thing),
            Subject::Machine(id) => Some(self[id].thing),
            Subject::Pool(id) => Some(self[id].thing),
            Subject::Data(id) => Some(self[id].thing),
            Subject::Cluster(id) => Some(self[id].thing),
            Subject::Service(id) => Some(self[id].thing),
            Subject::Vantage(at) => self.vantages[at as usize].thing,
        }
    }

    /// What a person reads for a subject.
    pub fn label(&self, subject: Subject) -> &str {
        match subject {
            Subject::Unit(id) => &self[id].label,
            Subject::Machine(id) => &self[id].label,
            Subject::Pool(id) => &self[id].label,
            Subject::Data(id) => &self[id].label,
            Subject::Cluster(id) => &self[id].label,
            Subject::Service(id) => &self[id].label,
            Subject::Vantage(at) => &self.vantages[at as usize].label,
        }
    }

    /// What a person reads for a holder.
    pub fn holder_label(&self, holder: Holder) -> &str {
        match holder {
            Holder::Unit(id) => &self[id].label,
            Holder::Machine(id) => &self[id].label,
            Holder::Internet => "the Internet",
        }
    }

    /// Where a subject is written.
    pub fn span(&self, subject: Subject) -> Option<Span> {
        match subject {
            Subject::Unit(id) => self[id].span,
            Subject::Machine(id) => self[id].span,
            Subject::Pool(id) => self[id].span,
            Subject::Data(id) => self[id].span,
            Subject::Cluster(id) => self[id].span,
            Subject::Service(id) => self[id].span,
            Subject::Vantage(_) => None,
        }
    }
}
