//! Minimal cut sets: the smallest sets of basic events that bring a top down, for all tops of a circuit at once.
//!
//! The families of the gates are built from the leaves up, cut off at an order, over series classes. Gates that tops share are solved
//! once, so that a service costs next to nothing. The answer is exact up to the order asked for, or says up to which order it is:
//! no set is ever missing in silence, and none is ever false.

mod algebra;
mod engine;
mod family;
mod joined;
mod members;
mod memo;
mod packed;
mod pattern;
mod scope;
#[cfg(test)]
mod tests;

pub use packed::ORDER_MAX;
pub(crate) use pattern::lines;
pub use pattern::{PATTERN_SETS_MAX, Pattern, PatternPart, patterns};

use crate::circuit::{Circuit, EventId, Reduced};
use engine::Engine;
use family::Family;
use packed::{Layout, Table};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the engine may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest sets that are wanted, from 1 to [`ORDER_MAX`] events.
    pub order: usize,
    /// Sets of one order that one gate may have, each of eight bytes. A gate with more loses that order and those above it.
    pub sets_max: usize,
}

impl Limits {
    /// Sets of up to that many events, within a gigabyte or so.
    pub fn of_order(order: usize) -> Self {
        Self { order, sets_max: 16_000_000 }
    }
}

/// The question cannot be asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CutSetsError {
    /// Orders outside 1 to [`ORDER_MAX`].
    #[error("cut sets of order {order} are not computed; from 1 to {ORDER_MAX} they are")]
    Order {
        /// What was asked for.
        order: usize,
    },
    /// More classes of events than a packed set can name.
    #[error("{n_classes} events that differ in effect are too many for cut sets of order {order}")]
    TooManyEvents {
        /// How many there are.
        n_classes: usize,
        /// What was asked for.
        order: usize,
    },
}

/// The minimal cut sets of all tops, and what they cost.
#[derive(Clone, Debug)]
pub struct Answer {
    /// One for each top, in the circuit's order.
    pub tops: Vec<CutSets>,
    /// How many classes of events that are alike in effect there are.
    pub n_classes: usize,
    /// The most sets that were held at any one time, over all gates, each of eight bytes.
    pub n_sets_peak: usize,
}

/// The minimal cut sets of one top.
#[derive(Clone, Debug)]
pub struct CutSets {
    /// Every minimal cut set of up to that many events is here. Less than asked for if a limit was met.
    pub complete_to: usize,
    /// True if the top has failed from the outset, so that the empty set is its only minimal cut set.
    pub is_always: bool,
    layout: Layout,
    classes: Arc<[Vec<EventId>]>,
    family: Arc<Family>,
}

impl CutSets {
    /// How many minimal cut sets of an order there are.
    pub fn count(&self, order: usize) -> u64 {
        self.numbers(order).map(|set| self.n_sets(set)).sum()
    }

    /// How many sets one set of classes stands for.
    pub(crate) fn n_sets(&self, classes: impl Iterator<Item = u32>) -> u64 {
        classes.map(|class| self.classes[class as usize].len() as u64).product()
    }

    /// How many sets of an order are a minimal cut set of at least one of several tops. All must be of one [`Answer`].
    pub fn count_distinct<'a>(tops: impl IntoIterator<Item = &'a Self>, order: usize) -> u64 {
        let mut tops: Vec<&Self> = tops.into_iter().collect();
        // Many tops are one node.
        tops.sort_by_key(|top| Arc::as_ptr(&top.family));
        tops.dedup_by_key(|top| Arc::as_ptr(&top.family));
        if order == 1 {
            let classes: BTreeSet<u64> = tops.iter().flat_map(|top| top.family.of(1)).copied().collect();
            let n_events = |class: u64| tops[0].classes[class as usize].len() as u64;
            return classes.into_iter().map(n_events).sum();
        }
        let mut seen = Table::default();
        let mut count = 0;
        for top in tops {
            for (&set, classes) in top.family.of(order).iter().zip(top.numbers(order)) {
                if seen.insert_growing(set) {
                    count += top.n_sets(classes);
                }
            }
        }
        count
    }

    /// How many sets of classes stand for those of an order.
    pub fn n_class_sets(&self, order: usize) -> usize {
        self.family.of(order).len()
    }

    /// True if there is no minimal cut set among those that were looked for.
    pub fn is_empty(&self) -> bool {
        !self.is_always && self.family.is_empty()
    }

    /// Sets of classes: any one event of each class, together, is a minimal cut set.
    pub fn class_sets(&self, order: usize) -> impl Iterator<Item = Vec<&[EventId]>> {
        self.numbers(order).map(move |set| set.map(|class| self.class(class)).collect())
    }

    /// The minimal cut sets of an order, each ascending. There may be millions; take what is needed.
    pub fn sets(&self, order: usize) -> impl Iterator<Item = Vec<EventId>> {
        self.class_sets(order).flat_map(|set| expand(&set))
    }

    /// The classes of each set as ascending numbers, for engines of this crate.
    pub(crate) fn numbers(
        &self,
        order: usize,
    ) -> impl Iterator<Item = impl Iterator<Item = u32> + Clone + use<>> {
        let layout = self.layout;
        self.family.of(order).iter().map(move |&set| layout.classes(set, order))
    }

    /// One of [`Self::numbers`].
    pub(crate) fn number(&self, order: usize, place: usize) -> impl Iterator<Item = u32> + use<> {
        self.layout.classes(self.family.of(order)[place], order)
    }

    /// The events of a class.
    pub(crate) fn class(&self, class: u32) -> &[EventId] {
        &self.classes[class as usize]
    }

    /// The events of all classes.
    pub(crate) fn classes(&self) -> &[Vec<EventId>] {
        &self.classes
    }

    /// True if both are the family of one node.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.family, &other.family)
    }
}

fn expand(set: &[&[EventId]]) -> Vec<Vec<EventId>> {
    let mut expanded: Vec<Vec<EventId>> = vec![Vec::new()];
    for class in set {
        let longer = |known: &Vec<EventId>| {
            let known = known.clone();
            class.iter().map(move |event| [known.as_slice(), &[*event]].concat())
        };
        expanded = expanded.iter().flat_map(longer).collect();
    }
    expanded.iter_mut().for_each(|set| set.sort_unstable());
    expanded
}

/// All minimal cut sets of every top, up to an order.
///
/// # Errors
/// An order that is not computed, or a circuit of too many events. A family that outgrows its limit is no error: see
/// [`CutSets::complete_to`].
pub fn minimal_cut_sets(circuit: &Circuit, limits: Limits) -> Result<Answer, CutSetsError> {
    minimal_cut_sets_of(&Reduced::new(circuit), limits)
}

/// The same of a circuit that was made smaller before.
pub(crate) fn minimal_cut_sets_of(reduced: &Reduced, limits: Limits) -> Result<Answer, CutSetsError> {
    let order = limits.order;
    if !(1..=ORDER_MAX).contains(&order) {
        return Err(CutSetsError::Order { order });
    }
    let n_classes = reduced.classes.len();
    let layout = Layout::new(n_classes, order).ok_or(CutSetsError::TooManyEvents { n_classes, order })?;
    let mut engine = Engine::new(reduced, layout, limits);
    (0..reduced.gates.len()).for_each(|gate| engine.solve(gate));
    let tops = reduced.tops.iter().map(|top| engine.answer(*top)).collect();
    Ok(Answer { tops, n_classes, n_sets_peak: engine.n_sets_peak })
}
