//! Cables, media, speeds and transceivers.

mod access_point_uplink_slow;
mod breakout_does_not_match;
mod cable_in_disabled_port;
mod cable_to_same_device;
mod cable_too_long;
mod circuit_end_unknown;
mod connector_does_not_fit;
pub(crate) mod ends;
mod fibre_does_not_suit_optics;
mod fibre_grades_mixed;
mod interface_without_cable;
mod link_slower_than_its_ports;
mod management_port_carries_data;
mod medium_does_not_fit_port;
mod mpo_polarity;
mod optics_differ_at_ends;
mod port_used_twice;
mod speed_differs_at_ends;
mod speed_needs_one_maker;
mod speed_not_possible;
mod split_disables_port_in_use;
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
    &connector_does_not_fit::RULE,
    &optics_differ_at_ends::RULE,
    &fibre_does_not_suit_optics::RULE,
    &fibre_grades_mixed::RULE,
    &cable_too_long::RULE,
    &breakout_does_not_match::RULE,
    &split_disables_port_in_use::RULE,
    &cable_in_disabled_port::RULE,
    &interface_without_cable::RULE,
    &management_port_carries_data::RULE,
    &access_point_uplink_slow::RULE,
    &circuit_end_unknown::RULE,
    &mpo_polarity::RULE,
];
