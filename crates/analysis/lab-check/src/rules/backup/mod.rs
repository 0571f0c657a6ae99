//! Backups.

mod backup_beside_original;
mod backup_chain_broken;
mod backup_target_full;
mod backup_without_copies;
mod by_hand_too_often;
mod copies_too_few;
mod copy_in_clear;
mod database_copied_raw;
mod kept_finer_than_made;
mod no_backup;
mod no_offline_copy;
mod off_site_only_by_hand;
mod restore_untested;
mod retention_gap;
mod rpo_missed;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &no_backup::RULE,
    &backup_beside_original::RULE,
    &copies_too_few::RULE,
    &no_offline_copy::RULE,
    &off_site_only_by_hand::RULE,
    &rpo_missed::RULE,
    &retention_gap::RULE,
    &backup_chain_broken::RULE,
    &backup_target_full::RULE,
    &restore_untested::RULE,
    &copy_in_clear::RULE,
    &database_copied_raw::RULE,
    &kept_finer_than_made::RULE,
    &by_hand_too_often::RULE,
    &backup_without_copies::RULE,
];
