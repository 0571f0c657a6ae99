//! Labs and tools for tests and benchmarks; only they depend on this crate.
//!
//! - `generate/`: healthy labs of any size, as the text a person would write.
//! - `exercise.rs`: arbitrary bytes through reading, checking and showing, with every promise held.
//! - `fault_tree/`: coherent fault trees as other tools read them.
//! - `leftovers.rs`: what a box left behind.
//! - `needs.rs`: what a test does where something that it needs is missing.
//! - `mistakes/`: real mistakes planted into the labs of the repository, and who finds them.

pub mod exercise;
pub mod fault_tree;
mod generate;
mod leftovers;
pub mod mistakes;
mod needs;

pub use generate::{DEVICES_MAX, DEVICES_MIN, generate, generate_crowded};
pub use leftovers::left_of_box;
pub use needs::leave_out;
