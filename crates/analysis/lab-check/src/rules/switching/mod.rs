//! VLANs, private VLANs, aggregates, zones, routing and takeover.

pub(crate) mod claims;
mod lag_sides;
mod mtu;
mod standing;
mod wire;

mod address_in_other_vlan;
mod asn_public;
mod bgp_peer_one_sided;
mod bgp_peer_out_of_reach;
mod bgp_peers_differ;
mod bgp_route_not_accepted;
mod bgp_timers;
mod bgp_without_bfd;
mod bridge_on_other_host;
mod bridge_port_unknown;
mod configuration_not_shared;
mod connection_state_not_shared;
mod forward_behind_carrier_nat;
mod forward_of_management_port;
mod forward_port_not_served;
mod forward_port_twice;
mod forward_to_changing_address;
mod group_of_one;
mod isolated_without_promiscuous;
mod isolated_zone_shares_vlan;
mod isolation_switched_off;
mod lag_far_ports;
mod lag_incomplete;
mod lag_member_vlans;
mod lag_members_differ;
mod lag_on_one_cable;
mod lag_sides_differ;
mod lag_spread;
mod load_balancers_not_announced;
mod loop_without_spanning_tree;
mod mtu_above_carrier;
mod mtu_below_vlan;
mod mtu_differs;
mod port_in_two_lags;
mod port_without_vlan;
mod private_port_without_private_vlan;
mod private_vlan_port_without_role;
mod shared_line_held_twice;
mod shared_line_unfenced;
mod spare_port_with_cable;
mod stand_ins_on_one_device;
mod untagged_vlan_mismatch;
mod untrusted_reaches_management;
mod untrusted_reaches_trusted;
mod vip_member_elsewhere;
mod vip_single_member;
mod virtual_router_id_twice;
mod vlan_id_twice;
mod vlan_not_at_port;
mod vlan_not_on_trunk;
mod vlan_on_one_end;
mod vlan_split;
mod vlan_without_port;
mod vlan_zone;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &vlan_id_twice::RULE,
    &vlan_not_at_port::RULE,
    &address_in_other_vlan::RULE,
    &untagged_vlan_mismatch::RULE,
    &vlan_on_one_end::RULE,
    &vlan_split::RULE,
    &vlan_without_port::RULE,
    &port_without_vlan::RULE,
    &spare_port_with_cable::RULE,
    &private_port_without_private_vlan::RULE,
    &private_vlan_port_without_role::RULE,
    &isolated_without_promiscuous::RULE,
    &loop_without_spanning_tree::RULE,
    &lag_members_differ::RULE,
    &lag_spread::RULE,
    &lag_far_ports::RULE,
    &lag_incomplete::RULE,
    &lag_on_one_cable::RULE,
    &port_in_two_lags::RULE,
    &lag_sides_differ::RULE,
    &lag_member_vlans::RULE,
    &mtu_below_vlan::RULE,
    &mtu_above_carrier::RULE,
    &mtu_differs::RULE,
    &virtual_router_id_twice::RULE,
    &vip_member_elsewhere::RULE,
    &vip_single_member::RULE,
    &group_of_one::RULE,
    &stand_ins_on_one_device::RULE,
    &connection_state_not_shared::RULE,
    &shared_line_unfenced::RULE,
    &bgp_peer_one_sided::RULE,
    &bgp_timers::RULE,
    &bgp_route_not_accepted::RULE,
    &bgp_peer_out_of_reach::RULE,
    &load_balancers_not_announced::RULE,
    &vlan_zone::RULE,
    &untrusted_reaches_management::RULE,
    &isolated_zone_shares_vlan::RULE,
    &forward_port_twice::RULE,
    &forward_to_changing_address::RULE,
    &forward_of_management_port::RULE,
    &forward_behind_carrier_nat::RULE,
    &forward_port_not_served::RULE,
    &bridge_on_other_host::RULE,
    &bridge_port_unknown::RULE,
    &bgp_without_bfd::RULE,
    &asn_public::RULE,
    &bgp_peers_differ::RULE,
    &vlan_not_on_trunk::RULE,
    &untrusted_reaches_trusted::RULE,
    &configuration_not_shared::RULE,
    &shared_line_held_twice::RULE,
    &isolation_switched_off::RULE,
];
