//! A router that is a Linux machine: nftables, FRR, keepalived, conntrackd, Unbound and Kea as Debian has them.
//!
//! Routers of other makers are played by it in the box. It sets up neither links nor addresses: those are the installer's.

mod projection;
mod render;

use lab_driver::Driver;

/// The driver.
pub(crate) const DRIVER: Driver = Driver {
    name: "linux-router",
    summary: "the files of a router on Debian: nftables, FRR, keepalived, conntrackd, Unbound, Kea",
    subjects: lab_reach::routers,
    render: render::render,
};
