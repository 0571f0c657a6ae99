//! Who is joined to whom without a router: bridges and interfaces that lanes hang together, which network that is, and where it goes
//! round in a circle.

use super::Build;
use crate::wired::{LaneEnd, NodeKind};
use lab_model::lab::{PrefixId, VlanIdOf};
use std::collections::{BTreeMap, BTreeSet};

/// A bridge or an interface of a node.
type Point = (usize, String);

/// What hangs together.
#[derive(Debug, Default)]
pub(super) struct Segments {
    index: BTreeMap<Point, usize>,
    parent: Vec<usize>,
    /// Segments, by root, that go round in a circle.
    circles: BTreeSet<usize>,
}

impl Segments {
    fn id(&mut self, point: Point) -> usize {
        let next = self.parent.len();
        let id = *self.index.entry(point).or_insert(next);
        if id == next {
            self.parent.push(next);
        }
        id
    }

    fn root(&self, mut id: usize) -> usize {
        while self.parent[id] != id {
            id = self.parent[id];
        }
        id
    }

    pub(super) fn root_of(&self, point: &Point) -> Option<usize> {
        Some(self.root(*self.index.get(point)?))
    }

    /// Joins two points. False: they were joined.
    fn join(&mut self, one: Point, other: Point) -> bool {
        let ids = [self.id(one), self.id(other)];
        let [one, other] = ids.map(|id| self.root(id));
        self.parent[other] = one;
        one != other
    }
}

impl Build<'_> {
    pub(super) fn segments(&self) -> Segments {
        let mut segments = Segments::default();
        let mut seen: BTreeSet<(usize, &str, Option<u16>)> = BTreeSet::new();
        let mut closing: Vec<Point> = Vec::new();
        for cable in &self.plan.cables {
            for lane in &cable.lanes {
                let point = |side: usize| -> Point {
                    let end: &LaneEnd = &lane.ends[side];
                    (cable.ends[side].node, end.bridge.as_ref().unwrap_or(&end.device).clone())
                };
                // Of the links of an aggregate one at a time forwards.
                let aggregate = (0..2).find_map(|side| {
                    Some((cable.ends[side].node, &*lane.ends[side].aggregate.as_ref()?.name))
                });
                if aggregate.is_some_and(|(node, name)| !seen.insert((node, name, lane.tag))) {
                    continue;
                }
                let is_new = segments.join(point(0), point(1));
                let forwards = lane.ends.iter().all(|end| end.bridge.is_some() && !end.isolated);
                if !is_new && forwards {
                    closing.push(point(0));
                }
            }
        }
        segments.circles = closing.iter().filter_map(|point| segments.root_of(point)).collect();
        segments
    }

    /// Lets bridges speak the spanning tree protocol where a segment goes round in a circle.
    pub(super) fn break_circles(&mut self) {
        let segments = self.segments();
        self.circles = segments.circles.len();
        for (index, node) in self.plan.nodes.iter_mut().enumerate() {
            for bridge in &mut node.bridges {
                let root = segments.root_of(&(index, bridge.name.clone()));
                bridge.spanning_tree = root.is_some_and(|root| segments.circles.contains(&root));
            }
        }
    }

    /// A bridge in a VLAN, or where a prefix has addresses: the best by `rank`, lower is better.
    pub(super) fn bridge_in(
        &self,
        segments: &Segments,
        vlan: Option<VlanIdOf>,
        prefix: PrefixId,
        rank: impl Fn(usize) -> Option<u8>,
    ) -> Option<(usize, String)> {
        let of_vlan = vlan.into_iter().flat_map(|vlan| self.bridges_of(vlan));
        let vlan_roots: BTreeSet<usize> = of_vlan.filter_map(|point| segments.root_of(&point)).collect();
        let roots = if vlan_roots.is_empty() { self.roots_of(segments, prefix) } else { vlan_roots };
        let all =
            self.plan.nodes.iter().enumerate().flat_map(|(index, node)| {
                node.bridges.iter().map(move |bridge| (index, bridge.name.clone()))
            });
        let inside = all.filter(|point| segments.root_of(point).is_some_and(|root| roots.contains(&root)));
        inside.filter_map(|point| Some((rank(point.0)?, point))).min().map(|(_, point)| point)
    }

    fn bridges_of(&self, vlan: VlanIdOf) -> Vec<Point> {
        let known = self.vlan_of.iter().filter(|(_, known)| **known == vlan);
        known.map(|(point, _)| point.clone()).collect()
    }

    fn roots_of(&self, segments: &Segments, prefix: PrefixId) -> BTreeSet<usize> {
        let Some(network) = self.lab.derived.prefix(prefix).network else { return BTreeSet::new() };
        let nodes = self.plan.nodes.iter().enumerate();
        let points = nodes.flat_map(|(index, node)| {
            let inside = node.addresses.iter().filter(|(_, net)| network.contains(&net.addr()));
            inside.map(move |(device, _)| (index, device.clone()))
        });
        points.filter_map(|point| segments.root_of(&point)).collect()
    }

    /// Switches first, then routers, then machines with a bridge.
    pub(super) fn rank(&self, node: usize) -> Option<u8> {
        Some(match self.plan.nodes[node].kind {
            NodeKind::Switch => 0,
            NodeKind::Router => 1,
            _ => 2,
        })
    }
}
