//! The network: who reaches whom, within one segment and between segments.
//!
//! Within a segment, every way between two switches goes through the same blocks of the graph ([`super::blocks`]). A block is
//! taken apart once ([`super::elimination`]) and worked out once for each vertex at which it is entered. Both are exact.

use super::blocks::Blocks;
use super::elimination::Elimination;
use super::equations::Equations;
use super::views::{Spot, ViewId};
use crate::circuit::NodeId;
use crate::works::{EdgeId, Holder, SegmentId, VertexId, VertexKind, Works};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// From where something is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Origin {
    /// A unit or machine.
    Holder(Holder),
    /// What some things see through their links, whatever became of the things themselves.
    View(ViewId),
    /// The people at a vantage, by position: not reached from any of its seats.
    Vantage(u32),
    /// Somebody at one seat.
    Seat(VertexId),
}

/// Where a way should lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Target {
    /// A unit or machine, which is up; and the only segment in which it may be reached, None when it has vertices in no other anyway.
    Holder(Holder, Option<SegmentId>),
    /// The far side of some links.
    View(ViewId),
}

/// The network with everything that was worked out so far.
#[derive(Default, Debug)]
pub(super) struct Network {
    segments: Vec<Segment>,
    /// The vertices of each holder.
    spots: HashMap<Holder, Rc<Spot>>,
    nowhere: Rc<Spot>,
    /// The place of each vertex in its segment.
    local: Vec<u32>,
    within: HashMap<(VertexId, VertexId), NodeId>,
    between: HashMap<(Origin, Target), NodeId>,
    /// A holder that was entered from a segment leads no way to a target.
    onward: HashMap<(Holder, SegmentId, Target), NodeId>,
}

/// The graph of one segment, without edges in parallel.
#[derive(Default, Debug)]
struct Segment {
    vertices: Vec<VertexId>,
    /// For each vertex: who is next, and over which link.
    next: Vec<Vec<(u32, u32)>>,
    /// The edges of each link, in parallel.
    links: Vec<Vec<EdgeId>>,
    link_nodes: Vec<Option<NodeId>>,
    forwards: Vec<bool>,
    /// The forwarding vertices alone, taken apart.
    blocks: Blocks,
    /// By block and where it is entered: for each vertex of the block, that it is not reached.
    cut_off: HashMap<(u32, u32), Vec<NodeId>>,
    /// By forwarding vertex and any vertex: no way leads from the one to the other.
    no_way_out: HashMap<(u32, u32), NodeId>,
    /// By block.
    eliminations: HashMap<u32, Elimination>,
}

impl Network {
    /// The graphs of all segments.
    pub(super) fn new(works: &Works) -> Self {
        let mut network = Self::default();
        network.segments.resize_with(works.segments.len(), Segment::default);
        let mut vertices: HashMap<Holder, Vec<VertexId>> = HashMap::new();
        for (id, vertex) in (0..).map(VertexId).zip(&works.vertices) {
            let segment = &mut network.segments[vertex.segment.index()];
            network.local.push(segment.vertices.len() as u32);
            segment.vertices.push(id);
            segment.next.push(Vec::new());
            // What leads through the Internet leads outside.
            segment.forwards.push(vertex.kind == VertexKind::Forwards && vertex.holder != Holder::Internet);
            vertices.entry(vertex.holder).or_default().push(id);
        }
        let spots = vertices.into_iter();
        network.spots =
            spots.map(|(holder, vertices)| (holder, Rc::new(Spot::new(works, vertices)))).collect();
        network.link(works);
        for segment in &mut network.segments {
            let core = |vertex: usize| -> Vec<u32> {
                let next = segment.next[vertex].iter().map(|(next, _)| *next);
                next.filter(|&next| segment.forwards[vertex] && segment.forwards[next as usize]).collect()
            };
            let neighbors: Vec<Vec<u32>> = (0..segment.vertices.len()).map(core).collect();
            segment.blocks = Blocks::new(&neighbors);
        }
        network
    }

    fn link(&mut self, works: &Works) {
        let mut parallel: BTreeMap<(VertexId, VertexId), Vec<EdgeId>> = BTreeMap::new();
        for (id, edge) in (0..).map(EdgeId).zip(&works.edges) {
            let [one, other] = edge.ends;
            if one != other && works[one].segment == works[other].segment {
                parallel.entry((one.min(other), one.max(other))).or_default().push(id);
            }
        }
        for ((one, other), edges) in parallel {
            let segment = &mut self.segments[works[one].segment.index()];
            let (one, other) = (self.local[one.index()], self.local[other.index()]);
            let link = segment.links.len() as u32;
            segment.links.push(edges);
            segment.link_nodes.push(None);
            segment.next[one as usize].push((other, link));
            segment.next[other as usize].push((one, link));
        }
    }

    /// Where a holder is.
    pub(super) fn spot(&self, holder: Holder) -> Rc<Spot> {
        Rc::clone(self.spots.get(&holder).unwrap_or(&self.nowhere))
    }

    /// Whether a vertex forwards, and whether all that it is joined to do.
    pub(super) fn surroundings(&self, segment: SegmentId, vertex: VertexId) -> (bool, bool) {
        let (row, local) = (&self.segments[segment.index()], self.local[vertex.index()] as usize);
        let neighbors_do = row.next[local].iter().all(|(next, _)| row.forwards[*next as usize]);
        (row.forwards[local], neighbors_do)
    }
}

/// Within one segment.
impl Equations<'_> {
    fn vertex_down(&mut self, vertex: VertexId) -> NodeId {
        self.holder_down(self.works[vertex].holder)
    }

    fn segment(&mut self, segment: SegmentId) -> &mut Segment {
        &mut self.network.segments[segment.index()]
    }

    /// All edges in parallel are closed.
    fn closed(&mut self, segment: SegmentId, link: u32) -> NodeId {
        let row = self.segment(segment);
        if let Some(known) = row.link_nodes[link as usize] {
            return known;
        }
        let edges = row.links[link as usize].clone();
        let mut closed = Vec::new();
        for edge in edges {
            let row = &self.works[edge];
            let fails = self.any_part(&row.fails);
            let through: Vec<NodeId> = row.through.iter().map(|&unit| self.unit_off(unit)).collect();
            closed.push(self.circuit.or(through.into_iter().chain([fails])));
        }
        let node = self.circuit.and(closed);
        self.segment(segment).link_nodes[link as usize] = Some(node);
        node
    }

    /// One vertex does not reach another of its segment.
    fn cut_off(&mut self, one: VertexId, other: VertexId) -> NodeId {
        if one == other {
            return self.vertex_down(one);
        }
        let key = (one.min(other), one.max(other));
        if let Some(&known) = self.network.within.get(&key) {
            return known;
        }
        let segment = self.works[one].segment;
        let ends = [one, other].map(|end| self.network.local[end.index()]);
        let near = self.ways_in(segment, ends[0]);
        let mut ways = Vec::new();
        let row = self.segment(segment);
        let are_stations = ends.iter().all(|&end| !row.forwards[end as usize]);
        let direct = row.next[ends[0] as usize].iter().find(|(next, _)| *next == ends[1] && are_stations);
        if let Some(&(_, link)) = direct {
            ways.push(self.closed(segment, link));
        }
        for (start, first) in near {
            let rest = self.no_way_out(segment, start, ends[1]);
            ways.push(self.circuit.or([first, rest]));
        }
        let no_way = self.circuit.and(ways);
        let (one_down, other_down) = (self.vertex_down(one), self.vertex_down(other));
        let node = self.circuit.or([one_down, other_down, no_way]);
        let named = [one, other].map(|end| self.works[end].label.as_str());
        self.name(node, None, format!("{} does not reach {}", named[0], named[1]));
        self.network.within.insert(key, node);
        node
    }

    /// The forwarding vertices through which a vertex is reached, and what closes the way between.
    fn ways_in(&mut self, segment: SegmentId, vertex: u32) -> Vec<(u32, NodeId)> {
        let row = self.segment(segment);
        if row.forwards[vertex as usize] {
            return vec![(vertex, NodeId::NEVER)];
        }
        let next = row.next[vertex as usize].iter().copied();
        let next: Vec<(u32, u32)> = next.filter(|(next, _)| row.forwards[*next as usize]).collect();
        next.into_iter().map(|(next, link)| (next, self.closed(segment, link))).collect()
    }

    /// No way leads from a forwarding vertex to any other, which is not part of the way unless it forwards.
    fn no_way_out(&mut self, segment: SegmentId, start: u32, vertex: u32) -> NodeId {
        if let Some(&known) = self.segment(segment).no_way_out.get(&(start, vertex)) {
            return known;
        }
        let mut ways = Vec::new();
        for (end, last) in self.ways_in(segment, vertex) {
            let core = self.no_way(segment, start, end);
            ways.push(self.circuit.or([core, last]));
        }
        let node = self.circuit.and(ways);
        self.segment(segment).no_way_out.insert((start, vertex), node);
        node
    }

    /// No way leads from one forwarding vertex to another. Both are part of the way.
    fn no_way(&mut self, segment: SegmentId, start: u32, end: u32) -> NodeId {
        let row = self.segment(segment);
        let Some(passages) = row.blocks.passages(start, end) else { return NodeId::ALWAYS };
        let ends = [start, end].map(|end| row.vertices[end as usize]);
        let mut fails: Vec<NodeId> = ends.iter().map(|&end| self.vertex_down(end)).collect();
        for passage in passages {
            let (block, mut from, mut to) = (passage.block, passage.from, passage.to);
            let row = self.segment(segment);
            if !row.cut_off.contains_key(&(block, from)) && row.cut_off.contains_key(&(block, to)) {
                std::mem::swap(&mut from, &mut to);
            }
            let ends = [from, to].map(|end| row.vertices[end as usize]);
            for end in ends {
                let down = self.vertex_down(end);
                fails.push(down);
            }
            let place =
                self.segment(segment).blocks.blocks[block as usize].iter().position(|&vertex| vertex == to);
            let place = place.expect("a passage leads through its block");
            fails.push(self.cut_off_in(segment, block, from)[place]);
        }
        self.circuit.or(fails)
    }

    /// For each vertex of a block, that it is not reached from `entry`, which is taken as up.
    fn cut_off_in(&mut self, segment: SegmentId, block: u32, entry: u32) -> Vec<NodeId> {
        if let Some(known) = self.segment(segment).cut_off.get(&(block, entry)) {
            return known.clone();
        }
        if !self.segment(segment).eliminations.contains_key(&block) {
            let taken = self.take_apart(segment, block);
            self.segment(segment).eliminations.insert(block, taken);
        }
        let row = &self.network.segments[segment.index()];
        let place = row.blocks.blocks[block as usize].iter().position(|&vertex| vertex == entry);
        let place = place.expect("a passage enters at a vertex of the block") as u32;
        let cut_off = row.eliminations[&block].cut_off_from(&mut self.circuit, place);
        self.segment(segment).cut_off.insert((block, entry), cut_off.clone());
        cut_off
    }

    fn take_apart(&mut self, segment: SegmentId, block: u32) -> Elimination {
        let row = self.segment(segment);
        let members = row.blocks.blocks[block as usize].clone();
        let place_of: HashMap<u32, u32> = members.iter().copied().zip(0..).collect();
        let mut next: Vec<Vec<(u32, u32)>> = Vec::new();
        for &member in &members {
            let inside = row.next[member as usize].iter();
            next.push(inside.filter_map(|(next, link)| Some((*place_of.get(next)?, *link))).collect());
        }
        let vertices: Vec<VertexId> = members.iter().map(|&member| row.vertices[member as usize]).collect();
        let next: Vec<Vec<(u32, NodeId)>> = next
            .into_iter()
            .map(|next| next.into_iter().map(|(next, link)| (next, self.closed(segment, link))).collect())
            .collect();
        let down: Vec<NodeId> = vertices.into_iter().map(|vertex| self.vertex_down(vertex)).collect();
        Elimination::new(&mut self.circuit, &next, down)
    }
}

/// Between segments.
impl Equations<'_> {
    /// The switches that a station hangs on, and what closes the link to each.
    pub(super) fn links_of(&mut self, vertex: VertexId) -> Vec<(VertexId, NodeId)> {
        let segment = self.works[vertex].segment;
        let ways = self.ways_in(segment, self.network.local[vertex.index()]);
        let row = self.segment(segment);
        ways.into_iter().map(|(start, closed)| (row.vertices[start as usize], closed)).collect()
    }

    /// A holder is not reached.
    pub(super) fn unreached(&mut self, from: Origin, to: Holder) -> NodeId {
        self.unreached_in(from, to, None)
    }

    /// A holder is not reached, or not in the only segment that counts.
    pub(super) fn unreached_in(&mut self, from: Origin, to: Holder, only: Option<SegmentId>) -> NodeId {
        match from {
            Origin::Holder(holder) if holder == to => self.holder_down(to),
            _ => {
                let spot = self.network.spot(to);
                let has_others = |only: &SegmentId| spot.segments.iter().any(|segment| segment != only);
                self.no_way_to(from, Target::Holder(to, only.filter(has_others)))
            }
        }
    }

    /// No way leads to a target, which is not where it begins.
    pub(super) fn no_way_to(&mut self, from: Origin, to: Target) -> NodeId {
        if let Some(&known) = self.network.between.get(&(from, to)) {
            return known;
        }
        let node = match from {
            Origin::Holder(holder) => {
                let spot = self.network.spot(holder);
                self.no_way_from_spot(&spot, to)
            }
            Origin::View(view) => {
                let spot = self.views.spot(view);
                self.no_way_from_spot(&spot, to)
            }
            Origin::Vantage(vantage) => {
                // Seats in one segment stand in for one another, and each seat is in one segment only.
                let mut seats: BTreeMap<SegmentId, Vec<VertexId>> = BTreeMap::new();
                for &vertex in &self.works.vantages[vantage as usize].at {
                    seats.entry(self.works[vertex].segment).or_default().push(vertex);
                }
                let works = self.works;
                let ways =
                    seats.into_values().map(|seats| self.no_way_from_spot(&Spot::new(works, seats), to));
                let ways: Vec<NodeId> = ways.collect();
                self.circuit.and(ways)
            }
            Origin::Seat(seat) => {
                let spot = Spot::new(self.works, vec![seat]);
                self.no_way_from_spot(&spot, to)
            }
        };
        self.network.between.insert((from, to), node);
        node
    }

    fn no_way_from_spot(&mut self, from: &Spot, to: Target) -> NodeId {
        let target = self.spot_of(to);
        self.prepare_onward(from, to, &target);
        self.no_way_from(from, to, &target, &HashMap::new())
    }

    fn spot_of(&self, target: Target) -> Rc<Spot> {
        match target {
            Target::Holder(holder, None) => self.network.spot(holder),
            Target::Holder(holder, Some(only)) => {
                let mut vertices = self.network.spot(holder).vertices.clone();
                vertices.retain(|vertex| self.works[*vertex].segment == only);
                Rc::new(Spot::new(self.works, vertices))
            }
            Target::View(view) => self.views.spot(view),
        }
    }

    /// The gateways of the segments of a spot.
    fn gateways(&self, from: &Spot) -> Vec<(VertexId, Onward)> {
        let mut gateways = Vec::new();
        for &segment in &from.segments {
            for gateway in &self.works[segment].gateways {
                if gateway.holder != Holder::Internet {
                    gateways.push((gateway.vertex, (gateway.holder, segment)));
                }
            }
        }
        gateways
    }

    fn spot_onward(&self, (holder, segment): Onward) -> Spot {
        let mut vertices = self.network.spot(holder).vertices.clone();
        vertices.retain(|vertex| self.works[*vertex].segment != segment);
        Spot::new(self.works, vertices)
    }

    /// A spot does not lead to a target. `unsettled` goes before what is known of gateways.
    fn no_way_from(
        &mut self,
        from: &Spot,
        to: Target,
        target: &Spot,
        unsettled: &HashMap<Onward, NodeId>,
    ) -> NodeId {
        let segment = |vertex: VertexId| self.works[vertex].segment;
        if from.shares_segment(target) {
            let pairs =
                from.vertices.iter().flat_map(|one| target.vertices.iter().map(move |other| (*one, *other)));
            let pairs: Vec<(VertexId, VertexId)> =
                pairs.filter(|(one, other)| segment(*one) == segment(*other)).collect();
            let ways: Vec<NodeId> = pairs.into_iter().map(|(one, other)| self.cut_off(one, other)).collect();
            return self.circuit.and_apart(ways);
        }
        let by_gateway: BTreeMap<VertexId, Onward> = self.gateways(from).into_iter().collect();
        let mut ways = Vec::new();
        for (gateway, (holder, segment)) in by_gateway {
            let known = unsettled.get(&(holder, segment));
            let known = known.or_else(|| self.network.onward.get(&(holder, segment, to)));
            let onward = *known.expect("what gateways lead to was prepared");
            if onward == NodeId::ALWAYS {
                continue;
            }
            let near = from.vertices.iter().copied().filter(|vertex| self.works[*vertex].segment == segment);
            let near: Vec<VertexId> = near.collect();
            let cut_off: Vec<NodeId> = near.into_iter().map(|vertex| self.cut_off(vertex, gateway)).collect();
            let cut_off = self.circuit.and(cut_off);
            ways.push(self.circuit.or([cut_off, onward]));
        }
        self.circuit.and(ways)
    }

    /// Works out what the gateways that can be met on the way lead to. Gateways may lead to one another in circles, which
    /// hold nobody up: so it begins with none leading anywhere, and goes as many steps as a way without a circle may have.
    fn prepare_onward(&mut self, from: &Spot, to: Target, target: &Spot) {
        let mut met: Vec<Onward> = Vec::new();
        let mut unsettled: HashMap<Onward, NodeId> = HashMap::new();
        let mut open = vec![from.clone()];
        while let Some(spot) = open.pop() {
            if spot.shares_segment(target) {
                continue;
            }
            for (_, onward) in self.gateways(&spot) {
                let is_known = self.network.onward.contains_key(&(onward.0, onward.1, to));
                if !is_known && unsettled.insert(onward, NodeId::ALWAYS).is_none() {
                    met.push(onward);
                    open.push(self.spot_onward(onward));
                }
            }
        }
        for _ in 0..met.len() {
            let mut after = HashMap::new();
            for &onward in &met {
                let spot = self.spot_onward(onward);
                after.insert(onward, self.no_way_from(&spot, to, target, &unsettled));
            }
            if after == unsettled {
                break;
            }
            unsettled = after;
        }
        for ((holder, segment), node) in unsettled {
            self.network.onward.insert((holder, segment, to), node);
        }
    }
}

/// A holder, and the segment from which it was entered.
type Onward = (Holder, SegmentId);
