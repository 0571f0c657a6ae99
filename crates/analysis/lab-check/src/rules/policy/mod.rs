//! Accepted risks, promises, unknown facts and ends of life.

pub(crate) mod accepted_risk_expired;
pub(crate) mod accepted_risk_gone;
mod end_of_life;
mod promise_count;

mod date_in_the_future;
use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &accepted_risk_expired::RULE,
    &accepted_risk_gone::RULE,
    &promise_count::RULE,
    &end_of_life::RULE,
    &date_in_the_future::RULE,
];
