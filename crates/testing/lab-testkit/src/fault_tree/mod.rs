//! Coherent fault trees of any size, in the manner of the models of plants on which such engines are compared, as Open-PSA text.
//!
//! Deterministic: same shape, size and seed, same bytes. It knows nothing of the engine that reads them; what is in them (shared parts,
//! depth, votes, gates that only pass on) is what engines trip over.

mod open_psa;
mod shapes;

use crate::generate::Random;

/// How a tree is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Gates with inputs from anywhere below, OR and AND alike, some votes: few single failures, much shared.
    Dense,
    /// Trains that cover for each other crosswise, of wide boards that share most of their events.
    Trains,
    /// Front systems on layers of support systems that all of them share, deep, with gates that only pass on.
    Support,
    /// Channels in threes, voted two of three again and again.
    Votes,
}

/// Every shape.
pub const SHAPES: [Shape; 4] = [Shape::Dense, Shape::Trains, Shape::Support, Shape::Votes];

impl Shape {
    /// As it is named on command lines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Trains => "trains",
            Self::Support => "support",
            Self::Votes => "votes",
        }
    }
}

/// Writes a tree with exactly that many basic events, at least 8.
pub fn fault_tree(shape: Shape, events: usize, seed: u64) -> String {
    assert!(events >= 8, "a tree of {events} events has no shape");
    let mut tree = Tree { events, gates: Vec::new(), random: Random::of(seed, events) };
    let top = match shape {
        Shape::Dense => shapes::dense(&mut tree),
        Shape::Trains => shapes::trains(&mut tree),
        Shape::Support => shapes::support(&mut tree),
        Shape::Votes => shapes::votes(&mut tree),
    };
    open_psa::write(&tree, top)
}

/// What a gate is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Node {
    Event(usize),
    Gate(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Or,
    And,
    AtLeast(usize),
    /// It says what its one input says.
    Same,
}

#[derive(Clone, Debug)]
struct Gate {
    kind: Kind,
    inputs: Vec<Node>,
}

/// A tree in the making. Gates stand after what they need.
#[derive(Debug)]
struct Tree {
    events: usize,
    gates: Vec<Gate>,
    random: Random,
}

impl Tree {
    /// A gate over inputs, of which each counts once; over one input it only passes on.
    fn gate(&mut self, kind: Kind, mut inputs: Vec<Node>) -> Node {
        inputs.sort_unstable();
        inputs.dedup();
        let kind = match kind {
            _ if inputs.len() == 1 => Kind::Same,
            Kind::AtLeast(k) if k >= inputs.len() => Kind::And,
            kind => kind,
        };
        self.gates.push(Gate { kind, inputs });
        Node::Gate(self.gates.len() - 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random.between(0, bound as u64 - 1) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick(&mut self, nodes: &[Node]) -> Node {
        nodes[self.below(nodes.len())]
    }

    fn some(&mut self, nodes: &[Node], n: usize) -> Vec<Node> {
        (0..n).map(|_| self.pick(nodes)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_and_size_is_written_with_all_its_events() {
        for shape in SHAPES {
            for events in [8, 25, 61, 276, 1567] {
                let text = fault_tree(shape, events, 3);
                assert_eq!(text, fault_tree(shape, events, 3));
                assert_ne!(text, fault_tree(shape, events, 4));
                let known = text.matches("<define-basic-event ").count();
                assert_eq!(known, events, "{shape:?}");
                for event in 0..events {
                    assert!(
                        text.contains(&format!("<basic-event name=\"e{event}\"/>")),
                        "{shape:?} e{event}"
                    );
                }
            }
        }
    }
}
