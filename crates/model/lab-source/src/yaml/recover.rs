//! Going on after a fault: the lines of the smallest entry around it are blanked, and the text is read again.
//!
//! Blanks take the place of bytes one for one, so every span of the next pass fits the text as it was written. What
//! entry a fault belongs to is a guess from the indentation; a wrong guess costs a further finding, never the run.

use super::fault::Fault;
use std::ops::Range;

/// The text without the entry the fault lies in. `None` when nothing but the fault itself is left.
pub(super) fn without_fault(text: &str, fault: &Fault) -> Option<String> {
    if fault.is_tab()
        && let Some(next) = without_tabs(text)
    {
        return Some(next);
    }
    let lines = faulty_lines(text, fault)?;
    let mut bytes = text.as_bytes().to_vec();
    for byte in &mut bytes[lines] {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    Some(String::from_utf8(bytes).expect("whole lines were replaced by ASCII"))
}

/// The text with a blank for each tab that indents, when tabs are all that indents; else without the lines that they
/// indent, since how wide they were meant to be is not known. `None` when no tab indents.
fn without_tabs(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut found, mut mixed) = (false, false);
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = line_end(text, start);
        let white = &text[start..start + indent(text, start)];
        found |= white.contains('\t');
        mixed |= white.contains(' ') && is_written(text, start);
        if white.contains('\t') {
            lines.push((start, white.len(), end));
        }
        start = end;
    }
    for (start, white, end) in lines {
        let blanked = if mixed { end } else { start + white };
        for byte in bytes[start..blanked].iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    found.then(|| String::from_utf8(bytes).expect("whole lines or tabs were replaced by ASCII"))
}

/// The bytes of the lines to leave out: from the beginning of one to the end of another, with something in them.
fn faulty_lines(text: &str, fault: &Fault) -> Option<Range<usize>> {
    if let Some(first) = fault.indented_beginning(text) {
        return Some(first..line_start(text, fault.at));
    }
    let at = last_written_line(text, line_start(text, fault.at))?;
    let entry = fault.entry.map(|entry| line_start(text, entry));
    // The parser looks ahead, so the entry it is in may not be the one it has stumbled over.
    let open =
        fault.runaway_quote(text).or_else(|| fault.open_quote(text)).map(|open| line_start(text, open));
    let from = match entry {
        _ if open.is_some_and(|open| Some(open) > entry) => open.unwrap_or(at),
        Some(entry) if entry > at => at,
        Some(entry) if fault.is_unclosed(text) => entry,
        Some(entry) if indent(text, at) <= indent(text, entry) => at,
        Some(_) if fault.is_misindented(text) => at,
        Some(entry) => entry.max(parent(text, at)),
        None => parent(text, at),
    };
    let end = end_of_entry(text, from);
    // A guess that left the place of the fault alone would meet the same fault again, but never the same bytes: the
    // first line of the range has something in it.
    Some(from..end)
}

/// The first line of the document that the line at `before` is in, with something in it.
pub(super) fn first_line(text: &str, before: usize) -> Option<usize> {
    let mut first = None;
    let mut start = before;
    while start > 0 {
        start = line_start(text, start - 1);
        if text[start..].starts_with("---") || text[start..].starts_with("...") {
            break;
        }
        if is_written(text, start) {
            first = Some(start);
        }
    }
    first
}

/// The end of what is written on the line of `at`, without a comment and the blanks before it.
pub(super) fn line_content_end(text: &str, at: usize) -> usize {
    let line = &text[at..line_end(text, at)];
    at + line.split(" #").next().unwrap_or(line).trim_end().len()
}

/// Where the line that holds `at` begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1)
}

/// The end of the line that holds `start`, its line break included.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    text.as_bytes()[start..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| start + at + 1)
}

/// The columns before the first character, counting a tab as one.
pub(super) fn indent(text: &str, start: usize) -> usize {
    text.as_bytes()[start..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count()
}

/// A byte order mark is content to the parser only at the very beginning, and is not worth keeping.
fn is_written(text: &str, start: usize) -> bool {
    let line = text[start..line_end(text, start)].trim_start_matches('\u{feff}').trim();
    !line.is_empty() && !line.starts_with('#')
}

/// The line at `start`, or the nearest above it that has something in it.
fn last_written_line(text: &str, mut start: usize) -> Option<usize> {
    loop {
        if is_written(text, start) {
            return Some(start);
        }
        if start == 0 {
            return None;
        }
        start = line_start(text, start - 1);
    }
}

/// The nearest line above that is indented less, or the line itself if there is none.
fn parent(text: &str, line: usize) -> usize {
    let own = indent(text, line);
    let mut start = line;
    while own > 0 && start > 0 {
        start = line_start(text, start - 1);
        if is_written(text, start) && indent(text, start) < own {
            return start;
        }
    }
    line
}

/// The end of the last line that belongs to the entry beginning at `from`: those indented further, and closing
/// brackets in its own column.
fn end_of_entry(text: &str, from: usize) -> usize {
    let own = indent(text, from);
    let mut end = line_end(text, from);
    let mut next = end;
    while next < text.len() {
        let after = line_end(text, next);
        let line = text[next..after].trim();
        let closes = line.starts_with([']', '}']) && indent(text, next) == own;
        if !line.is_empty() && !closes && indent(text, next) <= own {
            break;
        }
        if !line.is_empty() {
            end = after;
        }
        next = after;
    }
    end
}
