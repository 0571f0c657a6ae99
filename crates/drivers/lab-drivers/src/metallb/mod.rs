//! MetalLB in a Kubernetes cluster, as its custom resources (`metallb.io`).

mod projection;
mod render;

use lab_driver::Driver;

/// The driver.
pub(crate) const DRIVER: Driver = Driver {
    name: "metallb",
    summary: "the resources of a cluster whose MetalLB announces addresses",
    subjects: projection::subjects,
    render: render::render,
};
