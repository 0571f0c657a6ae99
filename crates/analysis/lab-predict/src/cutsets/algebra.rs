//! The algebra of families: any of, all of, at least k of.
//!
//! A family that grows beyond the limit loses its largest sets and says so: what it keeps is true and minimal still, because only
//! sets with more events than those were lost.

use super::family::{Family, Growing, extend_apart, least_complete, retain_from, sort_from};
use super::joined::{Joined, Lists};
use super::members::Members;
use super::packed::{Layout, ORDER_MAX};
use super::scope::Scope;
use std::rc::Rc;

/// So many families are put under an OR one by one.
const FEW: usize = 4;

/// The algebra, with the memory that its steps share.
#[derive(Debug)]
pub(crate) struct Algebra {
    pub(crate) layout: Layout,
    /// Sets of one order that one family may hold.
    pub(super) sets_max: usize,
    /// Only sets that can matter here are put together. Families that come in hold no others.
    pub(super) scope: Option<Rc<Scope>>,
    pub(super) one: Members,
    other: Members,
    pub(super) joined: Joined,
    open: [Lists; 2],
    memory: Vec<u64>,
    own: Vec<u64>,
    others: Vec<u64>,
}

impl Algebra {
    pub(crate) fn new(layout: Layout, n_classes: usize, sets_max: usize) -> Self {
        Self {
            layout,
            sets_max,
            scope: None,
            one: Members::new(n_classes),
            other: Members::new(n_classes),
            joined: Joined::default(),
            open: Default::default(),
            memory: Vec::new(),
            own: Vec::new(),
            others: Vec::new(),
        }
    }

    /// What fails when any of these fails: classes, ascending, and families.
    pub(crate) fn any(&mut self, classes: &[u64], families: &[&Family]) -> Family {
        let complete_to = least_complete(families, self.layout);
        let mut result = Growing::new(std::mem::take(&mut self.memory));
        self.one.clear();
        for order in 1..=complete_to {
            let start = result.sets().len();
            match order {
                1 => {
                    result.sets().extend_from_slice(classes);
                    families.iter().for_each(|family| result.sets().extend_from_slice(family.of(1)));
                    sort_from(result.sets(), start);
                }
                _ if families.len() > FEW => self.add_many(families, order, &mut result, start),
                _ => self.add_few(families, order, &mut result, start),
            }
            if result.sets().len() - start > self.sets_max {
                result.sets().truncate(start);
                return result.copied(order - 1, &mut self.memory);
            }
            result.close(order);
        }
        result.copied(complete_to, &mut self.memory)
    }

    /// All sets of an order at once, each looked up among the smaller ones of the result.
    fn add_many(&mut self, families: &[&Family], order: usize, result: &mut Growing, start: usize) {
        self.one.add(result.of(order - 1), order - 1, self.layout);
        let lists = families.iter().map(|family| family.of(order));
        let Some(largest) = lists.clone().max_by_key(|sets| sets.len()) else { return };
        result.sets().extend_from_slice(largest);
        // Families that are nearly the same add little to sort.
        for sets in lists.filter(|sets| !std::ptr::eq(*sets, largest)) {
            extend_apart(result.sets(), sets, largest);
        }
        sort_from(result.sets(), start);
        let (one, layout) = (&self.one, self.layout);
        retain_from(result.sets(), start, |set| !one.has_within(layout, set, order));
    }

    /// The sets of an order family by family. What families share is looked at once.
    fn add_few(&mut self, families: &[&Family], order: usize, result: &mut Growing, start: usize) {
        let largest = families.iter().max_by_key(|family| family.of(order).len());
        let Some(largest) = largest.map(|family| family.of(order)) else { return };
        let mut n_sources = 0;
        for family in families {
            let sets = family.of(order);
            if sets.is_empty() {
                continue;
            }
            n_sources += 1;
            let mut own = std::mem::take(&mut self.own);
            own.clear();
            if sets.len() * 4 > largest.len() && !std::ptr::eq(sets, largest) {
                extend_apart(&mut own, sets, largest);
                self.add_minimal(&own, order, family, result);
            } else {
                self.add_minimal(sets, order, family, result);
            }
            self.own = own;
        }
        if n_sources > 1 {
            sort_from(result.sets(), start);
        }
    }

    /// Adds sets of a family that contain no smaller one of the result. Those of the family itself they do not contain anyway, so only
    /// the others are looked for.
    fn add_minimal(&mut self, own: &[u64], order: usize, family: &Family, result: &mut Growing) {
        self.one.clear();
        let mut has_others = false;
        let mut others = std::mem::take(&mut self.others);
        for smaller in 1..order {
            others.clear();
            extend_apart(&mut others, result.of(smaller), family.of(smaller));
            has_others |= !others.is_empty();
            self.one.add(&others, smaller, self.layout);
        }
        self.others = others;
        if has_others {
            let is_minimal = |set: &u64| !self.one.has_within(self.layout, *set, order);
            result.sets().extend(own.iter().copied().filter(is_minimal));
        } else {
            result.sets().extend_from_slice(own);
        }
    }

    /// What fails once all of these have failed.
    pub(crate) fn all(&mut self, families: &[&Family]) -> Family {
        self.beside_common(families, |algebra, families, common| algebra.all_apart(families, common))
    }

    /// What fails once at least `k` of these have failed.
    pub(crate) fn at_least(&mut self, k: usize, families: &[&Family]) -> Family {
        self.beside_common(families, |algebra, families, common| {
            let own = algebra.at_least_apart(k, families);
            if common.is_empty() { own } else { algebra.any(&[], &[common, &own]) }
        })
    }

    /// Sets that stand in all of the families need not be put together with anything: `c or x` and `c or y` are `c or (x and y)`, and
    /// likewise for at least k. Replicas share most of what breaks them, so that little is left to put together.
    fn beside_common(
        &mut self,
        families: &[&Family],
        apart: impl FnOnce(&mut Self, &[&Family], &Family) -> Family,
    ) -> Family {
        let common = Family::common(families, self.layout, &mut self.memory);
        if common.is_empty() {
            return apart(self, families, &common);
        }
        let own: Vec<Family> = families.iter().map(|family| family.without(&common)).collect();
        apart(self, &own.iter().collect::<Vec<_>>(), &common)
    }

    /// All of these have failed, or any set of `common` holds, which has no set that contains one of those.
    fn all_apart(&mut self, families: &[&Family], common: &Family) -> Family {
        let mut families = families.to_vec();
        families.sort_by_key(|family| family.len());
        let [first, rest @ ..] = families.as_slice() else { unreachable!("a gate has inputs") };
        let [rest @ .., last] = rest else { return (*first).clone() };
        let nothing = Family::default();
        let mut before: Option<Family> = None;
        for family in rest {
            before = Some(self.both_of_alike(before.as_ref().unwrap_or(first), family, &nothing));
        }
        self.both_of_alike(before.as_ref().unwrap_or(first), last, common)
    }

    /// As [`Self::both`], with what the two share set aside. A set that both have contains nothing that is put together of the others,
    /// since no set of a family contains another; and where one of them has nothing else, nothing is put together.
    fn both_of_alike(&mut self, one: &Family, other: &Family, common: &Family) -> Family {
        let mut shared = Family::common(&[one, other], self.layout, &mut self.memory);
        if shared.is_empty() {
            return self.both(one, other, common);
        }
        let (one, other) = (one.without(&shared), other.without(&shared));
        let apart = if one.is_empty() || other.is_empty() {
            shared.complete_to = least_complete(&[&one, &other], self.layout);
            shared
        } else {
            self.both(&one, &other, &shared)
        };
        if common.is_empty() { apart } else { self.any(&[], &[common, &apart]) }
    }

    pub(super) fn at_least_apart(&mut self, k: usize, families: &[&Family]) -> Family {
        let mut reached = self.reached(k, k, families);
        reached.pop().flatten().expect("k is not above the number of inputs")
    }

    /// What fails once at least so many of these have failed, for every number from `k_min` to `k`; none where that is more than there are.
    /// Halves first: what one half reaches and what the other does are put together once.
    fn reached(&mut self, k_min: usize, k: usize, families: &[&Family]) -> Vec<Option<Family>> {
        if let [only] = families {
            return (k_min..=k).map(|number| (number == 1).then(|| (*only).clone())).collect();
        }
        let (one, other) = families.split_at(families.len() / 2);
        let least = |others: usize| k_min.saturating_sub(others).max(1);
        let (least_one, least_other) = (least(other.len()), least(one.len()));
        let one = self.reached(least_one, k, one);
        let other = self.reached(least_other, k, other);
        let at = |reached: &'_ [Option<Family>], least: usize, number: usize| -> Option<usize> {
            let place = number.checked_sub(least)?;
            reached.get(place)?.is_some().then_some(place)
        };
        let nothing = Family::default();
        let mut result = Vec::new();
        for number in k_min..=k {
            let mut ways: Vec<Family> = Vec::new();
            for of_one in 1..number {
                let places = (at(&one, least_one, of_one), at(&other, least_other, number - of_one));
                if let (Some(place_one), Some(place_other)) = places
                    && let (Some(one), Some(other)) = (&one[place_one], &other[place_other])
                {
                    ways.push(self.both(one, other, &nothing));
                }
            }
            let alone = [at(&one, least_one, number).map(|place| &one[place])]
                .into_iter()
                .chain([at(&other, least_other, number).map(|place| &other[place])])
                .flatten()
                .flatten();
            let ways: Vec<&Family> = ways.iter().chain(alone).collect();
            result.push((!ways.is_empty()).then(|| self.any(&[], &ways)));
        }
        result
    }

    /// Both have failed, or any set of `common` holds, which has no set that contains one of those.
    fn both(&mut self, one: &Family, other: &Family, common: &Family) -> Family {
        let complete_to = least_complete(&[one, other], self.layout);
        let layout = self.layout;
        self.one.load(one, layout);
        self.other.load(other, layout);
        self.joined.reset(complete_to);
        // A set that breaks both already stays as it is. Only the others have to be put together.
        let [open_one, open_other] = &mut self.open;
        self.joined.split(one, &self.other, layout, open_one);
        self.joined.split(other, &self.one, layout, open_other);
        match self.scope.clone() {
            Some(scope) => self.put_together_in(&scope),
            None => self.put_together(),
        }
        for (order, sets) in common.orders() {
            self.joined.sets[order - 1].extend_from_slice(sets);
        }
        self.minimal(complete_to)
    }

    /// What is open of two families.
    fn put_together(&mut self) {
        let layout = self.layout;
        let [open_one, open_other] = &self.open;
        for order_one in 1..layout.order {
            for order_other in 1..layout.order {
                let (one, other) = (&open_one[order_one - 1], &open_other[order_other - 1]);
                if !one.is_empty() && !other.is_empty() {
                    self.joined.put_together(layout, (one, order_one), (other, order_other), self.sets_max);
                }
            }
        }
    }

    /// What is open of two families, as far as it can matter: sets with as many classes outside at a time.
    fn put_together_in(&mut self, scope: &Scope) {
        let layout = self.layout;
        let by_outside = |open: &Lists| -> Vec<Vec<Vec<u64>>> {
            let mut lists = vec![vec![Vec::new(); scope.outside_max + 1]; ORDER_MAX];
            for (order, sets) in (1..).zip(open) {
                for &set in sets {
                    lists[order - 1][scope.n_outside(layout, set, order)].push(set);
                }
            }
            lists
        };
        let (open_one, open_other) = (by_outside(&self.open[0]), by_outside(&self.open[1]));
        for (order_one, order_other) in
            (1..layout.order).flat_map(|one| (1..layout.order).map(move |other| (one, other)))
        {
            for (outside_one, one) in open_one[order_one - 1].iter().enumerate() {
                for (outside_other, other) in open_other[order_other - 1].iter().enumerate() {
                    if !one.is_empty() && !other.is_empty() {
                        let (one, other) = (
                            ((one.as_slice(), order_one), outside_one),
                            ((other.as_slice(), order_other), outside_other),
                        );
                        self.joined.put_together_in(layout, scope, one, other, self.sets_max);
                    }
                }
            }
        }
    }

    /// What was joined, without what contains a smaller set.
    pub(super) fn minimal(&mut self, complete_to: usize) -> Family {
        let mut result = Growing::new(std::mem::take(&mut self.memory));
        let usable = self.joined.usable;
        self.one.clear();
        for order in 1..=usable {
            let start = result.sets().len();
            let sets = &mut self.joined.sets[order - 1];
            sets.sort_unstable();
            sets.dedup();
            let (one, layout) = (&self.one, self.layout);
            let is_minimal = |set: &u64| !one.has_within(layout, *set, order);
            result.sets().extend(sets.iter().copied().filter(is_minimal));
            if result.sets().len() - start > self.sets_max {
                result.sets().truncate(start);
                return result.copied(complete_to.min(order - 1), &mut self.memory);
            }
            result.close(order);
            if order < self.layout.order {
                self.one.add(result.of(order), order, self.layout);
            }
        }
        result.copied(complete_to.min(usable), &mut self.memory)
    }
}
