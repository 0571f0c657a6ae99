//! "What should I change?": candidate changes, each made in the description and tried, the free and most useful first.
//!
//! Each kind of change is a file that says where it is physically possible. A candidate is an overlay: the lab is read once more with it
//! laid over, laid out, compiled, and all single failures and pairs are compared with those of the lab as it is. So what is
//! printed is what was tried, and what gets worse is told beside what gets better. No price is invented: what the lab does not price is
//! "not known". After the first step the next best is looked for on top of it.

mod candidate;
mod edit;
mod gain;
mod kinds;
mod tell;
#[cfg(test)]
mod tests;

use super::SelectError;
use crate::forecast::{Forecast, Texts, tables};
use crate::promises::{self, Verdict};
use crate::simulate::Simulator;
use crate::simulate::overload::{Draw, cascade};
use crate::simulate::placement::fit;
use crate::works::{PartId, PartKind};
use candidate::Candidate;
pub use candidate::Cost;
pub use gain::{Effect, Time};
use gain::{Numbers, Sets, Times};
use lab_model::Reading;
use lab_source::{Severity, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that are tried at most.
const TRIED_MAX: usize = 300;

/// Steps of the plan.
const STEPS_MAX: usize = 3;

/// Kinds of changes that are looked at again after a step.
const NEXT_MAX: usize = 12;

/// A change that was tried and helps.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What to do.
    pub what: String,
    /// What it takes and what only a person can know, each a phrase.
    pub takes: Vec<String>,
    /// The change as an overlay: a few lines of YAML.
    pub yaml: String,
    /// Where in the description it is made.
    pub span: Option<Span>,
    /// The same as a path and a line.
    pub place: Option<(String, usize)>,
    /// What it costs.
    pub cost: Cost,
    /// What it removes and what it brings.
    pub effect: Effect,
    /// Services that are gone for less time, most gained first.
    pub gained: Vec<Time>,
    /// Services that are gone for longer.
    pub lost: Vec<Time>,
    /// Promises of the owner that it makes true.
    pub keeps: Vec<String>,
    /// Promises that it breaks.
    pub breaks: Vec<String>,
    /// How many other ways there are to do the same that help less or cost more.
    pub n_alternatives: usize,
    group: String,
    covers: Vec<String>,
}

/// One step of a plan: a change after those before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to do.
    pub what: String,
    /// What it costs.
    pub cost: Cost,
    /// What it removes and brings after the steps before it.
    pub effect: Effect,
}

/// What can be changed for the better.
#[derive(Clone, Debug)]
pub struct Fixes {
    /// The free ones first, then by harm removed.
    pub fixes: Vec<Fix>,
    /// The best change, the best after it, and so on.
    pub plan: Vec<Step>,
    /// How many changes were tried.
    pub n_tried: usize,
    /// How many of them could not be made: the lab would have a fault, or something would be overloaded.
    pub n_refused: usize,
    /// How many of them brought as much harm as they removed, or more.
    pub n_useless: usize,
    /// True when there were more candidates than are tried.
    pub is_cut: bool,
}

/// Tries changes to the lab.
///
/// # Errors
/// When the forecast does not have the lab's texts, or the lab has too many parts for pairs.
pub fn fix(forecast: &Forecast<'_>) -> Result<Fixes, SelectError> {
    let Some(texts) = forecast.texts else {
        return Err(SelectError {
            message: "changes are tried on the lab's texts, which are not here".to_owned(),
            near: None,
        });
    };
    let of_works = Forecast::of_works(forecast.lab, forecast.works.clone(), forecast.today, 2);
    let before = of_works.map_err(too_large)?.with_texts(texts);
    let round = Round::of(&before, texts);
    let mut first = round.run(|_| true)?;
    round.judge(&mut first.fixes)?;
    let mut plan = Vec::new();
    if let Some(best) = first.fixes.first() {
        plan = plan_from(&before, texts, best, &first.fixes)?;
    }
    Ok(Fixes { plan, ..first })
}

fn too_large(error: super::ForecastError) -> SelectError {
    SelectError { message: error.to_string(), near: None }
}

/// The best change, then the best of the others after it, and so on.
fn plan_from(
    before: &Forecast<'_>,
    texts: Texts<'_>,
    best: &Fix,
    others: &[Fix],
) -> Result<Vec<Step>, SelectError> {
    let step =
        |fix: &Fix| Step { what: fix.what.clone(), cost: fix.cost.clone(), effect: fix.effect.clone() };
    let mut plan = vec![step(best)];
    let mut groups: BTreeSet<&str> = others.iter().take(NEXT_MAX).map(|fix| fix.group.as_str()).collect();
    groups.remove(best.group.as_str());
    let mut reading = lab_model::read_over(before.lab, texts.files, &best.yaml, texts.types);
    while plan.len() < STEPS_MAX && !groups.is_empty() {
        let next = {
            let texts = Texts { files: &reading.files, types: texts.types };
            let works = tables(&reading.lab, before.today);
            let forecast = Forecast::of_works(&reading.lab, works, before.today, 2).map_err(too_large)?;
            let tried =
                Round::of(&forecast, texts).run(|candidate| groups.contains(candidate.group.as_str()))?;
            let Some(fix) = tried.fixes.into_iter().next() else { break };
            plan.push(step(&fix));
            groups.remove(fix.group.as_str());
            lab_model::read_over(&reading.lab, &reading.files, &fix.yaml, texts.types)
        };
        reading = next;
    }
    Ok(plan)
}

/// The lab as it is, and what candidates are held against.
struct Round<'r> {
    forecast: &'r Forecast<'r>,
    texts: Texts<'r>,
    numbers: Numbers,
    sets: Sets,
    times: Times,
    overloads: BTreeSet<String>,
    homeless: BTreeSet<String>,
}

/// What became of a candidate.
enum Tried {
    /// It cannot be made.
    Refused,
    /// It does not help.
    Useless,
    /// It helps.
    Better(Box<Gains>),
}

struct Gains {
    effect: Effect,
    gained: Vec<Time>,
    lost: Vec<Time>,
    worth: f64,
}

impl<'r> Round<'r> {
    fn of(forecast: &'r Forecast<'r>, texts: Texts<'r>) -> Self {
        let numbers = Numbers::of(forecast);
        let sets = Sets::of(forecast, &numbers);
        let times = Times::of(forecast);
        let (overloads, homeless) = (overloads(forecast), homeless(forecast));
        Self { forecast, texts, numbers, sets, times, overloads, homeless }
    }

    fn run(&self, is_wanted: impl Fn(&Candidate) -> bool) -> Result<Fixes, SelectError> {
        let mut candidates = kinds::all(self.forecast);
        candidates.retain(is_wanted);
        let is_cut = candidates.len() > TRIED_MAX;
        candidates.truncate(TRIED_MAX);
        let n_tried = candidates.len();
        let (mut found, mut n_refused, mut n_useless) = (Vec::new(), 0, 0);
        for candidate in candidates {
            match self.try_one(&candidate)? {
                Tried::Refused => n_refused += 1,
                Tried::Useless => n_useless += 1,
                Tried::Better(gains) => found.push((candidate, *gains)),
            }
        }
        found.sort_by(|(one, gains), (other, others)| {
            let by_sets = others.effect.score.cmp(&gains.effect.score);
            one.cost.cmp(&other.cost).then(by_sets).then(others.worth.total_cmp(&gains.worth))
        });
        let fixes = self.best_of_groups(found);
        Ok(Fixes { fixes, plan: Vec::new(), n_tried, n_refused, n_useless, is_cut })
    }

    fn best_of_groups(&self, found: Vec<(Candidate, Gains)>) -> Vec<Fix> {
        let mut fixes: Vec<Fix> = Vec::new();
        for (candidate, Gains { effect, gained, lost, .. }) in found {
            if let Some(known) = fixes.iter_mut().find(|fix| fix.group == candidate.group) {
                known.n_alternatives += 1;
                continue;
            }
            let yaml = candidate.edit.yaml();
            let Candidate { group, covers, what, takes, edit, cost } = candidate;
            let (span, place) = (edit.span, edit.span.and_then(|span| self.place(span)));
            fixes.push(Fix {
                what,
                takes,
                yaml,
                span,
                place,
                cost,
                effect,
                gained,
                lost,
                keeps: Vec::new(),
                breaks: Vec::new(),
                n_alternatives: 0,
                group,
                covers,
            });
        }
        without_covered(fixes)
    }

    /// What each change does to the owner's promises. They take longer to judge than all else, so only what is proposed is judged.
    fn judge(&self, fixes: &mut [Fix]) -> Result<(), SelectError> {
        let before = if fixes.is_empty() { BTreeMap::new() } else { verdicts(self.forecast) };
        for fix in fixes {
            let reading = self.read(&fix.yaml);
            let after = self.forecast_of(&reading)?;
            let turned: Vec<(String, Verdict)> =
                verdicts(&after).into_iter().filter(|(name, now)| before.get(name) != Some(now)).collect();
            let named = |verdict: Verdict| {
                let of = turned.iter().filter(|(_, now)| *now == verdict);
                of.map(|(name, _)| name.clone()).collect()
            };
            (fix.keeps, fix.breaks) = (named(Verdict::Proved), named(Verdict::Refuted));
        }
        Ok(())
    }

    /// The lab with a change laid over it.
    fn read(&self, yaml: &str) -> Reading {
        lab_model::read_over(self.forecast.lab, self.texts.files, yaml, self.texts.types)
    }

    fn forecast_of<'a>(&self, reading: &'a Reading) -> Result<Forecast<'a>, SelectError> {
        let works = tables(&reading.lab, self.forecast.today);
        Forecast::of_works(&reading.lab, works, self.forecast.today, 2).map_err(too_large)
    }

    /// The path and line of a place in the lab's files.
    fn place(&self, span: Span) -> Option<(String, usize)> {
        let file = self.texts.files.find(span.file)?;
        Some((file.name.clone(), self.texts.files.line_column(span.file, span.start).0))
    }

    fn try_one(&self, candidate: &Candidate) -> Result<Tried, SelectError> {
        let reading = self.read(&candidate.edit.yaml());
        if is_faulty(&reading) {
            return Ok(Tried::Refused);
        }
        let after = self.forecast_of(&reading)?;
        let sets = Sets::of(&after, &self.numbers);
        let effect = self.sets.compared_with(&sets, self.forecast, &after);
        if !effect.is_better() {
            return Ok(Tried::Useless);
        }
        if !overloads(&after).is_subset(&self.overloads) || !homeless(&after).is_subset(&self.homeless) {
            return Ok(Tried::Refused);
        }
        let times = Times::of(&after);
        let worth = self.times.gain(&times);
        if worth < 0.0 {
            return Ok(Tried::Useless);
        }
        let (gained, lost) = self.times.compared_with(&times);
        Ok(Tried::Better(Box::new(Gains { effect, gained, lost, worth })))
    }
}

/// Leaves out what another change does as well; it is counted as one more way to do that.
fn without_covered(mut fixes: Vec<Fix>) -> Vec<Fix> {
    let mut at = 0;
    while let Some(fix) = fixes.get(at) {
        let group = fix.group.clone();
        let n_ways = 1 + fix.n_alternatives;
        match fixes.iter_mut().find(|other| other.covers.contains(&group)) {
            Some(other) => {
                other.n_alternatives += n_ways;
                fixes.remove(at);
            }
            None => at += 1,
        }
    }
    fixes
}

/// True when the changed lab cannot be read. Faults that it had before are not told again: they are in its files, not in the change.
fn is_faulty(reading: &Reading) -> bool {
    reading
        .diagnostics
        .iter()
        .any(|finding| finding.severity != Severity::Note && is_of_change(reading, finding))
}

/// True for what is said of the text that was laid over, which is the last one.
fn is_of_change(reading: &Reading, finding: &lab_source::Diagnostic) -> bool {
    let last = reading.files.iter().filter(|(_, file)| file.name == "overlay").last().map(|(id, _)| id);
    finding.primary.iter().chain(&finding.secondary).any(|label| Some(label.span.file) == last)
}

/// What finds no place on the machines even while all is well.
fn homeless(forecast: &Forecast<'_>) -> BTreeSet<String> {
    let fit = fit(&Simulator::new(&forecast.works).play(&[]));
    fit.left_out.iter().map(|left| format!("{:?}", left.item)).collect()
}

/// The verdicts on the owner's promises, by name.
fn verdicts(forecast: &Forecast<'_>) -> BTreeMap<String, Verdict> {
    let judged = promises::judge(forecast).into_iter();
    judged.map(|judged| (forecast.lab.promises[judged.promise].name.to_string(), judged.verdict())).collect()
}

/// What trips when nothing, or one part of the power supply, has failed: `pdu-1` after `ups-2`.
fn overloads(forecast: &Forecast<'_>) -> BTreeSet<String> {
    let works = &forecast.works;
    let simulator = Simulator::new(works);
    let of_power = (0..)
        .map(PartId)
        .zip(&works.parts)
        .filter(|(_, part)| matches!(part.kind, PartKind::PowerNode | PartKind::Ups | PartKind::Pdu));
    let mut found = BTreeSet::new();
    for failed in std::iter::once(None).chain(of_power.map(Some)) {
        let (parts, after) = match failed {
            None => (Vec::new(), ""),
            Some((id, part)) => (vec![id], part.label.as_str()),
        };
        for trip in cascade(&simulator, &parts, Draw::Typical).trips {
            found.insert(format!("{:?} after {after}", trip.what));
        }
    }
    found
}
