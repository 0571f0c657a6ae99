//! Wired boxes in earnest: what is broken and mended, the real programs that play services, and disks that fail. Everything stands in namespaces that the tests
//! make.
//!
//! Needs root, nftables, perl and the programs of the services; says "skipped: needs ..." without them.

#![expect(clippy::unwrap_used, reason = "a test ends where something went wrong")]

mod cables;
mod handed_down;
mod lacp;
mod services;
mod set_up;
mod storage;
