//! Random graphs, and what a textbook's depth-first search says of them: bridges, cut vertices, pairs of edges. It knows nothing of the
//! engine.

use crate::generate::Numbers;
use std::collections::BTreeSet;

/// Vertices are numbers; edges join two of them and may be parallel.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) n: usize,
    pub(crate) edges: Vec<[usize; 2]>,
    /// By vertex, its edges.
    edges_of: Vec<Vec<usize>>,
}

/// What is taken away: a vertex or an edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Element {
    Vertex(usize),
    Edge(usize),
}

impl Graph {
    /// Connected; sparse enough to have bridges, dense enough to have rings.
    pub(crate) fn random(seed: u64, n: usize, n_more: usize) -> Self {
        let mut numbers = Numbers::new(seed);
        let mut edges: Vec<[usize; 2]> = (1..n).map(|vertex| [numbers.below(vertex), vertex]).collect();
        for _ in 0..numbers.below(n_more + 1) {
            let (one, other) = (numbers.below(n), numbers.below(n));
            if one != other {
                edges.push([one, other]);
            }
        }
        let mut edges_of = vec![Vec::new(); n];
        for (edge, ends) in edges.iter().enumerate() {
            ends.iter().for_each(|&end| edges_of[end].push(edge));
        }
        Self { n, edges, edges_of }
    }

    fn next(&self, vertex: usize) -> impl Iterator<Item = (usize, usize)> {
        self.edges_of[vertex].iter().map(move |&edge| (edge, self.edges[edge].iter().sum::<usize>() - vertex))
    }

    /// Whether each vertex is reached from vertex 0 without some elements.
    pub(crate) fn reached(&self, without: &[Element]) -> Vec<bool> {
        let is_there = |vertex: usize| !without.contains(&Element::Vertex(vertex));
        let mut reached = vec![false; self.n];
        let mut open: Vec<usize> = (0..1).filter(|&vertex| is_there(vertex)).collect();
        while let Some(vertex) = open.pop() {
            if std::mem::replace(&mut reached[vertex], true) {
                continue;
            }
            for (edge, next) in self.next(vertex) {
                if is_there(next) && !without.contains(&Element::Edge(edge)) {
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Edges and vertices that alone part the graph (lowest point reached by a depth-first search). `skip` is an edge that is gone.
    pub(crate) fn cut_elements(&self, skip: Option<usize>) -> BTreeSet<Element> {
        let mut search = Lowpoints {
            graph: self,
            skip,
            seen: vec![0; self.n],
            low: vec![0; self.n],
            found: BTreeSet::new(),
        };
        search.visit(0, None, 1);
        search.found
    }

    /// Pairs of edges that part the graph and of which neither does alone.
    pub(crate) fn cut_pairs(&self) -> BTreeSet<[usize; 2]> {
        let alone = self.cut_elements(None);
        let mut pairs = BTreeSet::new();
        for edge in (0..self.edges.len()).filter(|&edge| !alone.contains(&Element::Edge(edge))) {
            for other in self.cut_elements(Some(edge)).difference(&alone) {
                if let Element::Edge(other) = *other {
                    pairs.insert([edge.min(other), edge.max(other)]);
                }
            }
        }
        pairs
    }
}

struct Lowpoints<'a> {
    graph: &'a Graph,
    skip: Option<usize>,
    seen: Vec<usize>,
    low: Vec<usize>,
    found: BTreeSet<Element>,
}

impl Lowpoints<'_> {
    /// Recursive, as textbooks have it; these graphs are small. Answers with the next number.
    fn visit(&mut self, vertex: usize, by: Option<usize>, number: usize) -> usize {
        let mut next_number = number + 1;
        (self.seen[vertex], self.low[vertex]) = (number, number);
        for (edge, next) in self.graph.next(vertex) {
            if Some(edge) == by || Some(edge) == self.skip {
                continue;
            }
            if self.seen[next] == 0 {
                next_number = self.visit(next, Some(edge), next_number);
                self.low[vertex] = self.low[vertex].min(self.low[next]);
                if self.low[next] > self.seen[vertex] {
                    self.found.insert(Element::Edge(edge));
                }
                // Vertex 0 is where people sit: without it nobody reaches anything, whatever its edges.
                if self.low[next] >= self.seen[vertex] {
                    self.found.insert(Element::Vertex(vertex));
                }
            } else {
                self.low[vertex] = self.low[vertex].min(self.seen[next]);
            }
        }
        next_number
    }
}
