//! A circuit made smaller for the engines, without changing what any top means.
//!
//! 1. Only what the tops need stays.
//! 2. An OR that feeds one OR, and an AND that feeds one AND, dissolve in what they feed.
//! 3. Series classes: events that reach everything else through the same ORs are alike in effect, because whatever one of them breaks
//!    the others break too. One member stands for all; lists are expanded and probabilities joined afterwards.

use super::{Circuit, EventId, Node, NodeId};
use std::collections::HashMap;
use std::sync::Arc;

/// A circuit over classes of events.
#[derive(Clone, Debug)]
pub(crate) struct Reduced {
    /// The events of each class, ascending. Classes are in the order of their first event.
    pub(crate) classes: Arc<[Vec<EventId>]>,
    /// Gates, inputs before what they feed.
    pub(crate) gates: Vec<Gate>,
    /// What each top of the circuit is.
    pub(crate) tops: Vec<Input>,
}

/// A gate over classes and earlier gates.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) kind: Kind,
    pub(crate) inputs: Vec<Input>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Or,
    And,
    AtLeast(u32),
}

/// What feeds a gate. Constants only ever stand as tops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Input {
    Never,
    Always,
    Class(u32),
    Gate(u32),
}

/// How many different ORs an OR is followed up to. Beyond that it stands for itself, which is as exact and merges less.
const FOLLOWED_MAX: usize = 24;

impl Reduced {
    /// Reduces the part of the circuit that its tops need.
    pub(crate) fn new(circuit: &Circuit) -> Self {
        let shape = Shape::new(circuit);
        let (classes, class_of) = classes(circuit, &shape);
        let mut reduced = Self { classes: classes.into(), gates: Vec::new(), tops: Vec::new() };
        let mut made: Vec<Option<Input>> = vec![None; circuit.n_nodes()];
        for id in circuit.node_ids().filter(|id| shape.is_needed[id.index()]) {
            made[id.index()] = reduced.reduce(circuit, &shape, &made, &class_of, id);
        }
        let top = |node: NodeId| made[node.index()].expect("tops are needed and never dissolve");
        reduced.tops = circuit.tops().iter().map(|top_| top(top_.node)).collect();
        reduced
    }

    /// None if the node dissolves in the one that it feeds.
    fn reduce(
        &mut self,
        circuit: &Circuit,
        shape: &Shape,
        made: &[Option<Input>],
        class_of: &[u32],
        id: NodeId,
    ) -> Option<Input> {
        let kind = match circuit.node(id) {
            Node::Never => return Some(Input::Never),
            Node::Always => return Some(Input::Always),
            Node::Event(event) => return Some(Input::Class(class_of[event.index()])),
            Node::Or(_) => Kind::Or,
            Node::And(_) => Kind::And,
            Node::AtLeast(k, _) => Kind::AtLeast(k),
        };
        if shape.dissolves(circuit, id) {
            return None;
        }
        let mut inputs = Vec::new();
        let mut open: Vec<NodeId> = inputs_of(circuit, id).to_vec();
        while let Some(input) = open.pop() {
            match made[input.index()] {
                Some(input) => inputs.push(input),
                None => open.extend_from_slice(inputs_of(circuit, input)),
            }
        }
        inputs.sort_unstable();
        if !matches!(kind, Kind::AtLeast(_)) {
            inputs.dedup();
            if let [only] = inputs.as_slice() {
                return Some(*only);
            }
        }
        self.gates.push(Gate { kind, inputs });
        Some(Input::Gate(self.gates.len() as u32 - 1))
    }
}

/// Who feeds whom, among what the tops need.
struct Shape {
    is_needed: Vec<bool>,
    is_top: Vec<bool>,
    /// What each node feeds is a range of one long list.
    feeds: Vec<NodeId>,
    starts: Vec<u32>,
}

impl Shape {
    fn new(circuit: &Circuit) -> Self {
        let n = circuit.n_nodes();
        let mut is_top = vec![false; n];
        circuit.tops().iter().for_each(|top| is_top[top.node.index()] = true);
        let mut is_needed = is_top.clone();
        let mut starts = vec![0_u32; n + 1];
        for id in (0..n as u32).rev().map(NodeId) {
            if is_needed[id.index()] {
                for input in inputs_of(circuit, id) {
                    is_needed[input.index()] = true;
                    starts[input.index() + 1] += 1;
                }
            }
        }
        (0..n).for_each(|place| starts[place + 1] += starts[place]);
        let mut next = starts.clone();
        let mut feeds = vec![NodeId::NEVER; starts[n] as usize];
        for id in circuit.node_ids().filter(|id| is_needed[id.index()]) {
            for input in inputs_of(circuit, id) {
                let place = &mut next[input.index()];
                feeds[*place as usize] = id;
                *place += 1;
            }
        }
        Self { is_needed, is_top, feeds, starts }
    }

    /// What a node feeds, ascending.
    fn feeds(&self, id: NodeId) -> &[NodeId] {
        &self.feeds[self.starts[id.index()] as usize..self.starts[id.index() + 1] as usize]
    }

    /// True for an OR that feeds one OR only, and likewise for AND.
    fn dissolves(&self, circuit: &Circuit, id: NodeId) -> bool {
        let [fed] = self.feeds(id) else { return false };
        let alike = matches!(
            (circuit.node(id), circuit.node(*fed)),
            (Node::Or(_), Node::Or(_)) | (Node::And(_), Node::And(_))
        );
        alike && !self.is_top[id.index()]
    }

    /// True if everything that sees the node is an OR.
    fn feeds_ors_only(&self, circuit: &Circuit, id: NodeId) -> bool {
        let is_or = |fed: &NodeId| matches!(circuit.node(*fed), Node::Or(_));
        !self.is_top[id.index()] && self.feeds(id).iter().all(is_or)
    }
}

fn inputs_of(circuit: &Circuit, id: NodeId) -> &[NodeId] {
    match circuit.node(id) {
        Node::Or(inputs) | Node::And(inputs) | Node::AtLeast(_, inputs) => inputs,
        Node::Never | Node::Always | Node::Event(_) => &[],
    }
}

/// The classes, and the class of each event that is needed.
fn classes(circuit: &Circuit, shape: &Shape) -> (Vec<Vec<EventId>>, Vec<u32>) {
    let through = last_ors(circuit, shape);
    let mut classes: Vec<Vec<EventId>> = Vec::new();
    let mut class_of = vec![u32::MAX; circuit.events().len()];
    let mut known: HashMap<&[NodeId], u32> = HashMap::new();
    for id in circuit.node_ids().filter(|id| shape.is_needed[id.index()]) {
        let Node::Event(event) = circuit.node(id) else { continue };
        let fresh = classes.len() as u32;
        let class = match through.of(id) {
            Some(ors) => *known.entry(ors).or_insert(fresh),
            None => fresh,
        };
        if class == fresh {
            classes.push(Vec::new());
        }
        classes[class as usize].push(event);
        class_of[event.index()] = class;
    }
    (classes, class_of)
}

/// For each node that only ORs see, the ORs through which it reaches anything else: a range of one long list.
struct Through {
    ors: Vec<NodeId>,
    /// None for other nodes.
    ranges: Vec<Option<(u32, u32)>>,
}

impl Through {
    fn of(&self, id: NodeId) -> Option<&[NodeId]> {
        self.ranges[id.index()].map(|(start, end)| &self.ors[start as usize..end as usize])
    }
}

fn last_ors(circuit: &Circuit, shape: &Shape) -> Through {
    let mut through = Through { ors: Vec::new(), ranges: vec![None; circuit.n_nodes()] };
    let mut ors: Vec<NodeId> = Vec::new();
    for id in (0..circuit.n_nodes() as u32).rev().map(NodeId) {
        if !shape.is_needed[id.index()] || !shape.feeds_ors_only(circuit, id) {
            continue;
        }
        ors.clear();
        for &fed in shape.feeds(id) {
            match through.of(fed) {
                Some(further) if further.len() <= FOLLOWED_MAX => ors.extend_from_slice(further),
                _ => ors.push(fed),
            }
        }
        ors.sort_unstable();
        ors.dedup();
        let start = through.ors.len() as u32;
        through.ors.extend_from_slice(&ors);
        through.ranges[id.index()] = Some((start, through.ors.len() as u32));
    }
    through
}
