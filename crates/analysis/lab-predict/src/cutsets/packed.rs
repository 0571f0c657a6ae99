//! A set of at most four classes in one machine word, ascending from the low end, so that equal sets are equal numbers.

/// The largest order of a set.
pub const ORDER_MAX: usize = 4;

/// How classes lie in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    bits: u32,
    /// The largest order that is wanted.
    pub(crate) order: usize,
}

impl Layout {
    /// The layout for sets up to an order from 1 to [`ORDER_MAX`]. None if that many classes do not fit.
    pub(crate) fn new(n_classes: usize, order: usize) -> Option<Self> {
        let bits = if order <= 3 { 21 } else { 16 };
        (n_classes <= 1 << bits).then_some(Self { bits, order })
    }

    /// The class at a place of a set.
    pub(crate) fn class(self, set: u64, place: usize) -> u32 {
        ((set >> (self.bits * place as u32)) & ((1 << self.bits) - 1)) as u32
    }

    /// The set without the class at a place.
    pub(crate) fn without(self, set: u64, place: usize) -> u64 {
        let shift = self.bits * place as u32;
        let low = set & ((1_u64 << shift) - 1);
        let high = set.checked_shr(shift + self.bits).unwrap_or(0);
        low | (high << shift)
    }

    /// The set of two classes.
    pub(crate) fn pair(self, one: u32, other: u32) -> u64 {
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        u64::from(low) | (u64::from(high) << self.bits)
    }

    /// Both sets together, and how many classes that are. None if they are more than the layout's order.
    pub(crate) fn union(self, one: (u64, usize), other: (u64, usize)) -> Option<(u64, usize)> {
        let (mut at_one, mut at_other, mut n, mut set) = (0, 0, 0, 0_u64);
        while at_one < one.1 || at_other < other.1 {
            if n == self.order {
                return None;
            }
            let next_one = if at_one < one.1 { self.class(one.0, at_one) } else { u32::MAX };
            let next_other = if at_other < other.1 { self.class(other.0, at_other) } else { u32::MAX };
            let next = next_one.min(next_other);
            at_one += usize::from(next_one == next);
            at_other += usize::from(next_other == next);
            set |= u64::from(next) << (self.bits * n as u32);
            n += 1;
        }
        Some((set, n))
    }

    /// The set's classes, ascending.
    pub(crate) fn classes(self, set: u64, order: usize) -> impl Iterator<Item = u32> + Clone + use<> {
        (0..order).map(move |place| self.class(set, place))
    }
}

/// A set of packed sets of at least two classes, for looking up. None of them is the word 0.
#[derive(Default, Debug)]
pub(crate) struct Table {
    slots: Vec<u64>,
    shift: u32,
    len: usize,
}

impl Table {
    /// Forgets everything and makes room.
    pub(crate) fn reset(&mut self, n_expected: usize) {
        self.len = n_expected;
        if n_expected == 0 {
            return;
        }
        let n_slots = (n_expected * 2).next_power_of_two().max(8);
        self.shift = 64 - n_slots.trailing_zeros();
        self.slots.clear();
        self.slots.resize(n_slots, 0);
    }

    fn place(&self, set: u64) -> usize {
        (set.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    /// Adds a set that is not there yet, or is.
    pub(crate) fn insert(&mut self, set: u64) {
        let mut place = self.place(set);
        while self.slots[place] != 0 && self.slots[place] != set {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = set;
    }

    /// Adds a set and makes room where it is needed. True if the set was not there. For tables that were never reset.
    pub(crate) fn insert_growing(&mut self, set: u64) -> bool {
        if self.len * 2 >= self.slots.len() {
            let known = std::mem::take(&mut self.slots);
            let n_known = self.len;
            self.reset((n_known * 2).max(64));
            known.into_iter().filter(|&set| set != 0).for_each(|set| self.insert(set));
            self.len = n_known;
        }
        let is_new = !self.contains(set);
        if is_new {
            self.insert(set);
            self.len += 1;
        }
        is_new
    }

    /// True if the set is there.
    pub(crate) fn contains(&self, set: u64) -> bool {
        if self.len == 0 {
            return false;
        }
        let mut place = self.place(set);
        loop {
            match self.slots[place] {
                0 => return false,
                found if found == set => return true,
                _ => place = (place + 1) & (self.slots.len() - 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_sets() {
        for order in [3, 4] {
            let layout = Layout::new(60_000, order).unwrap();
            let (triple, n) = layout.union((layout.pair(7, 59_999), 2), (5, 1)).unwrap();
            assert_eq!((layout.classes(triple, n).collect::<Vec<_>>(), n), (vec![5, 7, 59_999], 3));
            assert_eq!(layout.without(triple, 1), layout.pair(5, 59_999));
            assert_eq!(layout.without(triple, 2), layout.pair(5, 7));
            assert_eq!(layout.union((triple, 3), (7, 1)), Some((triple, 3)));
            let four = layout.union((triple, 3), (0, 1));
            assert_eq!(four.is_some(), order == 4);
            if let Some((four, _)) = four {
                assert_eq!(layout.without(four, 3), layout.union((layout.pair(0, 5), 2), (7, 1)).unwrap().0);
            }
        }
        assert_eq!(Layout::new(70_000, 4), None);
    }

    #[test]
    fn a_table_finds_what_was_put_in() {
        let mut table = Table::default();
        assert!(!table.contains(3));
        table.reset(100);
        (1..=100).for_each(|set| table.insert(set * 77));
        assert!((1..=100).all(|set| table.contains(set * 77)));
        assert!(!table.contains(78));
        table.reset(0);
        assert!(!table.contains(77));
    }
}
