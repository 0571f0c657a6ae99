//! Prefixes, addresses and DHCP.

mod duplicate_address;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[&duplicate_address::RULE];
