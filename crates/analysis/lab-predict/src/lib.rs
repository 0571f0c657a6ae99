//! What breaks when something fails: one circuit of failure logic, its minimal cut sets and its probabilities, all exact.
//!
//! Two halves. The engines ([`circuit`], [`cutsets`], [`probability`], [`open_psa`]) know no machine, cable or service: whoever builds a
//! circuit decides what an event means. The other half knows labs: [`survey`] lays a lab out as tables ([`works`]), [`compile`]
//! turns them into a circuit, [`simulate`] plays one scenario through. [`forecast`] puts both halves together for what people ask: [`promises`]
//! judges what the owner claims, and [`answers`] has a file for each question. Arrows run one way, from the latter to the former. It is pure:
//! values in, values out.

pub mod answer;
pub mod answers;
pub mod circuit;
pub mod compile;
pub mod cutsets;
pub mod forecast;
pub mod open_psa;
pub mod page;
pub mod probability;
pub mod promises;
pub mod report;
pub mod simulate;
pub mod survey;
pub mod works;

pub use circuit::{BasicEvent, Circuit, CircuitBuilder, EventId, NodeId};
pub use cutsets::{CutSets, Limits, minimal_cut_sets};
