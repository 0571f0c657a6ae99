//! Is the lab sound? One file a rule, one page a rule. Pure: a lab and a date go in, findings come out.
//!
//! A rule is a constant that names its code, its severity, its page and one function; `rules/mod.rs` lists the
//! families, each family lists its rules. Rules never see each other, never stop at the first finding, and say nothing
//! when the fact they need is not known: what is missing is told by `rules/policy/`, never guessed.
//! What breaks when something fails is not asked here.

mod accept;
mod amount;
mod context;
mod rule;
mod rules;
mod survey;

pub use context::Context;
pub use rule::{Family, Rule};
pub use rules::{all, find};

use jiff::civil::Date;
use lab_model::Lab;
use lab_source::Diagnostic;
use survey::Survey;

/// What checking a lab gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings that nobody has accepted, risks that are accepted no longer among them.
    pub findings: Vec<Diagnostic>,
    /// Findings that the owner accepts, each with the name of the accepted risk.
    pub accepted: Vec<(Diagnostic, String)>,
}

/// Applies every rule to a lab on the day `today`.
pub fn check(lab: &Lab, today: Date) -> Checked {
    let survey = Survey::of(lab);
    let found = all().flat_map(|rule| findings_of(rule, &survey, today)).collect();
    accept::sort_out(lab, today, found)
}

/// Applies one rule, accepted or not.
pub fn apply(rule: &Rule, lab: &Lab, today: Date) -> Vec<Diagnostic> {
    findings_of(rule, &Survey::of(lab), today)
}

fn findings_of<'a>(rule: &'a Rule, survey: &'a Survey<'a>, today: Date) -> Vec<Diagnostic> {
    let mut context = Context::new(survey, today, rule);
    (rule.check)(&mut context);
    context.into_findings()
}
