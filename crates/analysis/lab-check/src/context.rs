//! What a rule works with: the lab, the day, and a place for findings.

use crate::rule::Rule;
use jiff::civil::Date;
use lab_model::Lab;
use lab_source::{Diagnostic, Span};
use std::collections::HashMap;

/// The context of one rule's run.
pub struct Context<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// The day for which ends of life, expiries and dates are judged.
    pub today: Date,
    rule: &'a Rule,
    findings: Vec<Diagnostic>,
    by_place: HashMap<Span, usize>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(lab: &'a Lab, today: Date, rule: &'a Rule) -> Self {
        Self { lab, today, rule, findings: Vec::new(), by_place: HashMap::new() }
    }

    /// Begins a finding of this rule at a place. It counts once given to [`Context::report`].
    pub fn finding(&self, message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.rule.code, self.rule.severity, message).at(span, label)
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        debug_assert!(finding.code == self.rule.code, "a rule reports its own code");
        self.findings.push(finding);
    }

    /// Reports a finding, or adds its subjects to the one already reported at the same place: things made by one range
    /// share a place and are told once.
    pub fn report_once(&mut self, finding: Diagnostic) {
        let Some(place) = finding.primary.as_ref().map(|label| label.span) else {
            return self.report(finding);
        };
        let Some(&index) = self.by_place.get(&place) else {
            self.by_place.insert(place, self.findings.len());
            return self.report(finding);
        };
        let earlier = &mut self.findings[index];
        for subject in finding.subjects {
            if !earlier.subjects.contains(&subject) {
                earlier.subjects.push(subject);
            }
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }
}
