//! Verdicts: what an aspect of a claim is, whether it holds, and the smallest reason why or why not.

use super::Judged;
use crate::answer::{Answer, JSON_VERSION};
use crate::forecast::Forecast;
use crate::forecast::words::counted;
use lab_show::document::{Block, Document, Table};
use lab_source::Span;
use serde_json::{Value, json};

/// Whether a claim holds. The order is that of how much it deserves to be looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// It holds, for the lab as it is described.
    Proved,
    /// Nothing in the description decides it.
    NotJudged,
    /// It does not hold.
    Refuted,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::NotJudged => "not judged",
            Self::Refuted => "REFUTED",
        }
    }
}

/// One fact that takes part in a proof or refutation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// The fact in words.
    pub what: String,
    /// Where it is written.
    pub span: Option<Span>,
}

impl Witness {
    /// A fact with its place.
    pub fn new(what: impl Into<String>, span: Option<Span>) -> Self {
        Self { what: what.into(), span }
    }
}

/// One thing that a claim says, with what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Aspect {
    /// What is claimed, in exact words: `any 2 of 6 drives fail: tank keeps its data`.
    pub claim: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Why, as a specialist would say it: one or two sentences.
    pub because: String,
    /// The facts behind it, cause first. The smallest set that shows it.
    pub witness: Vec<Witness>,
}

impl Aspect {
    /// An aspect that holds.
    pub fn proved(claim: impl Into<String>, because: impl Into<String>) -> Self {
        Self { claim: claim.into(), verdict: Verdict::Proved, because: because.into(), witness: Vec::new() }
    }

    /// An aspect that does not hold.
    pub fn refuted(claim: impl Into<String>, because: impl Into<String>) -> Self {
        Self { verdict: Verdict::Refuted, ..Self::proved(claim, because) }
    }

    /// An aspect that the description does not decide.
    pub fn not_judged(claim: impl Into<String>, because: impl Into<String>) -> Self {
        Self { verdict: Verdict::NotJudged, ..Self::proved(claim, because) }
    }

    /// The same with the facts behind it.
    #[must_use]
    pub fn with(mut self, witness: impl IntoIterator<Item = Witness>) -> Self {
        self.witness.extend(witness);
        self
    }
}

/// All verdicts in words and as JSON; of the promises called `names` only, when there are any.
pub fn answer(forecast: &Forecast<'_>, judged: &[Judged], names: &[String]) -> Answer {
    let name = |judged: &Judged| forecast.lab.promises[judged.promise].name.to_string();
    let chosen: Vec<&Judged> =
        judged.iter().filter(|judged| names.is_empty() || names.contains(&name(judged))).collect();
    Answer { document: document(forecast, &chosen, !names.is_empty()), json: as_json(forecast, &chosen) }
}

fn document(forecast: &Forecast<'_>, judged: &[&Judged], in_full: bool) -> Document {
    let count = |verdict: Verdict| {
        judged.iter().filter(|judged| !judged.aspects.is_empty() && judged.verdict() == verdict).count()
    };
    let n_words = judged.iter().filter(|judged| judged.aspects.is_empty()).count();
    let mut blocks = vec![Block::Text(format!(
        "{}: {} proved, {} refuted, {} not decided by the description, {n_words} in words only.",
        counted(judged.len(), "promise", "promises"),
        count(Verdict::Proved),
        count(Verdict::Refuted),
        count(Verdict::NotJudged)
    ))];
    for verdict in [Verdict::Refuted, Verdict::NotJudged, Verdict::Proved] {
        let of: Vec<&&Judged> = judged
            .iter()
            .filter(|judged| !judged.aspects.is_empty() && judged.verdict() == verdict)
            .collect();
        if of.is_empty() {
            continue;
        }
        let mut table = Table::new(&["promise", "=says", "=because"]).titled(verdict.word());
        for judged in of {
            let promise = &forecast.lab.promises[judged.promise];
            let says = promise.says.as_ref().map_or_else(String::new, |says| says.text.to_string());
            let telling = judged.aspects.iter().filter(|aspect| aspect.verdict == verdict);
            let because: Vec<&str> = telling.map(|aspect| aspect.because.as_str()).collect();
            table.row([promise.name.to_string(), says, because.join(" ")]);
        }
        blocks.push(Block::Table(table));
    }
    if in_full {
        judged.iter().for_each(|judged| aspects(forecast, judged, &mut blocks));
    }
    Document { title: String::new(), blocks }
}

/// Every aspect with its witness, for promises that were asked for by name.
fn aspects(forecast: &Forecast<'_>, judged: &Judged, blocks: &mut Vec<Block>) {
    for aspect in &judged.aspects {
        let mut tree = lab_show::Tree::new(format!("{}: {}", aspect.verdict.word(), aspect.claim));
        tree.children = aspect.witness.iter().map(|fact| lab_show::Tree::new(&fact.what)).collect();
        blocks.push(Block::Tree(tree));
    }
    let _ = forecast;
}

fn as_json(forecast: &Forecast<'_>, judged: &[&Judged]) -> Value {
    let promises: Vec<Value> = judged
        .iter()
        .map(|judged| {
            let promise = &forecast.lab.promises[judged.promise];
            let aspects: Vec<Value> = judged
                .aspects
                .iter()
                .map(|aspect| {
                    json!({
                        "claim": aspect.claim, "verdict": aspect.verdict.word().to_lowercase(), "because": aspect.because,
                        "witness": aspect.witness.iter().map(|fact| fact.what.as_str()).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let verdict = match judged.aspects.is_empty() {
                true => "in words only".to_owned(),
                false => judged.verdict().word().to_lowercase(),
            };
            json!({
                "promise": promise.name.to_string(),
                "says": promise.says.as_ref().map(|says| says.text.to_string()),
                "verdict": verdict,
                "aspects": aspects,
            })
        })
        .collect();
    json!({ "version": JSON_VERSION, "question": "promises", "promises": promises })
}
