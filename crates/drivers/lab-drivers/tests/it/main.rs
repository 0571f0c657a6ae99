//! The drivers over the labs of this repository: the contract, each system's own checker, published schemas, and real packets
//! and failovers in network namespaces that the tests make.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

mod checkers;
mod contract;
mod failover;
mod guard;
mod labs;
mod namespaces;
mod needs;
mod probes;
mod schemas;
mod withdrawal;
