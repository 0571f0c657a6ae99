//! The lines of a thing as they stand in the files, with the comments above and between them. Secrets are blotted out.

use super::find::spans;
use crate::document::Block;
use lab_source::{Entry, FileId, Files, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The lines that an entry of the tree is made of, file by file: overlays and anchors may bring in lines from elsewhere.
pub(super) fn lines(files: &Files, entry: &Entry) -> Vec<Block> {
    let mut places = vec![entry.key.span];
    spans(&entry.value, &mut places);
    let mut by_file: BTreeMap<FileId, BTreeSet<usize>> = BTreeMap::new();
    for span in places {
        if files.find(span.file).is_some() {
            by_file.entry(span.file).or_default().extend(numbers(files, span));
        }
    }
    // The file of the key comes first; what is laid over it follows.
    let mut order: Vec<(FileId, BTreeSet<usize>)> = by_file.into_iter().collect();
    order.sort_by_key(|(file, _)| (*file != entry.key.span.file, *file));
    let key =
        |file: FileId| (file == entry.key.span.file).then(|| files.line_column(file, entry.key.span.start).0);
    order.into_iter().map(|(file, numbers)| block(files, file, numbers, key(file))).collect()
}

/// The lines a span stands on, from 1.
fn numbers(files: &Files, span: Span) -> std::ops::RangeInclusive<usize> {
    let first = files.line_column(span.file, span.start).0;
    // A block scalar ends at the beginning of the next line.
    let last = files.line_column(span.file, span.end.saturating_sub(1).max(span.start)).0;
    first..=last
}

fn block(files: &Files, file: FileId, mut numbers: BTreeSet<usize>, key: Option<usize>) -> Block {
    let text = blotted(files, file);
    let all: Vec<&str> = text.lines().collect();
    let line = |number: usize| all.get(number - 1).map_or("", |line| line.trim());
    for (before, after) in numbers.iter().copied().zip(numbers.iter().copied().skip(1)).collect::<Vec<_>>() {
        let is_between = (before + 1..after).all(|number| is_filling(line(number)));
        if is_between {
            numbers.extend(before + 1..after);
        }
    }
    if let Some(key) = key {
        let above = (1..key).rev().take_while(|number| line(*number).starts_with('#'));
        numbers.extend(above.filter(|number| !line(*number).contains("yaml-language-server")));
    }
    let lines =
        numbers.into_iter().filter_map(|number| Some((number, (*all.get(number - 1)?).to_owned()))).collect();
    Block::Lines { title: files.get(file).name.clone(), lines }
}

/// Lines without a value of their own: comments, blanks, closing brackets.
fn is_filling(line: &str) -> bool {
    line.starts_with('#') || line.chars().all(|letter| "]}, ".contains(letter))
}

/// The text with stars for every letter that must not be shown; lines stay where they are.
fn blotted(files: &Files, file: FileId) -> String {
    let file = files.get(file);
    let secrets = file.secret_ranges();
    let mut out = String::with_capacity(file.text.len());
    let mut secrets = secrets.iter().peekable();
    for (at, letter) in file.text.char_indices() {
        while secrets.peek().is_some_and(|range| range.end <= at) {
            secrets.next();
        }
        let is_secret = secrets.peek().is_some_and(|range| range.contains(&at));
        out.push(if is_secret && letter != '\n' { '*' } else { letter });
    }
    out
}
