//! The BGP of Cilium in a Kubernetes cluster, as its custom resources (`cilium.io/v2`).

mod projection;
mod render;

use lab_driver::Driver;

/// The driver.
pub(crate) const DRIVER: Driver = Driver {
    name: "cilium",
    summary: "the resources of a cluster whose Cilium speaks BGP",
    subjects: projection::subjects,
    render: render::render,
};
