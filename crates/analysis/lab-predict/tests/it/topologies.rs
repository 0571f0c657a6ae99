//! Random topologies of switches and cables as labs: single points of failure are the bridges and cut vertices that graph algorithms
//! find, pairs are what taking two things away shows.

use crate::draft::Draft;
use crate::graph::{Element, Graph};
use lab_predict::compile::compile;
use lab_predict::works::{Fate, Holder, MachineKind, PartId, Subject, VertexId, VertexKind, Works};
use lab_predict::{Limits, minimal_cut_sets};
use std::collections::BTreeSet;

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
    for seed in 0..300 {
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

/// Single elements and pairs of links, beside what a depth-first search finds.
pub(crate) fn check_beside_search(seed: u64, n: usize, n_more: usize) {
    let graph = Graph::random(seed, n, n_more);
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
    let links = |set: &Vec<Element>| match set[..] {
        [Element::Edge(one), Element::Edge(other)] => Some([one.min(other), one.max(other)]),
        _ => None,
    };
    let found: BTreeSet<[usize; 2]> = found.iter().flatten().filter_map(links).collect();
    assert_eq!(found, graph.cut_pairs(), "seed {seed}: pairs of links");
}

#[test]
fn bridges_cut_vertices_and_pairs_of_links_of_networks() {
    for seed in 0..250 {
        let n = 8 + seed as usize % 25;
        check_beside_search(1000 + seed, n, 4 + n / 2);
    }
}

#[test]
fn bridges_cut_vertices_and_pairs_of_links_of_a_large_network() {
    check_beside_search(1, 120, 40);
}
