//! Several names written as one: `node-1..3`, `sfp-(1,2)`, `10.3.1.1..3`.
//!
//! Only names, addresses and ports of the lab go through this; prose and quantities never do. What does not look like
//! a range is literal, so `a...b` and `v1.2` mean themselves. How ranges of a key and of its values run in step is
//! told by [`Pattern::expand_in_step`]; which texts share steps is decided by the reader of the lab.

use super::scan::quoted;
use super::{Grammar, GrammarError};
use std::fmt;
use std::ops::Range;

/// Most names that one text may stand for.
pub const NAMES_MAX: usize = 65_536;

/// A text with the groups that make it several names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Literal(String),
    Group(Group),
}

/// What stands, one after the other, at one place of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The texts in order; never empty.
    pub items: Vec<String>,
    /// The bytes of the group in the pattern, parentheses included.
    pub at: Range<usize>,
}

/// Where an enclosing expansion stands: element `index` of a group with `len` elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// How many elements the group of the enclosing text has.
    pub len: usize,
    /// Which of them is at hand, from 0.
    pub index: usize,
}

impl Pattern {
    /// Whether it stands for exactly the one name that is written.
    pub fn is_plain(&self) -> bool {
        self.groups().next().is_none()
    }

    /// The groups from left to right.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Group(group) => Some(group),
        })
    }

    /// How many names it stands for, at most [`NAMES_MAX`].
    pub fn count(&self) -> usize {
        self.groups().map(|group| group.items.len()).product()
    }

    /// All names, the last group running fastest.
    pub fn expand(&self) -> Vec<String> {
        self.expand_in_step(&[])
    }

    /// The names at one point of an enclosing expansion.
    ///
    /// From left to right, a group takes the innermost (last) of `steps` that has the group's length and that no group
    /// before it took, and stands for that step's element alone. The groups that take none are multiplied out, the last
    /// running fastest.
    pub fn expand_in_step(&self, steps: &[Step]) -> Vec<String> {
        let mut free: Vec<Step> = steps.iter().copied().filter(|step| step.index < step.len).collect();
        let choices: Vec<&[String]> = self.pieces.iter().map(|piece| choices(piece, &mut free)).collect();
        let count = choices.iter().map(|items| items.len()).product();
        (0..count).map(|index| pick(&choices, index)).collect()
    }
}

/// What may stand for a piece; removes the step that it takes from `free`.
fn choices<'p>(piece: &'p Piece, free: &mut Vec<Step>) -> &'p [String] {
    match piece {
        Piece::Literal(text) => std::slice::from_ref(text),
        Piece::Group(group) => match free.iter().rposition(|step| step.len == group.items.len()) {
            Some(position) => {
                let step = free.remove(position);
                &group.items[step.index..=step.index]
            }
            None => &group.items,
        },
    }
}

/// Name number `index` of all combinations, counted with the last group fastest.
fn pick(choices: &[&[String]], mut index: usize) -> String {
    let mut chosen: Vec<&str> = Vec::with_capacity(choices.len());
    for items in choices.iter().rev() {
        chosen.push(&items[index % items.len()]);
        index /= items.len();
    }
    chosen.into_iter().rev().collect()
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Grammar for Pattern {
    const WHAT: &'static str = "one name or several, such as `node-1..3`";
    const PATTERN: Option<&'static str> = None;
    const EXAMPLES: &'static [&'static str] = &[
        "node-1..3",
        "talos-01..03",
        "10.3.1.1..3",
        "bay-0..7",
        "sfp-(1,2)",
        "node-(red,green)",
        "1/2/1..4",
        "port-a..d",
        "disk-(1..3,7)",
    ];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let pieces = parse_pieces(text, 0, true)?;
        let pattern = Self { text: text.to_string(), pieces };
        let count = pattern.groups().try_fold(1usize, |count, group| count.checked_mul(group.items.len()));
        let whole = pattern.groups().map(|group| group.at.clone()).reduce(|all, at| all.start..at.end);
        match (count, whole) {
            (Some(count), _) if count <= NAMES_MAX => Ok(pattern),
            (_, whole) => Err(too_many(whole.unwrap_or(0..text.len()))),
        }
    }
}

fn too_many(at: Range<usize>) -> GrammarError {
    GrammarError::new(at, "this stands for too many names").with_help("one text stands for at most 65,536")
}

/// Splits a text, which stands `offset` bytes into the whole, into literals and groups. Lists do not nest.
fn parse_pieces(text: &str, offset: usize, with_lists: bool) -> Result<Vec<Piece>, GrammarError> {
    let mut pieces = Vec::new();
    let mut literal_start = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let found = match c {
            '(' if with_lists => list_at(text, at)?,
            '.' => range_at(text, literal_start, at).transpose().map_err(|error| error.shifted(offset))?,
            _ => None,
        };
        let Some(mut group) = found else {
            at += c.len_utf8();
            continue;
        };
        if literal_start < group.at.start {
            pieces.push(Piece::Literal(text[literal_start..group.at.start].to_string()));
        }
        at = group.at.end;
        literal_start = at;
        group.at = group.at.start + offset..group.at.end + offset;
        pieces.push(Piece::Group(group));
    }
    if literal_start < text.len() {
        pieces.push(Piece::Literal(text[literal_start..].to_string()));
    }
    Ok(pieces)
}

/// The list `(a,b)` that begins at `at`. Parentheses around a single name without range are literal.
fn list_at(text: &str, at: usize) -> Result<Option<Group>, GrammarError> {
    let Some(len) = text[at..].find(')') else {
        let error = GrammarError::new(at..at + 1, "this list is not closed");
        return Err(error.with_help("end it with `)`"));
    };
    let inner = &text[at + 1..at + len];
    if let Some(nested) = inner.find('(') {
        let nested = at + 1 + nested;
        return Err(GrammarError::new(nested..nested + 1, "a list stands inside a list"));
    }
    let mut items = Vec::new();
    let mut start = at + 1;
    let mut is_list = inner.contains(',');
    for element in inner.split(',') {
        let name = element.trim_matches(' ');
        let name_at = start + (element.len() - element.trim_start_matches(' ').len());
        let element_at = start..start + element.len();
        start = element_at.end + 1;
        if name.is_empty() && is_list {
            return Err(GrammarError::new(element_at, "an element of the list is missing"));
        }
        let pieces = parse_pieces(name, name_at, false)?;
        is_list |= pieces.iter().any(|piece| matches!(piece, Piece::Group(_)));
        let choices: Vec<&[String]> = pieces.iter().map(|piece| choices(piece, &mut Vec::new())).collect();
        let count = choices.iter().try_fold(1usize, |count, items| count.checked_mul(items.len()));
        let Some(count) = count.filter(|count| count + items.len() <= NAMES_MAX) else {
            return Err(too_many(element_at));
        };
        items.extend((0..count).map(|index| pick(&choices, index)));
    }
    Ok(is_list.then_some(Group { items, at: at..at + len + 1 }))
}

/// The range whose two dots stand at `dots`, when there are two and an end on both sides. The first end lies within
/// the literal that began at `literal_start`.
fn range_at(text: &str, literal_start: usize, dots: usize) -> Option<Result<Group, GrammarError>> {
    let after = text[dots..].strip_prefix("..")?;
    let before = &text[literal_start..dots];
    let last_len = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if last_len > 0 {
        let end = dots + 2 + last_len;
        if before.is_empty() && literal_start > 0 {
            return Some(Err(GrammarError::new(dots..end, "a range has two ends")));
        }
        let first_len = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let start = dots - first_len;
        return (first_len > 0).then(|| {
            numbers(&text[start..dots], &after[..last_len], start..end)
                .map(|items| Group { items, at: start..end })
        });
    }
    let first = lone_letter(before.chars().rev())?;
    let last = lone_letter(after.chars())?;
    if first.is_ascii_lowercase() != last.is_ascii_lowercase() {
        return None;
    }
    let at = dots - 1..dots + 3;
    if first > last {
        return Some(Err(descending(at, first, last)));
    }
    Some(Ok(Group { items: (first..=last).map(String::from).collect(), at }))
}

/// The first character, when it is an ASCII letter and no letter follows.
fn lone_letter(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    chars.next().is_none_or(|c| !c.is_alphabetic()).then_some(letter)
}

fn descending(at: Range<usize>, first: impl fmt::Display, last: impl fmt::Display) -> GrammarError {
    GrammarError::new(at, "the range runs backwards").with_help(format!("write `{last}..{first}`"))
}

/// The numbers from `first` to `last`, padded with zeros when `first` is.
fn numbers(first: &str, last: &str, at: Range<usize>) -> Result<Vec<String>, GrammarError> {
    let is_padded = |number: &str| number.len() > 1 && number.starts_with('0');
    let parse = |number: &str, at| {
        number
            .parse::<u64>()
            .map_err(|_| GrammarError::new(at, format!("{} is too large to count", quoted(number))))
    };
    let low = parse(first, at.start..at.start + first.len())?;
    let high = parse(last, at.end - last.len()..at.end)?;
    if low > high {
        return Err(descending(at, first, last));
    }
    if is_padded(last) && !is_padded(first) && first.len() < last.len() {
        let help = format!("write `{first:0>width$}..{last}`", width = last.len());
        return Err(GrammarError::new(at, "only the last number is padded with zeros").with_help(help));
    }
    if high - low >= NAMES_MAX as u64 {
        return Err(too_many(at));
    }
    let width = if is_padded(first) { first.len() } else { 0 };
    Ok((low..=high).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::{Grammar, NAMES_MAX, Pattern, Step};
    use crate::grammar::tests::check;
    use proptest::prelude::*;

    fn names(text: &str) -> String {
        Pattern::parse(text).unwrap().expand().join(" ")
    }

    #[test]
    fn expansion() {
        let rows = [
            ("node", "node"),
            ("node-1..3", "node-1 node-2 node-3"),
            ("talos-08..11", "talos-08 talos-09 talos-10 talos-11"),
            ("n9..11", "n9 n10 n11"),
            ("01..3", "01 02 03"),
            ("10.3.1.1..3", "10.3.1.1 10.3.1.2 10.3.1.3"),
            ("10.3.1.1..2/16", "10.3.1.1/16 10.3.1.2/16"),
            ("bay-0..1", "bay-0 bay-1"),
            ("sfp-(1,2)", "sfp-1 sfp-2"),
            ("node-(red, green)", "node-red node-green"),
            ("disk-(1..3,7)", "disk-1 disk-2 disk-3 disk-7"),
            ("(1..2)", "1 2"),
            ("1/2/1..4", "1/2/1 1/2/2 1/2/3 1/2/4"),
            ("port-a..d", "port-a port-b port-c port-d"),
            ("A..B1", "A1 B1"),
            ("n1..2:p1..2", "n1:p1 n1:p2 n2:p1 n2:p2"),
            ("é1..2ü", "é1ü é2ü"),
        ];
        for (text, expect) in rows {
            assert_eq!(names(text), expect, "{text}");
        }
    }

    #[test]
    fn literals() {
        for text in
            ["", "v1.2", "a...b", "1...3", "sda..d", "a..3", "a..D", "..", "../x", "GE1 (WAN)", "x)", "é..ü"]
        {
            let pattern = Pattern::parse(text).unwrap();
            assert!(pattern.is_plain(), "{text}");
            assert_eq!(pattern.expand(), [text]);
        }
    }

    #[test]
    fn errors() {
        check::<Pattern>(&[
            ("node-3..1", Err(("3..1", "write `1..3`"))),
            ("port-d..a", Err(("d..a", "write `a..d`"))),
            ("node-1..03", Err(("1..03", "write `01..03`"))),
            ("node-1..99999999", Err(("1..99999999", "at most 65,536"))),
            ("x-1..99999999999999999999", Err(("99999999999999999999", "too large"))),
            ("a-0..999-0..999", Err(("0..999-0..999", "too many names"))),
            ("(1..60000,1..60000)", Err(("1..60000", "too many names"))),
            ("node-(red", Err(("(", "not closed"))),
            ("node-(a,(b))", Err(("(", "inside a list"))),
            ("node-(a,,b)", Err(("", "missing"))),
            ("1..2..3", Err(("..3", "two ends"))),
            ("x(1,ü3..1)", Err(("3..1", "backwards"))),
        ]);
        let Ok(largest) = Pattern::parse("n-0..65535") else { panic!("the limit itself is allowed") };
        assert_eq!(largest.count(), NAMES_MAX);
    }

    #[test]
    fn groups_point_at_their_text() {
        let text = "ü-1..2:(a,b)";
        let pattern = Pattern::parse(text).unwrap();
        let pointed: Vec<&str> = pattern.groups().map(|group| &text[group.at.clone()]).collect();
        assert_eq!(pointed, ["1..2", "(a,b)"]);
    }

    #[test]
    fn steps() {
        let check = |text: &str, steps: &[(usize, usize)], expect: &str| {
            let steps: Vec<Step> = steps.iter().map(|&(len, index)| Step { len, index }).collect();
            assert_eq!(
                Pattern::parse(text).unwrap().expand_in_step(&steps).join(" "),
                expect,
                "{text} {steps:?}"
            );
        };
        check("pdu:1..3", &[(3, 1)], "pdu:2");
        check("pdu:1..3", &[(2, 1)], "pdu:1 pdu:2 pdu:3");
        // One step serves one group; the second group of that length runs free.
        check("1..2/1..2", &[(2, 1)], "2/1 2/2");
        check("1..2/1..2", &[(2, 0), (2, 1)], "2/1");
        // The innermost step of a length comes first.
        check("1..2", &[(2, 0), (2, 1)], "2");
        check("1..2-a..c", &[(3, 2), (2, 0)], "1-c");
        check("plain", &[(3, 2)], "plain");
        // A step that stands outside of its own group is none.
        check("1..2", &[(2, 2)], "1 2");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn expansion_keeps_its_count(text in "[a-c(),.0-9/é-]{0,16}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                prop_assert!(pattern.count() <= NAMES_MAX);
                let names = pattern.expand();
                prop_assert_eq!(names.len(), pattern.count());
                prop_assert!(!pattern.is_plain() || names == [text]);
            }
        }

        #[test]
        fn steps_through_a_range_give_its_names(first in 0u64..1000, len in 1u64..50) {
            let pattern = Pattern::parse(&format!("n-{first}..{}", first + len - 1)).unwrap();
            let len = usize::try_from(len).unwrap();
            let stepped: Vec<String> =
                (0..len).flat_map(|index| pattern.expand_in_step(&[Step { len, index }])).collect();
            prop_assert_eq!(stepped, pattern.expand());
        }
    }
}
