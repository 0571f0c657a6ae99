//! Secrets, certificates and exposure.

mod certificate_not_issuable;
mod certificate_not_renewed;
mod certificate_runs_out;
mod certificate_self_signed;
mod certificate_unused;
mod coverage;
mod exposed_to_everybody;
mod http_challenge_unreachable;
mod secret_in_text;
mod secret_not_encrypted_as_ruled;
mod secret_recipients;
mod secret_rule_unsafe;
mod ssh_key_broken;
mod url_in_clear;
mod url_without_certificate;

use crate::rule::Rule;

/// The rules of this family.
pub(crate) const RULES: &[&Rule] = &[
    &secret_recipients::RULE,
    &secret_not_encrypted_as_ruled::RULE,
    &certificate_not_issuable::RULE,
    &certificate_runs_out::RULE,
    &certificate_unused::RULE,
    &url_without_certificate::RULE,
    &http_challenge_unreachable::RULE,
    &exposed_to_everybody::RULE,
    &secret_rule_unsafe::RULE,
    &ssh_key_broken::RULE,
    &url_in_clear::RULE,
    &certificate_not_renewed::RULE,
    &certificate_self_signed::RULE,
    &secret_in_text::RULE,
];
