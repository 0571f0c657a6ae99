//! Accepted risks, promises, unknown facts and ends of life.

pub(crate) mod accepted_risk_expired;
pub(crate) mod accepted_risk_gone;
mod alerts_to_itself;
mod date_in_the_future;
mod end_of_life;
mod facts_missing;
mod known_difference_of_nothing;
mod monitoring_unheard;
mod nothing_uses_it;
mod promise_copies_missed;
mod promise_count;
mod promise_on_unverified;
mod promise_without_claim;
mod unlike_siblings;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &accepted_risk_expired::RULE,
    &accepted_risk_gone::RULE,
    &promise_count::RULE,
    &promise_without_claim::RULE,
    &promise_on_unverified::RULE,
    &facts_missing::RULE,
    &nothing_uses_it::RULE,
    &end_of_life::RULE,
    &date_in_the_future::RULE,
    &monitoring_unheard::RULE,
    &promise_copies_missed::RULE,
    &alerts_to_itself::RULE,
    &unlike_siblings::RULE,
    &known_difference_of_nothing::RULE,
];
