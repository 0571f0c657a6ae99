//! Prefixes, addresses and DHCP.

pub(crate) mod plan;

mod address_outside_prefixes;
mod address_prefix_length;
mod dhcp_range_overlap;
mod dhcp_server_elsewhere;
mod dhcp_servers_unaware;
mod dhcp_without_range;
mod dhcp_without_server;
mod duplicate_address;
mod fixed_address_in_dhcp_range;
mod gateway_is_one_member;
mod gateway_outside_prefix;
mod gateway_unheld;
mod gateway_unlike_siblings;
mod network_address_assigned;
mod prefix_host_bits;
mod prefix_outside_plan;
mod prefix_overlap;
mod range_outside_prefix;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &duplicate_address::RULE,
    &prefix_host_bits::RULE,
    &prefix_overlap::RULE,
    &prefix_outside_plan::RULE,
    &address_outside_prefixes::RULE,
    &address_prefix_length::RULE,
    &network_address_assigned::RULE,
    &gateway_outside_prefix::RULE,
    &gateway_unheld::RULE,
    &gateway_is_one_member::RULE,
    &gateway_unlike_siblings::RULE,
    &range_outside_prefix::RULE,
    &fixed_address_in_dhcp_range::RULE,
    &dhcp_range_overlap::RULE,
    &dhcp_without_server::RULE,
    &dhcp_without_range::RULE,
    &dhcp_server_elsewhere::RULE,
    &dhcp_servers_unaware::RULE,
];
