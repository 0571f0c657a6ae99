//! Who reaches whom: pieces of segments by union-find, and hops over gateways.
//!
//! Answers are kept, since many rows ask the same; a network is made anew when a machine goes down.

use super::index::Index;
use super::rows::Rows;
use super::viewer::Viewer;
use crate::works::{EdgeId, Holder, SegmentId, VertexId, Works};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// The network as it is while certain units and machines are up.
pub(super) struct Network<'w> {
    works: &'w Works,
    index: &'w Index,
    /// Whether a holder is up, by [`Index::of`].
    holders: Vec<bool>,
    /// Whether a vertex is up.
    pub(super) vertices: Vec<bool>,
    /// Whether an edge is open, its ends aside.
    open: Vec<bool>,
    /// For a vertex that forwards: one vertex that stands for its piece.
    piece: Vec<u32>,
    /// True in a cold start: whoever is not up yet may ask too, to see whether it would reach what it starts from. It forwards nothing.
    starting: bool,
    /// 0 not asked yet, 1 no, 2 yes; by viewer, then by holder.
    answers: Vec<Cell<u8>>,
    /// Answers about one segment only.
    answers_in: RefCell<HashMap<(Viewer, Holder, SegmentId), bool>>,
}

impl<'w> Network<'w> {
    /// `open` says of each edge whether its own parts allow it.
    pub(super) fn new(works: &'w Works, index: &'w Index, rows: &Rows, open: Vec<bool>) -> Self {
        let holders: Vec<bool> = rows.units.iter().chain(&rows.machines).copied().chain([true]).collect();
        let vertices: Vec<bool> =
            works.vertices.iter().map(|vertex| holders[index.of(vertex.holder)]).collect();
        let answers = vec![Cell::new(0); (index.holders() + works.vantages.len()) * index.holders()];
        let piece = (0..works.vertices.len() as u32).collect();
        let (starting, answers_in) = (rows.starting, RefCell::default());
        let mut network =
            Self { works, index, holders, vertices, open, piece, starting, answers, answers_in };
        network.join();
        network
    }

    /// The edges' own state, for the next network of the same scenario.
    pub(super) fn into_open(self) -> Vec<bool> {
        self.open
    }

    pub(super) fn is_up(&self, holder: Holder) -> bool {
        self.holders[self.index.of(holder)]
    }

    /// Whether the edge is open and both its ends are up.
    pub(super) fn is_open(&self, edge: EdgeId) -> bool {
        let [a, b] = self.works[edge].ends;
        self.open[edge.index()] && self.vertices[a.index()] && self.vertices[b.index()]
    }

    /// Joins the vertices that forward to each other into pieces.
    fn join(&mut self) {
        for (at, edge) in (0..).zip(&self.works.edges) {
            let [a, b] = edge.ends;
            if self.is_open(EdgeId(at)) && self.index.forwards(a) && self.index.forwards(b) {
                let (a, b) = (self.root(a.0), self.root(b.0));
                self.piece[a.max(b) as usize] = a.min(b);
            }
        }
        for at in 0..self.piece.len() {
            self.piece[at] = self.root(at as u32);
        }
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.piece[at as usize] != at {
            self.piece[at as usize] = self.piece[self.piece[at as usize] as usize];
            at = self.piece[at as usize];
        }
        at
    }

    /// Whether frames get from one vertex of a segment to another of the same.
    pub(super) fn is_joined(&self, from: VertexId, to: VertexId) -> bool {
        let awake = self.vertices[from.index()];
        if !(awake || self.starting) || !self.vertices[to.index()] {
            return false;
        }
        if from == to {
            return true;
        }
        match (awake && self.index.forwards(from), self.index.forwards(to)) {
            (true, true) => self.piece[from.index()] == self.piece[to.index()],
            (true, false) => self.touches(to, self.piece[from.index()]),
            (false, true) => self.touches(from, self.piece[to.index()]),
            (false, false) => self.neighbours(from).any(|next| {
                next == to || (self.index.forwards(next) && self.touches(to, self.piece[next.index()]))
            }),
        }
    }

    /// Whether a vertex that does not forward hangs on a piece.
    fn touches(&self, vertex: VertexId, piece: u32) -> bool {
        self.neighbours(vertex).any(|next| self.index.forwards(next) && self.piece[next.index()] == piece)
    }

    fn neighbours(&self, vertex: VertexId) -> impl Iterator<Item = VertexId> + '_ {
        let edges = self.index.edges(vertex).iter();
        edges
            .filter(|(edge, next)| self.open[edge.index()] && self.vertices[next.index()])
            .map(|&(_, next)| next)
    }

    /// Whether packets get from a holder or a vantage to a holder.
    pub(super) fn reaches(&self, from: Viewer, to: Holder) -> bool {
        let row = match from {
            Viewer::Holder(holder) => self.index.of(holder),
            Viewer::Vantage(at) => self.index.holders() + at as usize,
            // Asked where a vantage falls apart only.
            Viewer::Seat(_) => return self.find(from, to, None),
        };
        let answer = &self.answers[row * self.index.holders() + self.index.of(to)];
        if answer.get() == 0 {
            answer.set(1 + u8::from(self.find(from, to, None)));
        }
        answer.get() == 2
    }

    /// The same in one segment only, where one is said: as if the holder had no vertices elsewhere.
    pub(super) fn reaches_in(&self, from: Viewer, to: Holder, only: Option<SegmentId>) -> bool {
        let Some(segment) = only else { return self.reaches(from, to) };
        let key = (from, to, segment);
        let known = self.answers_in.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let answer = self.find(from, to, only);
            self.answers_in.borrow_mut().insert(key, answer);
            answer
        })
    }

    fn find(&self, from: Viewer, to: Holder, only: Option<SegmentId>) -> bool {
        match from {
            Viewer::Holder(holder) if holder == to => self.is_up(holder),
            Viewer::Holder(holder) => {
                (self.starting || self.is_up(holder)) && self.route(self.index.vertices(holder), to, only)
            }
            Viewer::Vantage(at) => {
                let seats = &self.works.vantages[at as usize].at;
                seats.iter().any(|&seat| self.route(&[seat], to, only))
            }
            Viewer::Seat(seat) => self.route(&[seat], to, only),
        }
    }

    /// Breadth first over gateways, each with the segment from which it was entered.
    fn route(&self, start: &[VertexId], to: Holder, only: Option<SegmentId>) -> bool {
        let counts = |end: &VertexId| only.is_none_or(|only| self.works[*end].segment == only);
        let ends: Vec<VertexId> = self.index.vertices(to).iter().copied().filter(counts).collect();
        if let Some(answer) = self.directly(start, None, &ends) {
            return answer;
        }
        let mut hops: Vec<(Holder, SegmentId)> = Vec::new();
        self.gateways(start, None, &mut hops);
        let mut at = 0;
        while let Some(&(holder, arrived)) = hops.get(at) {
            let vertices = self.index.vertices(holder);
            match self.directly(vertices, Some(arrived), &ends) {
                Some(true) => return true,
                Some(false) => {}
                None => self.gateways(vertices, Some(arrived), &mut hops),
            }
            at += 1;
        }
        false
    }

    /// Whether frames get there within a segment; None when none is shared.
    fn directly(&self, vertices: &[VertexId], arrived: Option<SegmentId>, ends: &[VertexId]) -> Option<bool> {
        let mut shared = None;
        for &from in vertices {
            let segment = self.works[from].segment;
            if Some(segment) == arrived {
                continue;
            }
            for &there in ends {
                if self.works[there].segment == segment {
                    if self.is_joined(from, there) {
                        return Some(true);
                    }
                    shared = Some(false);
                }
            }
        }
        shared
    }

    /// Adds the gateways within reach, each with the segment in which it is one.
    fn gateways(
        &self,
        vertices: &[VertexId],
        arrived: Option<SegmentId>,
        hops: &mut Vec<(Holder, SegmentId)>,
    ) {
        for &from in vertices {
            let segment = self.works[from].segment;
            if Some(segment) == arrived {
                continue;
            }
            for gateway in &self.works[segment].gateways {
                let leads = gateway.holder != Holder::Internet
                    && self.is_up(gateway.holder)
                    && self.is_joined(from, gateway.vertex);
                if leads && !hops.contains(&(gateway.holder, segment)) {
                    hops.push((gateway.holder, segment));
                }
            }
        }
    }
}
