//! What must not be shown: encrypted values, private keys, and where they stand in a text.
//!
//! Works on the text alone, so that it holds even for a file that is not YAML. Decrypts nothing.

use std::borrow::Cow;
use std::ops::Range;

/// True for the text of a value that SOPS has encrypted.
pub fn is_encrypted(text: &str) -> bool {
    text.starts_with("ENC[") && text.ends_with(']')
}

/// How a kind of secret begins and ends.
struct Pattern {
    begin: &'static str,
    end: fn(&str) -> usize,
}

const PATTERNS: [Pattern; 11] = [
    Pattern { begin: "ENC[", end: end_of_encrypted },
    Pattern { begin: "-----BEGIN ", end: end_of_armour },
    Pattern { begin: "AGE-SECRET-KEY-", end: end_of_word },
    Pattern { begin: "ghp_", end: end_of_token },
    Pattern { begin: "github_pat_", end: end_of_token },
    Pattern { begin: "glpat-", end: end_of_token },
    Pattern { begin: "AKIA", end: end_of_token },
    Pattern { begin: "xoxb-", end: end_of_token },
    Pattern { begin: "sk_live_", end: end_of_token },
    Pattern { begin: "AIza", end: end_of_token },
    Pattern { begin: "assword: ", end: end_of_password },
];

/// Tokens of services are at least this long, prefix included; words that begin alike are not.
const TOKEN_MIN: usize = 20;

/// To the end of a token: letters, digits, `-` and `_`, both letters and digits or capitals only, and long.
fn end_of_token(from: &str) -> usize {
    let end = from.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(from.len());
    if end >= TOKEN_MIN { end } else { 0 }
}

/// To the end of what follows `password: `, when that looks like one: eight characters or more, with a digit.
fn end_of_password(from: &str) -> usize {
    let start = "assword: ".len();
    let word = from[start..].split(|c: char| c.is_whitespace() || c == '"').next().unwrap_or("");
    let looks =
        word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphabetic);
    if looks { start + word.len() } else { 0 }
}

/// What a text gives away: a key, token or password in clear. `None` for what SOPS has encrypted.
pub fn in_clear(text: &str) -> Option<&'static str> {
    let range = secret_ranges(text).into_iter().find(|range| !text[range.clone()].starts_with("ENC["))?;
    let secret = &text[range];
    Some(match secret {
        _ if secret.starts_with("-----BEGIN ") => "a private key",
        _ if secret.starts_with("AGE-SECRET-KEY-") => "a secret key of age",
        _ if secret.starts_with("assword: ") => "a password",
        _ => "a token of a service",
    })
}

/// To the closing bracket. An encrypted value has no line breaks, but an editor may have folded it.
fn end_of_encrypted(from: &str) -> usize {
    from.find(']').map_or(from.len(), |at| at + 1)
}

/// To the end of the END line, when the armour is that of a private key; else nothing.
fn end_of_armour(from: &str) -> usize {
    // The kind stands between the dashes and is short: `OPENSSH PRIVATE KEY`.
    let kind = from["-----BEGIN ".len()..].split('-').next().unwrap_or("");
    if kind.len() > 64 || !kind.contains("PRIVATE KEY") {
        return 0;
    }
    let Some(end) = from.find("-----END ") else { return from.len() };
    let tail = &from[end + "-----END ".len()..];
    let rest = tail.find("-----").map_or(tail.len(), |at| at + "-----".len());
    end + "-----END ".len() + rest
}

fn end_of_word(from: &str) -> usize {
    from.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(from.len())
}

/// The byte ranges of secrets in a text, in order, none within another.
pub fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for pattern in &PATTERNS {
        let mut from = 0;
        while let Some(at) = text[from..].find(pattern.begin) {
            let start = from + at;
            let length = (pattern.end)(&text[start..]);
            from = start + length.max(pattern.begin.len());
            if length > 0 {
                ranges.push(start..start + length);
            }
        }
    }
    merge_ranges(ranges)
}

/// Sorts ranges and joins those that touch.
pub(crate) fn merge_ranges(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The text with every secret in it replaced by `[secret]`. For messages that quote what was written.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let ranges = secret_ranges(text);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        shown.push_str(&text[from..range.start]);
        shown.push_str("[secret]");
        from = range.end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}
