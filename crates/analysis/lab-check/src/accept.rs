//! Accepted risks: findings that the owner takes are set aside; an acceptance that has run out, or that accepts nothing,
//! is a finding of its own.

use crate::rules::policy::{accepted_risk_expired, accepted_risk_gone};
use crate::{Checked, find};
use jiff::civil::Date;
use lab_model::Lab;
use lab_model::Name;
use lab_model::written::{AcceptedRisk, is_about};
use lab_source::Diagnostic;

/// Codes of what is worked out by letting things fail, not by looking at them: nothing is looked for here, so that nothing
/// can be said of whether they still occur.
const PREDICTED: [&str; 1] = ["single-point-of-failure"];

/// One acceptance, ready to be compared.
struct Acceptance<'a> {
    name: &'a Name,
    risk: &'a AcceptedRisk,
    code: &'a str,
    subjects: Vec<String>,
    used: bool,
    expired: bool,
}

impl<'a> Acceptance<'a> {
    fn of(name: &'a Name, risk: &'a AcceptedRisk, today: Date) -> Self {
        Self {
            name,
            risk,
            code: risk.code.as_ref().map_or("", |code| &code.text),
            subjects: risk.subjects(),
            used: false,
            expired: risk.until.as_ref().is_some_and(|until| until.value.0 < today),
        }
    }

    /// True when the finding is of this code and about one of the subjects, or when none is named.
    fn covers(&self, finding: &Diagnostic) -> bool {
        let named = |subject: &String| self.subjects.iter().any(|pattern| is_about(pattern, subject));
        finding.code.0 == self.code && (self.subjects.is_empty() || finding.subjects.iter().any(named))
    }
}

/// Sets accepted findings aside and adds what is to be said of the acceptances themselves.
pub(crate) fn sort_out(lab: &Lab, today: Date, found: Vec<Diagnostic>) -> Checked {
    let mut acceptances: Vec<Acceptance<'_>> =
        lab.accept.iter().map(|(name, risk)| Acceptance::of(name, risk, today)).collect();
    let mut checked = Checked::default();
    for finding in found {
        match acceptances.iter_mut().find(|acceptance| acceptance.covers(&finding)) {
            Some(acceptance) => {
                acceptance.used = true;
                if acceptance.expired {
                    checked.findings.push(finding);
                } else {
                    checked.accepted.push((finding, acceptance.name.to_string()));
                }
            }
            None => checked.findings.push(finding),
        }
    }
    for acceptance in &acceptances {
        checked.findings.extend(of_acceptance(acceptance));
    }
    checked
}

fn of_acceptance(acceptance: &Acceptance<'_>) -> Option<Diagnostic> {
    let code = acceptance.risk.code.as_ref()?;
    let subject = format!("accept/{}", acceptance.name);
    let occurs = acceptance.used || PREDICTED.contains(&acceptance.code);
    if acceptance.expired && occurs {
        let until = acceptance.risk.until.as_ref().expect("it has expired");
        return Some(accepted_risk_expired::finding(acceptance.name, code, until).about(subject));
    }
    if occurs {
        return None;
    }
    Some(accepted_risk_gone::finding(acceptance.name, code, find(acceptance.code).is_some()).about(subject))
}
