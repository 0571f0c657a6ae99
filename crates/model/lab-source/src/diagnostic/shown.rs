//! What every renderer needs: places as people count them, and texts without secrets and without control characters.

use super::{Diagnostic, Severity};
use crate::files::{FileId, Files};
use crate::secret;
use crate::span::Span;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// A span as people count: lines and columns from 1, the end one past the last character.
pub(super) struct Place<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) start: (usize, usize),
    pub(super) end: (usize, usize),
    pub(super) bytes: Range<usize>,
}

/// The place of a span, moved to character boundaries and into its file; `None` for a file that is not known.
pub(super) fn place(files: &Files, span: Span) -> Option<Place<'_>> {
    let file = files.find(span.file)?;
    let bytes = range(files, span);
    let (start, end) = (bytes.start, bytes.end);
    let at = |offset: usize| files.line_column(span.file, u32::try_from(offset).unwrap_or(u32::MAX));
    Some(Place { name: one_line(&file.name), start: at(start), end: at(end), bytes })
}

/// The bytes of a span, on character boundaries, forwards and inside the file. The file has to be known.
pub(super) fn range(files: &Files, span: Span) -> Range<usize> {
    let start = files.boundary(span.file, span.start);
    start..files.boundary(span.file, span.end).max(start)
}

/// A text on one line: without secrets, and with blanks for line breaks and other control characters.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    match secret::redacted(text) {
        clean if !clean.chars().any(is_unsafe) => clean,
        other => Cow::Owned(other.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect()),
    }
}

/// Control characters, and those that turn the direction of writing and could make a line read as what it is not.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// The secret places of the files that are shown, each file searched once.
pub(super) struct Secrets<'a> {
    files: &'a Files,
    ranges: HashMap<FileId, Vec<Range<usize>>>,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self { files, ranges: HashMap::new() }
    }

    fn of(&mut self, file: FileId) -> &[Range<usize>] {
        self.ranges.entry(file).or_insert_with(|| self.files.get(file).secret_ranges())
    }

    /// Part of a file with an asterisk for every byte of a secret, so that offsets stay as they are.
    pub(super) fn hidden(&mut self, file: FileId, part: Range<usize>) -> String {
        let text = &self.files.get(file).text;
        let mut shown = String::with_capacity(part.len());
        let mut from = part.start;
        for secret in overlapping(self.of(file), &part) {
            let start = boundary(text, secret.start.max(part.start));
            let end = boundary(text, secret.end.min(part.end));
            shown.push_str(&text[from..start]);
            shown.extend(text[start..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }));
            from = end;
        }
        shown.push_str(&text[from..part.end]);
        shown
    }

    /// The finding without any piece of a secret that its labels touch: a message that quotes one line of a private key
    /// shows nothing by which it could be known as one.
    pub(super) fn clean<'d>(&mut self, diagnostic: &'d Diagnostic) -> Cow<'d, Diagnostic> {
        let mut secrets = String::new();
        let labels = diagnostic.primary.iter().chain(&diagnostic.secondary).map(|label| label.span);
        for span in labels.chain(diagnostic.fix.iter().map(|fix| fix.span)) {
            let Some(file) = self.files.find(span.file) else { continue };
            let place = touching(range(self.files, span));
            for secret in overlapping(self.of(span.file), &place) {
                secrets.push_str(file.text.get(secret.clone()).unwrap_or(""));
                secrets.push(' ');
            }
        }
        if secrets.is_empty() {
            return Cow::Borrowed(diagnostic);
        }
        let mut clean = diagnostic.clone();
        let labels = clean.primary.iter_mut().chain(&mut clean.secondary).map(|label| &mut label.text);
        let lists = clean.notes.iter_mut().chain(&mut clean.help).chain(&mut clean.subjects);
        for text in labels.chain(lists).chain([&mut clean.message]) {
            *text = without_pieces(text, &secrets);
        }
        clean.fix = None;
        Cow::Owned(clean)
    }

    /// True when a secret stands in this part of a file.
    pub(super) fn touch(&mut self, file: FileId, part: &Range<usize>) -> bool {
        overlapping(self.of(file), part).next().is_some()
    }
}

/// An empty place touches what it stands in or beside.
fn touching(place: Range<usize>) -> Range<usize> {
    place.start.saturating_sub(1)..place.end + 1
}

/// Runs of letters and digits shorter than this give nothing away, and are often ordinary words.
const PIECE: usize = 6;

/// The text with `[secret]` for every run of letters and digits that occurs in `secrets`.
fn without_pieces(text: &str, secrets: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c: char| !c.is_alphanumeric()).unwrap_or(from.len()));
        clean.push_str(before);
        clean.push_str(if run.len() >= PIECE && secrets.contains(run) { "[secret]" } else { run });
        rest = after;
    }
    clean + rest
}

fn overlapping<'b>(
    ranges: &'b [Range<usize>],
    part: &Range<usize>,
) -> impl Iterator<Item = &'b Range<usize>> {
    let first = ranges.partition_point(|range| range.end <= part.start);
    let end = part.end;
    ranges[first..].iter().take_while(move |range| range.start < end)
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many findings of a severity there are.
pub(super) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}

/// The numbers of findings in words, the worst first: `2 errors and 1 warning`, or `no findings`.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let words: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (count(diagnostics, severity), severity.word()))
        .filter(|&(count, _)| count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match words.as_slice() {
        [] => "no findings".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
