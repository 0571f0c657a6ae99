//! A number and a unit: the one parser and the one printer of `8 TB`, `2.5 Gb/s`, `1.5 U`.
//!
//! Values are whole numbers of a base unit, so that they compare and hash exactly. A number that is not a whole
//! multiple of the base unit is an error rather than rounded. Which quantities there are stands in `measure.rs`.

use super::GrammarError;
use super::hint::nearest;
use super::scan::{Decimal, Scan, decimal_text, either, quoted};
use std::fmt;
use std::ops::Range;

/// A unit: `num / den` base units. Where `den` is not 1, values are rounded to the base unit and never shown in it.
pub(super) struct Unit {
    pub(super) text: &'static str,
    pub(super) num: u64,
    pub(super) den: u64,
    /// Whether Display may choose it.
    pub(super) is_shown: bool,
}

impl Unit {
    pub(super) const fn new(text: &'static str, factor: u64) -> Self {
        Self { text, num: factor, den: 1, is_shown: true }
    }

    /// Understood, but never printed.
    pub(super) const fn foreign(text: &'static str, num: u64, den: u64) -> Self {
        Self { text, num, den, is_shown: false }
    }
}

/// What the parser knows of one quantity.
pub(super) struct Quantity {
    /// "a size".
    pub(super) noun: &'static str,
    /// "sizes".
    pub(super) plural: &'static str,
    /// The first is the one that zero is shown in.
    pub(super) units: &'static [Unit],
    /// For a unit people write that means something else or is spelt otherwise: why not, and what to write instead.
    pub(super) mistaken: fn(number: &str, unit: &str) -> Option<Mistaken>,
}

/// A unit that was mistaken for another.
pub(super) struct Mistaken {
    pub(super) message: String,
    pub(super) write: String,
}

/// No unit is commonly mistaken.
pub(super) fn none(_: &str, _: &str) -> Option<Mistaken> {
    None
}

impl Quantity {
    /// Reads a whole text as this quantity, in base units.
    pub(super) fn parse(&self, text: &str) -> Result<u64, GrammarError> {
        let mut scan = Scan::new(text);
        let value = self.read(text, &mut scan)?;
        scan.finish()?;
        Ok(value)
    }

    fn read(&self, text: &str, scan: &mut Scan<'_>) -> Result<u64, GrammarError> {
        let number = Decimal::read(scan, self.noun)?;
        let number_end = scan.at();
        scan.blanks();
        let (word, at) = scan.word();
        let Some(unit) = self.units.iter().find(|unit| unit.text == word) else {
            return Err(self.bad_unit(&text[..number_end], word, at));
        };
        let whole = number.at.start..at.end;
        let (num, den) = (u128::from(unit.num), u128::from(unit.den));
        let value = if unit.den == 1 { number.scaled(num, den) } else { number.rounded(num, den) };
        match value.map(u64::try_from) {
            Some(Ok(value)) => Ok(value),
            Some(Err(_)) => Err(self.too_large(whole)),
            None if number.rounded(num, den).is_none_or(|value| u64::try_from(value).is_err()) => {
                Err(self.too_large(whole))
            }
            None => Err(GrammarError::new(number.at, format!("{} this fine is not kept", self.noun))
                .with_help(format!("the smallest step is {}", self.smallest()))),
        }
    }

    fn bad_unit(&self, number: &str, word: &str, at: Range<usize>) -> GrammarError {
        let units: Vec<&str> = self.units.iter().map(|unit| unit.text).collect();
        let all = format!("{} are in {}", self.plural, either(&units));
        if word.is_empty() {
            return GrammarError::new(0..at.end, format!("{} lacks a unit", quoted(number))).with_help(all);
        }
        if let Some(mistaken) = (self.mistaken)(number, word) {
            let help = format!("write {}", quoted(&mistaken.write));
            return GrammarError::new(at, mistaken.message).with_help(help);
        }
        let extended: Vec<&str> = units
            .iter()
            .copied()
            .filter(|u| u.len() > word.len() && u.to_lowercase().starts_with(&word.to_lowercase()))
            .collect();
        let same_letters = units.iter().copied().filter(|u| u.eq_ignore_ascii_case(word)).collect();
        let near = nearest(word, &units).into_iter().collect();
        let near = [same_letters, extended, near].into_iter().find(|near: &Vec<&str>| !near.is_empty());
        let help = match near.as_deref() {
            Some([unit]) => format!("write {}", quoted(&format!("{number} {unit}"))),
            Some(near) => format!("did you mean {}?", either(near)),
            None => all,
        };
        GrammarError::new(at, format!("unknown unit {}", quoted(word))).with_help(help)
    }

    fn too_large(&self, at: Range<usize>) -> GrammarError {
        GrammarError::new(at, format!("{} this large is not possible", self.noun))
            .with_help(format!("the most is {}", self.text(u64::MAX)))
    }

    fn smallest(&self) -> String {
        self.text(1)
    }

    /// The shortest exact text: at most three decimals, at least 1 before the unit, the larger unit among equals.
    pub(super) fn text(&self, value: u64) -> String {
        if value == 0 {
            return format!("0 {}", self.units[0].text);
        }
        let shown = || self.units.iter().filter(|unit| unit.is_shown);
        let best = shown()
            .filter(|unit| unit.num <= value)
            .filter_map(|unit| Some((exact(value, unit.num)?, unit)))
            .min_by_key(|(text, unit)| (text.len() + unit.text.len(), u64::MAX - unit.num));
        let smallest = || {
            let unit = shown().min_by_key(|unit| unit.num)?;
            Some((exact(value, unit.num)?, unit))
        };
        let (number, unit) = best.or_else(smallest).expect("the smallest unit has at most 1000 base units");
        format!("{number} {}", unit.text)
    }

    pub(super) fn fmt(&self, value: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(value))
    }
}

/// `value / factor` as decimal text when three decimals are enough.
fn exact(value: u64, factor: u64) -> Option<String> {
    let thousandfold = u128::from(value) * 1000;
    let factor = u128::from(factor);
    thousandfold.is_multiple_of(factor).then(|| decimal_text(thousandfold / factor, 3))
}

/// Declares a quantity: a whole number of base units with its constructor, accessor, sums and grammar.
macro_rules! quantity {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($from:ident, $get:ident);
        what: $what:literal, noun: $noun:literal, plural: $plural:literal,
        pattern: $pattern:literal,
        examples: $examples:expr,
        units: $units:expr,
        mistaken: $mistaken:expr,
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(u64);

        impl $name {
            const QUANTITY: $crate::grammar::quantity::Quantity = $crate::grammar::quantity::Quantity {
                noun: $noun,
                plural: $plural,
                units: $units,
                mistaken: $mistaken,
            };

            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// From a whole number of base units.
            pub const fn $from(value: u64) -> Self {
                Self(value)
            }

            /// In base units.
            pub const fn $get(self) -> u64 {
                self.0
            }

            /// Whether it is nothing.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The sum, or `None` when it does not fit.
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Some(Self(sum)),
                    None => None,
                }
            }

            /// What remains, or `None` when `other` is more.
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) {
                    Some(rest) => Some(Self(rest)),
                    None => None,
                }
            }

            /// That many times this, or `None` when it does not fit.
            pub const fn checked_mul(self, times: u64) -> Option<Self> {
                match self.0.checked_mul(times) {
                    Some(product) => Some(Self(product)),
                    None => None,
                }
            }

            /// What remains, zero when `other` is more.
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// That many times this, the largest value when it does not fit.
            pub const fn saturating_mul(self, times: u64) -> Self {
                Self(self.0.saturating_mul(times))
            }
        }

        /// Stops at the largest value; use `checked_add` where that matters.
        impl std::ops::Add for $name {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        /// Stops at the largest value.
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self::ZERO, |sum, value| sum + value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                Self::QUANTITY.fmt(self.0, f)
            }
        }

        impl $crate::grammar::Grammar for $name {
            const WHAT: &'static str = $what;
            const PATTERN: Option<&'static str> = Some($pattern);
            const EXAMPLES: &'static [&'static str] = &$examples;

            fn parse(text: &str) -> Result<Self, $crate::grammar::GrammarError> {
                Self::QUANTITY.parse(text).map(Self)
            }
        }
    };
}
pub(super) use quantity;
