//! Who reaches whom: the zones of a lab compiled into one policy that decides every packet between two networks, and the
//! facts of routing that it rests on.
//!
//! - `policy.rs`, `compile.rs`: the [`Policy`] and how it is made of a lab. What is not allowed is denied.
//! - `decide.rs`: one packet, allowed or denied, and the words of the lab that decide.
//! - `pairs.rs`: all packets at once. Addresses and ports that every rule treats alike are one case, so that the cases are
//!   few and nothing lies between them.
//! - `routers.rs`, `holders.rs`, `names.rs`, `peering.rs`: who forwards packets, which addresses a thing has, what a name
//!   leads to, and who speaks BGP with whom.
//!
//! The crate is pure and judges nothing. It speaks of what routers decide: two machines on one link speak past every
//! router, and what holds them apart there (private VLANs) is the switches' part.

mod address_set;
mod compile;
mod decide;
mod holders;
mod names;
mod pairs;
mod peering;
mod policy;
mod routers;
#[cfg(test)]
mod tests;

pub use address_set::AddressSet;
pub use compile::compile;
pub use decide::{Decision, Packet};
pub use holders::{addresses_of, machine_addresses};
pub use names::{local_names, resolve};
pub use pairs::{Class, Pair, Verdict, classes, pairs};
pub use peering::{End, Session, sessions};
pub use policy::{Grant, Opening, Origin, Permit, Policy, Unresolved, ZonePolicy};
pub use routers::{is_router, outside_interfaces, routers};
