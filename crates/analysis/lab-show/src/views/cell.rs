//! Values as cells: an unknown value is an empty cell, never a zero.

use lab_model::grammar::Bytes;
use lab_model::record::{Ref, Target};
use lab_model::{Lab, Refs, Text, ThingId};
use lab_source::{Files, Span, Spanned};
use std::fmt::Display;

/// A value, or nothing.
pub(super) fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A value that is written somewhere.
pub(super) fn value<T: Display>(value: &Option<Spanned<T>>) -> String {
    shown(value.as_ref().map(|value| &value.value))
}

/// Several values that are written somewhere.
pub(super) fn values<T: Display>(values: &[Spanned<T>]) -> String {
    values.iter().map(|value| value.value.to_string()).collect::<Vec<_>>().join(", ")
}

/// Several texts.
pub(super) fn texts(texts: &[Text]) -> String {
    texts.iter().map(|text| text.text.to_string()).collect::<Vec<_>>().join(", ")
}

/// `word` when it is said to be so.
pub(super) fn when<'w>(fact: &Option<Spanned<bool>>, word: &'w str) -> &'w str {
    if fact.as_ref().is_some_and(|fact| fact.value) { word } else { "" }
}

/// Names of references as written, counting ones drawn together.
pub(super) fn refs<T: Target>(refs: &Refs<T>) -> String {
    names(refs.items.iter().map(|item| item.text.to_string()))
}

/// The name of a reference.
pub(super) fn named<T: Target>(reference: &Option<Ref<T>>) -> String {
    shown(reference.as_ref())
}

/// Names, counting ones drawn together.
pub(super) fn names(names: impl Iterator<Item = String>) -> String {
    ranges(&names.collect::<Vec<_>>()).join(", ")
}

/// Those that are not empty, with a separator between.
pub(super) fn join<'a>(parts: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
}

/// The names of things.
pub(super) fn things(lab: &Lab, things: impl IntoIterator<Item = ThingId>) -> String {
    names(things.into_iter().map(|thing| lab.name(thing).to_string()))
}

/// A size in the unit that people read, with at most two decimals: drives are sold in powers of ten.
pub(super) fn size(bytes: Bytes) -> String {
    let count = bytes.bytes();
    let units = [
        ("PB", 1_000_000_000_000_000_u64),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
    ];
    match units.into_iter().find(|(_, unit)| count >= *unit) {
        Some((name, unit)) => {
            let hundredths = u128::from(count) * 100 / u128::from(unit);
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            format!("{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
        }
        None => bytes.to_string(),
    }
}

/// A count with its thousands set apart.
pub(super) fn count(number: u128) -> String {
    if number >= 1 << 40 {
        return format!("2^{}", number.next_power_of_two().trailing_zeros());
    }
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `file:line` of a place.
pub(super) fn place(files: &Files, span: Span) -> String {
    match files.find(span.file) {
        Some(file) => format!("{}:{}", file.name, files.line_column(span.file, span.start).0),
        None => String::new(),
    }
}

/// Names that count up: what is before the number, and the first and last number as written.
struct Run {
    head: String,
    first: String,
    last: String,
    next: Option<u32>,
}

impl Run {
    fn of(name: &str) -> Self {
        let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let number = name[digits..].to_owned();
        let next = number.parse::<u32>().ok().and_then(|number| number.checked_add(1));
        Self { head: name[..digits].to_owned(), first: number.clone(), last: number, next }
    }

    /// True when `other`, of one name, goes on here.
    fn goes_on(&self, other: &Self) -> bool {
        let number = other.first.parse::<u32>().ok();
        self.head == other.head && number.is_some() && self.next == number
    }

    fn shown(&self) -> String {
        if self.first == self.last {
            format!("{}{}", self.head, self.first)
        } else {
            format!("{}{}..{}", self.head, self.first, self.last)
        }
    }
}

/// Names that differ only in a last number that counts up become a range: `1/2/1..4`.
pub(super) fn ranges(names: &[String]) -> Vec<String> {
    let mut runs: Vec<Run> = Vec::new();
    for name in names {
        let run = Run::of(name);
        match runs.last_mut() {
            Some(last) if last.goes_on(&run) => (last.last, last.next) = (run.last, run.next),
            _ => runs.push(run),
        }
    }
    runs.iter().map(Run::shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_count_up_become_a_range() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (given, expected) in [
            (&["1/2/1", "1/2/2", "1/2/3"][..], &["1/2/1..3"][..]),
            (&["sfp-1", "sfp-3"], &["sfp-1", "sfp-3"]),
            (&["talos-01", "talos-02"], &["talos-01..02"]),
            (&["a", "b"], &["a", "b"]),
            (&["eth0"], &["eth0"]),
            (&["x4294967295", "x0"], &["x4294967295", "x0"]),
        ] {
            assert_eq!(ranges(&names(given)), names(expected));
        }
    }

    #[test]
    fn sizes_and_counts_are_for_people() {
        assert_eq!(size(Bytes::from_bytes(960_197_124_096)), "960.19 GB");
        assert_eq!(size(Bytes::from_bytes(8_000_000_000_000)), "8 TB");
        assert_eq!(count(65_534), "65\u{202f}534");
        assert_eq!(count(1 << 64), "2^64");
    }
}
