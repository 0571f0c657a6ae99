//! Names.

mod catalogue;

mod alias_broken;
mod name_beside_its_machine;
mod name_invalid;
mod name_off_grammar;
mod name_outside_domains;
mod name_twice;
mod named_address_unheld;
mod public_name_private_address;
mod url_twice;
mod url_unresolved;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &name_off_grammar::RULE,
    &name_invalid::RULE,
    &name_twice::RULE,
    &name_outside_domains::RULE,
    &named_address_unheld::RULE,
    &name_beside_its_machine::RULE,
    &alias_broken::RULE,
    &public_name_private_address::RULE,
    &url_twice::RULE,
    &url_unresolved::RULE,
];
