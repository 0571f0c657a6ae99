//! Answers whether a set contains one of a family, without looking through the family.

use super::family::Family;
use super::packed::{Layout, ORDER_MAX, Table};

/// The sets of a family, for looking up.
#[derive(Debug)]
pub(super) struct Members {
    /// By class: the mark, and whether the class is a set by itself, stands in a pair.
    marks: Vec<u32>,
    mark: u32,
    tables: [Table; ORDER_MAX - 1],
    n: [usize; ORDER_MAX],
}

const ALONE: u32 = 1;
const IN_PAIR: u32 = 2;
/// One mark up, above the two bits.
const NEXT: u32 = 4;

impl Members {
    /// None so far.
    pub(super) fn new(n_classes: usize) -> Self {
        Self { marks: vec![0; n_classes], mark: 0, tables: Default::default(), n: [0; ORDER_MAX] }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        if self.mark >= u32::MAX - 2 * NEXT {
            self.marks.fill(0);
            self.mark = 0;
        }
        self.mark += NEXT;
        self.n = [0; ORDER_MAX];
        self.tables.iter_mut().for_each(|table| table.reset(0));
    }

    /// Adds all sets of one order.
    pub(super) fn add(&mut self, sets: &[u64], order: usize, layout: Layout) {
        self.n[order - 1] = sets.len();
        if order == 1 {
            sets.iter().for_each(|&class| self.set(class as u32, ALONE));
            return;
        }
        if order == 2 {
            for &set in sets {
                self.set(layout.class(set, 0), IN_PAIR);
                self.set(layout.class(set, 1), IN_PAIR);
            }
        }
        let table = &mut self.tables[order - 2];
        table.reset(sets.len());
        sets.iter().for_each(|&set| table.insert(set));
    }

    fn set(&mut self, class: u32, bit: u32) {
        let mark = &mut self.marks[class as usize];
        *mark = if *mark >= self.mark { *mark | bit } else { self.mark | bit };
    }

    fn is(&self, class: u32, bit: u32) -> bool {
        let mark = self.marks[class as usize];
        mark >= self.mark && mark & bit != 0
    }

    /// Holds a family and nothing else.
    pub(super) fn load(&mut self, family: &Family, layout: Layout) {
        self.clear();
        for (order, sets) in family.orders() {
            self.add(sets, order, layout);
        }
    }

    fn has(&self, set: u64, order: usize) -> bool {
        match order {
            1 => self.is(set as u32, ALONE),
            _ => self.n[order - 1] > 0 && self.tables[order - 2].contains(set),
        }
    }

    /// True if the set contains a smaller one of the family.
    pub(super) fn has_within(&self, layout: Layout, set: u64, order: usize) -> bool {
        if self.n[0] > 0 && layout.classes(set, order).any(|class| self.is(class, ALONE)) {
            return order > 1;
        }
        match order {
            1 | 2 => false,
            3 => self.has_pair_within(layout, set, 3),
            _ => {
                self.has_pair_within(layout, set, order)
                    || (self.n[2] > 0 && (0..order).any(|place| self.has(layout.without(set, place), 3)))
            }
        }
    }

    /// Only pairs of classes of which both stand in some pair are looked up.
    fn has_pair_within(&self, layout: Layout, set: u64, order: usize) -> bool {
        if self.n[1] == 0 {
            return false;
        }
        let classes: [u32; ORDER_MAX] = std::array::from_fn(|place| match place < order {
            true => layout.class(set, place),
            false => 0,
        });
        (1..order).any(|high| {
            self.is(classes[high], IN_PAIR)
                && (0..high).any(|low| {
                    self.is(classes[low], IN_PAIR)
                        && self.tables[0].contains(layout.pair(classes[low], classes[high]))
                })
        })
    }

    /// True if the set is one of the family, or contains one.
    pub(super) fn is_hit_by(&self, layout: Layout, set: u64, order: usize) -> bool {
        self.has(set, order) || self.has_within(layout, set, order)
    }
}
