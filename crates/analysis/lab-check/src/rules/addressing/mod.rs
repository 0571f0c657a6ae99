//! Prefixes, addresses and DHCP.

mod asked;
mod macs;
pub(crate) mod plan;

mod address_outside_prefixes;
mod address_prefix_length;
mod api_address_unheld;
mod cluster_range_of_other_kind;
mod dhcp_client_without_server;
mod dhcp_range_overlap;
mod dhcp_server_elsewhere;
mod dhcp_server_without_dhcp;
mod dhcp_servers_unaware;
mod dhcp_without_range;
mod dhcp_without_server;
mod duplicate_address;
mod duplicate_mac;
mod fixed_address_in_dhcp_range;
mod gateway_is_one_member;
mod gateway_outside_prefix;
mod gateway_unheld;
mod gateway_unlike_siblings;
mod leases_not_shared;
mod load_balancer_outside_pool;
mod mac_of_a_group;
mod name_server_out_of_reach;
mod name_server_unheld;
mod name_server_without_dns;
mod network_address_assigned;
mod pod_range_too_small;
mod prefix_host_bits;
mod prefix_outside_plan;
mod prefix_overlap;
mod public_prefix_unrouted;
mod range_outside_prefix;
mod reservation_of_other_mac;
mod reservation_outside_prefix;
mod routers_without_vip;
mod service_address_twice;
mod slaac_prefix_length;
mod time_server_unheld;
mod time_server_without_ntp;
mod two_interfaces_one_network;

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
    &dhcp_server_without_dhcp::RULE,
    &dhcp_servers_unaware::RULE,
    &duplicate_mac::RULE,
    &mac_of_a_group::RULE,
    &reservation_of_other_mac::RULE,
    &reservation_outside_prefix::RULE,
    &name_server_unheld::RULE,
    &name_server_out_of_reach::RULE,
    &pod_range_too_small::RULE,
    &load_balancer_outside_pool::RULE,
    &api_address_unheld::RULE,
    &dhcp_client_without_server::RULE,
    &two_interfaces_one_network::RULE,
    &routers_without_vip::RULE,
    &service_address_twice::RULE,
    &cluster_range_of_other_kind::RULE,
    &slaac_prefix_length::RULE,
    &leases_not_shared::RULE,
    &name_server_without_dns::RULE,
    &time_server_unheld::RULE,
    &time_server_without_ntp::RULE,
    &public_prefix_unrouted::RULE,
];
