//! Cables, media, speeds and transceivers.

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[];
