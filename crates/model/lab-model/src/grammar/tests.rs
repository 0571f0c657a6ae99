//! What holds for every grammar: examples parse and match their pattern, canonical texts are stable, errors point
//! inside the text, and nothing panics on any text.

use super::{ALL, Entry, Grammar, GrammarError};
use proptest::prelude::*;
use regex_lite::Regex;
use std::fmt::Debug;

/// One row of a type's table: the text, and the canonical text or the bytes pointed at with a piece of the message.
pub(super) type Row<'a> = (&'a str, Result<&'a str, (&'a str, &'a str)>);

/// Parses each text and compares. What an error points at is given as text; `""` means the end.
pub(super) fn check<T: Grammar>(rows: &[Row<'_>]) {
    for (text, expect) in rows {
        match (T::parse(text), expect) {
            (Ok(value), Ok(canonical)) => assert_eq!(value.to_string(), *canonical, "{text:?}"),
            (Err(error), Err((pointed, said))) => {
                assert_eq!(&text[error.at.clone()], *pointed, "{text:?}: {error:?}");
                let all = format!("{}; {}", error.message, error.help.as_deref().unwrap_or_default());
                assert!(all.contains(said), "{text:?}: {all:?} lacks {said:?}");
            }
            (Ok(value), Err(_)) => panic!("{text:?} is accepted as {value}"),
            (Err(error), Ok(_)) => panic!("{text:?} is refused: {error:?}"),
        }
    }
}

/// Parsing what was shown gives the same value.
pub(super) fn check_round_trip<T: Grammar + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let text = value.to_string();
    let again = T::parse(&text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error:?}")))?;
    prop_assert_eq!(&again, value, "{}", text);
    Ok(())
}

fn regex(entry: &Entry) -> Option<Regex> {
    entry.pattern.map(|pattern| {
        assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{}: not anchored", entry.name);
        Regex::new(pattern).unwrap()
    })
}

fn check_error(entry: &Entry, text: &str, error: &GrammarError) -> Result<(), TestCaseError> {
    let name = entry.name;
    prop_assert!(text.get(error.at.clone()).is_some(), "{}: {:?} of {:?}", name, error, text);
    prop_assert!(!error.message.is_empty() && !error.message.ends_with('.'), "{}: {:?}", name, error);
    Ok(())
}

/// Whatever is accepted matches the pattern and its canonical text gives itself; whatever is not points inside.
fn check_text(entry: &Entry, pattern: Option<&Regex>, text: &str) -> Result<(), TestCaseError> {
    let name = entry.name;
    let canonical = match (entry.canonical)(text) {
        Ok(canonical) => canonical,
        Err(error) => return check_error(entry, text, &error),
    };
    prop_assert!(
        pattern.is_none_or(|p| p.is_match(text)),
        "{}: {:?} is accepted against its pattern",
        name,
        text
    );
    prop_assert!(
        pattern.is_none_or(|p| p.is_match(&canonical)),
        "{}: {:?} shown against its pattern",
        name,
        canonical
    );
    let again = (entry.canonical)(&canonical);
    prop_assert_eq!(again.as_ref(), Ok(&canonical), "{}: {:?}", name, text);
    Ok(())
}

#[test]
fn examples_parse_and_match() {
    for entry in ALL {
        let pattern = regex(entry);
        assert!(!entry.examples.is_empty(), "{}", entry.name);
        for example in entry.examples {
            if let Err(error) = (entry.canonical)(example) {
                panic!("{}: {example:?}: {error:?}", entry.name);
            }
            check_text(entry, pattern.as_ref(), example).unwrap();
        }
        assert!(entry.what.contains('`'), "{}: what it is shows an example", entry.name);
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = ALL.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}

/// Texts near the grammars: examples with pieces cut out, doubled or replaced.
fn near_texts() -> impl Strategy<Value = String> {
    let examples: Vec<&str> = ALL.iter().flat_map(|entry| entry.examples).copied().collect();
    let piece = prop_oneof!["[0-9a-zA-Z:/., ()*%@-]{0,4}", ".{0,2}", Just("..".to_string()), "[0-9]{1,40}"];
    (prop::sample::select(examples), any::<prop::sample::Index>(), 0..4usize, piece).prop_map(
        |(example, index, cut, piece)| {
            let chars: Vec<char> = example.chars().collect();
            let from = index.index(chars.len() + 1);
            let to = (from + cut).min(chars.len());
            let (head, tail) = (&chars[..from], &chars[to..]);
            head.iter().copied().chain(piece.chars()).chain(tail.iter().copied()).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_inside(text in prop_oneof![any::<String>(), near_texts(), "[ -~]{0,24}"]) {
        for entry in ALL {
            check_text(entry, regex(entry).as_ref(), &text)?;
        }
    }
}

/// Texts that match the pattern, so that most are accepted.
#[test]
fn texts_of_the_pattern_are_stable() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for entry in ALL {
        let (Some(source), pattern) = (entry.pattern, regex(entry)) else { continue };
        let inner = source.trim_start_matches('^').trim_end_matches('$');
        let texts = proptest::string::string_regex(inner).unwrap();
        runner.run(&texts, |text| check_text(entry, pattern.as_ref(), &text)).unwrap();
    }
}
