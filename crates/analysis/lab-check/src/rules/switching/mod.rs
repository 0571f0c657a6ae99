//! VLANs, private VLANs, aggregates, zones, routing and takeover.

mod claims;
mod lag_sides;
mod mtu;
mod wire;

mod address_in_other_vlan;
mod isolated_without_promiscuous;
mod lag_far_ports;
mod lag_incomplete;
mod lag_member_vlans;
mod lag_members_differ;
mod lag_on_one_cable;
mod lag_sides_differ;
mod lag_spread;
mod loop_without_spanning_tree;
mod mtu_above_carrier;
mod mtu_below_vlan;
mod mtu_differs;
mod port_in_two_lags;
mod port_off_with_cable;
mod port_without_vlan;
mod private_port_without_private_vlan;
mod private_vlan_port_without_role;
mod spare_port_with_cable;
mod untagged_vlan_mismatch;
mod vlan_id_twice;
mod vlan_not_at_port;
mod vlan_on_one_end;
mod vlan_split;
mod vlan_without_port;

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
    &port_off_with_cable::RULE,
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
];
