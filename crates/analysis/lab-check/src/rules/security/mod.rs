//! Secrets, certificates and exposure.

mod certificate_not_issuable;
mod certificate_runs_out;
mod exposed_to_everybody;
mod secret_recipients;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &secret_recipients::RULE,
    &certificate_not_issuable::RULE,
    &certificate_runs_out::RULE,
    &exposed_to_everybody::RULE,
];
