//! Which sets can matter to a gate that only counts beside another, its guard: "all of this, and the guard".
//!
//! A set of the gate joins one of the guard's, and together they are at most as many as are looked for. So of the gate's set at most so many
//! classes can be outside of everything the guard knows as the order leaves beside the guard's smallest set. A part of a set that can matter
//! can matter too, so leaving out the others at every gate on the way leaves out nothing that is wanted: what is left is exact.

use super::family::{Family, Growing};
use super::packed::Layout;

/// What is inside a guard's family, and how much may be outside.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    is_inside: Vec<bool>,
    /// So many classes of a set at most are outside.
    pub(super) outside_max: usize,
}

impl Scope {
    /// The scope of a guard. `singles_count` is false when every one of its single classes breaks whatever counts beside it anyway, so that
    /// nothing is joined with them.
    pub(super) fn new(guard: &Family, n_classes: usize, layout: Layout, singles_count: bool) -> Self {
        let mut is_inside = vec![false; n_classes];
        let mut smallest = layout.order;
        for (order, sets) in guard.orders() {
            for &set in sets {
                if order > 1 || singles_count {
                    smallest = smallest.min(order);
                }
                layout.classes(set, order).for_each(|class| is_inside[class as usize] = true);
            }
        }
        // Of a guard that is not known to the end, everything may matter.
        let outside_max =
            if guard.complete_to < layout.order { layout.order } else { layout.order - smallest };
        Self { is_inside, outside_max }
    }

    /// True for a class that the guard does not know.
    pub(super) fn is_outside(&self, class: u32) -> bool {
        !self.is_inside[class as usize]
    }

    /// How many classes of a set the guard does not know.
    pub(super) fn n_outside(&self, layout: Layout, set: u64, order: usize) -> usize {
        layout.classes(set, order).filter(|&class| self.is_outside(class)).count()
    }

    /// True if a set can matter.
    pub(super) fn has(&self, layout: Layout, set: u64, order: usize) -> bool {
        self.n_outside(layout, set, order) <= self.outside_max
    }

    /// The sets of a family that can matter.
    pub(super) fn of(&self, family: &Family, layout: Layout) -> Family {
        let mut kept = Growing::new(Vec::new());
        for (order, sets) in family.orders() {
            kept.sets().extend(sets.iter().copied().filter(|&set| self.has(layout, set, order)));
            kept.close(order);
        }
        kept.into_family(family.complete_to)
    }
}
