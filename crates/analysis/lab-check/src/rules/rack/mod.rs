//! Racks, bays and slots.

mod bay_needs_card;
mod card_does_not_fit;
mod card_link_narrowed;
mod device_inside_nothing;
mod device_too_deep;
mod drive_does_not_fit;
mod drive_link_narrowed;
mod duplicate_serial;
mod fit;
mod memory_above_maximum;
mod memory_modules_differ;
mod not_rack_mountable;
mod out_of_band_unknown;
mod outside_rack;
mod rack_overweight;
mod shelf_overfull;
mod slot_unknown;
mod space;
mod threads_below_cores;
mod units_overlap;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &units_overlap::RULE,
    &outside_rack::RULE,
    &shelf_overfull::RULE,
    &device_too_deep::RULE,
    &rack_overweight::RULE,
    &not_rack_mountable::RULE,
    &device_inside_nothing::RULE,
    &slot_unknown::RULE,
    &card_does_not_fit::RULE,
    &card_link_narrowed::RULE,
    &bay_needs_card::RULE,
    &drive_does_not_fit::RULE,
    &drive_link_narrowed::RULE,
    &memory_above_maximum::RULE,
    &duplicate_serial::RULE,
    &memory_modules_differ::RULE,
    &threads_below_cores::RULE,
    &out_of_band_unknown::RULE,
];
