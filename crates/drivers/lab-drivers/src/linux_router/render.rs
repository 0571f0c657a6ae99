//! The files of a router, one module each.

mod conntrackd;
mod frr;
mod kea;
mod keepalived;
mod nftables;
mod notify;
mod sysctl;
mod unbound;

use super::projection::project;
use lab_driver::Rendering;
use lab_model::{Lab, ThingId};

/// Makes all files of `thing`. A program that has nothing to do gets none.
pub(super) fn render(lab: &Lab, thing: ThingId) -> Rendering {
    let policy = lab_reach::compile(lab);
    let mut router = project(lab, thing, &policy);
    let mut rendering = Rendering::default();
    sysctl::add(&router, &mut rendering);
    nftables::add(&router, &mut rendering);
    frr::add(&router, &mut rendering);
    keepalived::add(&router, &mut rendering);
    conntrackd::add(&router, &mut rendering);
    notify::add(&router, &mut rendering);
    unbound::add(&router, &mut rendering);
    kea::add(&router, &mut rendering);
    rendering.notes.splice(0..0, std::mem::take(&mut router.notes));
    rendering
}
