//! The network: segments (broadcast domains), vertices (a device or machine in one segment), edges (ways for frames), gateways
//! (who carries packets from one segment to another), and vantage points (where people sit).
//!
//! Within one segment, two vertices reach each other when a path of edges leads from one to the other, all its vertices are up and
//! all between the ends forward. Redundant links and the members of an aggregate are parallel ways; loops are taken as handled by
//! spanning tree. Between segments, packets hop over holders that are gateways: see [`Gateway`].

use super::{MachineId, PartId, SegmentId, UnitId, VertexId};
use lab_model::ThingId;
use lab_source::Span;

/// One broadcast domain: a VLAN, the network on a plain switch, a cable between two routers.
#[derive(Clone, PartialEq, Debug)]
pub struct Segment {
    /// What a person reads: the VLAN's name, the prefix.
    pub label: String,
    /// The VLAN or prefix.
    pub thing: Option<ThingId>,
    /// Who takes packets out of it. Any one is enough; which one does is a matter of preference that [`crate::simulate`] knows.
    pub gateways: Vec<Gateway>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// Whoever takes packets out of a segment: it is up, reached within the segment at `vertex`, and goes on into any other segment in
/// which it has a vertex (to a neighbour there, or to the gateways of that segment in turn).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Gateway {
    /// Its vertex in the segment.
    pub vertex: VertexId,
    /// Its holder, for finding its other vertices.
    pub holder: Holder,
}

/// Who has vertices in segments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Holder {
    /// A unit: up when the unit is.
    Unit(UnitId),
    /// A machine: up when the machine is.
    Machine(MachineId),
    /// The Internet: always up; the line to it is an edge.
    Internet,
}

/// What a vertex is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VertexKind {
    /// It forwards frames: a switch, an access point, a bridge in a host, a modem.
    Forwards,
    /// It only sends and receives.
    Station,
}

/// A device or machine in one segment. Up when its holder is.
#[derive(Clone, PartialEq, Debug)]
pub struct Vertex {
    /// Who it is.
    pub holder: Holder,
    /// The segment.
    pub segment: SegmentId,
    /// Whether it forwards.
    pub kind: VertexKind,
    /// What a person reads: `switch-1 in servers`.
    pub label: String,
}

/// One way for frames between two vertices of one segment. It is open while none of `fails` has failed.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// The ends.
    pub ends: [VertexId; 2],
    /// Parts in series: cables with their transceivers, patch panels, cards. Empty inside a machine.
    pub fails: Vec<PartId>,
    /// Units that must be up beside the ends: a media converter in between.
    pub through: Vec<UnitId>,
    /// The aggregate it is a member of, for telling redundancy and failover time.
    pub lag: Option<ThingId>,
}

/// Where people of a zone sit: at access points and wall sockets.
#[derive(Clone, PartialEq, Debug)]
pub struct Vantage {
    /// The zone, or the segment when there are no zones.
    pub thing: Option<ThingId>,
    /// What a person reads: `users`.
    pub label: String,
    /// Where they may sit. A service is there for the zone while somebody at one of these has it, with everything that people need for it.
    pub at: Vec<VertexId>,
    /// True for the outside world.
    pub outside: bool,
}
