//! BIRD on a machine that speaks BGP and is no router: what a node's own speaker does, for where there is no cluster, such as the box.

mod projection;
mod render;

use lab_driver::Driver;

/// The driver.
pub(crate) const DRIVER: Driver = Driver {
    name: "bird",
    summary: "BIRD in the place of a node's own BGP speaker",
    subjects: projection::subjects,
    render: render::render,
};
