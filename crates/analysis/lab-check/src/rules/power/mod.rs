//! Plugs, outlets, ratings, loads, batteries.

mod battery_past_its_life;
mod breaker_above_its_feed;
mod breaker_below_its_ups;
mod circuit_overloaded;
mod failover_overload;
mod fed_by_no_outlet;
mod fed_by_unused_device;
mod feeds;
mod inlet_not_plugged_in;
pub(crate) mod load;
mod machine_without_battery;
mod measured_draw_differs;
mod members_share_feed;
mod network_dies_first;
mod nobody_shuts_down_on_battery;
mod outlet_used_twice;
mod outlet_without_battery;
mod overload;
mod pdu_overloaded;
mod plug_does_not_fit;
mod poe;
mod poe_budget_exceeded;
mod power_loop;
mod powered_device_above_port;
mod powered_device_without_power;
mod redundant_inlets_share_feed;
mod socket_of_other_voltage;
mod stays_off_after_outage;
mod strips_in_a_row;
mod supply_below_draw;
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
    &powered_device_without_power::RULE,
    &powered_device_above_port::RULE,
    &poe_budget_exceeded::RULE,
    &supply_below_draw::RULE,
    &plug_does_not_fit::RULE,
    &fed_by_unused_device::RULE,
    &breaker_above_its_feed::RULE,
    &strips_in_a_row::RULE,
    &battery_past_its_life::RULE,
    &nobody_shuts_down_on_battery::RULE,
    &stays_off_after_outage::RULE,
    &network_dies_first::RULE,
    &measured_draw_differs::RULE,
    &members_share_feed::RULE,
    &outlet_without_battery::RULE,
    &machine_without_battery::RULE,
    &socket_of_other_voltage::RULE,
    &fed_by_no_outlet::RULE,
    &breaker_below_its_ups::RULE,
];
