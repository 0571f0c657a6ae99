//! Dates of the civil calendar: `2027-12-31`, or a year that stands for its last day.
//!
//! No clock and no time zone: whoever compares with today brings today along.

use super::scan::{quoted, whole};
use super::{Grammar, GrammarError};
use std::fmt;

/// A day. A bare year is read as its last day, since dates in a lab say until when something holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(pub jiff::civil::Date);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Grammar for Date {
    const WHAT: &'static str = "a date, such as `2027-12-31`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$");
    const EXAMPLES: &'static [&'static str] = &["2027-12-31", "2027"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut parts = text.splitn(3, '-');
        let year = digits(parts.next().unwrap_or_default(), 0, 4, text)?;
        let Some(month_text) = parts.next() else {
            return date(year, 12, 31, 0..text.len());
        };
        let month = in_range(digits(month_text, 5, 2, text)?, 5..7, "a month", 12)?;
        let last = jiff::civil::Date::new(year, month, 1).map_or(31, |first| first.days_in_month());
        let Some(day_text) = parts.next() else {
            let error = GrammarError::new(text.len()..text.len(), "the day is missing");
            return Err(error.with_help(format!("write `{text}-{last:02}`")));
        };
        let day = digits(day_text, 8, 2, text)?;
        let noun = format!("a day of {year:04}-{month:02}");
        let day = in_range(day, 8..10, &noun, last)?;
        date(year, month, day, 0..text.len())
    }
}

fn date(year: i16, month: i8, day: i8, at: std::ops::Range<usize>) -> Result<Date, GrammarError> {
    jiff::civil::Date::new(year, month, day)
        .map(Date)
        .map_err(|_| GrammarError::new(at, "there is no such day"))
}

/// Exactly `count` digits, standing at byte `start` of `text`.
fn digits(part: &str, start: usize, count: usize, text: &str) -> Result<i16, GrammarError> {
    let is_right = part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    is_right.then(|| part.parse().expect("at most four digits")).ok_or_else(|| {
        let at = if start == 0 { 0..text.len() } else { start..start + part.len() };
        let error = match start {
            0 => GrammarError::new(at, format!("{} is no date", quoted(text))),
            _ => GrammarError::new(at, "two digits stand here"),
        };
        error.with_help("write year, month and day, such as `2027-12-31`")
    })
}

fn in_range(value: i16, at: std::ops::Range<usize>, noun: &str, high: i8) -> Result<i8, GrammarError> {
    let high = u64::try_from(high).expect("months and days are positive");
    let value = whole(&value.to_string(), at, noun, 1..=high)?;
    Ok(i8::try_from(value).expect("at most 31"))
}

#[cfg(test)]
mod tests {
    use super::{Date, Grammar};
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn dates() {
        check::<Date>(&[
            ("2027-12-31", Ok("2027-12-31")),
            ("2027", Ok("2027-12-31")),
            ("2028-02-29", Ok("2028-02-29")),
            ("2027-02-29", Err(("29", "between 1 and 28"))),
            ("2027-13-01", Err(("13", "between 1 and 12"))),
            ("2027-02", Err(("", "write `2027-02-28`"))),
            ("2027-1-01", Err(("1", "two digits"))),
            ("2027-01-1x", Err(("1x", "two digits"))),
            ("2027-00-10", Err(("00", "between 1 and 12"))),
            ("31.12.2027", Err(("31.12.2027", "year, month and day"))),
            ("2027-12-31-1", Err(("31-1", "two digits"))),
            ("soon", Err(("soon", "no date"))),
            ("", Err(("", "no date"))),
        ]);
        assert!(Date::parse("2027-01-01").unwrap() < Date::parse("2027").unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(year in 0i16..=9999, month in 1i8..=12, day in 1i8..=28) {
            check_round_trip(&Date(jiff::civil::Date::new(year, month, day).unwrap()))?;
        }
    }
}
