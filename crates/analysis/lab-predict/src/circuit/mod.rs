//! Failure logic as one shared circuit: what has to fail so that something else fails.
//!
//! A node is true when the thing it stands for has failed. OR is "needs all of these", AND is "these stand in for one another",
//! at-least-k is a quorum, a raidz or a set of replicas. There is no NOT: more failures never repair anything, which is what makes
//! minimal cut sets the whole truth about a circuit. What is not so (a machine that is off needs no memory) does not belong here.
//!
//! Equal nodes are one node, and the inputs of a node are always older than the node, so that a circuit has no circles by
//! construction. Names that may stand in any order, and may form circles, are for [`Definitions`].

mod build;
mod definitions;
mod reduce;
#[cfg(test)]
mod tests;

pub use build::CircuitBuilder;
pub(crate) use build::in_all;
pub use definitions::{CircleError, Definition, Definitions, Formula};
pub(crate) use reduce::{Gate, Input, Kind, Reduced};

use lab_source::Span;

/// One basic event: one thing failing in one way.
#[derive(Clone, PartialEq, Debug)]
pub struct BasicEvent {
    /// The name, unique within its circuit.
    pub name: String,
    /// What a person should read, if it is not the name.
    pub label: Option<String>,
    /// The probability that it holds, from 0 to 1. None if nobody knows.
    pub probability: Option<f64>,
    /// Where it is written.
    pub span: Option<Span>,
}

impl BasicEvent {
    /// An event of which only the name is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), label: None, probability: None, span: None }
    }

    /// Says how probable it is.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// What a person should read.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// A basic event of one circuit, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub(crate) u32);

impl EventId {
    /// Its place among [`Circuit::events`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node of one circuit. Inputs have smaller ids than what they feed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The node that never fails.
    pub const NEVER: NodeId = NodeId(0);
    /// The node that has failed from the outset.
    pub const ALWAYS: NodeId = NodeId(1);

    /// Its place in an answer of [`Circuit::evaluate`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node<'a> {
    /// Cannot fail.
    Never,
    /// Has failed from the outset.
    Always,
    /// Fails with a basic event.
    Event(EventId),
    /// Fails with any input. At least two inputs, ascending.
    Or(&'a [NodeId]),
    /// Fails once all inputs have failed. At least two inputs, ascending.
    And(&'a [NodeId]),
    /// Fails once that many inputs have failed: more than one and fewer than all, ascending.
    AtLeast(u32, &'a [NodeId]),
}

/// A named node: a service, a data set, a gate of somebody's fault tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What a person should read, if it is not the name.
    pub label: Option<String>,
    /// The node.
    pub node: NodeId,
    /// Where it is written.
    pub span: Option<Span>,
}

impl Named {
    /// What a person should read.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// A circuit with the nodes that somebody asks about. Made by a [`CircuitBuilder`].
#[derive(Clone, Debug)]
pub struct Circuit {
    events: Vec<BasicEvent>,
    nodes: Vec<Stored>,
    inputs: Vec<NodeId>,
    gates: Vec<Named>,
    tops: Vec<Named>,
}

/// A node as it is kept: its inputs are a range of one long list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Stored {
    kind: StoredKind,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum StoredKind {
    Never,
    Always,
    Event(EventId),
    Or,
    And,
    AtLeast(u32),
}

impl Circuit {
    /// All basic events, by id.
    pub fn events(&self) -> &[BasicEvent] {
        &self.events
    }

    /// One basic event.
    pub fn event(&self, id: EventId) -> &BasicEvent {
        &self.events[id.index()]
    }

    /// What was asked about, in the order in which it was named.
    pub fn tops(&self) -> &[Named] {
        &self.tops
    }

    /// Nodes with names of their own that are not asked about.
    pub fn named_gates(&self) -> &[Named] {
        &self.gates
    }

    /// How many nodes there are, with the two constants and the events.
    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// How many gates there are: nodes that are neither constants nor events.
    pub fn n_gates(&self) -> usize {
        let is_gate =
            |node: &&Stored| matches!(node.kind, StoredKind::Or | StoredKind::And | StoredKind::AtLeast(_));
        self.nodes.iter().filter(is_gate).count()
    }

    /// Every node's id, inputs before what they feed.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// What a node is.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        let stored = self.nodes[id.index()];
        let inputs = &self.inputs[stored.start as usize..stored.end as usize];
        match stored.kind {
            StoredKind::Never => Node::Never,
            StoredKind::Always => Node::Always,
            StoredKind::Event(event) => Node::Event(event),
            StoredKind::Or => Node::Or(inputs),
            StoredKind::And => Node::And(inputs),
            StoredKind::AtLeast(k) => Node::AtLeast(k, inputs),
        }
    }

    /// The events that a node needs, ascending.
    pub fn events_under(&self, top: NodeId) -> Vec<EventId> {
        let mut is_needed = vec![false; top.index() + 1];
        is_needed[top.index()] = true;
        let mut events = Vec::new();
        for id in (0..=top.0).rev().map(NodeId) {
            match self.node(id) {
                _ if !is_needed[id.index()] => {}
                Node::Never | Node::Always => {}
                Node::Event(event) => events.push(event),
                Node::Or(inputs) | Node::And(inputs) | Node::AtLeast(_, inputs) => {
                    inputs.iter().for_each(|input| is_needed[input.index()] = true);
                }
            }
        }
        events.sort_unstable();
        events
    }

    /// Which nodes have failed when exactly these events hold: one pass over the circuit. The answer is indexed by
    /// [`NodeId::index`].
    pub fn evaluate(&self, holds: impl Fn(EventId) -> bool) -> Vec<bool> {
        let mut failed: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for id in self.node_ids() {
            let has_failed = |input: &NodeId| failed[input.index()];
            let value = match self.node(id) {
                Node::Never => false,
                Node::Always => true,
                Node::Event(event) => holds(event),
                Node::Or(inputs) => inputs.iter().any(has_failed),
                Node::And(inputs) => inputs.iter().all(has_failed),
                Node::AtLeast(k, inputs) => {
                    inputs.iter().filter(|input| has_failed(input)).count() >= k as usize
                }
            };
            failed.push(value);
        }
        failed
    }
}
