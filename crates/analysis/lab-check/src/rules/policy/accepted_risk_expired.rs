//! An accepted risk whose date has passed while the risk is still there. Found while findings are sorted out, since only
//! then is it known whether it still occurs.

use crate::context::Context;
use crate::rule::rule;
use lab_model::{Name, Text, grammar::Date};
use lab_source::{Diagnostic, Spanned};

rule!("accepted-risk-expired", Warning, Policy, "an accepted risk has run out and is still there");

fn check(_: &mut Context<'_>) {}

/// The finding about one acceptance.
pub(crate) fn finding(name: &Name, code: &Text, until: &Spanned<Date>) -> Diagnostic {
    Diagnostic::new(RULE.code, RULE.severity, format!("accepting `{}` ended on {}", code.text, until.value))
        .at(until.span, "this day has passed")
        .and(name.span, format!("the risk `{name}` is still there"))
        .help("decide again: mend it, or accept it until a later day with a reason that still holds")
}
