//! When something is done: `every 6 h`, `daily 03:30`, `weekly Sun 04:00`, `by hand`, `cron 35 */2 * * *`.
//!
//! Times of day are local to the site. Nothing here computes the next run; checks ask for the longest gap.

use super::cron::Cron;
use super::hint::{help, nearest, unknown};
use super::period::Period;
use super::scan::{Scan, quoted, whole};
use super::words::words;
use super::{Grammar, GrammarError};
use std::fmt;

/// When something is done.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Schedule {
    /// Again after each period.
    Every {
        /// The period, never zero.
        period: Period,
        /// The minute of the hour, 0 to 59; only with whole hours.
        minute: Option<u8>,
    },
    /// Once in each hour.
    Hourly,
    /// Once a day.
    Daily(Option<Clock>),
    /// Once a week.
    Weekly(Option<(Weekday, Option<Clock>)>),
    /// Once in each month.
    Monthly,
    /// Once in each year.
    Yearly,
    /// When someone does it.
    ByHand,
    /// All the time.
    Continuous,
    /// As cron has it.
    Cron(Cron),
}

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Clock {
    hour: u8,
    minute: u8,
}

words! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "Mon",
        /// Tuesday.
        Tuesday = "Tue",
        /// Wednesday.
        Wednesday = "Wed",
        /// Thursday.
        Thursday = "Thu",
        /// Friday.
        Friday = "Fri",
        /// Saturday.
        Saturday = "Sat",
        /// Sunday.
        Sunday = "Sun",
    }
}

impl Schedule {
    /// The longest time between two runs, changes of the clock not counted: a month has up to 31 days, a year 366.
    /// Zero when continuous, `None` when by hand.
    pub fn longest_gap(&self) -> Option<Period> {
        Some(match self {
            Self::Every { period, .. } => *period,
            Self::Hourly => Period::from_hours(1),
            Self::Daily(_) => Period::from_days(1),
            Self::Weekly(_) => Period::from_days(7),
            Self::Monthly => Period::from_days(31),
            Self::Yearly => Period::from_days(366),
            Self::ByHand => return None,
            Self::Continuous => Period::ZERO,
            Self::Cron(cron) => cron.longest_gap(),
        })
    }
}

impl Clock {
    /// 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// Reads `03:30` as the next word.
    fn read(scan: &mut Scan<'_>) -> Result<Self, GrammarError> {
        let (word, at) = scan.word();
        let Some((hour, minute)) = word.split_once(':') else {
            let message = format!("{} is no time of day", quoted(word));
            return Err(GrammarError::new(at, message).with_help("write such as `03:30`"));
        };
        let minute_start = at.start + hour.len() + 1;
        Ok(Self {
            hour: two_digits(hour, at.start, "an hour", 23)?,
            minute: two_digits(minute, minute_start, "a minute", 59)?,
        })
    }
}

/// Two digits up to `high`, standing at `start`.
fn two_digits(text: &str, start: usize, noun: &str, high: u64) -> Result<u8, GrammarError> {
    let at = start..start + text.len();
    if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(
            GrammarError::new(at, format!("{noun} has two digits")).with_help("write such as `03:30`")
        );
    }
    let bare = text.strip_prefix('0').unwrap_or(text);
    Ok(u8::try_from(whole(bare, at, noun, 0..=high)?).expect("two digits"))
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { period, minute: None } => write!(f, "every {period}"),
            Self::Every { period, minute: Some(minute) } => write!(f, "every {period} at minute {minute}"),
            Self::Hourly => f.write_str("hourly"),
            Self::Daily(None) => f.write_str("daily"),
            Self::Daily(Some(clock)) => write!(f, "daily {clock}"),
            Self::Weekly(None) => f.write_str("weekly"),
            Self::Weekly(Some((day, None))) => write!(f, "weekly {day}"),
            Self::Weekly(Some((day, Some(clock)))) => write!(f, "weekly {day} {clock}"),
            Self::Monthly => f.write_str("monthly"),
            Self::Yearly => f.write_str("yearly"),
            Self::ByHand => f.write_str("by hand"),
            Self::Continuous => f.write_str("continuous"),
            Self::Cron(cron) => write!(f, "cron {cron}"),
        }
    }
}

const FORMS: [&str; 9] = [
    "every 6 h",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "yearly",
    "by hand",
    "continuous",
    "cron 35 */2 * * *",
];

impl Grammar for Schedule {
    const WHAT: &'static str = "a schedule, such as `every 6 h`";
    const PATTERN: Option<&'static str> = Some(
        r"^(every +[0-9].*|hourly|daily( +[0-9]{2}:[0-9]{2})?|weekly( +[A-Z][a-z]{2}( +[0-9]{2}:[0-9]{2})?)?|monthly|yearly|by hand|continuous|cron +[^ ]+( +[^ ]+){4} *)$",
    );
    const EXAMPLES: &'static [&'static str] = &[
        "every 6 h",
        "every 2 h at minute 35",
        "hourly",
        "daily 03:30",
        "weekly Sun 04:00",
        "monthly",
        "by hand",
        "continuous",
        "cron 35 */2 * * *",
    ];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let (word, at) = scan.word();
        let more = scan.blanks() && !scan.is_done();
        let schedule = match word {
            "every" => read_every(&mut scan)?,
            "hourly" => Self::Hourly,
            "daily" if more => Self::Daily(Some(Clock::read(&mut scan)?)),
            "daily" => Self::Daily(None),
            "weekly" if more => read_weekly(&mut scan)?,
            "weekly" => Self::Weekly(None),
            "monthly" => Self::Monthly,
            "yearly" => Self::Yearly,
            "by" if text == "by hand" => return Ok(Self::ByHand),
            "continuous" => Self::Continuous,
            "cron" => return Cron::parse(scan.rest(), scan.at()).map(Self::Cron),
            _ => return Err(bad_form(text, word, at, &scan)),
        };
        finish(text, &scan)?;
        Ok(schedule)
    }
}

/// Nothing may follow, not even the blanks that looking for more skipped.
fn finish(text: &str, scan: &Scan<'_>) -> Result<(), GrammarError> {
    if scan.is_done() && text.ends_with(' ') {
        return Err(
            GrammarError::new(text.trim_end().len()..text.len(), "blank at the end").with_help("remove it")
        );
    }
    scan.finish()
}

fn bad_form(text: &str, word: &str, at: std::ops::Range<usize>, scan: &Scan<'_>) -> GrammarError {
    if word.starts_with(|c: char| c.is_ascii_digit()) && Period::parse(text).is_ok() {
        let help = format!("write {}", quoted(&format!("every {text}")));
        return GrammarError::new(0..text.len(), "a period is no schedule").with_help(help);
    }
    if let Some(form) = FORMS.iter().find(|form| word.strip_prefix('@') == Some(form)) {
        return GrammarError::new(0..text.len(), unknown("schedule", word))
            .with_help(format!("write `{form}`"));
    }
    if word.starts_with('*') || scan.rest().starts_with('*') {
        let help = format!("write {}", quoted(&format!("cron {text}")));
        return GrammarError::new(0..text.len(), "a cron line begins with `cron`").with_help(help);
    }
    if matches!(word, "manual" | "manually" | "by") {
        return GrammarError::new(0..text.len(), unknown("schedule", text)).with_help("write `by hand`");
    }
    let help = match nearest(word, &["every", "cron"]) {
        Some(first) => format!("did you mean `{first}`?"),
        None => help(word, &FORMS),
    };
    GrammarError::new(at, unknown("schedule", word)).with_help(help)
}

/// What people write after `every`, and the word for it.
const EVERY: [(&str, &str); 5] =
    [("hour", "hourly"), ("day", "daily"), ("week", "weekly"), ("month", "monthly"), ("year", "yearly")];

/// What follows `every`.
fn read_every(scan: &mut Scan<'_>) -> Result<Schedule, GrammarError> {
    let start = scan.at();
    let named = EVERY.iter().find(|(unit, _)| scan.rest() == *unit);
    if let Some((unit, word)) = named {
        let at = start..start + unit.len();
        return Err(
            GrammarError::new(at, "a period begins with a number").with_help(format!("write `{word}`"))
        );
    }
    let period = Period::read(scan)?;
    let period_at = start..scan.at();
    if period.is_zero() {
        return Err(
            GrammarError::new(period_at, "a period of zero never ends").with_help("write `continuous`")
        );
    }
    if !scan.rest().starts_with(" ") || scan.rest().trim_matches(' ').is_empty() {
        return Ok(Schedule::Every { period, minute: None });
    }
    scan.blanks();
    if !scan.eat("at minute ") {
        return Err(scan
            .finish()
            .expect_err("something follows")
            .with_help("only `at minute 35` may follow"));
    }
    scan.blanks();
    let (minute, at) = scan.word();
    let minute = whole(minute, at.clone(), "a minute", 0..=59)?;
    if !period.milliseconds().is_multiple_of(Period::from_hours(1).milliseconds()) {
        return Err(GrammarError::new(period_at, "a minute of the hour goes with whole hours only"));
    }
    Ok(Schedule::Every { period, minute: Some(u8::try_from(minute).expect("at most 59")) })
}

/// Days have three letters; whoever writes more is told which.
fn bad_day(word: &str, error: GrammarError) -> GrammarError {
    let short = word
        .get(..3)
        .and_then(|start| Weekday::ALL.iter().find(|day| day.as_str().eq_ignore_ascii_case(start)));
    let error = GrammarError { message: unknown("day of the week", word), ..error };
    match short {
        Some(day) => error.with_help(format!("write `{day}`")),
        None => error,
    }
}

/// What follows `weekly`.
fn read_weekly(scan: &mut Scan<'_>) -> Result<Schedule, GrammarError> {
    let (word, at) = scan.word();
    let day = Weekday::parse(word).map_err(|error| bad_day(word, error).shifted(at.start))?;
    let more = !scan.rest().trim_matches(' ').is_empty();
    if !more {
        return Ok(Schedule::Weekly(Some((day, None))));
    }
    scan.blanks();
    Ok(Schedule::Weekly(Some((day, Some(Clock::read(scan)?)))))
}

#[cfg(test)]
mod tests {
    use super::{Grammar, Period, Schedule};
    use crate::grammar::tests::check;

    #[test]
    fn schedules() {
        check::<Schedule>(&[
            ("every 6h", Ok("every 6 h")),
            ("every 1 month", Ok("every 30 d")),
            ("every 2 h at minute 35", Ok("every 2 h at minute 35")),
            ("daily", Ok("daily")),
            ("weekly Sun", Ok("weekly Sun")),
            ("cron  5  */2 * * mon-fri", Ok("cron 5 */2 * * mon-fri")),
            ("6 h", Err(("6 h", "write `every 6 h`"))),
            ("every 6", Err(("6", "lacks a unit"))),
            ("every 0 s", Err(("0 s", "write `continuous`"))),
            ("every 90 min at minute 5", Err(("90 min", "whole hours"))),
            ("every 2 h at minute 60", Err(("60", "between 0 and 59"))),
            ("every 2 h at noon", Err(("at noon", "at minute"))),
            ("every", Err(("", "begins with a number"))),
            ("every day", Err(("day", "write `daily`"))),
            ("evry 6 h", Err(("evry", "`every`"))),
            ("@daily", Err(("@daily", "write `daily`"))),
            ("*/5 * * * *", Err(("*/5 * * * *", "write `cron */5"))),
            ("weekly Sunday", Err(("Sunday", "write `Sun`"))),
            ("weekly Xyz", Err(("Xyz", "`Mon`"))),
            ("dayly", Err(("dayly", "`daily`"))),
            ("daily 3:30", Err(("3", "two digits"))),
            ("daily 24:00", Err(("24", "between 0 and 23"))),
            ("daily noon", Err(("noon", "no time of day"))),
            ("weekly sun 04:00", Err(("sun", "`Sun`"))),
            ("weekly Sun 04:00 x", Err(("x", "left over"))),
            ("monthly ", Err((" ", "blank"))),
            ("manual", Err(("manual", "`by hand`"))),
            ("35 * * * *", Err(("35 * * * *", "cron 35"))),
            ("cron 35 * *", Err(("", "five fields"))),
            ("cron 60 * * * *", Err(("60", "between 0 and 59"))),
            ("cron 0 5/2 * * *", Err(("5", "a step needs a range"))),
            ("cron 0 0 30 2 *", Err(("30 2 *", "never comes"))),
            ("cron 0 0 * * fry", Err(("fry", "day of the week"))),
            ("cron 0 0 * 5-3 *", Err(("5-3", "backwards"))),
            ("cron 0 0 * * * *", Err(("*", "five fields"))),
            ("", Err(("", "unknown schedule"))),
        ]);
    }

    #[test]
    fn longest_gaps() {
        let rows = [
            ("every 6 h", Some("6 h")),
            ("hourly", Some("1 h")),
            ("weekly", Some("7 d")),
            ("by hand", None),
            ("continuous", Some("0 s")),
            ("cron * * * * *", Some("1 min")),
            ("cron 35 */2 * * *", Some("2 h")),
            ("cron 0 8-18 * * *", Some("14 h")),
            ("cron 0 4 * * 0", Some("7 d")),
            ("cron 0 4 * * 7", Some("7 d")),
            ("cron 0 8 * * mon-fri", Some("3 d")),
            ("cron 0 0 1 * *", Some("31 d")),
            // Either day field is enough when both are given.
            ("cron 0 0 1 * mon", Some("7 d")),
            // From 2096 to 2104: 2100 is no leap year.
            ("cron 0 0 29 2 *", Some("2921 d")),
        ];
        for (text, expect) in rows {
            let gap = Schedule::parse(text).unwrap().longest_gap();
            assert_eq!(gap, expect.map(|period| Period::parse(period).unwrap()), "{text}");
        }
    }
}
