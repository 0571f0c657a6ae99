//! All rules, family by family. A new rule is one file in its family's folder, one line in the family's list, and one
//! page in `rules/`.

pub(crate) mod addressing;
pub(crate) mod backup;
pub(crate) mod cabling;
mod compute;
mod names;
pub(crate) mod policy;
pub(crate) mod power;
mod rack;
mod security;
pub(crate) mod storage;
pub(crate) mod switching;

use crate::rule::Rule;

/// Every rule, in the order of the families.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let families: [&'static [&'static Rule]; 11] = [
        addressing::RULES,
        switching::RULES,
        cabling::RULES,
        rack::RULES,
        power::RULES,
        storage::RULES,
        compute::RULES,
        security::RULES,
        backup::RULES,
        names::RULES,
        policy::RULES,
    ];
    families.into_iter().flatten().copied()
}

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.0 == code)
}
