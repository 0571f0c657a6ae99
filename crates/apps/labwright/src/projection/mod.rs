//! From a lab to what a service is told: one file for each service that knows nothing of labs.

pub(crate) mod netboot;
