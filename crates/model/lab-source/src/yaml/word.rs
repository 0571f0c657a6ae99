//! The word around a place, brackets and all: what someone meant who wrote a range without quotes.

use std::ops::Range;

/// Longest text that is taken for one word.
const WORD: usize = 200;

/// The word around `at` that has brackets in it and something beside them, as in `pdu-1:[1-2]` or `[1-3]-x`.
pub(super) fn word_around(text: &str, at: usize, in_brackets: bool) -> Option<Range<usize>> {
    let start = word_start(text.as_bytes(), at, in_brackets);
    let end = word_end(text.as_bytes(), start)?;
    // The colon of a key is not part of it.
    let end = if end > start && text.as_bytes()[end - 1] == b':' { end - 1 } else { end };
    let shown = text.get(start..end)?;
    let is_whole = shown.starts_with(['[', '{']) && shown.ends_with([']', '}']);
    let is_word = shown.contains(['[', '{']) && !is_whole && !shown.starts_with(['&', '*', '!']);
    is_word.then_some(start..end)
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'' | b'#')
}

/// True for a character with a blank before it.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1].is_ascii_whitespace()
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
            b'[' | b'{' if depth == 0 && (in_brackets || !begins_word(bytes, start - 1)) => break,
            b'[' | b'{' => depth = depth.saturating_sub(1),
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
            byte @ (b']' | b'}') if open.pop() != Some(byte) => return None,
            _ => {}
        }
        end += 1;
    }
    open.is_empty().then_some(end)
}

/// The quoted text that `at` stands in or just after: where its opening quote is. Looks from `from` on, which has to be
/// outside of quotes.
pub(super) fn quote_before(text: &str, from: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut next = from;
    let mut last = None;
    while next < at.min(bytes.len()) {
        let begins =
            next == 0 || bytes[next - 1].is_ascii_whitespace() || b"[{}],:".contains(&bytes[next - 1]);
        if begins && matches!(bytes[next], b'"' | b'\'') {
            last = Some(next);
            next = quote_end(bytes, next);
        } else {
            next += 1;
        }
    }
    last
}

/// One past the quote that closes the one at `open`, or the end of the text.
fn quote_end(bytes: &[u8], open: usize) -> usize {
    let quote = bytes[open];
    let mut next = open + 1;
    while next < bytes.len() {
        match bytes[next] {
            b'\\' if quote == b'"' => next += 2,
            byte if byte != quote => next += 1,
            _ if quote == b'\'' && bytes.get(next + 1) == Some(&quote) => next += 2,
            _ => return next + 1,
        }
    }
    bytes.len()
}
