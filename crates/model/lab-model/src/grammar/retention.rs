//! How long copies are kept: `8 hourly, 7 daily`, `last 5`, `30 d`, `forever`.
//!
//! It says what shall be kept; which copies there are and when they were made is not known here.

use super::hint::{help, unknown};
use super::period::Period;
use super::scan::{Scan, quoted, whole};
use super::{Grammar, GrammarError};
use std::fmt;

/// How long copies are kept.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Retention {
    /// Nothing is ever removed.
    Forever,
    /// Everything younger than this, never zero.
    For(Period),
    /// A thinning series.
    Keep(Keep),
}

/// A thinning series: that many of each kind, 0 when the kind is not named.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Keep {
    /// The newest copies, whenever made.
    pub last: u32,
    /// One of each of so many hours.
    pub hourly: u32,
    /// One of each of so many days.
    pub daily: u32,
    /// One of each of so many weeks.
    pub weekly: u32,
    /// One of each of so many months.
    pub monthly: u32,
    /// One of each of so many years.
    pub yearly: u32,
}

/// How far back copies go.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reach {
    /// Without end.
    Forever,
    /// So far, a month counted as 30 days and a year as 365.
    Back(Period),
    /// So many copies; how far that is depends on when they are made.
    Copies(u32),
}

const KINDS: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];

/// Most copies of one kind; more is a slip of the keyboard.
const COPIES_MAX: u64 = 100_000;

impl Keep {
    fn kind(&mut self, word: &str) -> Option<&mut u32> {
        Some(match word {
            "last" => &mut self.last,
            "hourly" => &mut self.hourly,
            "daily" => &mut self.daily,
            "weekly" => &mut self.weekly,
            "monthly" => &mut self.monthly,
            "yearly" => &mut self.yearly,
            _ => return None,
        })
    }

    /// The kinds that thin out, with their count and step.
    fn counts(&self) -> [(&'static str, u32, Period); 5] {
        [
            ("hourly", self.hourly, Period::from_hours(1)),
            ("daily", self.daily, Period::from_days(1)),
            ("weekly", self.weekly, Period::from_days(7)),
            ("monthly", self.monthly, Period::from_days(30)),
            ("yearly", self.yearly, Period::from_days(365)),
        ]
    }
}

impl Retention {
    /// How far back copies go.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Forever => Reach::Forever,
            Self::For(period) => Reach::Back(*period),
            Self::Keep(keep) => {
                let back =
                    keep.counts().into_iter().map(|(_, count, step)| step.saturating_mul(count.into())).max();
                match back {
                    Some(back) if !back.is_zero() => Reach::Back(back),
                    _ => Reach::Copies(keep.last),
                }
            }
        }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keep = match self {
            Self::Forever => return f.write_str("forever"),
            Self::For(period) => return period.fmt(f),
            Self::Keep(keep) => keep,
        };
        let mut separator = "";
        if keep.last > 0 {
            write!(f, "last {}", keep.last)?;
            separator = ", ";
        }
        for (kind, count, _) in keep.counts().into_iter().filter(|(_, count, _)| *count > 0) {
            write!(f, "{separator}{count} {kind}")?;
            separator = ", ";
        }
        Ok(())
    }
}

impl Grammar for Retention {
    const WHAT: &'static str = "how long copies are kept, such as `7 daily, 4 weekly`";
    const PATTERN: Option<&'static str> = Some(r"^(forever|last *[0-9]+.*|[0-9]+(\.[0-9]+)? *[a-z]+.*)$");
    const EXAMPLES: &'static [&'static str] =
        &["8 hourly, 7 daily, 4 weekly, 1 monthly, 2 yearly", "last 5", "30 d", "forever", "last 3, 7 daily"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let is_series =
            text.contains(',') || text.contains("last") || KINDS.iter().any(|kind| text.contains(kind));
        if is_series {
            return parse_series(text).map(Self::Keep);
        }
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            let error = GrammarError::new(0..text.len(), format!("{} does not say how long", quoted(text)));
            return Err(error.with_help("write such as `30 d`, `last 5`, `7 daily, 4 weekly` or `forever`"));
        }
        match Period::parse(text).map_err(|error| mixed_units(text, error))? {
            Period::ZERO => Err(GrammarError::new(0..text.len(), "nothing would be kept")),
            period => Ok(Self::For(period)),
        }
    }
}

/// `7 d 4 w` is a series in the words of other tools.
fn mixed_units(text: &str, error: GrammarError) -> GrammarError {
    let numbers = text.split(' ').filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).count();
    match numbers {
        0 | 1 => error,
        _ => error.with_help("a series reads `7 daily, 4 weekly`"),
    }
}

fn parse_series(text: &str) -> Result<Keep, GrammarError> {
    let mut keep = Keep::default();
    let mut start = 0;
    for item in text.split(',') {
        let trimmed = item.trim_start_matches(' ');
        // The first item may have no blanks before it, as with every grammar.
        let trimmed = if start == 0 { item } else { trimmed };
        let offset = start + item.len() - trimmed.len();
        start += item.len() + 1;
        let (kind, count) = parse_item(trimmed).map_err(|error| error.shifted(offset))?;
        let place = keep.kind(kind).expect("parse_item gives known kinds");
        if *place > 0 {
            let at = offset..offset + trimmed.len();
            return Err(GrammarError::new(at, format!("`{kind}` stands twice")));
        }
        *place = count;
    }
    Ok(keep)
}

/// `last 5` or `7 daily`: the kind and its count, never 0.
fn parse_item(text: &str) -> Result<(&str, u32), GrammarError> {
    let mut scan = Scan::new(text);
    let is_last = scan.eat("last");
    if is_last {
        scan.blanks();
    }
    let start = scan.at();
    let digits = scan.digits();
    let count = whole(digits, start..scan.at(), "a number of copies", 1..=COPIES_MAX).map_err(|error| {
        if digits.is_empty() { scan.error_here("a number of copies is missing") } else { error }
    })?;
    let count = u32::try_from(count).expect("at most COPIES_MAX");
    if is_last {
        scan.finish()?;
        return Ok(("last", count));
    }
    scan.blanks();
    let (kind, at) = scan.word();
    if !KINDS.contains(&kind) {
        let spelt = match kind {
            "h" => "hourly",
            "d" => "daily",
            "w" => "weekly",
            "month" | "months" => "monthly",
            "y" => "yearly",
            _ => {
                return Err(
                    GrammarError::new(at, unknown("kind of copy", kind)).with_help(help(kind, &KINDS))
                );
            }
        };
        let error = GrammarError::new(at, "a series counts copies, not time");
        return Err(error.with_help(format!("write `{count} {spelt}`")));
    }
    scan.finish().map_err(|error| {
        let is_next = text[error.at.start..].starts_with(|c: char| c.is_ascii_digit());
        if is_next { error.with_help(format!("write a comma after `{kind}`")) } else { error }
    })?;
    Ok((kind, count))
}

#[cfg(test)]
mod tests {
    use super::{Grammar, Period, Reach, Retention};
    use crate::grammar::tests::check;

    #[test]
    fn retentions() {
        check::<Retention>(&[
            ("4 weekly,7 daily", Ok("7 daily, 4 weekly")),
            ("7 daily, last 3", Ok("last 3, 7 daily")),
            ("last3, 7 daily", Ok("last 3, 7 daily")),
            ("30d", Ok("30 d")),
            ("forever", Ok("forever")),
            ("7 d, 4 w", Err(("d", "write `7 daily`"))),
            ("7 daily, 4 weakly", Err(("weakly", "`weekly`"))),
            ("7 daily, 4 daily", Err(("4 daily", "twice"))),
            ("0 daily", Err(("0", "between 1"))),
            ("last", Err(("", "missing"))),
            ("last 5 x", Err(("x", "left over"))),
            ("7 daily,", Err(("", "missing"))),
            ("7 d 4 w", Err(("4 w", "`7 daily, 4 weekly`"))),
            ("7 daily 4 weekly", Err(("4 weekly", "a comma after `daily`"))),
            ("0 d", Err(("0 d", "nothing would be kept"))),
            ("for ever", Err(("for ever", "`forever`"))),
            ("30", Err(("30", "lacks a unit"))),
            ("", Err(("", "how long"))),
        ]);
    }

    #[test]
    fn reaches() {
        let check =
            |text: &str, expect: Reach| assert_eq!(Retention::parse(text).unwrap().reach(), expect, "{text}");
        check("forever", Reach::Forever);
        check("30 d", Reach::Back(Period::from_days(30)));
        check("last 5", Reach::Copies(5));
        check("last 5, 8 hourly, 7 daily", Reach::Back(Period::from_days(7)));
        check("4 weekly, 2 yearly", Reach::Back(Period::from_days(730)));
    }
}
