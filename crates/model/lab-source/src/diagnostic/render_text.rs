//! Findings for a terminal: the lines they are about, with what is wrong written under them; or one line each.
//!
//! `annotate-snippets` draws. It panics on a span outside its text and reads all of a text it is given, so spans are
//! clamped first and only the lines around them are handed over. Secrets are starred out before it sees anything.

use super::shown::{Place, Secrets, one_line, place, range};
use super::{Diagnostic, Fix, Label, Severity};
use crate::files::{FileId, Files};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use std::fmt::Write as _;
use std::ops::Range;

/// How text is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextStyle {
    /// With colours and weights, as escape codes.
    pub colour: bool,
    /// With box drawing characters instead of ASCII.
    pub unicode: bool,
    /// Columns. Longer lines of the files are cut off around the place that matters.
    pub width: usize,
}

impl Default for TextStyle {
    /// ASCII without colour, 140 columns.
    fn default() -> Self {
        Self { colour: false, unicode: false, width: 140 }
    }
}

/// Labels further apart than this are drawn as two excerpts.
const NEAR_LINES: usize = 100;
/// Of a place that runs over more lines than this, the first line is marked.
const MARKED_LINES: usize = 8;

/// Draws every finding, with an empty line between two of them and a line break at the end.
pub fn render_text(files: &Files, diagnostics: &[Diagnostic], style: &TextStyle) -> String {
    let mut secrets = Secrets::new(files);
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let decor = if style.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let renderer = renderer.decor_style(decor).term_width(style.width.max(40)).hyperlink(false);
    let mut shown = String::new();
    for (position, diagnostic) in diagnostics.iter().enumerate() {
        if position > 0 {
            shown.push('\n');
        }
        let diagnostic = secrets.clean(diagnostic);
        let report = renderer.render(&report(files, &diagnostic, &mut secrets));
        for line in report.lines() {
            shown.push_str(line.trim_end());
            shown.push('\n');
        }
    }
    shown
}

/// One line a finding: `file:line:column: error[code]: message`.
pub fn render_lines(files: &Files, diagnostics: &[Diagnostic]) -> String {
    let mut secrets = Secrets::new(files);
    let mut shown = String::new();
    for diagnostic in diagnostics {
        let diagnostic = secrets.clean(diagnostic);
        if let Some(place) = diagnostic.primary.as_ref().and_then(|label| place(files, label.span)) {
            let Place { name, start: (line, column), .. } = place;
            write!(shown, "{name}:{line}:{column}: ").expect("a string takes everything");
        }
        let (severity, message) = (diagnostic.severity.word(), one_line(&diagnostic.message));
        writeln!(shown, "{severity}[{}]: {message}", diagnostic.code).expect("a string takes everything");
    }
    shown
}

fn report<'a>(files: &'a Files, diagnostic: &'a Diagnostic, secrets: &mut Secrets<'_>) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group =
        Group::with_title(level.primary_title(one_line(&diagnostic.message)).id(diagnostic.code.0));
    for excerpt in excerpts(files, diagnostic) {
        group = group.element(excerpt.snippet(files, secrets));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(one_line(note)));
    }
    // The change is shown under the last line of help, which says the same in words.
    let patch = diagnostic.fix.as_ref().and_then(|fix| patch(files, fix, secrets));
    let (title, help) = match diagnostic.help.split_last() {
        Some((last, rest)) if patch.is_some() => (one_line(last), rest),
        _ => ("change it so".into(), diagnostic.help.as_slice()),
    };
    for help in help {
        group = group.element(Level::HELP.message(one_line(help)));
    }
    let mut groups = vec![group];
    if let Some(patch) = patch {
        groups.push(Level::HELP.secondary_title(title).element(patch));
    }
    groups
}

/// Neighbouring lines of one file with the labels in them.
struct Excerpt<'a> {
    file: FileId,
    lines: Range<usize>,
    marks: Vec<Mark<'a>>,
}

struct Mark<'a> {
    kind: AnnotationKind,
    bytes: Range<usize>,
    text: &'a str,
}

/// The labels in as few excerpts as fit, that of the primary first.
fn excerpts<'a>(files: &Files, diagnostic: &'a Diagnostic) -> Vec<Excerpt<'a>> {
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label));
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for (kind, label) in primary.chain(secondary) {
        let Some((lines, mark)) = mark(files, kind, label) else { continue };
        let near = |excerpt: &&mut Excerpt<'_>| {
            excerpt.file == label.span.file
                && lines.start <= excerpt.lines.end + NEAR_LINES
                && excerpt.lines.start <= lines.end + NEAR_LINES
        };
        match excerpts.iter_mut().find(near) {
            Some(excerpt) => {
                excerpt.lines = excerpt.lines.start.min(lines.start)..excerpt.lines.end.max(lines.end);
                excerpt.marks.push(mark);
            }
            None => excerpts.push(Excerpt { file: label.span.file, lines, marks: vec![mark] }),
        }
    }
    excerpts
}

/// The lines a label is on, counted from 1, and what is marked in them.
fn mark<'a>(files: &Files, kind: AnnotationKind, label: &'a Label) -> Option<(Range<usize>, Mark<'a>)> {
    let place = place(files, label.span)?;
    let (first, mut last) = (place.start.0, place.end.0);
    let mut bytes = place.bytes;
    if last - first > MARKED_LINES {
        last = first;
        let line = files.line_start(label.span.file, first + 1);
        bytes.end = files.get(label.span.file).text[bytes.start..line].trim_end().len() + bytes.start;
    }
    Some((first..last, Mark { kind, bytes, text: &label.text }))
}

impl<'a> Excerpt<'a> {
    fn snippet(self, files: &'a Files, secrets: &mut Secrets<'_>) -> Snippet<'a, Annotation<'a>> {
        let (text, from, line) = window(files, self.file, &self.lines, secrets);
        let end = text.len();
        let mut snippet = Snippet::source(text).path(one_line(&files.get(self.file).name)).line_start(line);
        for mark in self.marks {
            let start = (mark.bytes.start - from).min(end);
            let annotation = mark.kind.span(start..(mark.bytes.end - from).clamp(start, end));
            snippet = snippet.annotation(match one_line(mark.text) {
                empty if empty.is_empty() => annotation,
                text => annotation.label(text),
            });
        }
        snippet
    }
}

/// The text of some lines, where it begins in the file, and the number of its first line.
fn window(
    files: &Files,
    file: FileId,
    lines: &Range<usize>,
    secrets: &mut Secrets<'_>,
) -> (String, usize, usize) {
    let from = files.line_start(file, lines.start);
    let end = files.line_start(file, lines.end + 1);
    (secrets.hidden(file, from..end.max(from)), from, lines.start)
}

/// The change as removed and added lines. Not drawn where it would need many lines or stands in a secret.
fn patch<'a>(files: &'a Files, fix: &'a Fix, secrets: &mut Secrets<'_>) -> Option<Snippet<'a, Patch<'a>>> {
    let place = place(files, fix.span)?;
    let (first, last) = (place.start.0, place.end.0);
    let file = fix.span.file;
    let bytes = range(files, fix.span);
    if last - first > MARKED_LINES
        || secrets.touch(file, &bytes)
        || files.get(file).text[bytes.clone()] == fix.replacement
    {
        return None;
    }
    let (text, from, line) = window(files, file, &(first..last), secrets);
    let patch = Patch::new(bytes.start - from..bytes.end - from, crate::secret::redacted(&fix.replacement));
    Some(Snippet::source(text).path(one_line(&files.get(file).name)).line_start(line).patch(patch))
}
