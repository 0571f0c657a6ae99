//! The Open-PSA Model Exchange Format, in which tools for fault trees exchange models: read and written, so that any of them can check
//! what is computed here.
//!
//! Read are fault trees without "not": gates of or, and, atleast, nested as deep as one likes; basic events with probabilities from
//! expressions; house events; components with private names. Everything else is refused by name, since leaving it out would change
//! what the tree means. Deviates count with their mean. Standard: Open-PSA Model Exchange Format 2.0d.

mod error;
mod expression;
mod read;
mod scope;
#[cfg(test)]
mod tests;
mod write;
mod xml;

pub use error::{Fault, ReadError};
pub use read::{Options, Source, read};
pub use write::write;
