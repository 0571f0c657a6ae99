//! Hosts, virtual machines, clusters and placement.

mod load;

mod apart_impossible;
mod cluster_even_voters;
mod device_hosts_two;
mod member_twice;
mod memory_overcommitted;
mod memory_without_one;
mod needs_inactive;
mod no_administrator;
mod no_place_for_service;
mod no_time_source;
mod passed_through_twice;
mod passthrough_elsewhere;
mod passthrough_takes_host_part;
mod quorum_impossible;
mod quorum_on_one_device;
mod redundancy_on_one_device;
mod runs_on_inactive;
mod service_port_twice;
mod startup_cycle;
mod vcpus_exceed_host;
mod version_ended;
mod vm_cannot_move;
mod vm_disk_elsewhere;
mod vm_number_twice;
mod vm_on_non_hypervisor;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &device_hosts_two::RULE,
    &runs_on_inactive::RULE,
    &needs_inactive::RULE,
    &vm_on_non_hypervisor::RULE,
    &memory_overcommitted::RULE,
    &memory_without_one::RULE,
    &vcpus_exceed_host::RULE,
    &passed_through_twice::RULE,
    &passthrough_elsewhere::RULE,
    &passthrough_takes_host_part::RULE,
    &vm_cannot_move::RULE,
    &vm_disk_elsewhere::RULE,
    &no_place_for_service::RULE,
    &redundancy_on_one_device::RULE,
    &apart_impossible::RULE,
    &quorum_impossible::RULE,
    &cluster_even_voters::RULE,
    &member_twice::RULE,
    &startup_cycle::RULE,
    &version_ended::RULE,
    &service_port_twice::RULE,
    &vm_number_twice::RULE,
    &quorum_on_one_device::RULE,
    &no_time_source::RULE,
    &no_administrator::RULE,
];
