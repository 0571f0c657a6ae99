//! Cables, media, speeds and transceivers.

mod cable_to_same_device;
mod ends;
mod link_slower_than_its_ports;
mod medium_does_not_fit_port;
mod port_used_twice;
mod speed_differs_at_ends;
mod speed_needs_one_maker;
mod speed_not_possible;
mod unlike_ports_joined;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &port_used_twice::RULE,
    &cable_to_same_device::RULE,
    &speed_differs_at_ends::RULE,
    &speed_not_possible::RULE,
    &speed_needs_one_maker::RULE,
    &link_slower_than_its_ports::RULE,
    &medium_does_not_fit_port::RULE,
    &unlike_ports_joined::RULE,
];
