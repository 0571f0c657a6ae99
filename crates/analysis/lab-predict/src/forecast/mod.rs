//! What every answer and every verdict starts from: the lab's tables, their circuit, and the minimal cut sets of all outcomes at once; what
//! follows from failures, and the words for it.

pub mod consequence;
pub(crate) mod words;

use crate::circuit::Reduced;
use crate::compile::{Compiled, compile};
use crate::cutsets::{Answer as Families, CutSets, CutSetsError, Limits, minimal_cut_sets_of};
use crate::probability::Probabilities;
use crate::simulate::strand;
use crate::survey::survey;
use crate::works::{Fate, Outcome, PartId, Works};
use jiff::civil::Date;
use lab_model::{Lab, TypeSource};
use lab_source::Files;
use std::cell::OnceCell;
use std::sync::Arc;

/// Nodes of the diagrams of what people notice: some milliseconds. The labs of this repository need 7,000 and less.
const NODES_MAX: usize = 10_000;

/// A lab, ready to be asked what breaks it.
pub struct Forecast<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// How it works.
    pub works: Works,
    /// Its circuit.
    pub compiled: Compiled,
    /// Up to how many failures at once the cut sets go.
    pub order: usize,
    /// The day for which ages are worked out.
    pub today: Date,
    /// What the lab was read from, for whoever tries changes to it.
    pub texts: Option<Texts<'a>>,
    reduced: Arc<Reduced>,
    families: Families,
    healthy: Vec<bool>,
    probabilities: OnceCell<Probabilities>,
}

/// The tables of a lab, with what strands in it.
pub fn tables(lab: &Lab, today: Date) -> Works {
    let mut works = survey(lab, today);
    strand(&mut works);
    works
}

/// What a lab was read from.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// Its files.
    pub files: &'a Files,
    /// Where types come from beside the lab itself.
    pub types: &'a dyn TypeSource,
}

/// The lab cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("cannot find the minimal cut sets")]
pub struct ForecastError(#[from] CutSetsError);

impl<'a> Forecast<'a> {
    /// Lays the lab out, compiles it, and finds all minimal cut sets of up to `order` failures.
    ///
    /// # Errors
    /// An order that is not computed, or a lab of too many parts for it.
    pub fn new(lab: &'a Lab, today: Date, order: usize) -> Result<Self, ForecastError> {
        Self::of_works(lab, tables(lab, today), today, order)
    }

    /// The same of tables that are there already.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn of_works(lab: &'a Lab, works: Works, today: Date, order: usize) -> Result<Self, ForecastError> {
        let compiled = compile(&works);
        let reduced = Arc::new(Reduced::new(&compiled.circuit));
        let families = minimal_cut_sets_of(&reduced, Limits::of_order(order))?;
        let healthy = compiled.circuit.evaluate(|_| false);
        let probabilities = OnceCell::new();
        Ok(Self {
            lab,
            works,
            compiled,
            order,
            today,
            texts: None,
            reduced,
            families,
            healthy,
            probabilities,
        })
    }

    /// The same, able to try changes.
    #[must_use]
    pub fn with_texts(self, texts: Texts<'a>) -> Self {
        Self { texts: Some(texts), ..self }
    }

    /// How many outcomes are watched.
    pub fn n_outcomes(&self) -> usize {
        self.compiled.outcomes.len()
    }

    /// The outcomes with their cut sets, in the order of [`Works::outcomes`].
    pub fn outcomes(&self) -> impl Iterator<Item = (usize, Outcome, &CutSets)> {
        let outcomes = self.compiled.outcomes.iter().enumerate();
        outcomes.zip(&self.families.tops).map(|((at, (outcome, _)), sets)| (at, *outcome, sets))
    }

    /// The cut sets of an outcome, by its position.
    pub fn cut_sets(&self, at: usize) -> &CutSets {
        &self.families.tops[at]
    }

    /// The position of an outcome.
    pub fn position(&self, outcome: Outcome) -> Option<usize> {
        self.compiled.outcomes.iter().position(|(known, _)| *known == outcome)
    }

    /// True when every family is complete up to the order asked for.
    pub fn is_complete(&self) -> bool {
        self.families.tops.iter().all(|sets| sets.complete_to >= self.order)
    }

    /// Outcomes that hold while nothing has failed: the lab as described cannot do this.
    pub fn broken_from_the_outset(&self) -> Vec<Outcome> {
        let outcomes = self.compiled.outcomes.iter();
        outcomes.filter(|(_, node)| self.healthy[node.index()]).map(|(outcome, _)| *outcome).collect()
    }

    /// Positions of the outcomes that hold once these parts have failed, without those that hold anyway.
    pub fn holds_after(&self, failed: &[PartId]) -> Vec<usize> {
        let state =
            self.compiled.circuit.evaluate(|event| failed.iter().any(|part| part.index() == event.index()));
        let outcomes = self.compiled.outcomes.iter().enumerate();
        let new = |(at, (_, node)): (usize, &(Outcome, _))| {
            let node: &crate::circuit::NodeId = node;
            (state[node.index()] && !self.healthy[node.index()]).then_some(at)
        };
        outcomes.filter_map(new).collect()
    }

    /// Exact probabilities of what people notice, worked out when first asked for.
    pub fn probabilities(&self) -> &Probabilities {
        self.probabilities.get_or_init(|| {
            let is_wanted = |at: usize| is_noticed(self.compiled.outcomes[at].0.fate);
            Probabilities::of(&self.compiled.circuit, Arc::clone(&self.reduced), is_wanted, NODES_MAX)
        })
    }
}

/// What people notice, apart from the machines behind it.
pub(crate) fn is_noticed(fate: Fate) -> bool {
    matches!(fate, Fate::Gone | Fate::Stopped | Fate::Lost | Fate::NoInternet | Fate::NoQuorum)
}
