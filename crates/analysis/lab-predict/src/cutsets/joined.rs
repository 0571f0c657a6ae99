//! Sets of two families put together: what breaks both.

use super::family::Family;
use super::members::Members;
use super::packed::{Layout, ORDER_MAX};
use super::scope::Scope;

/// Sets on their way to being a family, by number of classes less one. The memory is used again and again.
pub(super) type Lists = [Vec<u64>; ORDER_MAX];

/// Memory for so many sets is kept for the next time.
const KEPT_MAX: usize = 1 << 18;

fn empty(sets: &mut Vec<u64>) {
    match sets.capacity() > KEPT_MAX {
        true => *sets = Vec::new(),
        false => sets.clear(),
    }
}

/// Sets that break both of two families, some of them perhaps twice, some not minimal.
#[derive(Default, Debug)]
pub(super) struct Joined {
    pub(super) sets: Lists,
    /// Orders up to this one fit the limit so far.
    pub(super) usable: usize,
    by_part: Vec<(u64, u64)>,
}

impl Joined {
    /// None so far. The memory stays, unless it is large.
    pub(super) fn reset(&mut self, complete_to: usize) {
        self.sets.iter_mut().for_each(empty);
        self.usable = complete_to;
    }

    /// Takes the sets of a family that break the other family too, and leaves the others in `open`.
    pub(super) fn split(&mut self, family: &Family, other: &Members, layout: Layout, open: &mut Lists) {
        open.iter_mut().for_each(empty);
        for (order, sets) in family.orders() {
            for &set in sets {
                let list = match other.is_hit_by(layout, set, order) {
                    true => &mut self.sets[order - 1],
                    false => &mut open[order - 1],
                };
                list.push(set);
            }
        }
    }

    /// Puts every set of one list together with every set of the other, as far as order and limit allow.
    pub(super) fn put_together(
        &mut self,
        layout: Layout,
        one: (&[u64], usize),
        other: (&[u64], usize),
        sets_max: usize,
    ) {
        loop {
            let usable = self.usable;
            // Together they are small enough only if they share that many classes. If that were all classes of one, it would lie
            // within the other, and would not be open.
            let n_shared = (one.1 + other.1).saturating_sub(usable);
            if n_shared >= one.1.min(other.1) {
                return;
            }
            match n_shared {
                0 => self.put_all(layout, one, other, sets_max),
                _ => self.put_sharing(layout, (n_shared, &|_| true), one, other, sets_max),
            }
            // Where the limit was met, what is still wanted is found with more in common.
            if self.usable == usable {
                return;
            }
        }
    }

    /// As [`Self::put_together`], of sets that have so many classes outside a scope, and in the end no more than that allows.
    pub(super) fn put_together_in(
        &mut self,
        layout: Layout,
        scope: &Scope,
        (one, outside_one): ((&[u64], usize), usize),
        (other, outside_other): ((&[u64], usize), usize),
        sets_max: usize,
    ) {
        let n_shared = (outside_one + outside_other).saturating_sub(scope.outside_max);
        if n_shared == 0 {
            return self.put_together(layout, one, other, sets_max);
        }
        // Of two sets of which none lies within the other, at most two of three classes are shared.
        while n_shared < one.1.min(other.1) {
            let usable = self.usable;
            self.put_sharing(layout, (n_shared, &|class| scope.is_outside(class)), one, other, sets_max);
            if self.usable == usable {
                return;
            }
        }
    }

    fn put_all(&mut self, layout: Layout, one: (&[u64], usize), other: (&[u64], usize), sets_max: usize) {
        let usable = self.usable;
        for &set in one.0 {
            for &more in other.0 {
                self.push(layout.union((set, one.1), (more, other.1)), sets_max);
            }
            if self.usable < usable {
                return;
            }
        }
    }

    fn put_sharing(
        &mut self,
        layout: Layout,
        (n_shared, counts): (usize, &dyn Fn(u32) -> bool),
        one: (&[u64], usize),
        other: (&[u64], usize),
        sets_max: usize,
    ) {
        let usable = self.usable;
        let mut by_part = std::mem::take(&mut self.by_part);
        by_part.clear();
        for &set in other.0 {
            parts(layout, (set, other.1), (n_shared, counts), &mut |part| by_part.push((part, set)));
        }
        by_part.sort_unstable();
        for &set in one.0 {
            parts(layout, (set, one.1), (n_shared, counts), &mut |part| {
                let start = by_part.partition_point(|(known, _)| *known < part);
                let alike = by_part[start..].iter().take_while(|(known, _)| *known == part);
                for (_, more) in alike {
                    self.push(layout.union((set, one.1), (*more, other.1)), sets_max);
                }
            });
            if self.usable < usable {
                break;
            }
        }
        self.by_part = by_part;
    }

    /// Adds a set, unless there is none or it is too large.
    pub(super) fn push(&mut self, set: Option<(u64, usize)>, sets_max: usize) {
        let Some((set, order)) = set else { return };
        if order > self.usable {
            return;
        }
        let sets = &mut self.sets[order - 1];
        sets.push(set);
        if sets.len() > sets_max.saturating_mul(2) {
            sets.sort_unstable();
            sets.dedup();
            if sets.len() > sets_max {
                self.usable = order - 1;
                self.sets[order - 1..].iter_mut().for_each(|sets| *sets = Vec::new());
            }
        }
    }
}

/// Every part of a set with that many classes, all of which count.
fn parts(
    layout: Layout,
    (set, order): (u64, usize),
    (n_classes, counts): (usize, &dyn Fn(u32) -> bool),
    each: &mut impl FnMut(u64),
) {
    let classes = layout.classes(set, order).filter(|&class| counts(class));
    match n_classes {
        1 => classes.for_each(|class| each(u64::from(class))),
        2 => {
            for high in classes.clone() {
                classes.clone().filter(|&low| low < high).for_each(|low| each(layout.pair(low, high)));
            }
        }
        _ => unreachable!("two sets of at most three classes share at most two to stay within four"),
    }
}
