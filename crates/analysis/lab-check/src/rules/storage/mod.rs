//! Pools, drives, shares and volumes.

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[];
