//! From a lab to nodes and cables: every device with a cable, every machine, every virtual machine, with the interfaces, VLANs, bridges
//! and aggregates that the lab gives them; routers and clusters with the files that the drivers render.
//!
//! - `nodes.rs`: who is a node.
//! - `ends.rs`: what a port carries, as far as it is written.
//! - `cables.rs`: cables, and which bridge each end is on.
//! - `bridges.rs`: bridges and aggregates inside machines, cards of virtual machines.
//! - `private.rs`: who may not speak with whom inside one VLAN.
//! - `segments.rs`: who is joined to whom, and where that goes round in a circle.
//! - `addresses.rs`: addresses and routes, and a place for what has no cable.
//! - `programs.rs`: what runs on routers and on nodes of clusters.
//! - `services.rs`: services at their places, and which program by name each is.
//! - `pools.rs`: pools of disks.
//! - `outside.rs`: providers, the Internet, and clients in the zones.

mod addresses;
mod bridges;
mod cables;
mod ends;
mod nodes;
mod outside;
mod pools;
mod private;
mod programs;
mod segments;
mod services;
#[cfg(test)]
mod tests;

use super::Work;
use crate::wired::{Bridge, Cable, Lane, LaneEnd, Plug, WiredPlan};
use lab_model::lab::{DeviceId, LagId, VlanIdOf};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of an interface in Linux.
const NAME_MAX: usize = 15;

/// The nodes and cables of a lab. Also who is left out, and why.
pub fn project_wired(lab: &Lab) -> (WiredPlan, Vec<(String, String)>) {
    let mut build = Build::new(lab);
    build.add_nodes();
    build.add_cables();
    build.add_lines();
    build.add_bridges();
    build.add_cards();
    build.add_addresses();
    build.add_loose();
    build.add_routes();
    build.add_programs();
    build.add_pools();
    build.add_clients();
    build.keep_apart();
    build.break_circles();
    build.finish()
}

/// An end of a lane, by where it stands in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    cable: usize,
    lane: usize,
    side: usize,
}

/// What an interface of a machine stands on: a port or an aggregate, and the tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Base {
    node: usize,
    name: String,
    tag: Option<u16>,
}

struct Build<'a> {
    lab: &'a Lab,
    work: Work<'a>,
    plan: WiredPlan,
    left_out: Vec<(String, String)>,
    /// The node of a host, virtual machine or device.
    node_of: BTreeMap<ThingId, usize>,
    /// The devices whose ports are those of a bridge.
    forwarders: BTreeSet<DeviceId>,
    /// Names of interfaces that are taken, by node.
    names: Vec<BTreeSet<String>>,
    /// The ends of lanes at machines, by what the machine calls the interface below.
    stations: BTreeMap<Base, Vec<At>>,
    /// Aggregates by node and name.
    lags: BTreeMap<(usize, String), LagId>,
    /// The VLAN of a bridge of a switch.
    vlan_of: BTreeMap<(usize, String), VlanIdOf>,
    /// Ports of private VLANs that are isolated or in a community.
    secondaries: Vec<(At, private::Secondary)>,
    /// Interfaces without a cable that were plugged in somewhere.
    loose: Vec<String>,
    /// Segments that go round in a circle.
    circles: usize,
}

impl<'a> Build<'a> {
    fn new(lab: &'a Lab) -> Build<'a> {
        let plan = WiredPlan { id: super::box_name(lab), ..WiredPlan::default() };
        Build {
            lab,
            work: Work::new(lab),
            plan,
            left_out: Vec::new(),
            node_of: BTreeMap::new(),
            forwarders: BTreeSet::new(),
            names: Vec::new(),
            stations: BTreeMap::new(),
            lags: BTreeMap::new(),
            vlan_of: BTreeMap::new(),
            secondaries: Vec::new(),
            loose: Vec::new(),
            circles: 0,
        }
    }

    /// A name for an interface of a node that no other has: `wanted` as far as Linux takes it.
    fn name(&mut self, node: usize, wanted: &str) -> String {
        let plain: String =
            wanted.chars().map(|c| if c == '/' || c.is_whitespace() { '_' } else { c }).collect();
        let short: String = if plain.len() <= NAME_MAX {
            plain
        } else {
            // The end of a name tells more than its beginning: the port, the tag.
            plain.chars().skip(plain.chars().count() - NAME_MAX).collect()
        };
        let taken = &mut self.names[node];
        let mut name = short.clone();
        let mut n = 2;
        while taken.contains(&name) || name == "lo" || name.is_empty() {
            let end = format!("~{n}");
            name = short.chars().take(NAME_MAX - end.len()).collect::<String>() + &end;
            n += 1;
        }
        taken.insert(name.clone());
        name
    }

    /// The bridge of a node called `name`, made when it is not there.
    fn bridge(&mut self, node: usize, name: &str) -> String {
        let short: String = name.chars().take(NAME_MAX).collect();
        if self.plan.nodes[node].bridges.iter().all(|bridge| bridge.name != short) {
            self.names[node].insert(short.clone());
            // Fixed: else it would change with the ports.
            let full = format!("{}:{short}", self.plan.nodes[node].name);
            let mac = Some(super::derived_mac(&full));
            let bridge = Bridge { name: short.clone(), mac, mtu: None, spanning_tree: false };
            self.plan.nodes[node].bridges.push(bridge);
        }
        short
    }

    /// Joins two nodes by what is no cable of the lab.
    fn join(&mut self, ends: [(usize, String, LaneEnd); 2]) -> usize {
        let name =
            |(node, port, _): &(usize, String, LaneEnd)| format!("{}:{port}", self.plan.nodes[*node].name);
        let ports = [name(&ends[0]), name(&ends[1])];
        let lane = Lane { tag: None, ends: [ends[0].2.clone(), ends[1].2.clone()] };
        let [one, other] = &ports;
        self.plan.cables.push(Cable {
            name: format!("{one} {other}"),
            things: Vec::new(),
            ends: [
                Plug { node: ends[0].0, port: ports[0].clone() },
                Plug { node: ends[1].0, port: ports[1].clone() },
            ],
            lanes: vec![lane],
            is_described: false,
        });
        self.plan.cables.len() - 1
    }

    fn end_mut(&mut self, at: At) -> &mut LaneEnd {
        &mut self.plan.cables[at.cable].lanes[at.lane].ends[at.side]
    }

    fn end(&self, at: At) -> &LaneEnd {
        &self.plan.cables[at.cable].lanes[at.lane].ends[at.side]
    }

    fn finish(mut self) -> (WiredPlan, Vec<(String, String)>) {
        let mut texts = vec![
            format!("{} as namespaces: own network, host name and files, no kernel or disk of their own", super::counted(self.plan.nodes.len(), "node")),
            "VLAN tags: a pair of interfaces for each VLAN of each cable; bridges of the kernel in place of switches".to_owned(),
        ];
        if !self.lags.is_empty() {
            texts.push(
                "aggregates: LACP (IEEE 802.1AX) by a program of the box, the same on every kernel; one link at a time carries, the others stand by"
                    .to_owned(),
            );
        }
        if self.circles > 0 {
            texts.push(format!(
                "{}: the kernel's spanning tree (IEEE 802.1D, shortest timers) in place of what the switches speak",
                super::counted(self.circles, "network that goes round in a circle")
            ));
        }
        texts.extend(self.work.chosen_words());
        if !self.loose.is_empty() {
            texts.push(format!(
                "no cable is described for {}: plugged in where their network is",
                self.loose.join(", ")
            ));
        }
        texts.append(&mut self.plan.stand_ins);
        self.plan.stand_ins = texts;
        (self.plan, self.left_out)
    }
}
