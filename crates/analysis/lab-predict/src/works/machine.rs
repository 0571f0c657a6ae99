//! Machines: hosts on units, and virtual machines on hosts.

use super::{ClusterId, DataId, DriveId, MachineId, NeedOf, PartId, PoolId, UnitId, VertexId};
use lab_model::ThingId;
use lab_source::Span;

/// A host or a virtual machine.
///
/// Up when none of `fails` has failed, a `kind` place is up, `boots_from` serves, and every one of `needs` is met.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// Parts of which any failing stops it: its system.
    pub fails: Vec<PartId>,
    /// Where it runs.
    pub kind: MachineKind,
    /// The drives its system is on: all must be alive (an unmirrored system drive is one).
    pub system_drives: Vec<DriveId>,
    /// The pool its system is on; it must serve.
    pub system_pool: Option<PoolId>,
    /// Data (disks of a virtual machine) that must be served to the host that runs it.
    pub disks: Vec<DataId>,
    /// Pools on which it has disks that are no dataset.
    pub disk_pools: Vec<PoolId>,
    /// Parts on the way of a host to the disks of a virtual machine, by host: with any of them failed the machine is stranded there, on a
    /// host that whoever moves it still hears, so that nobody starts it elsewhere.
    pub strands: Vec<(MachineId, Vec<PartId>)>,
    /// What it cannot run without.
    pub needs: Vec<NeedOf>,
    /// What it needs only in order to start: boot server, key server, name server.
    pub needs_to_start: Vec<NeedOf>,
    /// Its vertices, one for each segment that it is in.
    pub vertices: Vec<VertexId>,
    /// Memory in bytes: what a host has, what a virtual machine takes.
    pub memory: Option<u64>,
    /// Memory in bytes that its own system takes, before anything runs on it.
    pub own_memory: u64,
    /// Words that placement can ask for.
    pub labels: Vec<String>,
    /// Instruction set, as the lab writes it.
    pub architecture: Option<String>,
    /// True when it shuts down in order before a battery is empty.
    pub shuts_down_on_battery: bool,
    /// Where it is written.
    pub span: Option<Span>,
}

/// Where a machine runs.
#[derive(Clone, PartialEq, Debug)]
pub enum MachineKind {
    /// On a unit.
    Host {
        /// The unit; None when the lab does not say, and then it is taken as up.
        unit: Option<UnitId>,
    },
    /// On one of several hosts.
    Vm {
        /// Where it runs, the first one while it can; empty when the lab does not say, and then it is taken as up.
        hosts: Vec<MachineId>,
        /// The cluster whose quorum moves it; it stays where it is when None, unless a hand moves it.
        moved_by: Option<ClusterId>,
        /// True when it is not said on which of `hosts` it is, so that the worst is taken.
        anywhere: bool,
        /// Parts on a host that it has for itself: cards handed through, by host. Any failing stops it there.
        passed_through: Vec<(MachineId, Vec<PartId>)>,
    },
}
