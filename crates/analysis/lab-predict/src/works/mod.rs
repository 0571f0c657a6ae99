//! How a lab works, laid out for asking what happens when parts of it fail: parts that can fail, what feeds what, who reaches whom,
//! what stands in for what.
//!
//! These are plain tables that name each other by index, layer upon layer: power, units, network, machines, storage, clusters,
//! services. [`crate::survey`] makes them from a lab, [`crate::compile`] turns them into a circuit, [`crate::simulate`] plays them
//! through. Both start from the same tables and share no other code, so that each can be held against the other. Nothing is
//! computed here, and nothing here knows YAML.
//!
//! What is not active in the lab (planned, spare, unused) is not in the tables. What the lab does not say is taken as never
//! failing, and [`Works::assumed`] says so.
//!
//! # What the tables mean
//!
//! The state after a set of parts has failed, once everything has settled. Machines, pools, clusters and services start out as up;
//! then the lines below are applied until nothing changes (so two services that need each other keep running, and
//! only a cold start shows the circle). Power is free of circles: the survey cuts them and says so.
//!
//! - A **point** is off when one of `fails` failed, or it has sources and all are off. Off *for long* is the same without counting parts
//!   of [`Mode::Briefly`].
//! - A **supply** is off when one of `fails` failed or its source is. An *outlet* is off when its unit is broken (`fails`, or its chassis), or
//!   is not fed: fewer than `supplies_needed` supplies are on, or, when the outlet names one, that one is off. With
//!   `on_battery` and a battery in the unit, only *off for long* counts as not fed. *PoE* is off when the unit is not up.
//! - A **unit** is up when it is not broken and is fed; a unit with a battery of its own is fed unless off for long.
//! - A **holder** is up when its unit or machine is; the Internet always is. A **vertex** is up when its holder is.
//! - **Reach within a segment**: a path of open edges between two vertices of it, all of whose vertices are up and whose inner ones forward. A
//!   vertex reaches itself when it is up. **Reach between holders** A and B: A is B (and up); or they have vertices
//!   in a common segment that reach each other there; or, when they share no segment, some vertex of A reaches in its segment a gateway that is up,
//!   and the gateway's holder reaches B from one of its *other* segments in the same way (rings of gateways hold nobody up). From a vantage: the
//!   same from any of its vertices. *Reach in a segment* is the same with the vertices of B in that segment as its only ones (B itself reaches B while it is up). An edge through the Internet is none between two insiders: the Internet is no gateway.
//! - A **drive** is dead when one of `fails` failed; away when dead, its unit is not up, or it has paths and in each a part failed.
//! - A **pool** with groups is lost when some group has more than `tolerates` drives dead; it stops when it is lost, some group has
//!   more than `tolerates` drives away, its holder is not up, or one of `serving_fails` failed. Separate: the same, of
//!   its one group. Ceph: an OSD is away when its drive is, its machine is down, or its machine does not reach a
//!   monitor that has quorum; lost when at least `lost_at` domains have a dead OSD; stopped when lost, when more than `copies - min_copies`
//!   domains have an OSD away, or when its cluster has no quorum; with `replication` also when from each machine of an OSD more than so many
//!   domains have an OSD that is away, or whose machine is not reached from that machine in that segment. Unknown: stops only with its holder.
//! - **Data** is lost when fewer than `pools_needed` of its pools are not lost; stopped when fewer than that serve.
//! - A **machine** is up when none of `fails` failed; its unit is up (host), or one of its hosts is up with no passed-through part failed
//!   there and its `disks` and `disk_pools` served to that host (virtual machine; see *moving*); no drive of `system_drives` is away and
//!   `system_pool` serves; and `needs` are met from it.
//! - **Served to** a holder: the pool serves, and its holder is that holder, or is reached from it; for Ceph, a member of its cluster that has quorum is reached. Members of a cluster are reached in its `clients_in`, where it has one; the OSDs of Ceph reach its monitors so, too. Data: enough of its pools are.
//! - **Moving** (virtual machines with several hosts, instances of movable services, addresses): while the cluster in `moved_by`/`by`
//!   has quorum, one working place is enough for each instance. Without quorum, each instance stays where it was, and it was at the worst place: with n places of which d do
//!   not work, r instances (`spread`: on different places; otherwise all on one), the number that works is max(0, r - d) when spread, or 0 if d > 0 when not. With quorum it is min(r, n - d)
//!   when spread, r if n > d when not. Without a mover (None) a virtual machine with `anywhere: false` is at its first host and stays; with `anywhere: true` and for services, as without quorum.
//!   **Stranded**: where s of the places have a failed part in `strands`, the number is at most max(0, r - s) when spread, 0 if s > 0 when not; a virtual machine has no
//!   working place if s > 0.
//!   For addresses: r = 1, a place works when the holder is up and reached; without a mover (`moved_by: None`) they move freely (VRRP, CARP).
//! - A **member** of a cluster has quorum when it is up and reaches at least `quorum` members that are up, itself counted, in `among` where it is said: a monitor
//!   alone on its side of a partition answers nobody. A **cluster** has quorum when some member has.
//! - A **need** is met from a holder as its variant says; a service counts as reached when a working instance is reached, for `needed` > 1 when
//!   also the service works. From a vantage likewise.
//! - A **service** instance works on a place that is up, has its `cards` there, and from which all `needs` are met. `apart_from` and memory are amounts and choices: they are not
//!   in these lines, [`crate::simulate`] judges them on top.
//! - A place is **good for** a vantage when an instance there works and is reached: directly, or with `front` by way of a holder of
//!   it that is up, reached from the vantage, and reaches the place. (With a mover of the address that has no quorum: by way of *every* holder.)
//! - A service is **there for** a vantage when it works, when of its instances at least one is good for the vantage (counted
//!   as for moving, with "good for" in place of "works"), and when `clients_need` are met from the vantage. It is *gone* when it is there
//!   for none of `used_from`; with no `used_from`, when it does not work.
//! - A **vantage** has no Internet when it does not reach the Internet.
//!
//! # Corners
//!
//! - Parts of [`Mode::Briefly`] count as failed like any others, except for *off for long*. That is asked of points, supplies, outlets and units alike.
//! - A **gateway**'s vertex is one of its holder's. An edge joins vertices of one segment. A vertex of the Internet is never an inner one of a path,
//!   whatever its kind. What a gateway's holder
//!   reaches depends on the segment from which it was entered and on nothing before: it may come twice on a way, entered from different ones. To *share a segment* is to have vertices in it, up or not: when the way there is broken, no gateway stands in.
//! - A **vantage** is no holder: the device that it sits at may be its first gateway.
//! - A **pool** of any layout stops when its holder, if it has one, is not up, or when one of `serving_fails` failed; one without a holder
//!   (not Ceph) is served to everybody. An **OSD** whose machine is not said is away only with its drive.
//! - A **virtual machine** without hosts has a working place while its `disks` and `disk_pools` serve. With a mover it is, without quorum, at the worst place,
//!   whatever `anywhere` says. `disks` and `disk_pools` of a machine on a unit mean nothing.
//! - **Moving**: with `spread`, of more than n instances only n run (r is at most n). Where there is no place (n = 0), nothing works: a service without places, an
//!   address without holders.
//! - **Stranded**: an instance was at the worst place, and stays there when that machine goes as well, although it would be started elsewhere then: what
//!   one failure takes, a second one does not give back. Machines that `strands` names and that are none of the places count for nothing.
//! - A **cluster** with `quorum` 0 always has it, and so has each member of it that is up.
//! - With `front`, a place is reached by way of its holders only, not directly.
//! - A **need** of a service is counted as for moving: of its instances, at least one is where it works and is reached. `front` plays no part in needs. Any one of none is not met.
//! - A card of a machine that `cards` does not name is none.

mod cluster;
mod machine;
mod network;
mod outcome;
mod part;
mod power;
mod service;
mod storage;

pub use cluster::{Cluster, Vip};
pub use machine::{Machine, MachineKind};
pub use network::{Edge, Gateway, Holder, Segment, Vantage, Vertex, VertexKind};
pub use outcome::{Fate, Outcome, Subject};
pub use part::{Mode, Part, PartKind};
pub use power::{Battery, PowerPoint, Source, Supply, Unit};
pub use service::{Audience, Need, NeedOf, Placement, Service};
pub use storage::{Ceph, Data, Drive, Layout, Osd, Pool, Vdev};

use lab_source::Span;

/// Declares indices into the tables of [`Works`].
macro_rules! indices {
    ($($(#[doc = $doc:literal])* $name:ident => $table:ident: $row:ty;)*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
            pub struct $name(pub u32);

            impl $name {
                /// Its place in the table.
                pub fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl std::ops::Index<$name> for Works {
                type Output = $row;

                fn index(&self, id: $name) -> &$row {
                    &self.$table[id.index()]
                }
            }
        )*

        /// How a lab works. See the [module](self).
        #[derive(Clone, Default, Debug)]
        pub struct Works {
            $(
                #[doc = concat!("The rows that a [`", stringify!($name), "`] names.")]
                pub $table: Vec<$row>,
            )*
            /// From where people use the lab.
            pub vantages: Vec<Vantage>,
            /// What was not said and is taken as given, each with the place where it could be said.
            pub assumed: Vec<Assumption>,
        }

        impl Works {
            $(
                #[doc = concat!("Adds a row to `", stringify!($table), "`.")]
                pub fn $table(&mut self, row: $row) -> $name {
                    self.$table.push(row);
                    $name(self.$table.len() as u32 - 1)
                }
            )*
        }
    };
}

indices! {
    /// Names a part: one thing failing in one way.
    PartId => parts: Part;
    /// Names a power point: grid, breaker, circuit, generator.
    PointId => points: PowerPoint;
    /// Names a unit: a physical device that is powered as one.
    UnitId => units: Unit;
    /// Names a segment: one broadcast domain.
    SegmentId => segments: Segment;
    /// Names a vertex of the network: one device or machine in one segment.
    VertexId => vertices: Vertex;
    /// Names an edge of the network: one way for frames between two vertices.
    EdgeId => edges: Edge;
    /// Names a machine: a host or a virtual machine.
    MachineId => machines: Machine;
    /// Names a drive.
    DriveId => drives: Drive;
    /// Names a pool.
    PoolId => pools: Pool;
    /// Names data that somebody wants to keep: a dataset, a volume.
    DataId => data: Data;
    /// Names a cluster.
    ClusterId => clusters: Cluster;
    /// Names an address that moves.
    VipId => vips: Vip;
    /// Names a service.
    ServiceId => services: Service;
}

/// Something the lab does not say, and what is taken for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumption {
    /// What is taken for granted: `nas-2 is always powered: its inlets are not written down`.
    pub what: String,
    /// Where it could be said.
    pub span: Option<Span>,
}
