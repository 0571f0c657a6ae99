//! What stopped a pass, in the operator's words: where, what was left open, and what to write instead.
//!
//! The parser's own wording is kept only for faults that hardly anyone makes.

use super::recover::{first_line, indent, line_content_end, line_end, line_start};
use super::span;
use super::word::{quote_before, word_around};
use super::words::words;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::files::FileId;
use granit_parser::ErrorKind;
use std::ops::Range;

/// Why a pass ended early.
pub(super) enum FaultKind {
    /// The parser gave up.
    Scan(ErrorKind),
    /// Collections nested deeper than this.
    TooDeep(usize),
    /// More nodes than this.
    TooManyNodes(usize),
}

/// A fault with what was known where it was met.
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// Where it was met, in bytes.
    pub(super) at: usize,
    /// Where the innermost block entry begins that is being read.
    pub(super) entry: Option<usize>,
    /// The innermost open bracket.
    pub(super) bracket: Option<usize>,
    /// The last node that was understood.
    pub(super) last: Range<usize>,
}

impl Fault {
    /// True when nothing after it is worth reading.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.kind, FaultKind::TooManyNodes(_))
    }

    /// True when something was opened and not closed, so that the fault lies before the place where it showed.
    pub(super) fn is_unclosed(&self, text: &str) -> bool {
        self.bracket.is_some() || self.open_quote(text).is_some() || self.runaway_quote(text).is_some()
    }

    /// The quote that was never closed, if that is what happened.
    pub(super) fn open_quote(&self, text: &str) -> Option<usize> {
        let FaultKind::Scan(kind) = &self.kind else { return None };
        let in_quotes = matches!(
            kind,
            ErrorKind::UnclosedQuotedScalar
                | ErrorKind::InvalidQuotedScalarIndent
                | ErrorKind::DocumentIndicatorInQuotedScalar
                | ErrorKind::InvalidTrailingDoubleQuotedScalar
                | ErrorKind::InvalidTrailingSingleQuotedScalar
        );
        if !in_quotes {
            return None;
        }
        quote_before(text, self.last.end, self.at + 1)
    }

    /// A quote that was closed only on a later line, by what was meant to open the next text.
    pub(super) fn runaway_quote(&self, text: &str) -> Option<usize> {
        let open = self.open_quote(text).or_else(|| {
            let ends_near = self.at.checked_sub(self.last.end).is_some_and(|gap| gap <= 1);
            let quoted = text.get(self.last.clone()).is_some_and(|last| last.starts_with(['"', '\'']));
            (ends_near && quoted).then_some(self.last.start)
        })?;
        text.get(open..self.at)?.trim_end().contains('\n').then_some(open)
    }

    /// The first line of the document, when it is indented and the line of the fault is not: then it is the first that
    /// stands wrong.
    pub(super) fn indented_beginning(&self, text: &str) -> Option<usize> {
        let FaultKind::Scan(ErrorKind::ExpectedDocumentStart) = self.kind else { return None };
        let at = line_start(text, self.at);
        let first = first_line(text, at)?;
        (indent(text, first) > indent(text, at)).then_some(first)
    }

    /// The fault as a finding. It was met in `text`, which is `original` with parts of it blanked.
    pub(super) fn diagnostic(&self, file: FileId, original: &str, text: &str) -> Diagnostic {
        let place = self.place(original);
        let place =
            if self.is_bare_line() { place.start..line_content_end(original, place.start) } else { place };
        let here = span(file, place.start, place.end);
        let kind =
            match &self.kind {
                FaultKind::Scan(ErrorKind::RecursionLimitExceeded) => {
                    return limit("lists and mappings are nested deeper than is read").at(here, "too deep");
                }
                FaultKind::TooDeep(most) => {
                    return limit(&format!("lists and mappings are nested more than {most} deep"))
                        .at(here, "too deep");
                }
                FaultKind::TooManyNodes(most) => {
                    return limit(&format!("there are more than {most} values"))
                    .at(here, "not read from here on")
                    .help("split the file, or say the same with fewer entries: a range makes several things");
                }
                FaultKind::Scan(kind) => kind,
            };
        if let Some(finding) = self.guess(kind, file, text) {
            return finding;
        }
        let kind = if self.is_misindented(text) { &ErrorKind::InvalidIndentation } else { kind };
        let (message, label, help) = words(kind);
        let finding = Diagnostic::error(codes::YAML_SYNTAX, message);
        let opener = self.open_quote(text).or(self.bracket).filter(|&opener| opener <= self.at);
        let mut finding = match opener.map(|opener| (span(file, opener, opener + 1), opener)) {
            Some((open, opener)) if is_left_open(kind) && opener == self.at => {
                finding.at(open, "opened here")
            }
            Some((open, _)) if is_left_open(kind) => finding.at(open, "opened here").and(here, label),
            Some((open, opener)) if opener < self.at => {
                finding.at(here, label).and(open, "inside what is opened here")
            }
            _ => finding.at(here, label),
        };
        if !help.is_empty() {
            finding = finding.help(help);
        }
        finding
    }

    /// What was probably meant, where that can be told.
    fn guess(&self, kind: &ErrorKind, file: FileId, text: &str) -> Option<Diagnostic> {
        let guess = self.runaway(file, text).or_else(|| self.beginning(file, text));
        let guess = guess.or_else(|| self.unquoted(file, text)).or_else(|| self.unclosed_bracket(file, text));
        guess.or_else(|| match kind {
            ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
                self.stray_colon(file, text)
            }
            _ => None,
        })
    }

    /// True for a tab where only blanks may indent.
    pub(super) fn is_tab(&self) -> bool {
        use ErrorKind::{TabInBlockIndentation, TabInIndentation, TabNotAllowed};
        matches!(self.kind, FaultKind::Scan(TabInBlockIndentation | TabInIndentation | TabNotAllowed))
    }

    /// True for a whole `key: value` where the parser expects one, which then stands in the wrong column.
    pub(super) fn is_misindented(&self, text: &str) -> bool {
        use ErrorKind::{ExpectedBlockMappingKey, InvalidSimpleKey, SimpleKeyExpected};
        let FaultKind::Scan(ExpectedBlockMappingKey | InvalidSimpleKey | SimpleKeyExpected) = self.kind
        else {
            return false;
        };
        let line = &text[line_start(text, self.at)..line_end(text, self.at)];
        let line = line.trim();
        !line.starts_with('-') && (line.ends_with(':') || line.contains(": "))
    }

    fn runaway(&self, file: FileId, text: &str) -> Option<Diagnostic> {
        let open = self.runaway_quote(text)?;
        let place = self.place(text);
        let finding = Diagnostic::error(codes::YAML_SYNTAX, "a quote is not closed")
            .at(span(file, open, open + 1), "opened here")
            .and(span(file, place.start, place.end), "it shows only here");
        Some(finding.help("close the quote on its own line, or indent the lines that continue it"))
    }

    fn beginning(&self, file: FileId, text: &str) -> Option<Diagnostic> {
        let first = self.indented_beginning(text)?;
        let begin = first + indent(text, first);
        let place = self.place(text);
        let finding = Diagnostic::error(codes::YAML_SYNTAX, "the file begins with an indented line")
            .at(span(file, begin, begin), "indented, as if it belonged to a key above it")
            .and(span(file, place.start, place.end), "this line is not");
        Some(finding.help("write the key it belongs to on a line of its own above it"))
    }

    /// A bracket that is still open on a line that begins no further right than the entry it is in.
    fn unclosed_bracket(&self, file: FileId, text: &str) -> Option<Diagnostic> {
        let (bracket, entry) = (self.bracket?, line_start(text, self.entry?));
        let line = line_start(text, self.at);
        if line <= bracket
            || indent(text, line) > indent(text, entry)
            || text[line..].trim_start().starts_with([']', '}'])
        {
            return None;
        }
        let begin = line + indent(text, line);
        let finding = Diagnostic::error(codes::YAML_SYNTAX, "a bracket is not closed")
            .at(span(file, bracket, bracket + 1), "opened here")
            .and(span(file, begin, begin), "still inside the bracket here");
        let closing = if text.as_bytes()[bracket] == b'{' { "}" } else { "]" };
        Some(finding.help(format!("write `{closing}` where it ends")))
    }

    /// A colon too many: in a value, after a key that lost its own, or on a line indented too far.
    fn stray_colon(&self, file: FileId, text: &str) -> Option<Diagnostic> {
        let last = text.get(self.last.clone())?;
        let place = self.place(text);
        let colon = span(file, place.start, place.end);
        let error = |message: String| Diagnostic::error(codes::YAML_SYNTAX, message);
        if last.starts_with(['"', '\'', '[', '{']) || last.is_empty() {
            return None;
        }
        let Some((first, rest)) = last.split_once('\n') else {
            // `key: one: two`, all on one line.
            let end = line_end(text, self.at);
            let value = text.get(self.last.start..end)?.split(" #").next()?.trim_end();
            if self.last.end != self.at || value.contains(['"', '\\']) {
                return None;
            }
            let quoted = format!("\"{value}\"");
            let whole = span(file, self.last.start, self.last.start + value.len());
            return Some(
                error("a value has a colon and a blank in it".to_owned())
                    .at(colon, "this colon makes a second key of what stands before it")
                    .help(format!("quote the value: {quoted}"))
                    .fix(whole, quoted),
            );
        };
        let first = first.trim_end();
        let first_place = span(file, self.last.start, self.last.start + first.len());
        if self.is_value(text) {
            let start = self.last.end - rest.trim_start().len().min(rest.len());
            let start = line_start(text, start) + indent(text, line_start(text, start));
            let finding = error("a key is indented as if it continued the value above".to_owned())
                .at(span(file, start, start.max(self.last.end)), "belongs to the value above")
                .and(first_place, "the value")
                .help("begin the key in the same column as the key above it");
            let own_line = text[line_start(text, self.last.start)..self.last.start].trim().is_empty();
            return Some(if own_line {
                finding.help(format!("or write `{first}:` if that is a key"))
            } else {
                finding
            });
        }
        let end = self.last.start + first.len();
        Some(
            error(format!("`{first}` has no colon"))
                .at(first_place, "a key without its colon")
                .and(colon, "so this colon has no place")
                .help(format!("write `{first}:`"))
                .fix(span(file, end, end), ":"),
        )
    }

    /// True when the last node is the value of the entry that is being read, not its key.
    fn is_value(&self, text: &str) -> bool {
        self.entry
            .is_some_and(|entry| entry < self.last.start && !text[entry..self.last.start].trim().is_empty())
    }

    /// True when a whole line is at fault and not a character.
    fn is_bare_line(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::Scan(ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey)
        )
    }

    /// One character, or nothing at the end of a line or of the text.
    fn place(&self, text: &str) -> Range<usize> {
        let next = text[self.at..].chars().next().filter(|c| !c.is_control());
        self.at..self.at + next.map_or(0, char::len_utf8)
    }

    /// The commonest fault of this format: a range such as `node-[1-3]` without quotes inside brackets, or a word that
    /// begins with a bracket.
    fn unquoted(&self, file: FileId, text: &str) -> Option<Diagnostic> {
        let word = word_around(text, self.at, self.bracket.is_some())?;
        let shown = &text[word.clone()];
        let bracket = shown.find(['[', '{'])?;
        let message = if bracket == 0 {
            format!("`{shown}` begins with a bracket and goes on after it")
        } else if self.bracket.is_some() {
            format!("`{shown}` needs quotes inside brackets")
        } else {
            return None;
        };
        let place = span(file, word.start, word.end);
        let quoted = format!("\"{shown}\"");
        let mut finding = Diagnostic::error(codes::YAML_SYNTAX, message)
            .at(place, "without quotes, its bracket opens a list");
        if shown[bracket..].starts_with('{') {
            finding = Diagnostic::error(codes::YAML_SYNTAX, finding.message)
                .at(place, "without quotes, its brace opens a mapping");
        }
        Some(finding.help(format!("quote it: {quoted}")).fix(place, quoted))
    }
}

/// True for faults that show long after the place that is wrong: where something was opened.
fn is_left_open(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
    )
}

fn limit(message: &str) -> Diagnostic {
    Diagnostic::error(codes::YAML_LIMIT, message)
}
