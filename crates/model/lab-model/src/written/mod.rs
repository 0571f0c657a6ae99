//! The records of a lab as their owners write them, one file a topic. References are resolved in place; what follows
//! from several records together is in `derived/`.

mod acceptance;
mod backup;
mod cabling;
mod compute;
mod data;
mod device;
mod facility;
mod head;
mod network;
mod policy;
mod routing;
mod service;
mod targets;

pub use acceptance::*;
pub use backup::*;
pub use cabling::*;
pub use compute::*;
pub use data::*;
pub use device::*;
pub use facility::*;
pub use head::*;
pub use network::*;
pub use policy::*;
pub use routing::*;
pub use service::*;
pub use targets::*;
