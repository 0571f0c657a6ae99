//! What came of a rehearsal, as values that every form of the report shares: figures, names, the differences first.

mod json;
mod plan;
mod text;

pub use json::{JSON_VERSION, json};
pub use plan::plan;
pub use text::document;
pub(crate) use text::gaps;
pub use text::n_failures;

use crate::choose::Choice;
use crate::judge::Verdict;
use crate::rehearsal::{Act, Outcome, Row};
use crate::vector::{STAND_IN, Vector};

/// Everything that a report is made of.
pub struct Report<'a> {
    /// The name of the lab.
    pub lab: &'a str,
    /// The day, `2026-11-21`.
    pub day: &'a str,
    /// What was asked.
    pub vector: &'a Vector,
    /// What was to fail.
    pub choice: &'a Choice,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// What the box replaced by something simpler.
    pub stand_ins: &'a [String],
    /// What could not be played: machines that are not in the box.
    pub missing: &'a [String],
}

/// How many predictions came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// They did.
    pub confirmed: usize,
    /// They did not.
    pub refuted: usize,
    /// They did not, and it is known why.
    pub known: usize,
    /// Nobody can tell.
    pub not_judged: usize,
}

impl Figures {
    /// Of rows.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Self {
        let mut figures = Self::default();
        for row in rows {
            match (&row.verdict, &row.known) {
                (Verdict::Confirmed, _) => figures.confirmed += 1,
                (Verdict::Refuted(_), None) => figures.refuted += 1,
                (Verdict::Refuted(_), Some(_)) => figures.known += 1,
                (Verdict::NotJudged(_), _) => figures.not_judged += 1,
            }
        }
        figures
    }

    /// How many were judged.
    pub fn judged(self) -> usize {
        self.confirmed + self.refuted + self.known
    }

    /// Of those that were judged, how many came about: `99.4 %`, never rounded up to a hundred.
    pub fn agreement(self) -> String {
        if self.judged() == 0 {
            return "nothing judged".to_owned();
        }
        if self.confirmed == self.judged() {
            return "100 %".to_owned();
        }
        let tenths = self.confirmed * 1000 / self.judged();
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

impl Report<'_> {
    /// Over everything.
    pub fn figures(&self) -> Figures {
        Figures::of(self.outcome.acts.iter().flat_map(|act| &act.rows))
    }

    /// True when nothing is refuted that is not known.
    pub fn is_agreed(&self) -> bool {
        self.figures().refuted == 0
    }

    /// What fails in an act.
    pub(crate) fn label<'a>(&'a self, act: &'a Act) -> &'a str {
        act.fault.as_ref().map_or("nothing", |fault| &fault.label)
    }

    /// Who answers, with the questions that they do, real programs first.
    pub(crate) fn answering(&self) -> Vec<(&str, Vec<String>)> {
        let mut all: std::collections::BTreeMap<(bool, &str), Vec<String>> =
            std::collections::BTreeMap::new();
        for probe in &self.vector.probes {
            if let Some(by) = &probe.by {
                all.entry((by == STAND_IN, by)).or_default().push(probe.id());
            }
        }
        all.into_iter().map(|((_, by), questions)| (by, questions)).collect()
    }

    /// The name of a question.
    pub(crate) fn probe(&self, row: &Row) -> String {
        self.vector.probes[row.probe].id()
    }

    /// The acts with something refuted, each with those rows.
    pub(crate) fn refuted(&self) -> Vec<(&Act, Vec<&Row>)> {
        let refuted = |act| {
            let act: &Act = act;
            let rows: Vec<&Row> =
                act.rows.iter().filter(|row| matches!(row.verdict, Verdict::Refuted(_))).collect();
            (act, rows)
        };
        self.outcome.acts.iter().map(refuted).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Reasons for which something was not judged, with how often, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<(usize, String)> {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for row in self.outcome.acts.iter().flat_map(|act| &act.rows) {
            if let Verdict::NotJudged(why) = &row.verdict {
                *counts.entry(why).or_default() += 1;
            }
        }
        let mut reasons: Vec<(usize, String)> =
            counts.into_iter().map(|(why, n)| (n, why.to_owned())).collect();
        reasons.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        reasons
    }
}

/// `4.2 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

/// What went dark and came back, in groups of those that did so together: seconds, whether they are answered, which.
pub(crate) fn timeline(act: &Act) -> Vec<(f64, bool, Vec<usize>)> {
    let mut groups: Vec<(f64, bool, Vec<usize>)> = Vec::new();
    for &(at, probe, is_up) in &act.changes {
        match groups.last_mut() {
            Some((begin, up, probes)) if *up == is_up && at - *begin < 1.0 => probes.push(probe),
            _ => groups.push((at, is_up, vec![probe])),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
