//! What a lab is: the typed, resolved model that every analysis reads.
//!
//! Files go in, a [`Lab`] and findings come out; reading never fails and never stops at the first fault. The crate is
//! pure: no file, socket, clock or randomness. It says what the lab *is*; whether that is sound is for `lab-check`.
//!
//! - `grammar/`: the small grammars inside strings (`8 TB`, `rack-1/U4`, `node-1..3`), one type each.
//! - `record/`: how one mapping becomes one typed record, and the JSON Schema, from a single declaration.
//! - `written/`: the records, as their owners write them; one file a topic. A new key is added there and nowhere else.
//! - `lab.rs`: the list of kinds, their ids, and the `Lab` that holds them.
//! - `resolve/`: names to ids.
//! - `derived/`: what follows from the records: interfaces, links, power paths, addresses, drives, places.

pub mod catalogue;
pub mod derived;
pub mod device_type;
pub mod grammar;
pub mod lab;
pub mod manual;
pub mod record;
mod resolve;
pub mod schema;
pub mod written;

mod read;
#[cfg(test)]
mod tests;

pub use lab::{Kind, Lab, ThingId};
pub use read::{Input, Reading, TypeSource, read, read_over};
pub use record::{Label, Name, Named, Ref, Refs, Text};
