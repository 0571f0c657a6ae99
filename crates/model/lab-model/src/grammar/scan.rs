//! A cursor over one short string, and decimal numbers read exactly, without floating point.
//!
//! Only ASCII blanks (U+0020) separate parts in Labwright's grammars; tabs and other white space are never skipped.

use super::GrammarError;
use std::ops::Range;

/// Most digits of a number that are read; more is out of every range here.
const DIGITS_MAX: usize = 30;

/// A position in a text that only moves forward, always on a character boundary.
pub(super) struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    /// Skips blanks; true when there were any.
    pub(super) fn blanks(&mut self) -> bool {
        !self.take_while(|c| c == ' ').is_empty()
    }

    /// Steps over `expected` when it stands here.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let len = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    pub(super) fn digits(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_digit())
    }

    /// Everything up to the next blank, with its place.
    pub(super) fn word(&mut self) -> (&'t str, Range<usize>) {
        let start = self.at;
        (self.take_while(|c| c != ' '), start..self.at)
    }

    /// An error at the next character, or at the end of the text when nothing follows.
    pub(super) fn error_here(&self, message: impl Into<String>) -> GrammarError {
        let len = self.rest().chars().next().map_or(0, char::len_utf8);
        GrammarError::new(self.at..self.at + len, message)
    }

    /// Demands that nothing follows.
    pub(super) fn finish(&self) -> Result<(), GrammarError> {
        if self.is_done() {
            return Ok(());
        }
        let at = self.at..self.text.len();
        if self.rest().trim().is_empty() {
            return Err(GrammarError::new(at, "blank at the end").with_help("remove it"));
        }
        let message = format!("{} is left over", quoted(self.rest().trim()));
        let whole = self.text[..self.at].trim_end();
        let start = self.at + self.rest().len() - self.rest().trim_start().len();
        let at = start..start + self.rest().trim().len();
        Err(GrammarError::new(at, message).with_help(format!("end it after {}", quoted(whole))))
    }
}

/// The text between back quotes, cut after 40 characters.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// Several words as prose: "`a`, `b` or `c`".
pub(super) fn either(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// A number as written: `digits` divided by ten to the power of `decimals`; trailing zeros after the point are gone.
pub(super) struct Decimal {
    pub(super) digits: u128,
    pub(super) decimals: u32,
    pub(super) at: Range<usize>,
}

impl Decimal {
    /// Reads a number that is not negative. `noun` names the whole value for messages: "a size".
    pub(super) fn read(scan: &mut Scan<'_>, noun: &str) -> Result<Self, GrammarError> {
        let start = scan.at();
        if scan.eat("-") {
            scan.digits();
            return Err(GrammarError::new(start..scan.at(), format!("{noun} is never negative")));
        }
        let whole = scan.digits();
        if whole.is_empty() {
            return Err(scan.error_here(format!("{noun} begins with a number")));
        }
        let mut fraction = "";
        if scan.eat(".") {
            fraction = scan.digits();
            if fraction.is_empty() {
                return Err(scan.error_here("a digit is missing after the point"));
            }
        } else if scan.rest().starts_with(',') {
            let error = scan.error_here("a number has no comma");
            return Err(error.with_help("write decimals with a point, thousands without anything"));
        }
        let at = start..scan.at();
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > DIGITS_MAX {
            return Err(GrammarError::new(at, "the number has too many digits"));
        }
        let digits = [whole, fraction].concat().bytes().fold(0, |sum, b| sum * 10 + u128::from(b - b'0'));
        let decimals = u32::try_from(fraction.len()).expect("at most DIGITS_MAX");
        Ok(Self { digits, decimals, at })
    }

    /// The number times `num / den`, when that is whole. `None` when it is not, or beyond 128 bits.
    pub(super) fn scaled(&self, num: u128, den: u128) -> Option<u128> {
        let num = self.digits.checked_mul(num)?;
        let den = den.checked_mul(10u128.checked_pow(self.decimals)?)?;
        num.is_multiple_of(den).then_some(num / den)
    }

    /// The number times `num / den`, rounded to the nearest whole. `None` beyond 128 bits.
    pub(super) fn rounded(&self, num: u128, den: u128) -> Option<u128> {
        let num = self.digits.checked_mul(num)?;
        let den = den.checked_mul(10u128.checked_pow(self.decimals)?)?;
        Some(num.checked_add(den / 2)? / den)
    }
}

/// `value / 10^decimals` as text, without trailing zeros.
pub(super) fn decimal_text(value: u128, decimals: usize) -> String {
    let digits = format!("{value:0width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_string(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// A whole number written in decimal, bounded. `noun` for messages: "a VLAN id".
pub(super) fn whole(
    text: &str,
    at: Range<usize>,
    noun: &str,
    bounds: std::ops::RangeInclusive<u64>,
) -> Result<u64, GrammarError> {
    let (low, high) = (bounds.start(), bounds.end());
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(GrammarError::new(at, format!("{noun} is a number from {low} to {high}")));
    }
    if text.len() > 1 && text.starts_with('0') {
        let bare = text.trim_start_matches('0');
        let bare = if bare.is_empty() { "0" } else { bare };
        let error = GrammarError::new(at, "leading zeros read as octal elsewhere");
        return Err(error.with_help(format!("write {}", quoted(bare))));
    }
    match text.parse::<u64>() {
        Ok(value) if bounds.contains(&value) => Ok(value),
        _ => Err(GrammarError::new(at, format!("{noun} lies between {low} and {high}"))),
    }
}
