//! Families of minimal cut sets, cut off at an order, and their algebra: any of, all of, at least k of.
//!
//! A family that grows beyond the limit loses its largest sets and says so: what it keeps is true and minimal still, because only
//! sets with more events than those were lost.

use super::packed::{Layout, ORDER_MAX, Table};

/// The minimal cut sets of one gate, in ascending packed order. Above the order to which it is complete it holds none, since
/// they might not be minimal.
#[derive(Clone, Default, Debug)]
pub(crate) struct Family {
    /// By number of classes less one.
    pub(crate) sets: [Vec<u64>; ORDER_MAX],
    /// Every set of up to that many classes is here.
    pub(crate) complete_to: usize,
}

impl Family {
    /// No sets at all: what never fails.
    pub(crate) fn never(layout: Layout) -> Self {
        Self { sets: Default::default(), complete_to: layout.order }
    }

    /// One class.
    pub(crate) fn of_class(class: u32, layout: Layout) -> Self {
        let mut family = Self::never(layout);
        family.sets[0].push(u64::from(class));
        family
    }

    /// How many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.sets.iter().map(Vec::len).sum()
    }

    /// Without sets that another family has.
    fn without(&self, other: &Family) -> Family {
        let rest = |order: usize| apart(&self.sets[order], &other.sets[order]);
        Family { sets: std::array::from_fn(rest), complete_to: self.complete_to }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sets.iter().all(Vec::is_empty)
    }

    /// Says that there are no sets of that order and above, although there should be.
    fn cut_below(&mut self, order: usize) {
        self.complete_to = self.complete_to.min(order - 1);
    }
}

/// Answers whether a set contains one of a family.
#[derive(Debug)]
pub(super) struct Members {
    marks: Vec<u32>,
    mark: u32,
    tables: [Table; ORDER_MAX - 1],
    n: [usize; ORDER_MAX],
}

impl Members {
    fn new(n_classes: usize) -> Self {
        Self { marks: vec![0; n_classes], mark: 0, tables: Default::default(), n: [0; ORDER_MAX] }
    }

    fn clear(&mut self) {
        if self.mark == u32::MAX {
            self.marks.fill(0);
            self.mark = 0;
        }
        self.mark += 1;
        self.n = [0; ORDER_MAX];
        self.tables.iter_mut().for_each(|table| table.reset(0));
    }

    /// Adds all sets of one order.
    fn add(&mut self, sets: &[u64], order: usize) {
        self.n[order - 1] = sets.len();
        if order == 1 {
            sets.iter().for_each(|&class| self.marks[class as usize] = self.mark);
        } else {
            let table = &mut self.tables[order - 2];
            table.reset(sets.len());
            sets.iter().for_each(|&set| table.insert(set));
        }
    }

    pub(super) fn load(&mut self, family: &Family) {
        self.clear();
        for order in 1..=ORDER_MAX {
            self.add(&family.sets[order - 1], order);
        }
    }

    fn has(&self, set: u64, order: usize) -> bool {
        match order {
            1 => self.marks[set as usize] == self.mark,
            _ => self.n[order - 1] > 0 && self.tables[order - 2].contains(set),
        }
    }

    /// True if the set contains a smaller one of the family.
    fn has_within(&self, layout: Layout, set: u64, order: usize) -> bool {
        if self.n[0] > 0 && layout.classes(set, order).any(|class| self.has(u64::from(class), 1)) {
            return order > 1;
        }
        let has_pair = |set: u64, order: usize| self.n[1] > 0 && has_pair(self, layout, set, order);
        match order {
            1 | 2 => false,
            3 => has_pair(set, 3),
            _ => {
                has_pair(set, order)
                    || (self.n[2] > 0 && (0..order).any(|place| self.has(layout.without(set, place), 3)))
            }
        }
    }

    /// True if the set is one of the family, or contains one.
    pub(super) fn is_hit_by(&self, layout: Layout, set: u64, order: usize) -> bool {
        self.has(set, order) || self.has_within(layout, set, order)
    }
}

fn has_pair(members: &Members, layout: Layout, set: u64, order: usize) -> bool {
    (0..order).any(|high| {
        (0..high).any(|low| members.has(layout.pair(layout.class(set, low), layout.class(set, high)), 2))
    })
}

/// So many families are put under an OR one by one.
const FEW: usize = 4;

/// The algebra, with the memory that its steps share.
#[derive(Debug)]
pub(crate) struct Algebra {
    pub(crate) layout: Layout,
    /// Sets of one order that one family may hold.
    pub(super) sets_max: usize,
    pub(super) one: Members,
    other: Members,
}

impl Algebra {
    pub(crate) fn new(layout: Layout, n_classes: usize, sets_max: usize) -> Self {
        Self { layout, sets_max, one: Members::new(n_classes), other: Members::new(n_classes) }
    }

    /// What fails when any of these fails.
    pub(crate) fn any(&mut self, families: &[&Family]) -> Family {
        if families.len() > FEW {
            return self.any_of_many(families);
        }
        let mut result = Family::never(self.layout);
        result.complete_to = least_complete(families, self.layout);
        for order in 1..=result.complete_to {
            let largest = families.iter().map(|family| &family.sets[order - 1]).max_by_key(|sets| sets.len());
            let largest = largest.map(Vec::as_slice).unwrap_or_default();
            let mut sets = Vec::new();
            for family in families {
                let own = &family.sets[order - 1];
                if own.is_empty() {
                    continue;
                }
                // What families share is looked at once.
                if own.len() * 4 > largest.len() && !std::ptr::eq(own.as_slice(), largest) {
                    let own = apart(own, largest);
                    self.add_minimal(&own, order, family, &result, &mut sets);
                } else {
                    self.add_minimal(own, order, family, &result, &mut sets);
                }
            }
            // The stable sort finds and merges the ascending runs that the families are.
            sets.sort();
            sets.dedup();
            if sets.len() > self.sets_max {
                result.cut_below(order);
                break;
            }
            result.sets[order - 1] = sets;
        }
        result
    }

    /// All sets at once, each looked up among the smaller ones of the result.
    fn any_of_many(&mut self, families: &[&Family]) -> Family {
        let mut result = Family::never(self.layout);
        result.complete_to = least_complete(families, self.layout);
        self.one.clear();
        for order in 1..=result.complete_to {
            let mut sets: Vec<u64> =
                families.iter().flat_map(|family| &family.sets[order - 1]).copied().collect();
            sets.sort();
            sets.dedup();
            sets.retain(|set| !self.one.has_within(self.layout, *set, order));
            if sets.len() > self.sets_max {
                result.cut_below(order);
                break;
            }
            if order < self.layout.order {
                self.one.add(&sets, order);
            }
            result.sets[order - 1] = sets;
        }
        result
    }

    /// Adds sets of a family that contain no smaller one of the result. Those of the family itself they do not contain anyway, so only
    /// the others are looked for.
    fn add_minimal(
        &mut self,
        own: &[u64],
        order: usize,
        family: &Family,
        result: &Family,
        sets: &mut Vec<u64>,
    ) {
        self.one.clear();
        let mut has_others = false;
        for smaller in 1..order {
            let others = apart(&result.sets[smaller - 1], &family.sets[smaller - 1]);
            has_others |= !others.is_empty();
            self.one.add(&others, smaller);
        }
        if has_others {
            let is_minimal = |set: &u64| !self.one.has_within(self.layout, *set, order);
            sets.extend(own.iter().copied().filter(is_minimal));
        } else {
            sets.extend_from_slice(own);
        }
    }

    /// What fails once all of these have failed.
    pub(crate) fn all(&mut self, families: &[&Family]) -> Family {
        self.beside_common(families, Self::all_apart)
    }

    /// What fails once at least `k` of these have failed.
    pub(crate) fn at_least(&mut self, k: usize, families: &[&Family]) -> Family {
        self.beside_common(families, |algebra, families| algebra.at_least_apart(k, families))
    }

    /// Sets that stand in all of the families need not be put together with anything: `c or x` and `c or y` are `c or (x and y)`, and
    /// likewise for at least k. Replicas share most of what breaks them, so that little is left to put together.
    fn beside_common(
        &mut self,
        families: &[&Family],
        apart: impl FnOnce(&mut Self, &[&Family]) -> Family,
    ) -> Family {
        let common = common(families, self.layout);
        if common.is_empty() {
            return apart(self, families);
        }
        let own: Vec<Family> = families.iter().map(|family| family.without(&common)).collect();
        let own = apart(self, &own.iter().collect::<Vec<_>>());
        self.any(&[&common, &own])
    }

    fn all_apart(&mut self, families: &[&Family]) -> Family {
        let mut families = families.to_vec();
        families.sort_by_key(|family| family.len());
        let mut families = families.into_iter();
        let mut result = families.next().expect("a gate has inputs").clone();
        for family in families {
            result = self.both(&result, family);
        }
        result
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
        let mut result = Vec::new();
        for number in k_min..=k {
            let mut ways: Vec<Family> = Vec::new();
            for of_one in 1..number {
                let places = (at(&one, least_one, of_one), at(&other, least_other, number - of_one));
                if let (Some(place_one), Some(place_other)) = places
                    && let (Some(one), Some(other)) = (&one[place_one], &other[place_other])
                {
                    ways.push(self.both(one, other));
                }
            }
            let alone = [at(&one, least_one, number).map(|place| &one[place])]
                .into_iter()
                .chain([at(&other, least_other, number).map(|place| &other[place])])
                .flatten()
                .flatten();
            let ways: Vec<&Family> = ways.iter().chain(alone).collect();
            result.push((!ways.is_empty()).then(|| self.any(&ways)));
        }
        result
    }

    fn both(&mut self, one: &Family, other: &Family) -> Family {
        let complete_to = least_complete(&[one, other], self.layout);
        self.one.load(one);
        self.other.load(other);
        let mut joined = Joined::new(complete_to);
        // A set that breaks both already stays as it is. Only the others have to be put together.
        let open_one = split(one, &self.other, self.layout, &mut joined);
        let open_other = split(other, &self.one, self.layout, &mut joined);
        for order_one in 1..self.layout.order {
            for order_other in 1..self.layout.order {
                let (one, other) = (&open_one[order_one - 1], &open_other[order_other - 1]);
                if !one.is_empty() && !other.is_empty() {
                    joined.put_together(self.layout, (one, order_one), (other, order_other), self.sets_max);
                }
            }
        }
        self.minimal(joined, complete_to)
    }

    /// Sorts, and drops what contains a smaller set.
    pub(super) fn minimal(&mut self, joined: Joined, complete_to: usize) -> Family {
        let mut result = Family { sets: Default::default(), complete_to };
        self.one.clear();
        for (place, mut sets) in joined.sets.into_iter().enumerate().take(joined.usable) {
            let order = place + 1;
            sets.sort_unstable();
            sets.dedup();
            sets.retain(|set| !self.one.has_within(self.layout, *set, order));
            if sets.len() > self.sets_max {
                result.cut_below(order);
                return result;
            }
            if order < self.layout.order {
                self.one.add(&sets, order);
            }
            result.sets[place] = sets;
        }
        result.complete_to = complete_to.min(joined.usable);
        result
    }
}

pub(super) fn least_complete(families: &[&Family], layout: Layout) -> usize {
    families.iter().map(|family| family.complete_to).min().unwrap_or(layout.order)
}

/// The sets of one ascending list that are not in another.
fn apart(sets: &[u64], others: &[u64]) -> Vec<u64> {
    let mut others = others.iter().peekable();
    let is_own = |set: &u64| {
        while others.next_if(|other| *other < set).is_some() {}
        others.peek() != Some(&set)
    };
    sets.iter().copied().filter(is_own).collect()
}

/// The sets that stand in all families. It says nothing of completeness.
fn common(families: &[&Family], layout: Layout) -> Family {
    let mut common = Family::never(layout);
    let Some((first, others)) = families.split_first().filter(|(_, others)| !others.is_empty()) else {
        return common;
    };
    for order in 0..layout.order {
        let mut sets = first.sets[order].clone();
        for other in others {
            let mut theirs = other.sets[order].iter().peekable();
            sets.retain(|set| {
                while theirs.next_if(|their| *their < set).is_some() {}
                theirs.peek() == Some(&set)
            });
        }
        common.sets[order] = sets;
    }
    common
}

/// The sets that do not break the other family too; those that do are results.
fn split(family: &Family, other: &Members, layout: Layout, joined: &mut Joined) -> [Vec<u64>; ORDER_MAX] {
    let mut open: [Vec<u64>; ORDER_MAX] = Default::default();
    for order in 1..=layout.order {
        for &set in &family.sets[order - 1] {
            if other.is_hit_by(layout, set, order) {
                joined.sets[order - 1].push(set);
            } else {
                open[order - 1].push(set);
            }
        }
    }
    open
}

/// Sets on their way to being a family.
pub(super) struct Joined {
    sets: [Vec<u64>; ORDER_MAX],
    /// Orders up to this one fit the limit so far.
    usable: usize,
}

impl Joined {
    /// None so far.
    pub(super) fn new(complete_to: usize) -> Self {
        Self { sets: Default::default(), usable: complete_to }
    }

    /// Puts every set of one list together with every set of the other, as far as order and limit allow.
    fn put_together(
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
                _ => self.put_sharing(layout, n_shared, one, other, sets_max),
            }
            // Where the limit was met, what is still wanted is found with more in common.
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
        n_shared: usize,
        one: (&[u64], usize),
        other: (&[u64], usize),
        sets_max: usize,
    ) {
        let usable = self.usable;
        let mut by_part: Vec<(u64, u64)> = Vec::new();
        for &set in other.0 {
            parts(layout, set, other.1, n_shared, &mut |part| by_part.push((part, set)));
        }
        by_part.sort_unstable();
        for &set in one.0 {
            parts(layout, set, one.1, n_shared, &mut |part| {
                let start = by_part.partition_point(|(known, _)| *known < part);
                let alike = by_part[start..].iter().take_while(|(known, _)| *known == part);
                for (_, more) in alike {
                    self.push(layout.union((set, one.1), (*more, other.1)), sets_max);
                }
            });
            if self.usable < usable {
                return;
            }
        }
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

/// Every part of a set with that many classes.
fn parts(layout: Layout, set: u64, order: usize, n_classes: usize, each: &mut impl FnMut(u64)) {
    match n_classes {
        1 => layout.classes(set, order).for_each(|class| each(u64::from(class))),
        2 => {
            for high in 1..order {
                for low in 0..high {
                    each(layout.pair(layout.class(set, low), layout.class(set, high)));
                }
            }
        }
        _ => unreachable!("two sets of at most three classes share at most two to stay within four"),
    }
}
