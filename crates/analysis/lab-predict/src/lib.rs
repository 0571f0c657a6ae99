//! What breaks when something fails: one circuit of failure logic, its minimal cut sets and its probabilities, all exact.
//!
//! This crate knows circuits and the Open-PSA format in which other tools read and write them. It deliberately knows no machine,
//! cable or service: whoever builds a circuit decides what an event means. It is pure: text in, values out.

pub mod circuit;
pub mod cutsets;
pub mod open_psa;
pub mod probability;
pub mod report;

pub use circuit::{BasicEvent, Circuit, CircuitBuilder, EventId, NodeId};
pub use cutsets::{CutSets, Limits, minimal_cut_sets};
