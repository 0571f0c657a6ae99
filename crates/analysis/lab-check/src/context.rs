//! What a rule works with: the lab, the day, and a place for findings.

use crate::rule::Rule;
use crate::rules::addressing::plan::Plan;
use crate::rules::cabling::ends::SetSpeeds;
use crate::rules::power::load::Draws;
use crate::rules::switching::claims::Claim;
use crate::survey::Survey;
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
    survey: &'a Survey<'a>,
    findings: Vec<Diagnostic>,
    by_place: HashMap<Span, usize>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(survey: &'a Survey<'a>, today: Date, rule: &'a Rule) -> Self {
        Self { lab: survey.lab, today, rule, survey, findings: Vec::new(), by_place: HashMap::new() }
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

    /// What each prefix is for.
    pub(crate) fn plan(&self) -> &'a Plan<'a> {
        self.survey.plan()
    }

    /// Which VLANs machines use on which of their ports.
    pub(crate) fn claims(&self) -> &'a [Claim<'a>] {
        self.survey.claims()
    }

    /// The speeds that ports are set to.
    pub(crate) fn set_speeds(&self) -> &'a SetSpeeds {
        self.survey.set_speeds()
    }

    /// What devices draw.
    pub(crate) fn draws(&self) -> &'a Draws {
        self.survey.draws()
    }

    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }
}
