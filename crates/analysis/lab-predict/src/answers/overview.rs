//! The overview: every single failure, grouped by what follows, worst first; what was proved harmless; where the hours are lost.

use super::{Answer, JSON_VERSION};
use crate::cutsets::CutSets;
use crate::forecast::Forecast;
use crate::forecast::consequence::Harm;
pub(super) use crate::forecast::is_noticed;
use crate::forecast::words::{a_year, counted, harm_phrases, in_step, kind_counted, names, parts};
use crate::probability::{Importance, estimate};
use crate::works::{Fate, Mode, PartId, PartKind, Subject};
use lab_show::document::{Block, Document, Table};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Single failures of the same effect.
#[derive(Clone, Debug)]
pub struct Group {
    /// Any one of these.
    pub parts: Vec<PartId>,
    /// What people lose.
    pub harm: Harm,
}

/// The share of time for which a service is gone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Downtime {
    /// The position of the outcome.
    pub outcome: usize,
    /// From 0 to 1.
    pub share: f64,
    /// False if it is made of the known cut sets alone (the min-cut bound), since the exact number takes too much.
    pub is_exact: bool,
    /// What has the largest share in it, where the cut sets were asked.
    main_cause: Option<PartId>,
}

/// What every single failure does.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Failures that cost somebody something, worst first.
    pub harmful: Vec<Group>,
    /// Failures after which everything is there for everybody.
    pub harmless: Vec<PartId>,
    /// Of those, the ones after which something has lost its redundancy.
    pub n_weakening: usize,
    /// How many pairs bring something about that people notice and that neither part does alone.
    pub n_pairs: u64,
    /// How many sets of three do that no smaller part of them does.
    pub n_triples: u64,
    /// Services with the share of time they are gone, worst first.
    pub downtime: Vec<Downtime>,
}

/// Fails every part alone.
pub fn overview(forecast: &Forecast<'_>) -> Overview {
    let mut groups: BTreeMap<Harm, Vec<PartId>> = BTreeMap::new();
    let mut harmless = Vec::new();
    let mut n_weakening = 0;
    for (part, (holding, is_weakened)) in (0..).map(PartId).zip(after_singles(forecast)) {
        let harm = Harm::of(forecast, holding.into_iter().map(|at| forecast.compiled.outcomes[at].0));
        if harm.is_none() {
            harmless.push(part);
            n_weakening += usize::from(is_weakened);
        } else {
            let key = Harm { machines_down: Vec::new(), units_off: Vec::new(), ..harm };
            groups.entry(key).or_default().push(part);
        }
    }
    let mut harmful: Vec<Group> = groups.into_iter().map(|(harm, parts)| Group { parts, harm }).collect();
    harmful.sort_by_cached_key(|group| (std::cmp::Reverse(group.harm.weight(forecast)), group.parts.clone()));
    let noticed = || forecast.outcomes().filter(|(_, outcome, _)| is_noticed(outcome.fate));
    let count = |order: usize| -> u64 {
        let complete = noticed().map(|(.., sets)| sets).filter(|sets| order <= sets.complete_to);
        CutSets::count_distinct(complete, order)
    };
    Overview {
        harmful,
        harmless,
        n_weakening,
        n_pairs: if forecast.order >= 2 { count(2) } else { 0 },
        n_triples: if forecast.order >= 3 { count(3) } else { 0 },
        downtime: downtime(forecast),
    }
}

/// For each part, the positions of the outcomes that follow from it alone, and whether something else that matters is then one failure away: all
/// of it stands in the cut sets.
fn after_singles(forecast: &Forecast<'_>) -> Vec<(Vec<usize>, bool)> {
    let mut after = vec![(Vec::new(), false); forecast.works.parts.len()];
    let mut in_pairs = Vec::new();
    let mut known: Option<&CutSets> = None;
    for (at, outcome, sets) in forecast.outcomes() {
        in_pairs.resize(sets.classes().len(), false);
        for class in sets.numbers(1).flatten() {
            sets.class(class).iter().for_each(|event| after[event.index()].0.push(at));
        }
        let is_behind = matches!(outcome.subject, Subject::Machine(_) | Subject::Unit(_));
        if sets.complete_to >= 2 && !is_behind && !known.is_some_and(|known| known.is_same(sets)) {
            sets.numbers(2).flatten().for_each(|class| in_pairs[class as usize] = true);
            known = Some(sets);
        }
    }
    if let Some(sets) = known {
        let classes = sets.classes().iter().zip(in_pairs).filter(|(_, is_in_pair)| *is_in_pair);
        classes.flat_map(|(events, _)| events).for_each(|event| after[event.index()].1 = true);
    }
    after
}

fn downtime(forecast: &Forecast<'_>) -> Vec<Downtime> {
    let probabilities = forecast.probabilities();
    let mut shares: Vec<Downtime> = Vec::new();
    for (at, outcome, sets) in forecast.outcomes() {
        if outcome.fate != Fate::Gone {
            continue;
        }
        if let Some(last) = shares.last().filter(|last| forecast.cut_sets(last.outcome).is_same(sets)) {
            shares.push(Downtime { outcome: at, ..*last });
        } else if let Some(share) = probabilities.top(at).exact() {
            shares.push(Downtime { outcome: at, share, is_exact: true, main_cause: None });
        } else if let Some((share, class)) = estimate(probabilities.classes(), sets) {
            let likely = |event: &crate::circuit::EventId| {
                forecast.compiled.circuit.event(*event).probability.unwrap_or_default()
            };
            let of_class = class.map(|class| sets.class(class)).unwrap_or_default().iter();
            let main =
                of_class.max_by(|one, other| likely(one).total_cmp(&likely(other)).then(other.cmp(one)));
            let main_cause = main.map(|event| PartId(event.index() as u32));
            shares.push(Downtime { outcome: at, share, is_exact: false, main_cause });
        }
    }
    shares.sort_by(|one, other| other.share.total_cmp(&one.share).then(one.outcome.cmp(&other.outcome)));
    shares
}

impl Downtime {
    /// The part that has the largest share in it.
    pub fn main_cause(&self, forecast: &Forecast<'_>) -> Option<PartId> {
        if !self.is_exact {
            return self.main_cause;
        }
        let importances = forecast.probabilities().importances(self.outcome).unwrap_or_default();
        let weigh = |importance: &Importance| {
            let event = forecast.compiled.circuit.event(importance.event);
            importance.birnbaum * event.probability.unwrap_or_default()
        };
        let part = importances.iter().max_by(|one, other| weigh(one).total_cmp(&weigh(other)));
        part.map(|importance| PartId(importance.event.index() as u32))
    }
}

/// Rows of the table of services before the rest is counted.
const DOWNTIME_MAX: usize = 8;

impl Overview {
    /// The answer in words and as JSON.
    pub fn answer(&self, forecast: &Forecast<'_>) -> Answer {
        Answer { document: self.document(forecast), json: self.json(forecast) }
    }

    fn document(&self, forecast: &Forecast<'_>) -> Document {
        let mut blocks = vec![Block::Text(self.headline(forecast))];
        blocks.extend(self.already(forecast));
        if !self.harmful.is_empty() {
            let mut table = Table::new(&[">#", "=any one of these", "=and this follows"])
                .titled("Single failures that somebody notices, worst first");
            let rows = self.harmful.iter().map(|group| {
                let phrases = harm_phrases(forecast, &group.harm).join("; ");
                (group.parts.len(), parts(forecast, &group.parts), phrases)
            });
            for (n, parts, phrases) in told_together(rows.collect()) {
                table.row([n.to_string(), parts, phrases]);
            }
            blocks.push(Block::Table(table));
        }
        blocks.push(Block::Text(self.safe(forecast)));
        blocks.push(Block::Text(self.combinations(forecast)));
        blocks.extend(self.downtime_table(forecast));
        blocks.extend(assumptions(forecast));
        Document { title: format!("What breaks in {}", lab_name(forecast)), blocks }
    }

    fn headline(&self, forecast: &Forecast<'_>) -> String {
        let n = forecast.works.parts.len();
        let n_harmful = n - self.harmless.len();
        let losing = self.harmful.iter().filter(|group| group.harm.n_lost() > 0);
        let n_losing: usize = losing.map(|group| group.parts.len()).sum();
        format!(
            "{n} single failures, {} watched: {} harmless, {n_harmful} noticed by somebody, {n_losing} lose data.",
            counted(forecast.n_outcomes(), "outcome", "outcomes"),
            self.harmless.len()
        )
    }

    /// What does not work even while all is well: the description lacks something, or the lab does.
    fn already(&self, forecast: &Forecast<'_>) -> Option<Block> {
        let harm = Harm::of(forecast, forecast.broken_from_the_outset());
        let phrases = harm_phrases(forecast, &harm);
        (!phrases.is_empty()).then(|| {
            Block::Text(format!(
                "Not there even while all is well, as the lab is described (so nothing is said of it below): {}.",
                phrases.join("; ")
            ))
        })
    }

    /// What was proved harmless, with its denominators.
    fn safe(&self, forecast: &Forecast<'_>) -> String {
        let works = &forecast.works;
        let mut kinds: BTreeMap<PartKind, (usize, usize)> = BTreeMap::new();
        for part in works.parts.iter().filter(|part| part.mode != Mode::Briefly) {
            kinds.entry(part.kind).or_default().1 += 1;
        }
        for part in self.harmless.iter().filter(|part| works[**part].mode != Mode::Briefly) {
            kinds.entry(works[*part].kind).or_default().0 += 1;
        }
        let counts: Vec<String> = kinds
            .iter()
            .filter(|(_, (harmless, _))| *harmless > 0)
            .map(|(kind, (harmless, all))| match harmless == all {
                true if *all == 1 => format!("the only {}", kind_counted(*kind, 1).trim_start_matches("1 ")),
                true => format!("all {}", kind_counted(*kind, *all)),
                false => format!("{harmless} of {}", kind_counted(*kind, *all)),
            })
            .collect();
        if counts.is_empty() {
            return "No single failure is harmless.".to_owned();
        }
        format!(
            "Proved harmless alone: {}. After {} of these, something stands on one leg (`predict --fail NAME` says what).",
            counts.join(", "),
            self.n_weakening
        )
    }

    fn combinations(&self, forecast: &Forecast<'_>) -> String {
        if forecast.order < 2 {
            return "Pairs were not looked at.".to_owned();
        }
        let triples = match forecast.order {
            2 => String::new(),
            _ => format!(" and {} of three", self.n_triples),
        };
        let incomplete = if forecast.is_complete() { "" } else { " (not complete: there are too many)" };
        format!(
            "Beyond single failures there are {} combinations of two{triples} that bring something down which none of their parts does alone{incomplete}; `predict --any 2` lists them.",
            self.n_pairs
        )
    }

    fn downtime_table(&self, forecast: &Forecast<'_>) -> Option<Block> {
        if self.downtime.is_empty() {
            return None;
        }
        let mut table = Table::new(&["service", ">gone for about", "~mostly because of"])
            .titled("Expected times without a service");
        for downtime in self.downtime.iter().take(DOWNTIME_MAX) {
            let Subject::Service(id) = forecast.compiled.outcomes[downtime.outcome].0.subject else {
                continue;
            };
            let cause = downtime.main_cause(forecast);
            let cause = cause.map_or_else(String::new, |part| forecast.works[part].label.clone());
            table.row([forecast.works[id].label.clone(), a_year(downtime.share), cause]);
        }
        if self.downtime.iter().take(DOWNTIME_MAX).any(|downtime| !downtime.is_exact) {
            table.title = format!("{}, from the sets of up to {} failures", table.title, forecast.order);
        }
        if self.downtime.len() > DOWNTIME_MAX {
            table.title = format!("{}, the {DOWNTIME_MAX} worst of {}", table.title, self.downtime.len());
        }
        Some(Block::Table(table))
    }

    fn json(&self, forecast: &Forecast<'_>) -> Value {
        let name = |part: &PartId| forecast.works[*part].name.as_str();
        let groups: Vec<Value> = self
            .harmful
            .iter()
            .map(|group| {
                json!({
                    "parts": group.parts.iter().map(name).collect::<Vec<_>>(),
                    "harm": group.harm.json(forecast),
                })
            })
            .collect();
        let downtime: Vec<Value> = self
            .downtime
            .iter()
            .map(|downtime| {
                let top = &forecast.compiled.circuit.tops()[downtime.outcome];
                json!({
                    "outcome": top.name, "unavailability": downtime.share, "exact": downtime.is_exact,
                    "main_cause": downtime.main_cause(forecast).as_ref().map(name),
                })
            })
            .collect();
        json!({
            "version": JSON_VERSION,
            "question": "overview",
            "parts": forecast.works.parts.len(),
            "outcomes": forecast.n_outcomes(),
            "complete": forecast.is_complete(),
            "harmful": groups,
            "harmless": self.harmless.iter().map(name).collect::<Vec<_>>(),
            "pairs": self.n_pairs,
            "triples": self.n_triples,
            "downtime": downtime,
            "assumed": forecast.works.assumed.iter().map(|known| known.what.as_str()).collect::<Vec<_>>(),
        })
    }
}

/// Rows that are alike but for numbers that count up in step are one: what three nodes with a disk each do, each with its own.
fn told_together(rows: Vec<(usize, String, String)>) -> Vec<(usize, String, String)> {
    let mut together: Vec<Vec<(usize, String, String)>> = Vec::new();
    let without_numbers = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    let shape = |row: &(usize, String, String)| (row.0, without_numbers(&row.1), without_numbers(&row.2));
    for row in rows {
        match together.iter_mut().find(|alike| shape(&alike[0]) == shape(&row)) {
            Some(alike) => alike.push(row),
            None => together.push(vec![row]),
        }
    }
    let mut told = Vec::new();
    for alike in together {
        let column =
            |text: fn(&(usize, String, String)) -> &str| in_step(&alike.iter().map(text).collect::<Vec<_>>());
        match (alike.len(), column(|row| &row.1), column(|row| &row.2)) {
            (2.., Some(parts), Some(phrases)) => {
                let n = alike.iter().map(|row| row.0).sum();
                told.push((n, parts, format!("{phrases} (each its own)")));
            }
            _ => told.extend(alike),
        }
    }
    told
}

/// Assumptions that fit one look.
const ASSUMED_MAX: usize = 5;

fn assumptions(forecast: &Forecast<'_>) -> Option<Block> {
    let works = &forecast.works;
    let n_assumed = works.parts.iter().filter(|part| part.figures_assumed).count();
    let mut text = String::new();
    if n_assumed > 0 {
        text = format!(
            "Failure rates of {n_assumed} of {} parts are the field's, not this lab's: the times are estimates, the sets are exact. ",
            works.parts.len()
        );
    }
    if !works.assumed.is_empty() {
        let told = names(works.assumed.iter().take(ASSUMED_MAX).map(|known| known.what.as_str()));
        let more = works.assumed.len().saturating_sub(ASSUMED_MAX);
        let more = if more > 0 { format!(" and {more} more (--format json has all)") } else { String::new() };
        text.push_str(&format!("Taken for granted, since the lab does not say: {told}{more}."));
    }
    (!text.is_empty()).then(|| Block::Text(text.trim_end().to_owned()))
}

/// The lab's name, or `the lab`.
pub(super) fn lab_name<'a>(forecast: &'a Forecast<'_>) -> &'a str {
    forecast.lab.head.name.as_ref().map_or("the lab", |name| name.text.as_ref())
}
