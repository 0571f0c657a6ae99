//! The five fields of cron, as in POSIX crontab with names, lists, ranges and steps.
//!
//! It answers when a schedule leaves the longest gap; it runs nothing and knows no time zone.

use super::GrammarError;
use super::period::Period;
use super::scan::{quoted, whole};
use std::fmt;
use std::ops::Range;

/// Five fields of cron: minute, hour, day of the month, month, day of the week.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cron {
    /// The fields as written, one blank between them.
    text: String,
    /// The values of each field as bits.
    sets: [u64; 5],
    /// Whether a day must match both day fields, and not just one (POSIX crontab: when either is `*`).
    needs_both_days: bool,
}

struct Field {
    noun: &'static str,
    low: u64,
    high: u64,
    /// Names of the values from `first_name` on.
    names: &'static [&'static str],
    first_name: u64,
}

const fn field(noun: &'static str, low: u64, high: u64) -> Field {
    Field { noun, low, high, names: &[], first_name: 0 }
}

const FIELDS: [Field; 5] = [
    field("a minute", 0, 59),
    field("an hour", 0, 23),
    field("a day of the month", 1, 31),
    Field {
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        first_name: 1,
        ..field("a month", 1, 12)
    },
    Field { names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"], ..field("a day of the week", 0, 7) },
];

const MINUTES_PER_DAY: u64 = 24 * 60;

impl Cron {
    /// Reads the fields of `text`, which stands `offset` bytes into the text that errors speak of.
    pub(super) fn parse(text: &str, offset: usize) -> Result<Self, GrammarError> {
        let mut words: Vec<(&str, Range<usize>)> = Vec::new();
        let mut start = 0;
        for word in text.split(' ') {
            let at = offset + start..offset + start + word.len();
            start += word.len() + 1;
            if !word.is_empty() {
                words.push((word, at));
            }
        }
        let end = offset + text.len();
        if let Some((_, at)) = words.get(FIELDS.len()) {
            return Err(GrammarError::new(at.start..end, "cron has five fields"));
        }
        if words.len() < FIELDS.len() {
            let error =
                GrammarError::new(end..end, format!("cron has five fields, this has {}", words.len()));
            return Err(error.with_help("minute, hour, day of the month, month, day of the week"));
        }
        let mut sets = [0; 5];
        for ((set, field), (word, at)) in sets.iter_mut().zip(&FIELDS).zip(&words) {
            *set = field.parse(word, at)?;
        }
        // Sunday is 0 and 7.
        sets[4] |= sets[4] >> 7 & 1;
        let needs_both_days = words[2].0.starts_with('*') || words[4].0.starts_with('*');
        let text = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
        let cron = Self { text, sets, needs_both_days };
        if !cron.is_every_day() && cron.days().next().is_none() {
            return Err(GrammarError::new(words[2].1.start..words[4].1.end, "this day never comes"));
        }
        Ok(cron)
    }

    /// The longest time between two runs, changes of the clock not counted.
    pub fn longest_gap(&self) -> Period {
        let mut previous = None;
        let mut within = 0;
        let mut first = None;
        for minute in (0..MINUTES_PER_DAY).filter(|minute| self.runs_at(*minute)) {
            first.get_or_insert(minute);
            within = within.max(previous.map_or(0, |previous| minute - previous));
            previous = Some(minute);
        }
        let first = first.expect("each field has a value");
        let last = previous.expect("each field has a value");
        let overnight = self.longest_gap_days() * MINUTES_PER_DAY + first - last;
        Period::from_minutes(within.max(overnight))
    }

    fn runs_at(&self, minute_of_day: u64) -> bool {
        self.sets[0] >> (minute_of_day % 60) & 1 == 1 && self.sets[1] >> (minute_of_day / 60) & 1 == 1
    }

    fn is_every_day(&self) -> bool {
        let full =
            |index: usize, low: u64, high: u64| (low..=high).all(|value| self.sets[index] >> value & 1 == 1);
        full(2, 1, 31) && full(3, 1, 12) && full(4, 0, 6)
    }

    /// The most days from one day that matches to the next.
    fn longest_gap_days(&self) -> u64 {
        if self.is_every_day() {
            return 1;
        }
        let mut days = self.days();
        let first = days.next().expect("checked when parsed");
        let mut previous = first;
        let mut longest = 0;
        for day in days {
            longest = longest.max(day - previous);
            previous = day;
        }
        longest.max(first + CYCLE_DAYS - previous)
    }

    /// The days that match, counted from 2000-01-01, over the 400 years after which calendar and week repeat.
    fn days(&self) -> impl Iterator<Item = u64> {
        let months = (2000..2400u64).flat_map(|year| (1..=12u64).map(move |month| (year, month)));
        let dates = months.flat_map(|(year, month)| (1..=days_in(year, month)).map(move |day| (month, day)));
        (0u64..)
            .zip(dates)
            .filter(|(index, (month, day))| self.matches(*index, *month, *day))
            .map(|(index, _)| index)
    }

    fn matches(&self, index: u64, month: u64, day: u64) -> bool {
        // 2000-01-01 was a Saturday.
        let weekday = (index + 6) % 7;
        let of_month = self.sets[2] >> day & 1 == 1;
        let of_week = self.sets[4] >> weekday & 1 == 1;
        let is_day = if self.needs_both_days { of_month && of_week } else { of_month || of_week };
        self.sets[3] >> month & 1 == 1 && is_day
    }
}

/// Days of 400 years of the Gregorian calendar; a whole number of weeks.
const CYCLE_DAYS: u64 = 146_097;

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Field {
    /// The values of a list such as `1-5,*/10`.
    fn parse(&self, word: &str, at: &Range<usize>) -> Result<u64, GrammarError> {
        let mut set = 0;
        let mut start = at.start;
        for item in word.split(',') {
            let item_at = start..start + item.len();
            start = item_at.end + 1;
            set |= self.parse_item(item, item_at)?;
        }
        Ok(set)
    }

    fn parse_item(&self, item: &str, at: Range<usize>) -> Result<u64, GrammarError> {
        let (span, step) = match item.split_once('/') {
            Some((span, step)) => {
                let step_at = at.start + span.len() + 1..at.end;
                (span, Some(whole(step, step_at, "a step", 1..=self.high)?))
            }
            None => (item, None),
        };
        let span_at = at.start..at.start + span.len();
        let (low, high) = match span.split_once('-') {
            _ if span == "*" => (self.low, self.high.min(if self.high == 7 { 6 } else { self.high })),
            Some((low, high)) => {
                let high_at = span_at.start + low.len() + 1..span_at.end;
                let low = self.value(low, span_at.start..span_at.start + low.len())?;
                (low, self.value(high, high_at)?)
            }
            None if step.is_some() => {
                let help = format!("write {}", quoted(&item.replacen(span, "*", 1)));
                return Err(GrammarError::new(span_at, "a step needs a range").with_help(help));
            }
            None => {
                let value = self.value(span, span_at.clone())?;
                (value, value)
            }
        };
        if low > high {
            return Err(GrammarError::new(span_at, "the range runs backwards"));
        }
        let step = usize::try_from(step.unwrap_or(1)).expect("at most 59");
        Ok((low..=high).step_by(step).fold(0, |set, value| set | 1 << value))
    }

    fn value(&self, text: &str, at: Range<usize>) -> Result<u64, GrammarError> {
        let named =
            self.names.iter().zip(self.first_name..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        if let Some((_, value)) = named {
            return Ok(value);
        }
        // Crontabs are full of `05`; zeros in front are usual here.
        let bare = text.trim_start_matches('0');
        let bare = if bare.is_empty() && !text.is_empty() { "0" } else { bare };
        whole(bare, at, self.noun, self.low..=self.high)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
