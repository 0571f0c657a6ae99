//! Plugs, outlets, ratings, loads, batteries.

mod circuit_overloaded;
mod failover_overload;
mod feeds;
mod inlet_not_plugged_in;
mod load;
mod outlet_used_twice;
mod overload;
mod pdu_overloaded;
mod power_loop;
mod redundant_inlets_share_feed;
mod ups_overloaded;
mod voltage_mismatch;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &outlet_used_twice::RULE,
    &inlet_not_plugged_in::RULE,
    &redundant_inlets_share_feed::RULE,
    &power_loop::RULE,
    &voltage_mismatch::RULE,
    &ups_overloaded::RULE,
    &pdu_overloaded::RULE,
    &circuit_overloaded::RULE,
    &failover_overload::RULE,
];
