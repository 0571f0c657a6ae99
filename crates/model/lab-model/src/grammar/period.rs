//! Lengths of time, single (`6 h`) or compound (`1 h 30 min`).
//!
//! A month counts 30 days and a year 365: these are spans for timers, retention and estimates, never calendar dates.

use super::hint::{nearest, unknown};
use super::scan::{Decimal, Scan, either, quoted};
use super::{Grammar, GrammarError};
use std::fmt;

/// A length of time in milliseconds. A month counts 30 days, a year 365.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Period(u64);

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Longest first, as compound periods are written.
const UNITS: [(&str, u64); 9] = [
    ("y", 365 * DAY),
    ("months", 30 * DAY),
    ("month", 30 * DAY),
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", HOUR),
    ("min", MINUTE),
    ("s", SECOND),
    ("ms", 1),
];

/// What people write instead.
const SPELT: [(&[&str], &str); 8] = [
    (&["year", "years", "yr", "a"], "y"),
    (&["mo", "mon", "M"], "month"),
    (&["week", "weeks"], "w"),
    (&["day", "days"], "d"),
    (&["hour", "hours", "hr", "hrs"], "h"),
    (&["m", "minute", "minutes", "mins"], "min"),
    (&["sec", "secs", "second", "seconds"], "s"),
    (&["msec", "millis", "milliseconds"], "ms"),
];

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds.
    pub const fn from_milliseconds(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// From seconds; stops at the largest value.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// From minutes; stops at the largest value.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(MINUTE))
    }

    /// From hours; stops at the largest value.
    pub const fn from_hours(hours: u64) -> Self {
        Self(hours.saturating_mul(HOUR))
    }

    /// From days of 24 hours; stops at the largest value.
    pub const fn from_days(days: u64) -> Self {
        Self(days.saturating_mul(DAY))
    }

    /// In milliseconds.
    pub const fn milliseconds(self) -> u64 {
        self.0
    }

    /// In whole seconds, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / SECOND
    }

    /// In whole days, rounded down.
    pub const fn days(self) -> u64 {
        self.0 / DAY
    }

    /// Whether it is no time at all.
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

    /// That many times this; stops at the largest value.
    #[must_use]
    pub const fn saturating_mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// What remains, zero when `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads one or more parts, up to the end or to what is no number; leaves the scan after the last unit.
    pub(super) fn read(scan: &mut Scan<'_>) -> Result<Self, GrammarError> {
        let start = scan.at();
        let mut total = 0u64;
        let mut above = u64::MAX;
        loop {
            let (value, unit, at) = read_part(scan)?;
            if unit >= above {
                return Err(GrammarError::new(at, "the longest unit comes first, and each stands once")
                    .with_help("write such as `1 h 30 min`"));
            }
            above = unit;
            total = total.checked_add(value).ok_or_else(|| too_long(start..scan.at()))?;
            let is_followed = scan.rest().trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit());
            if !is_followed {
                return Ok(Self(total));
            }
            scan.blanks();
        }
    }
}

/// One number and unit: its value, the length of the unit, its place.
fn read_part(scan: &mut Scan<'_>) -> Result<(u64, u64, std::ops::Range<usize>), GrammarError> {
    let number = Decimal::read(scan, "a period")?;
    scan.blanks();
    let unit_start = scan.at();
    let word = scan.take_while(|c| c != ' ' && c != ',' && !c.is_ascii_digit());
    let at = number.at.start..scan.at();
    let Some((_, unit)) = UNITS.iter().find(|(text, _)| *text == word) else {
        return Err(bad_unit(word, unit_start..scan.at(), &number));
    };
    let scaled = number.scaled(u128::from(*unit), 1);
    let rounded = number.rounded(u128::from(*unit), 1).and_then(|value| u64::try_from(value).ok());
    match (scaled.map(u64::try_from), rounded) {
        (Some(Ok(value)), _) => Ok((value, *unit, at)),
        (None, Some(_)) => Err(GrammarError::new(number.at, "a period this fine is not kept")
            .with_help("the smallest step is 1 ms")),
        _ => Err(too_long(at)),
    }
}

fn too_long(at: std::ops::Range<usize>) -> GrammarError {
    GrammarError::new(at, "a period this long is not possible")
}

fn bad_unit(word: &str, at: std::ops::Range<usize>, number: &Decimal) -> GrammarError {
    let units: Vec<&str> =
        UNITS.iter().rev().map(|(text, _)| *text).filter(|text| *text != "months").collect();
    let all = format!("periods are in {}", either(&units));
    if word.is_empty() {
        return GrammarError::new(number.at.start..at.end, "the period lacks a unit").with_help(all);
    }
    let spelt = SPELT.iter().find(|(words, _)| words.contains(&word)).map(|(_, unit)| *unit);
    let help = match spelt.or_else(|| nearest(word, &units)) {
        Some(unit) => format!("write {}", quoted(unit)),
        None => all,
    };
    GrammarError::new(at, unknown("unit", word)).with_help(help)
}

/// Stops at the largest value.
impl std::ops::Add for Period {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Stops at the largest value.
impl std::iter::Sum for Period {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, |sum, value| sum + value)
    }
}

/// In years, days, hours, minutes, seconds and milliseconds, each left out when zero. Weeks and months are shown in
/// days, since a month of 30 days surprises.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0 s");
        }
        let mut rest = self.0;
        let mut separator = "";
        for (text, unit) in UNITS.into_iter().filter(|(text, _)| !matches!(*text, "w" | "month" | "months")) {
            let count = rest / unit;
            rest %= unit;
            if count > 0 {
                write!(f, "{separator}{count} {text}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}

impl Grammar for Period {
    const WHAT: &'static str = "a period, such as `6 h`";
    const PATTERN: Option<&'static str> = Some(
        r"^[0-9]+(\.[0-9]+)? *(ms|s|min|h|d|w|months?|y)( *[0-9]+(\.[0-9]+)? *(ms|s|min|h|d|w|months?|y))*$",
    );
    const EXAMPLES: &'static [&'static str] = &["6 h", "1 h 30 min", "250 ms", "3 months", "30d"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let period = Self::read(&mut scan)?;
        scan.finish()?;
        Ok(period)
    }
}

#[cfg(test)]
mod tests {
    use super::Period;
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn periods() {
        check::<Period>(&[
            ("6 h", Ok("6 h")),
            ("90 min", Ok("1 h 30 min")),
            ("1h30min", Ok("1 h 30 min")),
            ("1.5 d", Ok("1 d 12 h")),
            ("250 ms", Ok("250 ms")),
            ("2 w", Ok("14 d")),
            ("3 months", Ok("90 d")),
            ("1 y", Ok("1 y")),
            ("0 ms", Ok("0 s")),
            ("6", Err(("6", "periods are in `ms`"))),
            ("6 hours", Err(("hours", "write `h`"))),
            ("6 m", Err(("m", "write `min`"))),
            ("6 H", Err(("H", "write `h`"))),
            ("30 min 1 h", Err(("1 h", "longest unit comes first"))),
            ("1 h 2 h", Err(("2 h", "stands once"))),
            ("1 h 30", Err(("30", "lacks a unit"))),
            ("0.0001 s", Err(("0.0001", "smallest step is 1 ms"))),
            ("9999999999 y", Err(("9999999999 y", "this long"))),
            ("500000000 y 500000000 d", Ok("501369863 y 5 d")),
            ("584000000 y 999999999 d", Err(("584000000 y 999999999 d", "this long"))),
            ("-1 h", Err(("-1", "never negative"))),
            ("6 h daily", Err(("daily", "left over"))),
            ("6 h ", Err((" ", "blank at the end"))),
        ]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(value in prop_oneof![any::<u64>(), 0u64..100_000_000]) {
            check_round_trip(&Period::from_milliseconds(value))?;
        }
    }
}
