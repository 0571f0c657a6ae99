//! How probable a top is: exact by a binary decision diagram, with bounds from the cut sets beside it.
//!
//! Events are independent; what fails together is one event in several places of the circuit. Nothing is guessed: a top that needs an
//! event of unknown probability has no probability, and one whose diagram outgrows the limit has bounds instead of a number.

mod bounds;
pub mod closed_form;
mod diagram;
#[cfg(test)]
mod tests;

pub(crate) use bounds::estimate;
pub use bounds::{Bounds, bounds};

use crate::circuit::{Circuit, EventId, Input, Reduced};
use diagram::{Diagram, Node, Outgrown};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// What is known of the probability of one top.
#[derive(Clone, PartialEq, Debug)]
pub enum Probability {
    /// Exact, but for rounding.
    Exact(f64),
    /// The diagram outgrew the limit. [`bounds()`] says what is known all the same.
    Outgrown {
        /// The limit, in nodes.
        nodes_max: usize,
    },
    /// It needs events whose probability nobody knows.
    Unknown {
        /// One of them.
        event: EventId,
        /// How many there are.
        n_events: usize,
    },
}

impl Probability {
    /// The number, if there is one.
    pub fn exact(&self) -> Option<f64> {
        match self {
            Self::Exact(exact) => Some(*exact),
            _ => None,
        }
    }
}

/// What one event has to do with one top.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Importance {
    /// The event.
    pub event: EventId,
    /// Birnbaum's measure: how much more probable the top is with the event than without it.
    pub birnbaum: f64,
}

/// The diagrams of all tops of a circuit.
#[derive(Debug)]
pub struct Probabilities {
    reduced: Arc<Reduced>,
    diagram: Diagram,
    tops: Vec<Result<Node, Outgrown>>,
    events: Vec<Option<f64>>,
    /// The probability that any event of a class holds; of unknown ones none.
    classes: Vec<Option<f64>>,
    /// By node of the diagram, once somebody asks.
    values: OnceLock<Vec<f64>>,
    nodes_max: usize,
}

/// Nodes of a diagram that take about a second.
pub const NODES_MAX: usize = 2_000_000;

/// More classes than this go deeper than a diagram's recursion may.
const CLASSES_MAX: usize = 20_000;

impl Probabilities {
    /// Draws the diagrams, with at most that many nodes for all tops together; a node takes about 40 bytes.
    pub fn new(circuit: &Circuit, nodes_max: usize) -> Self {
        Self::of(circuit, Arc::new(Reduced::new(circuit)), |_| true, nodes_max)
    }

    /// The same of some tops, told by their places; others count as outgrown. The circuit was made smaller before.
    pub(crate) fn of(
        circuit: &Circuit,
        reduced: Arc<Reduced>,
        is_wanted: impl Fn(usize) -> bool,
        nodes_max: usize,
    ) -> Self {
        let events: Vec<Option<f64>> = circuit.events().iter().map(|event| event.probability).collect();
        let any = |class: &Vec<EventId>| {
            let none =
                class.iter().try_fold(1.0, |none, event| Some(none * (1.0 - events[event.index()]?)))?;
            // One event keeps all its digits.
            Some(if let [only] = class.as_slice() { events[only.index()]? } else { 1.0 - none })
        };
        let classes = reduced.classes.iter().map(any).collect();
        let nodes_max_here = if reduced.classes.len() > CLASSES_MAX { 0 } else { nodes_max };
        let (diagram, tops) = Diagram::of(&reduced, is_wanted, nodes_max_here);
        Self { reduced, diagram, tops, events, classes, values: OnceLock::new(), nodes_max }
    }

    /// The probability that any event of a class holds, by class; of unknown ones none.
    pub(crate) fn classes(&self) -> &[Option<f64>] {
        &self.classes
    }

    /// How many nodes the diagrams have together.
    pub fn n_nodes(&self) -> usize {
        self.diagram.n_nodes()
    }

    /// The probability of a top, by its place among the circuit's tops.
    pub fn top(&self, top: usize) -> Probability {
        let unknown = self.unknown(top);
        if let Some(&event) = unknown.first() {
            return Probability::Unknown { event, n_events: unknown.len() };
        }
        match self.tops[top] {
            Ok(node) => Probability::Exact(self.values()[node.index()]),
            Err(Outgrown) => Probability::Outgrown { nodes_max: self.nodes_max },
        }
    }

    /// Each event's importance for a top, the most important first. None if the top has no exact probability.
    pub fn importances(&self, top: usize) -> Option<Vec<Importance>> {
        let node = self.tops[top].ok()?;
        if !self.unknown(top).is_empty() {
            return None;
        }
        let by_class = self.diagram.birnbaum(node, &self.known(), self.values());
        let mut importances = Vec::new();
        for (class, events) in
            self.reduced.classes.iter().enumerate().filter(|(class, _)| by_class[*class] > 0.0)
        {
            for &event in events {
                let others = events.iter().filter(|&&other| other != event);
                let others_hold_not: f64 =
                    others.map(|other| 1.0 - self.events[other.index()].unwrap_or_default()).product();
                importances.push(Importance { event, birnbaum: by_class[class] * others_hold_not });
            }
        }
        importances
            .sort_by(|one, other| other.birnbaum.total_cmp(&one.birnbaum).then(one.event.cmp(&other.event)));
        Some(importances)
    }

    /// How often a top comes to hold in the long run, per unit of time, if each event comes `rate(event)` times per unit while it
    /// does not hold. None as for [`Self::importances`].
    pub fn frequency(&self, top: usize, rate: impl Fn(EventId) -> f64) -> Option<f64> {
        let comes = |importance: &Importance| {
            let holds_not = 1.0 - self.events[importance.event.index()].unwrap_or_default();
            importance.birnbaum * holds_not * rate(importance.event)
        };
        Some(self.importances(top)?.iter().map(comes).sum())
    }

    fn values(&self) -> &[f64] {
        self.values.get_or_init(|| self.diagram.probabilities(&self.known()))
    }

    /// Unknown ones are 0; no diagram that is asked has one.
    fn known(&self) -> Vec<f64> {
        self.classes.iter().map(|class| class.unwrap_or_default()).collect()
    }

    /// The events without a probability that a top needs.
    fn unknown(&self, top: usize) -> Vec<EventId> {
        if self.events.iter().all(Option::is_some) {
            return Vec::new();
        }
        let mut unknown = BTreeSet::new();
        for class in self.needed_classes(top) {
            let events = self.reduced.classes[class as usize].iter();
            unknown.extend(events.filter(|event| self.events[event.index()].is_none()));
        }
        unknown.into_iter().collect()
    }

    fn needed_classes(&self, top: usize) -> BTreeSet<u32> {
        let mut seen = vec![false; self.reduced.gates.len()];
        let mut classes = BTreeSet::new();
        let mut open = vec![self.reduced.tops[top]];
        while let Some(input) = open.pop() {
            match input {
                Input::Never | Input::Always => {}
                Input::Class(class) => {
                    classes.insert(class);
                }
                Input::Gate(gate) => {
                    if !std::mem::replace(&mut seen[gate as usize], true) {
                        open.extend(&self.reduced.gates[gate as usize].inputs);
                    }
                }
            }
        }
        classes
    }
}
