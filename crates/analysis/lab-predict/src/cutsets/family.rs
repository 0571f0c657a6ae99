//! Families of minimal cut sets, cut off at an order: one list in one piece of memory. Their algebra is in [`super::algebra`].

use super::packed::{Layout, ORDER_MAX};

/// The minimal cut sets of one gate, order after order, each in ascending packed order. Above the order to which it is complete it
/// holds none, since they might not be minimal.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Family {
    sets: Vec<u64>,
    /// Where the sets of each order end.
    ends: [usize; ORDER_MAX],
    /// Every set of up to that many classes is here.
    pub(crate) complete_to: usize,
}

impl Family {
    /// No sets at all: what never fails.
    pub(crate) fn never(layout: Layout) -> Self {
        Self { sets: Vec::new(), ends: [0; ORDER_MAX], complete_to: layout.order }
    }

    /// One class.
    pub(crate) fn of_class(class: u32, layout: Layout) -> Self {
        Self { sets: vec![u64::from(class)], ends: [1; ORDER_MAX], complete_to: layout.order }
    }

    /// The sets of one order.
    pub(crate) fn of(&self, order: usize) -> &[u64] {
        let start = if order == 1 { 0 } else { self.ends[order - 2] };
        &self.sets[start..self.ends[order - 1]]
    }

    /// The sets of every order, with the order.
    pub(super) fn orders(&self) -> impl Iterator<Item = (usize, &[u64])> {
        (1..=ORDER_MAX).map(|order| (order, self.of(order)))
    }

    /// How many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Without sets that another family has.
    pub(super) fn without(&self, other: &Family) -> Family {
        let mut rest = Growing::new(Vec::with_capacity(self.len()));
        for order in 1..=ORDER_MAX {
            extend_apart(rest.sets(), self.of(order), other.of(order));
            rest.close(order);
        }
        rest.into_family(self.complete_to)
    }

    /// The sets that stand in all families. It says nothing of completeness.
    pub(super) fn common(families: &[&Family], layout: Layout, memory: &mut Vec<u64>) -> Family {
        let [first, others @ ..] = families else { return Family::never(layout) };
        if others.is_empty() {
            return Family::never(layout);
        }
        let mut common = Growing::new(std::mem::take(memory));
        for order in 1..=ORDER_MAX {
            let start = common.sets().len();
            common.sets().extend_from_slice(first.of(order));
            for other in others {
                keep_shared(common.sets(), start, other.of(order));
            }
            common.close(order);
        }
        common.copied(layout.order, memory)
    }
}

/// A family in the making, one order after the other.
pub(super) struct Growing {
    sets: Vec<u64>,
    ends: [usize; ORDER_MAX],
}

impl Growing {
    /// None so far. `memory` is emptied.
    pub(super) fn new(mut memory: Vec<u64>) -> Self {
        memory.clear();
        Self { sets: memory, ends: [0; ORDER_MAX] }
    }

    /// All sets so far, for adding some.
    pub(super) fn sets(&mut self) -> &mut Vec<u64> {
        &mut self.sets
    }

    /// The sets of an order that was closed.
    pub(super) fn of(&self, order: usize) -> &[u64] {
        let start = if order == 1 { 0 } else { self.ends[order - 2] };
        &self.sets[start..self.ends[order - 1]]
    }

    /// What was added since the last order is this one. Larger orders have none until they are closed.
    pub(super) fn close(&mut self, order: usize) {
        self.ends[order - 1..].fill(self.sets.len());
    }

    /// The family, in memory of its own size; the other memory goes back to where it came from.
    pub(super) fn copied(self, complete_to: usize, memory: &mut Vec<u64>) -> Family {
        let family = Family { sets: self.sets.as_slice().to_vec(), ends: self.ends, complete_to };
        *memory = self.sets;
        family
    }

    /// The family, in the memory that it grew in.
    pub(super) fn into_family(self, complete_to: usize) -> Family {
        Family { sets: self.sets, ends: self.ends, complete_to }
    }
}

/// The least order to which all are complete.
pub(super) fn least_complete(families: &[&Family], layout: Layout) -> usize {
    families.iter().map(|family| family.complete_to).min().unwrap_or(layout.order)
}

/// Adds the sets of one ascending list that are not in another.
pub(super) fn extend_apart(sets: &mut Vec<u64>, own: &[u64], others: &[u64]) {
    if others.is_empty() {
        sets.extend_from_slice(own);
        return;
    }
    let mut at = 0;
    for &set in own {
        while at < others.len() && others[at] < set {
            at += 1;
        }
        if at == others.len() || others[at] != set {
            sets.push(set);
        }
    }
}

/// Keeps, from a place onwards, what stands in another ascending list too.
fn keep_shared(sets: &mut Vec<u64>, start: usize, others: &[u64]) {
    let (mut kept, mut at) = (start, 0);
    for place in start..sets.len() {
        let set = sets[place];
        while at < others.len() && others[at] < set {
            at += 1;
        }
        if at == others.len() {
            break;
        }
        if others[at] == set {
            sets[kept] = set;
            kept += 1;
        }
    }
    sets.truncate(kept);
}

/// Sorts what stands from a place onwards, each set once. Ascending runs are found and merged.
pub(super) fn sort_from(sets: &mut Vec<u64>, start: usize) {
    sets[start..].sort();
    let mut kept = start;
    for place in start..sets.len() {
        if kept == start || sets[kept - 1] != sets[place] {
            sets[kept] = sets[place];
            kept += 1;
        }
    }
    sets.truncate(kept);
}

/// Keeps, from a place onwards, what is wanted.
pub(super) fn retain_from(sets: &mut Vec<u64>, start: usize, is_wanted: impl Fn(u64) -> bool) {
    let mut kept = start;
    for place in start..sets.len() {
        let set = sets[place];
        if is_wanted(set) {
            sets[kept] = set;
            kept += 1;
        }
    }
    sets.truncate(kept);
}
