//! Turns the tables of a lab into one circuit of failure logic, with a node for every outcome.
//!
//! Each layer has a file that writes its equations down (`power`, `storage`, `machine`, `network`, `service`), exactly as
//! [`crate::works`] says what the tables mean; `circle` then solves those that need one another. Nothing is approximated, and
//! nothing is asked twice. What is not monotone (memory, placement rules, time) is not here: [`crate::simulate`] has it.

mod blocks;
mod circle;
mod crowd;
mod elimination;
mod equations;
mod machine;
mod network;
mod power;
mod service;
mod storage;
mod views;

use crate::circuit::{BasicEvent, Circuit, CircuitBuilder, Named, NodeId};
use crate::works::{Fate, Holder, Outcome, Subject, Works};
use equations::Equations;
use network::Origin;
use std::collections::{HashMap, HashSet};

/// The circuit of a lab. Event `i` is part `i` of the tables.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The circuit. Its tops stand in the order of `outcomes`.
    pub circuit: Circuit,
    /// Every outcome with its node, in the order of [`Works::outcomes`].
    pub outcomes: Vec<(Outcome, NodeId)>,
}

/// So many places are counted together where they hang on the same switches. Fewer are as quickly told apart, and read better in exports.
const CROWD_MIN: usize = 8;

/// Compiles the tables.
pub fn compile(works: &Works) -> Compiled {
    compile_crowds(works, CROWD_MIN)
}

/// As [`compile`], with `crowd_min` places or more of a service counted together where they hang on the same switches. That changes how
/// large the circuit is, and nothing of what it says.
pub fn compile_crowds(works: &Works, crowd_min: usize) -> Compiled {
    let outcomes = works.outcomes();
    let mut equations = Equations::new(works, CircuitBuilder::new(), crowd_min);
    let nodes: Vec<NodeId> = outcomes.iter().map(|outcome| equations.outcome(*outcome)).collect();
    equations.define_all();
    let mut n_named: HashMap<String, u32> = HashMap::new();
    for (outcome, node) in outcomes.iter().zip(nodes) {
        let mut name = name(works, *outcome);
        let n_before = n_named.entry(name.clone()).or_default();
        *n_before += 1;
        if *n_before > 1 {
            name = format!("{name} ({n_before})");
        }
        let span = works.span(outcome.subject);
        equations.circuit.named_top(Named { name, label: None, node, span });
    }
    let (raw, definitions) = equations.finish();
    let mut circuit = CircuitBuilder::new();
    events(works).for_each(|event| _ = circuit.event(event));
    let circuit = circle::solve(&raw, &definitions, circuit);
    let outcomes =
        outcomes.into_iter().zip(circuit.tops()).map(|(outcome, top)| (outcome, top.node)).collect();
    Compiled { circuit, outcomes }
}

/// An event for each part.
fn events(works: &Works) -> impl Iterator<Item = BasicEvent> {
    let mut names = HashSet::new();
    works.parts.iter().enumerate().map(move |(place, part)| {
        // Parts have names of their own. Were two alike, every event after them would be another part's.
        let is_own = names.insert(part.name.as_str());
        let name = if is_own { part.name.clone() } else { format!("{} ({place})", part.name) };
        BasicEvent {
            name,
            label: Some(part.label.clone()),
            probability: part.unavailability(),
            span: part.span,
        }
    })
}

/// What an outcome is called as a top: `service wiki gone`.
fn name(works: &Works, outcome: Outcome) -> String {
    let label = works.label(outcome.subject);
    let kind = match outcome.subject {
        Subject::Unit(_) => "unit",
        Subject::Machine(_) => "machine",
        Subject::Pool(_) => "pool",
        Subject::Data(_) => "data",
        Subject::Cluster(_) => "cluster",
        Subject::Service(_) => "service",
        Subject::Vantage(_) => "vantage",
    };
    let fate = match outcome.fate {
        Fate::Off => "off",
        Fate::Down => "down",
        Fate::NoQuorum => "without quorum",
        Fate::NoInternet => "without Internet",
        Fate::GoneFor(at) => return format!("{kind} {label} gone for {}", works.vantages[at as usize].label),
        Fate::Gone => "gone",
        Fate::Stopped => "stopped",
        Fate::Lost => "lost",
    };
    format!("{kind} {label} {fate}")
}

impl Equations<'_> {
    fn outcome(&mut self, outcome: Outcome) -> NodeId {
        match (outcome.subject, outcome.fate) {
            (Subject::Unit(unit), _) => self.unit_off(unit),
            (Subject::Machine(machine), _) => self.holder_down(Holder::Machine(machine)),
            (Subject::Cluster(cluster), _) => self.variable(equations::Variable::Cluster(cluster)),
            (Subject::Pool(pool), Fate::Lost) => self.pool_lost(pool),
            (Subject::Pool(pool), _) => self.pool_off(pool),
            (Subject::Data(data), Fate::Lost) => self.data(data, Self::pool_lost),
            (Subject::Data(data), _) => self.data(data, Self::pool_off),
            (Subject::Service(service), Fate::GoneFor(vantage)) => self.gone_for(service, vantage),
            (Subject::Service(service), _) => self.gone(service),
            (Subject::Vantage(vantage), _) => self.unreached(Origin::Vantage(vantage), Holder::Internet),
        }
    }
}
