//! Services: where they run, what they need, who uses them.

use super::{ClusterId, DataId, Holder, MachineId, PartId, PoolId, ServiceId, VipId};
use lab_model::ThingId;
use lab_source::Span;

/// What something needs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Need {
    /// Data served, and its server reached.
    Data(DataId),
    /// A pool serving, and its server reached.
    Pool(PoolId),
    /// A service that works, and is reached.
    Service(ServiceId),
    /// A unit or machine that is up, and is reached.
    Holder(Holder),
    /// A cluster of which a member that has quorum is reached.
    Cluster(ClusterId),
    /// The Internet, reached.
    Internet,
    /// The Internet reached, and a part outside not failed.
    External(PartId),
    /// A part that has not failed, wherever it is.
    Part(PartId),
    /// Any one of these: two name servers.
    AnyOf(Vec<Need>),
}

/// A need, and who says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeedOf {
    /// What is needed.
    pub need: Need,
    /// Why, when the lab does not say it in so many words: `people find it by its name`.
    pub because: Option<&'static str>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// Where instances of a service run.
#[derive(Clone, PartialEq, Debug)]
pub enum Placement {
    /// One instance at each of these, and nowhere else.
    Fixed(Vec<Holder>),
    /// `replicas` instances on different machines of these (each on its own where `spread` says so); the cluster starts them elsewhere while it has quorum. Where
    /// they are at first is not said: the worst is taken.
    Movable {
        /// Machines it can run on, by architecture, labels, cards, and what it may not share a host with.
        on: Vec<MachineId>,
        /// Who moves it; None: nobody, and the worst is taken.
        by: Option<ClusterId>,
        /// How many instances run.
        replicas: u32,
        /// True when no two run on one machine.
        spread: bool,
    },
}

/// Who notices when a service is gone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Audience {
    /// People outside.
    Public,
    /// Everybody in the house, or the family.
    Household,
    /// The owner.
    Owner,
    /// The lab itself.
    Lab,
}

/// Something the lab is for.
///
/// An instance works on a holder that is up, when there all `needs` are met from that holder. The service works when `needed`
/// instances work. It is there for a vantage that reaches a working instance: by way of a holder of `front` if it has one, and with
/// all of `clients_need` met from the vantage.
#[derive(Clone, PartialEq, Debug)]
pub struct Service {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// Where it runs.
    pub placement: Placement,
    /// How many instances must work; at least 1.
    pub needed: u32,
    /// What each instance cannot work without.
    pub needs: Vec<NeedOf>,
    /// What it works worse without.
    pub wants: Vec<NeedOf>,
    /// The moving address that people reach it by.
    pub front: Option<VipId>,
    /// What people need, beside a way, to use it: names.
    pub clients_need: Vec<NeedOf>,
    /// From where it is used, by position in [`Works::vantages`](super::Works::vantages); it is down once none of these has it. Empty: it is enough that it works.
    pub used_from: Vec<u32>,
    /// Who notices when it is gone.
    pub audience: Audience,
    /// How bad that is, from 0 (nobody notices soon) to 3 (the house stands still).
    pub criticality: u8,
    /// Memory of an instance in bytes.
    pub memory: Option<u64>,
    /// How long it may be gone, in seconds.
    pub tolerates_seconds: Option<f64>,
    /// Parts on each machine that it needs there: a graphics card. By machine.
    pub cards: Vec<(MachineId, Vec<PartId>)>,
    /// Parts on the way of a machine, by machine: with any of them failed an instance there is stranded, without what it needs on a machine that
    /// whoever moves it still hears, so that nobody starts it elsewhere.
    pub strands: Vec<(MachineId, Vec<PartId>)>,
    /// How much longer an instance that is started elsewhere waits for its disk, in seconds: 0 when it has none that one machine has at a time.
    pub detach_seconds: f64,
    /// Services whose instances may not share a machine with its own.
    pub apart_from: Vec<ServiceId>,
    /// Where it is written.
    pub span: Option<Span>,
}
