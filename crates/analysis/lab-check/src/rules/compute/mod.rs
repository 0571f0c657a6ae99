//! Hosts, virtual machines, clusters and placement.

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[];
