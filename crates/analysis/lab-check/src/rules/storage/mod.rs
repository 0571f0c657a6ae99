//! Pools, drives, shares and volumes.

mod ceph_places;
pub(crate) mod layout;
pub(crate) mod reach;

mod ashift_too_small;
mod ceph_cannot_place;
mod ceph_copies;
mod ceph_copies_on_one_host;
mod ceph_no_room_to_heal;
mod dataset_not_offered;
mod deduplication_memory;
mod drive_out_of_reach;
mod drive_said_otherwise;
mod drive_unused;
mod drive_used_twice;
mod log_not_mirrored;
mod log_shares_drive;
mod multipath_single_path;
mod no_power_loss_protection;
mod pool_overfilled;
mod pool_size_unlike_drives;
mod pool_without_redundancy;
mod reclaim_deletes_important;
mod share_too_open;
mod shingled_drive_in_pool;
mod single_parity_large_drives;
mod spare_does_not_fit;
mod special_weaker_than_data;
mod storage_class_unfit;
mod storage_class_without_source;
mod sync_writes_without_log;
mod vdev_mixed_drives;
mod vdev_too_small;
mod vdevs_unlike;
mod vm_disk_above_pool;
mod volume_of_other_service;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &drive_used_twice::RULE,
    &drive_out_of_reach::RULE,
    &drive_said_otherwise::RULE,
    &drive_unused::RULE,
    &vdev_too_small::RULE,
    &vdev_mixed_drives::RULE,
    &vdevs_unlike::RULE,
    &single_parity_large_drives::RULE,
    &shingled_drive_in_pool::RULE,
    &spare_does_not_fit::RULE,
    &special_weaker_than_data::RULE,
    &log_not_mirrored::RULE,
    &log_shares_drive::RULE,
    &no_power_loss_protection::RULE,
    &pool_without_redundancy::RULE,
    &ceph_copies::RULE,
    &ceph_no_room_to_heal::RULE,
    &ashift_too_small::RULE,
    &reclaim_deletes_important::RULE,
    &ceph_cannot_place::RULE,
    &pool_overfilled::RULE,
    &pool_size_unlike_drives::RULE,
    &deduplication_memory::RULE,
    &multipath_single_path::RULE,
    &share_too_open::RULE,
    &storage_class_unfit::RULE,
    &storage_class_without_source::RULE,
    &sync_writes_without_log::RULE,
    &dataset_not_offered::RULE,
    &vm_disk_above_pool::RULE,
    &ceph_copies_on_one_host::RULE,
    &volume_of_other_service::RULE,
];
