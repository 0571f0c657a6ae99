//! "All of these, and at least k of many": what can move stays where it is only while a cluster cannot decide and enough places have
//! failed. The many have a huge family, of which little survives beside the few sets of the others. So it is not worked out: each of
//! the few sets is tried, and only for one that is not enough is it worked out what it still lacks.

use super::algebra::Algebra;
use super::family::{Family, least_complete};
use super::joined::Joined;
use super::packed::{Layout, ORDER_MAX};

/// Sets that are looked at before it is taken as cheaper to work the many out.
const EFFORT_MAX: usize = 4_000_000;
/// What a set lacks costs so many times more if it lacks more than one class.
const EFFORT_OF_PAIRS: usize = 20;

impl Algebra {
    /// What fails once all of `few` and at least `k` of `many` have failed. None if that is more work than the plain way.
    pub(super) fn all_with_at_least(&mut self, few: &Family, k: usize, many: &[&Family]) -> Option<Family> {
        let layout = self.layout;
        let complete_to = least_complete(many, layout);
        if complete_to < layout.order {
            return None;
        }
        let mut joined = Joined::default();
        joined.reset(few.complete_to);
        let mut open: Vec<(u64, usize)> = Vec::new();
        for (set, order, n_hit) in self.hits(few, many) {
            if n_hit >= k {
                joined.push(Some((set, order)), usize::MAX);
            } else if order < layout.order {
                open.push((set, order));
            }
        }
        let n_sets: usize = many.iter().map(|family| family.len() + 1).sum();
        let effort = |(_, order): &(u64, usize)| match layout.order - order {
            1 => n_sets,
            _ => n_sets * EFFORT_OF_PAIRS,
        };
        if open.iter().map(effort).sum::<usize>() > EFFORT_MAX {
            return None;
        }
        for (set, order) in open {
            let lacking = self.lacking((set, order), k, many);
            for (n_more, sets) in lacking.orders() {
                for &more in sets {
                    joined.push(layout.union((set, order), (more, n_more)), self.sets_max);
                }
            }
        }
        self.joined = joined;
        Some(self.minimal(few.complete_to))
    }

    /// Every set of a family with its order, and how many of the others it breaks.
    fn hits(&mut self, few: &Family, many: &[&Family]) -> Vec<(u64, usize, usize)> {
        let orders = few.orders().flat_map(|(order, sets)| sets.iter().map(move |&set| (set, order, 0)));
        let mut hits: Vec<(u64, usize, usize)> = orders.collect();
        for family in many {
            self.one.load(family, self.layout);
            for (set, order, n_hit) in &mut hits {
                *n_hit += usize::from(self.one.is_hit_by(self.layout, *set, *order));
            }
        }
        hits
    }

    /// What must fail beside a set so that at least `k` of these have failed.
    fn lacking(&mut self, set: (u64, usize), k: usize, many: &[&Family]) -> Family {
        let whole = self.layout;
        self.layout = whole.of_order(whole.order - set.1);
        let rest: Vec<Family> = many.iter().filter_map(|family| self.beside(family, set, whole)).collect();
        // Those that are not in the rest have failed with the set.
        let n_failed = many.len() - rest.len();
        let lacking = self.at_least_apart(k - n_failed, &rest.iter().collect::<Vec<_>>());
        self.layout = whole;
        lacking
    }

    /// What must fail beside a set to break a family. None if nothing need to.
    fn beside(&mut self, family: &Family, set: (u64, usize), whole: Layout) -> Option<Family> {
        self.joined.reset(self.layout.order);
        for (order, sets) in family.orders() {
            for &own in sets {
                match whole.difference((own, order), set) {
                    (_, 0) => return None,
                    more @ (_, 1..=ORDER_MAX) if more.1 <= self.layout.order => {
                        self.joined.push(Some(more), usize::MAX)
                    }
                    _ => {}
                }
            }
        }
        Some(self.minimal(self.layout.order))
    }
}
