//! Random topologies of switches and cables as labs: single points of failure are the bridges and cut vertices that graph algorithms
//! find, pairs are what taking two things away shows.

use crate::draft::Draft;
use crate::generate::Numbers;
use lab_predict::compile::compile;
use lab_predict::works::{Fate, Holder, MachineKind, PartId, Subject, VertexId, VertexKind, Works};
use lab_predict::{Limits, minimal_cut_sets};
use std::collections::BTreeSet;

/// Vertices are numbers; edges join two of them and may be parallel.
#[derive(Clone, Debug)]
struct Graph {
    n: usize,
    edges: Vec<[usize; 2]>,
}

/// What is taken away: a vertex or an edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Element {
    Vertex(usize),
    Edge(usize),
}

impl Graph {
    /// Connected; sparse enough to have bridges, dense enough to have rings.
    fn random(seed: u64, n: usize, n_more: usize) -> Self {
        let mut numbers = Numbers::new(seed);
        let mut edges: Vec<[usize; 2]> = (1..n).map(|vertex| [numbers.below(vertex), vertex]).collect();
        for _ in 0..numbers.below(n_more + 1) {
            let (one, other) = (numbers.below(n), numbers.below(n));
            if one != other {
                edges.push([one, other]);
            }
        }
        Self { n, edges }
    }

    /// Whether each vertex is reached from vertex 0 without some elements.
    fn reached(&self, without: &[Element]) -> Vec<bool> {
        let is_there = |vertex: usize| !without.contains(&Element::Vertex(vertex));
        let mut reached = vec![false; self.n];
        let mut open: Vec<usize> = (0..1).filter(|&vertex| is_there(vertex)).collect();
        while let Some(vertex) = open.pop() {
            if std::mem::replace(&mut reached[vertex], true) {
                continue;
            }
            for (edge, ends) in self.edges.iter().enumerate().filter(|(_, ends)| ends.contains(&vertex)) {
                let next = ends[0] + ends[1] - vertex;
                if is_there(next) && !without.contains(&Element::Edge(edge)) {
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Edges and vertices that alone part the graph (lowest point reached by a depth-first search). `skip` is an edge that is gone.
    fn cut_elements(&self, skip: Option<usize>) -> BTreeSet<Element> {
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
        for (edge, ends) in self.graph.edges.iter().enumerate() {
            if !ends.contains(&vertex) || Some(edge) == by || Some(edge) == self.skip {
                continue;
            }
            let next = ends[0] + ends[1] - vertex;
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

/// Switches with cables, people at switch 0, and a service at each other switch. Parts are vertices, then edges.
fn lab(graph: &Graph) -> Works {
    let mut draft = Draft::default();
    let segment = draft.segment("lan");
    let vertices: Vec<VertexId> = (0..graph.n)
        .map(|vertex| {
            let unit = draft.unit(&format!("switch{vertex}"));
            draft.vertex(Holder::Unit(unit), segment, VertexKind::Forwards)
        })
        .collect();
    for (edge, ends) in graph.edges.iter().enumerate() {
        draft.cable(&format!("cable{edge}"), ends.map(|end| vertices[end]));
    }
    let vantage = draft.vantage("users", &vertices[..1]);
    for (number, &switch) in vertices.iter().enumerate().skip(1) {
        let host = draft.machine("host", &[], MachineKind::Host { unit: None });
        let end = draft.vertex(Holder::Machine(host), segment, VertexKind::Station);
        draft.edge([switch, end], &[]);
        let service = draft.service(&format!("service{number}"), Draft::fixed(&[host]), Vec::new());
        draft.works.services[service.index()].used_from = vec![vantage];
    }
    draft.works
}

/// The minimal cut sets of up to two elements of each service, by vertex; none for vertex 0.
fn cut_sets(graph: &Graph) -> Vec<BTreeSet<Vec<Element>>> {
    let works = lab(graph);
    let compiled = compile(&works);
    let answer = minimal_cut_sets(&compiled.circuit, Limits::of_order(2)).expect("order 2 is computed");
    let element = |part: PartId| match part.index() {
        vertex if vertex < graph.n => Element::Vertex(vertex),
        edge => Element::Edge(edge - graph.n),
    };
    let mut by_vertex = vec![BTreeSet::new()];
    for ((outcome, _), top) in compiled.outcomes.iter().zip(&answer.tops) {
        if matches!((outcome.subject, outcome.fate), (Subject::Service(_), Fate::Gone)) {
            let sets = (1..=2).flat_map(|order| top.sets(order));
            let elements =
                sets.map(|set| set.into_iter().map(|event| element(PartId(event.index() as u32))).collect());
            by_vertex.push(elements.collect());
        }
    }
    by_vertex
}

#[test]
fn pairs_are_what_taking_two_things_away_shows() {
    for seed in 0..120 {
        let graph = Graph::random(seed, 2 + seed as usize % 7, 6);
        let vertices = (0..graph.n).map(Element::Vertex);
        let elements: Vec<Element> = vertices.chain((0..graph.edges.len()).map(Element::Edge)).collect();
        let mut expect: Vec<BTreeSet<Vec<Element>>> = vec![BTreeSet::new(); graph.n];
        let sets = elements.iter().map(|one| vec![*one]);
        let pairs = elements.iter().flat_map(|one| elements.iter().map(|other| vec![*one, *other]));
        for set in sets.chain(pairs.filter(|pair| pair[0] < pair[1])) {
            for (vertex, reached) in graph.reached(&set).into_iter().enumerate().skip(1) {
                let is_new = !set.iter().any(|&element| expect[vertex].contains(&vec![element]));
                if !reached && is_new {
                    expect[vertex].insert(set.clone());
                }
            }
        }
        assert_eq!(cut_sets(&graph), expect, "seed {seed}: {graph:?}");
    }
}

#[test]
fn bridges_cut_vertices_and_pairs_of_links_of_larger_networks() {
    for seed in 0..25 {
        let graph = Graph::random(1000 + seed, 8 + seed as usize, 4 + seed as usize / 2);
        let found = cut_sets(&graph);
        let single: BTreeSet<Element> =
            found.iter().flatten().filter(|set| set.len() == 1).map(|set| set[0]).collect();
        let cut = graph.cut_elements(None);
        // A service is lost with its own switch too, which need not be a cut vertex.
        let own = |vertex: usize| Element::Vertex(vertex);
        let expect: BTreeSet<Element> = cut.iter().copied().chain((0..graph.n).map(own)).collect();
        assert_eq!(single, expect, "seed {seed}");
        let apart: BTreeSet<Element> = (1..)
            .zip(&found[1..])
            .flat_map(|(vertex, sets)| sets.iter().filter(move |set| set.len() == 1 && set[0] != own(vertex)))
            .map(|set| set[0])
            .collect();
        let cut_and_start: BTreeSet<Element> = cut.iter().copied().chain([own(0)]).collect();
        assert_eq!(apart, cut_and_start, "seed {seed}");
        let mut pairs = BTreeSet::new();
        for edge in (0..graph.edges.len()).filter(|&edge| !cut.contains(&Element::Edge(edge))) {
            for other in graph.cut_elements(Some(edge)).difference(&cut) {
                if let Element::Edge(other) = *other {
                    pairs.insert([edge.min(other), edge.max(other)]);
                }
            }
        }
        let links = |set: &Vec<Element>| match set[..] {
            [Element::Edge(one), Element::Edge(other)] => Some([one, other]),
            _ => None,
        };
        let found: BTreeSet<[usize; 2]> = found.iter().flatten().filter_map(links).collect();
        assert_eq!(found, pairs, "seed {seed}: pairs of links");
    }
}
