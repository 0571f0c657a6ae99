//! Power from the grid to the last supply.

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[];
