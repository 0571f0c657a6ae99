//! Where ways begin and end: holders, and views.
//!
//! A view is what a thing sees of the network through some of its links while those are open: the switches on their far side. Things
//! that hang on the same switches share their views, so that what each of a hundred nodes of a cluster sees is worked out once for
//! each pair of switches, and not once for each node.
//!
//! For a thing `p` whose ways out are closed by `a` and `b`, "`p` does not see it" is, since more failures never repair anything,
//! `neither way sees it, or a and the view by b does not, or b and the view by a does not, or a and b`. That is exact for everything but
//! `p` itself, which `p` sees with all its ways closed too: who asks has to know whether that can matter.

use super::equations::Equations;
use super::network::Network;
use crate::circuit::NodeId;
use crate::works::{Holder, SegmentId, VertexId, Works};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A view, by the place where it is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ViewId(u32);

/// Vertices, and the segments in which whoever they stand for is. A segment may be left without a vertex: then it is shared with
/// others in it, and no way leads there.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Spot {
    /// Ascending.
    pub(super) segments: Vec<SegmentId>,
    /// Ascending.
    pub(super) vertices: Vec<VertexId>,
}

impl Spot {
    /// A spot in the segments of its vertices.
    pub(super) fn new(works: &Works, vertices: Vec<VertexId>) -> Self {
        let segments: BTreeSet<SegmentId> = vertices.iter().map(|&vertex| works[vertex].segment).collect();
        Self { segments: segments.into_iter().collect(), vertices }
    }

    /// True if both are in some segment.
    pub(super) fn shares_segment(&self, other: &Spot) -> bool {
        self.segments.iter().any(|segment| other.segments.contains(segment))
    }
}

/// The ways out of a thing: one or two, each into all of its segments.
#[derive(Debug)]
pub(super) struct Ways {
    /// What closes each: its link, or the switches on the far side.
    pub(super) closed: Vec<NodeId>,
    /// What is seen by way `i` alone at place `1 << i`, by both at the last; nothing at 0.
    pub(super) views: Rc<[ViewId]>,
}

impl Ways {
    /// What is seen by some ways, of which each has a bit.
    pub(super) fn view(&self, open: usize) -> ViewId {
        self.views[open]
    }
}

/// All views so far.
#[derive(Default, Debug)]
pub(super) struct Views {
    spots: Vec<Rc<Spot>>,
    known: HashMap<Rc<Spot>, ViewId>,
    ways: HashMap<Holder, Option<Rc<Ways>>>,
}

impl Views {
    fn add(&mut self, spot: Spot) -> ViewId {
        let spot = Rc::new(spot);
        let next = ViewId(self.spots.len() as u32);
        let id = *self.known.entry(Rc::clone(&spot)).or_insert(next);
        if id == next {
            self.spots.push(spot);
        }
        id
    }

    /// Where a view looks from.
    pub(super) fn spot(&self, view: ViewId) -> Rc<Spot> {
        Rc::clone(&self.spots[view.0 as usize])
    }
}

/// So many ways out are told apart. Each more doubles the views.
const WAYS_MAX: usize = 2;

impl Equations<'_> {
    /// The ways out of a holder. None if it forwards, is joined to another station directly, has none or more than
    /// two of them, or some lead into fewer of its segments than others.
    pub(super) fn ways(&mut self, holder: Holder) -> Option<Rc<Ways>> {
        if let Some(known) = self.views.ways.get(&holder) {
            return known.clone();
        }
        let ways = self.find_ways(holder).map(Rc::new);
        self.views.ways.insert(holder, ways.clone());
        ways
    }

    fn find_ways(&mut self, holder: Holder) -> Option<Ways> {
        let spot = self.network.spot(holder);
        let mut far_sides: BTreeMap<NodeId, Vec<VertexId>> = BTreeMap::new();
        for &vertex in &spot.vertices {
            if !self.network.hangs_on_switches(self.works, vertex) {
                return None;
            }
            for (start, closed) in self.links_of(vertex) {
                far_sides.entry(closed).or_default().push(start);
            }
        }
        // With a way open it must reach itself, in whichever of its segments that is asked.
        let in_all = |starts: &Vec<VertexId>| {
            let starts = starts.iter().map(|&start| self.works[start].segment);
            starts.collect::<BTreeSet<SegmentId>>().into_iter().eq(spot.segments.iter().copied())
        };
        if !(1..=WAYS_MAX).contains(&far_sides.len()) || !far_sides.values().all(in_all) {
            return None;
        }
        // The same order for all that hang on the same switches.
        let mut ways: Vec<(Vec<VertexId>, NodeId)> =
            far_sides.into_iter().map(|(link, far)| (far, link)).collect();
        ways.iter_mut().for_each(|(starts, _)| starts.sort_unstable());
        ways.sort_unstable();
        let closed = ways.iter().map(|(starts, link)| self.way_closed(starts, *link)).collect();
        let views = (0..1_usize << ways.len()).map(|open| {
            let seen = ways.iter().enumerate().filter(|(way, _)| open >> way & 1 == 1);
            let mut vertices: Vec<VertexId> =
                seen.flat_map(|(_, (starts, _))| starts.iter().copied()).collect();
            vertices.sort_unstable();
            self.views.add(Spot { segments: spot.segments.clone(), vertices })
        });
        let views: Rc<[ViewId]> = views.collect();
        Some(Ways { closed, views })
    }

    /// The link is closed, or all that it leads to is down.
    fn way_closed(&mut self, starts: &[VertexId], link: NodeId) -> NodeId {
        let holders: BTreeSet<Holder> = starts.iter().map(|&start| self.works[start].holder).collect();
        let down: Vec<NodeId> = holders.into_iter().map(|holder| self.holder_down(holder)).collect();
        let down = self.circuit.and(down);
        self.circuit.or([link, down])
    }

    /// What a thing does not see, from what each of its views does not see. `alone` is whether it is not seen with all ways closed.
    pub(super) fn by_views(
        &mut self,
        ways: &Ways,
        alone: NodeId,
        mut unseen: impl FnMut(&mut Self, ViewId) -> NodeId,
    ) -> NodeId {
        let all = ways.views.len() - 1;
        let mut cases = Vec::new();
        for closed in 0..=all {
            let shut =
                (0..ways.closed.len()).filter(|way| closed >> way & 1 == 1).map(|way| ways.closed[way]);
            let shut: Vec<NodeId> = shut.collect();
            let unseen = if closed == all { NodeId::ALWAYS } else { unseen(self, ways.view(all & !closed)) };
            cases.push(self.circuit.and(shut.into_iter().chain([unseen])));
        }
        // What is seen with all ways closed is seen all the more with some open.
        let unseen = self.circuit.or(cases);
        self.circuit.and([alone, unseen])
    }
}

impl Network {
    /// True if a vertex does not forward, and everything that it is joined to does.
    fn hangs_on_switches(&self, works: &Works, vertex: VertexId) -> bool {
        let (forwards, neighbors_do) = self.surroundings(works[vertex].segment, vertex);
        !forwards && neighbors_do
    }
}
