//! The word around a place, brackets and all: what someone meant who wrote a range without quotes.

use std::ops::Range;

/// Longest text that is taken for one word.
const WORD: usize = 200;

/// The word around `at` that has brackets in it and something beside them, as in `pdu-1:[1-2]` or `[1-3]-x`.
pub(super) fn word_around(text: &str, at: usize, in_brackets: bool) -> Option<Range<usize>> {
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
