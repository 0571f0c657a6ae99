//! The systems that Labwright configures, one folder each with the same file names: `mod.rs` the driver, `projection.rs` what it
//! takes from the lab, `render.rs` the files. Tests hold every one of them against the system's own checker over the labs.
//!
//! Each is used through [`DRIVERS`] and the contract of `lab-driver` only.

mod bgp;
mod bird;
mod cilium;
mod head;
mod linux_router;
mod manifest;
mod metallb;

use lab_driver::Driver;

/// Every driver, in the order of the manual.
pub const DRIVERS: &[Driver] = &[linux_router::DRIVER, cilium::DRIVER, metallb::DRIVER, bird::DRIVER];

/// The driver called `name`.
pub fn find(name: &str) -> Option<&'static Driver> {
    DRIVERS.iter().find(|driver| driver.name == name)
}
