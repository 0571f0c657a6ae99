//! What a client is, and what it is given to boot.
//!
//! The decision is one function of configuration, permits and client; the protocols only carry its answer.

pub mod choice;
pub mod client;
pub mod pi;
pub mod script;

#[cfg(test)]
mod tests;
