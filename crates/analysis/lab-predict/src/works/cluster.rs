//! Clusters with votes, and addresses that move.

use super::{ClusterId, Holder, MachineId, SegmentId};
use lab_model::ThingId;
use lab_model::written::{ClusterKind, VipProtocol};
use lab_source::Span;

/// Hosts that act as one.
///
/// It has quorum when some member reaches, itself counted, at least `quorum` members that are up, over `among` where that is said. Its API is
/// there with quorum.
#[derive(Clone, PartialEq, Debug)]
pub struct Cluster {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// What it is.
    pub kind: ClusterKind,
    /// Members with a vote.
    pub members: Vec<MachineId>,
    /// How many votes decide. 0 when it needs none (Docker on one host).
    pub quorum: u32,
    /// The only segment over which members count each other; any way will do when None.
    pub among: Option<SegmentId>,
    /// The only segment in which others reach its members; any way will do when None. Ceph's public network: monitors listen nowhere else.
    pub clients_in: Option<SegmentId>,
    /// Machines that workloads run on.
    pub workers: Vec<MachineId>,
    /// The address of its API, when it moves.
    pub api: Option<super::VipId>,
    /// How long until workloads of a silent machine are started elsewhere, in seconds.
    pub eviction_seconds: f64,
    /// Where it is written.
    pub span: Option<Span>,
}

/// An address that moves between holders. It is there for whoever reaches a holder that is up.
#[derive(Clone, PartialEq, Debug)]
pub struct Vip {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// How it moves.
    pub protocol: VipProtocol,
    /// Who may hold it, the preferred one first.
    pub holders: Vec<Holder>,
    /// The cluster whose quorum is needed for it to move (leases in Kubernetes, etcd elections). With it gone, the address
    /// stays where it is; the worst is taken: its holder was among what failed.
    pub moved_by: Option<ClusterId>,
    /// Seconds between announcements, when the lab says; for BGP, how long peers wait for a silent speaker.
    pub interval_seconds: Option<f64>,
    /// True when whoever has it keeps it until they fail themselves, so that nobody knows who that is: the preferred one does not take it back.
    pub stays: bool,
    /// Where it is written.
    pub span: Option<Span>,
}
