//! What a wired box shall hold: nodes with their interfaces, and the cables between them, as plain values.
//!
//! A cable is made of lanes: one for frames without a tag, one for each VLAN that both its ends tag. A lane is a pair of
//! virtual interfaces, so that VLANs stay apart on kernels that know no tags, and whatever befalls the cable befalls all its lanes.

use crate::plan::{BoxPlan, Firmware, Machine, ServicePort};
use crate::software::{Instance, Software};
use crate::storage::Pool;
use ipnet::IpNet;
use lab_netboot::Mac;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Everything that shall stand in one wired box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WiredPlan {
    /// Names the box on this machine, as [`crate::BoxPlan::id`].
    pub id: String,
    /// The nodes, each a network namespace `lw-ID.NAME`.
    pub nodes: Vec<Node>,
    /// The cables.
    pub cables: Vec<Cable>,
    /// What was replaced by something simpler, in words for people.
    pub stand_ins: Vec<String>,
    /// What is described and has no counterpart in the box, in words for people.
    pub not_checked: Vec<String>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// Forwards frames: a switch, an access point.
    Switch,
    /// Forwards packets between networks.
    Router,
    /// An operating system on a device.
    Host,
    /// A virtual machine; off when its host is.
    Vm,
    /// The controller of a machine, with power and a cable of its own.
    Controller,
    /// Any other device with a cable.
    Device,
    /// Somebody who uses the lab from a zone: made by the box, not described.
    Client,
    /// A provider's end of a line, made by the box.
    Provider,
    /// Everything outside, made by the box.
    Internet,
}

impl NodeKind {
    const ALL: [(NodeKind, &'static str); 9] = [
        (NodeKind::Switch, "switch"),
        (NodeKind::Router, "router"),
        (NodeKind::Host, "host"),
        (NodeKind::Vm, "vm"),
        (NodeKind::Controller, "controller"),
        (NodeKind::Device, "device"),
        (NodeKind::Client, "client"),
        (NodeKind::Provider, "provider"),
        (NodeKind::Internet, "internet"),
    ];

    /// The kind in one word, stable, for machines to read.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    pub(crate) fn of_word(word: &str) -> Option<NodeKind> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Unique name: that of the host, virtual machine or device; `client-ZONE`, `provider-CIRCUIT`, `internet`; `DEVICE.PORT` for
    /// a controller.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// What it is in the lab, the most exact first: `host/node-1`, `device/node-1`. Empty for what the box made.
    pub things: Vec<String>,
    /// The node that a virtual machine runs on, by position.
    pub inside: Option<usize>,
    /// Bridges in it.
    pub bridges: Vec<Bridge>,
    /// Addresses by interface.
    pub addresses: Vec<(String, IpNet)>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Whether it forwards packets.
    pub forwards: bool,
    /// Files that its programs read, by path from the root without a leading slash; only below `etc`.
    pub files: BTreeMap<String, NodeFile>,
    /// Programs beside the listener, in the order in which they start.
    pub programs: Vec<Program>,
    /// Ports of described services at which listeners stand.
    pub services: Vec<ServicePort>,
    /// Programs by name that the lab's services are; [`WiredPlan::cast`] settles which of them run in earnest.
    pub software: Vec<Instance>,
    /// Pools of disks; they stand when [`WiredPlan::cast`] finds what that takes.
    pub pools: Vec<Pool>,
}

impl Node {
    /// A node without anything.
    pub fn new(name: &str, kind: NodeKind) -> Node {
        Node {
            name: name.to_owned(),
            kind,
            things: Vec::new(),
            inside: None,
            bridges: Vec::new(),
            addresses: Vec::new(),
            routes: Vec::new(),
            forwards: false,
            files: BTreeMap::new(),
            programs: Vec::new(),
            services: Vec::new(),
            software: Vec::new(),
            pools: Vec::new(),
        }
    }

    /// The ports that are listened at, by a stand-in or a real program: each with the program's name.
    pub fn ports(&self) -> impl Iterator<Item = (&ServicePort, Option<&'static Software>)> {
        let real = self.software.iter().filter(|instance| instance.is_real);
        let real =
            real.flat_map(|instance| instance.ports.iter().map(|port| (port, Some(instance.software))));
        self.services.iter().map(|port| (port, None)).chain(real)
    }
}

/// A route of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to; everywhere when none.
    pub to: Option<IpNet>,
    /// The next hop.
    pub via: IpAddr,
}

/// A bridge in a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// Its name, 15 characters at most.
    pub name: String,
    /// Its address; none: any.
    pub mac: Option<Mac>,
    /// The largest payload; none: 1500.
    pub mtu: Option<u16>,
    /// Whether it speaks the spanning tree protocol.
    pub spanning_tree: bool,
}

/// A file of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFile {
    /// Its text.
    pub text: String,
    /// True when it is run.
    pub executable: bool,
}

/// A program of a node: what starts it, and by which names its processes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Name, unique in the node: `keepalived`.
    pub name: String,
    /// Shell commands that start it in the background and end. The node's own folder is `/mnt`.
    pub script: String,
    /// Names of its processes, as the kernel has them (15 characters at most).
    pub processes: Vec<String>,
    /// Started after all others of the box, one node at a time in their order: the first may lead.
    pub is_last: bool,
}

/// A cable, or what joins a virtual machine to its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cable {
    /// Unique name: both ends, `switch-1:1 router-1:eth0`.
    pub name: String,
    /// What the lab calls it and its pieces: the group with the near end, `cable/copper switch-1:1`. Several when panels are between.
    pub things: Vec<String>,
    /// The two ends.
    pub ends: [Plug; 2],
    /// What it carries.
    pub lanes: Vec<Lane>,
    /// False for what is no cable of the lab: a virtual machine's card, a client of the box's own.
    pub is_described: bool,
}

impl Cable {
    /// Whether `word` names it: its name, an end (`switch-1:1`), or a name in the lab.
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word
            || self.things.iter().any(|thing| thing == word)
            || self.ends.iter().any(|end| end.port == word)
    }
}

/// An end of a cable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plug {
    /// The node, by position.
    pub node: usize,
    /// The port in the lab's words: `switch-1:1`.
    pub port: String,
}

/// What a cable carries with one tag, or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The tag.
    pub tag: Option<u16>,
    /// Its interfaces, in the order of the cable's ends.
    pub ends: [LaneEnd; 2],
}

/// An interface at one end of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneEnd {
    /// Its name in the node, 15 characters at most.
    pub device: String,
    /// Its address; none: any.
    pub mac: Option<Mac>,
    /// The largest payload; none: 1500.
    pub mtu: Option<u16>,
    /// The bridge of the node that it is a port of.
    pub bridge: Option<String>,
    /// Whether it may speak with no other port of this kind on its bridge: an isolated port of a private VLAN, a member of an
    /// aggregate.
    pub isolated: bool,
    /// The aggregate whose member it is: a bridge has several ports of one aggregate, of which one at a time forwards.
    pub aggregate: Option<Aggregate>,
}

/// An aggregate as one of its ends has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aggregate {
    /// Its name, unique in the node.
    pub name: String,
    /// How the link is chosen that carries.
    pub choice: Choice,
}

/// What decides which link of an aggregate carries. Seconds are those between two words of an end; after three times without a word a link
/// is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// LACP (IEEE 802.1AX) between both ends. Where one does not speak it, nothing carries.
    Lacp {
        /// 1 or 30.
        interval_secs: u64,
    },
    /// Both ends say that they are there, in place of an aggregate without a protocol.
    Presence {
        /// 1 or 30.
        interval_secs: u64,
    },
    /// A gate: links to different nodes, of which one at a time may use what is behind the bridge.
    Gate,
}

impl Choice {
    /// The way and the interval as the program reads them.
    pub(crate) fn words(self) -> String {
        match self {
            Choice::Lacp { interval_secs } => format!("lacp {interval_secs}"),
            Choice::Presence { interval_secs } => format!("presence {interval_secs}"),
            Choice::Gate => "gate 0".to_owned(),
        }
    }
}

impl WiredPlan {
    /// The node called `name`, which may be its own name or what it is in the lab.
    pub fn find(&self, name: &str) -> Option<usize> {
        let own = self.nodes.iter().position(|node| node.name == name);
        own.or_else(|| self.nodes.iter().position(|node| node.things.iter().any(|thing| thing == name)))
    }

    /// What stands in for what, and which services are real, in words for people.
    pub fn said(&self) -> Vec<String> {
        self.stand_ins.iter().cloned().chain(self.casting()).chain(self.pools_said()).collect()
    }

    /// What can be shown of it where a plan of machines is shown: the nodes' names, addresses and services.
    pub fn outline(&self) -> BoxPlan {
        let machine = |node: &Node| Machine {
            name: node.name.clone(),
            hostname: node.name.clone(),
            memory_mib: 0,
            firmware: Firmware::Bios,
            disks: Vec::new(),
            interfaces: Vec::new(),
            gateway: node.routes.iter().find(|route| route.to.is_none()).map(|route| route.via),
            dns: Vec::new(),
            users: Vec::new(),
            root_keys: Vec::new(),
            services: node.ports().map(|(port, _)| port.clone()).collect(),
            after: None,
        };
        BoxPlan {
            id: self.id.clone(),
            networks: Vec::new(),
            machines: self.nodes.iter().map(machine).collect(),
            shared: Vec::new(),
            stand_ins: self.said(),
            not_checked: self.not_checked.clone(),
        }
    }

    /// The interfaces of a node that are ends of lanes, with the position of the cable.
    pub(crate) fn ends_of(&self, node: usize) -> impl Iterator<Item = (usize, &Lane, &LaneEnd)> {
        self.cables.iter().enumerate().flat_map(move |(index, cable)| {
            let sides = (0..2).filter(move |&side| cable.ends[side].node == node);
            sides.flat_map(move |side| cable.lanes.iter().map(move |lane| (index, lane, &lane.ends[side])))
        })
    }
}
