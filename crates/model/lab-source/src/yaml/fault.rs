//! What stopped a pass, in the operator's words: where, what was left open, and what to write instead.
//!
//! The parser's own wording is kept only for faults that hardly anyone makes.

use super::recover::{indent, line_end, line_start};
use super::span;
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
        self.bracket.is_some() || self.open_quote(text).is_some()
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
        let from = self.last.end.min(text.len());
        text.get(from..)?.find(['"', '\'']).map(|at| from + at)
    }

    /// The fault as a finding. It was met in `text`, which is `original` with parts of it blanked.
    pub(super) fn diagnostic(&self, file: FileId, original: &str, text: &str) -> Diagnostic {
        let place = self.place(original);
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
        let guess =
            self.unquoted(file, text).or_else(|| self.unclosed_bracket(file, text)).or_else(|| match kind {
                ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
                    self.stray_colon(file, text)
                }
                _ => None,
            });
        if let Some(finding) = guess {
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

/// Longest text that is taken for one word.
const WORD: usize = 200;

/// The word around `at` that has brackets in it and something beside them, as in `pdu-1:[1-2]` or `[1-3]-x`.
fn word_around(text: &str, at: usize, in_brackets: bool) -> Option<Range<usize>> {
    let start = word_start(text.as_bytes(), at, in_brackets);
    let end = word_end(text.as_bytes(), start)?;
    let shown = text.get(start..end)?;
    let is_whole = shown.starts_with(['[', '{']) && shown.ends_with([']', '}']);
    let is_word = shown.contains(['[', '{']) && !is_whole && !shown.starts_with(['&', '*', '!']);
    is_word.then_some(start..end)
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'' | b'#')
}

/// Goes back to the beginning of the word, over brackets that are closed within it.
fn word_start(bytes: &[u8], at: usize, in_brackets: bool) -> usize {
    let mut start = at;
    let mut depth = 0usize;
    while start > 0 && at - start < WORD {
        match bytes[start - 1] {
            b'\n' => break,
            byte if ends_word(byte) && depth == 0 => break,
            b']' | b'}' => depth += 1,
            // The bracket that the word stands in, unless the word itself begins with it.
            b'[' | b'{' if depth == 0 => {
                if in_brackets || start < 2 || !bytes[start - 2].is_ascii_whitespace() {
                    break;
                }
            }
            b'[' | b'{' => depth -= 1,
            _ => {}
        }
        start -= 1;
    }
    start
}

/// Goes on to the end of the word, over brackets that are opened within it. `None` when they do not match.
fn word_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut end = start;
    while end < bytes.len() && end - start < WORD {
        match bytes[end] {
            b'\n' | b'"' | b'\'' => break,
            byte if ends_word(byte) && open.is_empty() => break,
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b']' | b'}' if open.is_empty() => break,
            byte @ (b']' | b'}') => {
                if open.pop() != Some(byte) {
                    return None;
                }
            }
            _ => {}
        }
        end += 1;
    }
    open.is_empty().then_some(end)
}

/// Message, label and help of a fault.
fn words(kind: &ErrorKind) -> (String, &'static str, &'static str) {
    use ErrorKind as K;
    let (message, label, help) = match kind {
        K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabNotAllowed
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart => {
            ("a tab is used where YAML allows only blanks", "indented with a tab", "indent with two blanks")
        }
        K::MappingValueNotAllowed | K::InvalidColonPlacement => (
            "a colon stands where no key can be",
            "this colon",
            "quote a value that has `: ` in it; or the line is indented further than the key above it",
        ),
        K::SimpleKeyExpected | K::InvalidSimpleKey | K::ExpectedBlockMappingKey => (
            "a key with a colon is expected here",
            "this is not a `key: value`",
            "check for a missing `:` and that the line is indented like its neighbours",
        ),
        K::InvalidIndentation | K::InvalidFlowScalarIndent | K::InvalidBlockScalarIndent => (
            "the indentation fits no line above",
            "indented differently",
            "entries of one mapping or list begin in the same column",
        ),
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::InvalidBlockEntryWhitespace => (
            "a list and a mapping are mixed here",
            "this does not continue what stands above",
            "entries of a list begin with `- `, all in the same column",
        ),
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => (
            "a quote is not closed",
            "still inside the quotes here",
            "close the quote on its own line, or indent the lines that continue it",
        ),
        K::InvalidTrailingDoubleQuotedScalar | K::InvalidTrailingSingleQuotedScalar => (
            "text follows a closing quote",
            "this is outside the quotes",
            "quote the whole value, and write a quote inside it twice ('') or as \\\"",
        ),
        K::UnknownQuotedScalarEscape | K::InvalidQuotedScalarHexEscape | K::InvalidUnicodeEscape => (
            "a backslash in double quotes begins no escape that YAML knows",
            "this escape",
            "use single quotes, in which a backslash is a backslash",
        ),
        K::ExpectedFlowMappingSeparator => (
            "a comma or the closing brace is expected here",
            "neither `,` nor `}`",
            "separate entries by commas and close the brace; quote a value that has `,[]{}` in it",
        ),
        K::ExpectedFlowSequenceSeparator => (
            "a comma or the closing bracket is expected here",
            "neither `,` nor `]`",
            "separate entries by commas and close the bracket; quote a value that has `,[]{}` in it",
        ),
        K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnclosedFlowCollection { .. } => {
            ("a bracket is not closed", "still inside the bracket here", "")
        }
        K::MisplacedFlowCollectionEnd => ("a bracket is closed that was not opened", "closes nothing", ""),
        K::MismatchedFlowCollectionEnd { open, close } => {
            return (
                format!("`{open}` is closed by `{close}`"),
                "here",
                "close every bracket by one of its own kind",
            );
        }
        K::UnexpectedEof | K::UnexpectedEofBlockSequence | K::UnexpectedEofBlockMapping => {
            ("the text ends in the middle of something", "ends here", "")
        }
        K::UnexpectedCharacter { character: '@' | '`' | '%' } | K::PlainScalarStartsWithDashFlowIndicator => {
            (
                "a text begins with a character that YAML keeps for itself",
                "needs quotes",
                "quote the whole value",
            )
        }
        K::MissingAnchorOrAliasName => (
            "a text begins with `*` or `&`, which YAML keeps for itself",
            "needs quotes",
            "quote the whole value",
        ),
        K::BomInsideDocument => ("a byte order mark stands inside the text", "remove it", ""),
        other => return (format!("not YAML: {other}"), "met here", ""),
    };
    (message.to_owned(), label, help)
}
