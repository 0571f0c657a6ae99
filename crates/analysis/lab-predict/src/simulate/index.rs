//! Look-ups that the tables do not have: the vertices of a holder, the edges at a vertex, the places of a service. Made once for many scenarios.

use crate::works::{EdgeId, Holder, Placement, Service, Source, UnitId, VertexId, VertexKind, Works};

/// The look-ups.
#[derive(Debug)]
pub(super) struct Index {
    units: usize,
    machines: usize,
    /// Vertices by holder.
    vertices: Vec<Vec<VertexId>>,
    /// Edges and their other ends by vertex.
    edges: Vec<Vec<(EdgeId, VertexId)>>,
    /// Whether frames pass through, by vertex.
    forwards: Vec<bool>,
    /// Where instances may be, by service.
    places: Vec<Vec<Holder>>,
    /// The first supply of each unit in the list of all supplies, and the number of all.
    supplies: Vec<usize>,
    /// Whether cords of other units hang on a unit.
    hands_on: Vec<bool>,
}

impl Index {
    pub(super) fn new(works: &Works) -> Self {
        let mut index = Self {
            units: works.units.len(),
            machines: works.machines.len(),
            vertices: vec![Vec::new(); works.units.len() + works.machines.len() + 1],
            edges: vec![Vec::new(); works.vertices.len()],
            forwards: works
                .vertices
                .iter()
                .map(|vertex| vertex.kind == VertexKind::Forwards && vertex.holder != Holder::Internet)
                .collect(),
            places: works.services.iter().map(places_of).collect(),
            supplies: vec![0],
            hands_on: vec![false; works.units.len()],
        };
        for (id, vertex) in (0..).map(VertexId).zip(&works.vertices) {
            let holder = index.of(vertex.holder);
            index.vertices[holder].push(id);
        }
        for (id, edge) in (0..).map(EdgeId).zip(&works.edges) {
            let [a, b] = edge.ends;
            index.edges[a.index()].push((id, b));
            index.edges[b.index()].push((id, a));
        }
        let mut all = 0;
        for unit in &works.units {
            all += unit.supplies.len();
            index.supplies.push(all);
        }
        for supply in works.units.iter().flat_map(|unit| &unit.supplies) {
            if let Source::Outlet { unit, .. } = supply.source {
                index.hands_on[unit.index()] = true;
            }
        }
        index
    }

    /// What a unit draws itself, in watts. Of a strip or battery supply nobody writes down what little it is.
    pub(super) fn own_watts(&self, works: &Works, unit: UnitId) -> Option<f64> {
        works[unit].watts.or(self.hands_on[unit.index()].then_some(0.0))
    }

    /// The position of a holder among all holders: units, machines, the Internet.
    pub(super) fn of(&self, holder: Holder) -> usize {
        match holder {
            Holder::Unit(id) => id.index(),
            Holder::Machine(id) => self.units + id.index(),
            Holder::Internet => self.units + self.machines,
        }
    }

    /// How many holders there are.
    pub(super) fn holders(&self) -> usize {
        self.units + self.machines + 1
    }

    pub(super) fn vertices(&self, holder: Holder) -> &[VertexId] {
        &self.vertices[self.of(holder)]
    }

    pub(super) fn edges(&self, vertex: VertexId) -> &[(EdgeId, VertexId)] {
        &self.edges[vertex.index()]
    }

    pub(super) fn forwards(&self, vertex: VertexId) -> bool {
        self.forwards[vertex.index()]
    }

    pub(super) fn places(&self, service: usize) -> &[Holder] {
        &self.places[service]
    }

    /// Where the supplies of a unit stand in the list of all supplies.
    pub(super) fn supplies(&self, unit: usize) -> std::ops::Range<usize> {
        self.supplies[unit]..self.supplies[unit + 1]
    }

    pub(super) fn all_supplies(&self) -> usize {
        self.supplies.last().copied().unwrap_or(0)
    }
}

fn places_of(service: &Service) -> Vec<Holder> {
    match &service.placement {
        Placement::Fixed(places) => places.clone(),
        Placement::Movable { on, .. } => on.iter().copied().map(Holder::Machine).collect(),
    }
}
