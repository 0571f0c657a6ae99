//! Storage: drives and the ways to them, pools, and the data that people want to keep.
//!
//! Four outcomes are told apart everywhere: data is lost (drives died beyond redundancy), I/O stops (data is there and cannot be
//! read or written now), redundancy is lost, and nothing happens.

use super::{ClusterId, DriveId, Holder, MachineId, PartId, PoolId, SegmentId, UnitId};
use lab_model::ThingId;
use lab_source::Span;

/// A drive. Dead when a part of `fails` has failed: what it holds is gone. Away when it is dead, its unit is not up, or every way
/// to it is closed.
#[derive(Clone, PartialEq, Debug)]
pub struct Drive {
    /// What a person reads: `nas-1/bay-3`.
    pub label: String,
    /// The drive itself.
    pub fails: Vec<PartId>,
    /// The unit whose bay it is in.
    pub unit: UnitId,
    /// Ways from the machine to the drive: for each, the parts in series (card, cable, module of a shelf). No entry: no part of
    /// its own stands between.
    pub paths: Vec<Vec<PartId>>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// A group of drives of which `tolerates` may be gone.
#[derive(Clone, PartialEq, Debug)]
pub struct Vdev {
    /// What a person reads: `raidz2 of tank`.
    pub label: String,
    /// Its drives.
    pub drives: Vec<DriveId>,
    /// How many may be gone: 0 for a stripe.
    pub tolerates: u32,
}

/// How a pool keeps data.
#[derive(Clone, PartialEq, Debug)]
pub enum Layout {
    /// Groups of drives in one machine; all groups are needed. ZFS, md, btrfs, NAS, a single drive. A special vdev is a group; a
    /// log or cache is not: losing it loses no data that was confirmed, except with the power at the same time.
    Groups(Vec<Vdev>),
    /// Every data drive has its own file system (Unraid): with more gone than `tolerates`, what is on those is lost.
    Separate(Vdev),
    /// Spread over the OSDs of a cluster.
    Ceph(Ceph),
    /// The lab does not say; it is taken as never failing by itself.
    Unknown,
}

/// A Ceph pool.
///
/// Data may be lost once drives have died in `size` domains (replicated) or `m + 1` domains (erasure-coded) at once, since some placement
/// group may be on just those. I/O stops for some placement groups once more than `copies - min_copies` domains have an OSD away,
/// before recovery; and for all once the monitors have no quorum.
#[derive(Clone, PartialEq, Debug)]
pub struct Ceph {
    /// The cluster: its members with a vote are the monitors.
    pub cluster: ClusterId,
    /// Copies or chunks of each object: `size`, or `k + m`.
    pub copies: u32,
    /// How many must be there for I/O: `min_size`.
    pub min_copies: u32,
    /// How many lost copies or chunks mean lost data: `size`, or `m + 1`.
    pub lost_at: u32,
    /// OSDs by failure domain (host, rack, OSD). No two copies are in one domain.
    pub domains: Vec<Vec<Osd>>,
    /// The segment over which OSDs send each other copies and heartbeats (`cluster_network`), when it is not the one of the monitors.
    /// An OSD that others do not reach there is called down, although it reaches the monitors.
    pub replication: Option<SegmentId>,
}

/// An OSD: a drive served by a machine. Away when the drive is away, the machine is down, or the machine does not reach the monitors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Osd {
    /// Its drive.
    pub drive: DriveId,
    /// The machine that serves it.
    pub machine: Option<MachineId>,
}

/// Drives taken together.
///
/// It serves when its layout has enough drives there and its holder is up. Lost when its layout has too many drives dead.
#[derive(Clone, PartialEq, Debug)]
pub struct Pool {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// How it keeps data.
    pub layout: Layout,
    /// Who serves it: a machine, or a ready-made NAS. None for Ceph: its cluster serves it.
    pub holder: Option<Holder>,
    /// Parts without which it does not serve and which lose nothing: the card that its drives hang on, the one cable between two hosts of OSDs.
    pub serving_fails: Vec<PartId>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// A dataset, or a volume of a service.
#[derive(Clone, PartialEq, Debug)]
pub struct Data {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// The pools it is on; several when a service keeps copies of its own on each, or when it is on one of them and the lab does
    /// not say which.
    pub pools: Vec<PoolId>,
    /// How many of `pools` must serve, and may not be lost: all of them when the copy is on one of them and nobody knows which, one when each
    /// has a full copy.
    pub pools_needed: u32,
    /// Where it is written.
    pub span: Option<Span>,
}
