//! Gates with names that may stand in any order, as in a file, made into a circuit.
//!
//! A gate that needs itself, even over others, has no one meaning in failure logic (did the two hold each other up or drag each other
//! down?), so it is an error that names the whole circle.

use super::{Circuit, CircuitBuilder, Named, NodeId};
use lab_source::Span;

/// The failure logic of one gate, as written. Gates are named by their place among the [`Definitions`].
#[derive(Clone, PartialEq, Debug)]
pub enum Formula {
    /// Has failed from the outset, or never fails.
    Constant(bool),
    /// Fails with the event of that place in the list that goes to [`Definitions::build`].
    Event(usize),
    /// Fails with another gate.
    Gate(usize),
    /// Fails with any.
    Or(Vec<Formula>),
    /// Fails once all have failed.
    And(Vec<Formula>),
    /// Fails once that many have failed.
    AtLeast(usize, Vec<Formula>),
}

/// One gate as written.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// What a person should read, if it is not the name.
    pub label: Option<String>,
    /// Where it is written.
    pub span: Option<Span>,
    /// When it fails.
    pub formula: Formula,
    /// True if it is asked about.
    pub is_top: bool,
}

/// Gates need one another in a circle.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} in a circle, so that nothing says when it fails: {}", wording(names.len()), shown(names))]
pub struct CircleError {
    /// The gates of the circle, each needing the next and the last the first.
    pub names: Vec<String>,
    /// Where the first of them is written.
    pub span: Option<Span>,
}

fn wording(n_gates: usize) -> &'static str {
    if n_gates == 1 { "a gate needs itself" } else { "gates need one another" }
}

fn shown(names: &[String]) -> String {
    let first = names.first().into_iter();
    names.iter().chain(first).map(String::as_str).collect::<Vec<_>>().join(" -> ")
}

/// Gates in any order.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Definitions {
    /// The gates. [`Formula::Gate`] counts from 0 in this list.
    pub gates: Vec<Definition>,
}

/// How far a gate is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Untouched,
    Open,
    Done(NodeId),
}

impl Definitions {
    /// Makes the circuit. `events` are the nodes of the basic events, in the order that [`Formula::Event`] counts.
    ///
    /// # Errors
    /// The first circle that is met, in the order of the gates.
    pub fn build(&self, mut builder: CircuitBuilder, events: &[NodeId]) -> Result<Circuit, CircleError> {
        let mut states = vec![State::Untouched; self.gates.len()];
        for gate in 0..self.gates.len() {
            self.build_gate(gate, &mut builder, events, &mut states)?;
        }
        for (gate, state) in self.gates.iter().zip(&states) {
            let State::Done(node) = *state else { continue };
            let (name, label) = (gate.name.clone(), gate.label.clone());
            let named = Named { name, label, node, span: gate.span };
            if gate.is_top { builder.named_top(named) } else { builder.name(named) }
        }
        Ok(builder.finish())
    }

    /// Depth first with a stack of its own, since a file may chain a hundred thousand gates.
    fn build_gate(
        &self,
        gate: usize,
        builder: &mut CircuitBuilder,
        events: &[NodeId],
        states: &mut [State],
    ) -> Result<(), CircleError> {
        let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = Some(gate);
        loop {
            if let Some(gate) = next.take() {
                match states[gate] {
                    State::Done(_) => {}
                    State::Open => return Err(self.circle(&stack, gate)),
                    State::Untouched => {
                        states[gate] = State::Open;
                        let mut needs = Vec::new();
                        gates_in(&self.gates[gate].formula, &mut needs);
                        needs.reverse();
                        stack.push((gate, needs));
                    }
                }
            }
            let Some((gate, needs)) = stack.last_mut() else { return Ok(()) };
            next = needs.pop();
            if next.is_none() {
                let gate = *gate;
                states[gate] = State::Done(node(&self.gates[gate].formula, builder, events, states));
                stack.pop();
            }
        }
    }

    fn circle(&self, stack: &[(usize, Vec<usize>)], again: usize) -> CircleError {
        let start = stack.iter().position(|(gate, _)| *gate == again).expect("an open gate is on the stack");
        let names = stack[start..].iter().map(|(gate, _)| self.gates[*gate].name.clone()).collect();
        CircleError { names, span: self.gates[again].span }
    }
}

fn gates_in(formula: &Formula, found: &mut Vec<usize>) {
    match formula {
        Formula::Constant(_) | Formula::Event(_) => {}
        Formula::Gate(gate) => found.push(*gate),
        Formula::Or(inputs) | Formula::And(inputs) | Formula::AtLeast(_, inputs) => {
            inputs.iter().for_each(|input| gates_in(input, found));
        }
    }
}

fn node(formula: &Formula, builder: &mut CircuitBuilder, events: &[NodeId], states: &[State]) -> NodeId {
    let nodes = |inputs: &[Formula], builder: &mut CircuitBuilder| -> Vec<NodeId> {
        inputs.iter().map(|input| node(input, builder, events, states)).collect()
    };
    match formula {
        Formula::Constant(true) => NodeId::ALWAYS,
        Formula::Constant(false) => NodeId::NEVER,
        Formula::Event(event) => events[*event],
        Formula::Gate(gate) => match states[*gate] {
            State::Done(node) => node,
            State::Untouched | State::Open => unreachable!("what a gate needs is built before it"),
        },
        Formula::Or(inputs) => {
            let inputs = nodes(inputs, builder);
            builder.or(inputs)
        }
        Formula::And(inputs) => {
            let inputs = nodes(inputs, builder);
            builder.and(inputs)
        }
        Formula::AtLeast(k, inputs) => {
            let inputs = nodes(inputs, builder);
            builder.at_least(*k, inputs)
        }
    }
}
