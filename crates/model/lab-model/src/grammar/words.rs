//! Closed lists of words, such as RAID levels or connectors: one macro makes the enum, its texts and its grammar.
//!
//! Words are compared exactly, letter case included, so that each has one spelling in every lab.

use super::GrammarError;
use super::hint::{help, unknown};

/// Finds `text` among `words`; the position, or an error with the words that were probably meant.
pub fn find(text: &str, words: &[&str]) -> Result<usize, GrammarError> {
    words
        .iter()
        .position(|word| *word == text)
        .ok_or_else(|| GrammarError::new(0..text.len(), unknown("word", text)).with_help(help(text, words)))
}

/// The length of `pattern`.
pub const fn pattern_len(words: &[&str]) -> usize {
    let mut len = "^()$".len() + words.len() - 1;
    let mut w = 0;
    while w < words.len() {
        let bytes = words[w].as_bytes();
        let mut b = 0;
        while b < bytes.len() {
            len += 1 + is_special(bytes[b]) as usize;
            b += 1;
        }
        w += 1;
    }
    len
}

/// A regular expression that matches exactly these words: `^(mirror|raidz\.1)$`.
pub const fn pattern<const LEN: usize>(words: &[&str]) -> [u8; LEN] {
    let mut out = [b'|'; LEN];
    out[0] = b'^';
    out[1] = b'(';
    let (mut at, mut w) = (2, 0);
    while w < words.len() {
        // The array is filled with `|`, so stepping over one byte writes the separator.
        at += (w > 0) as usize;
        let bytes = words[w].as_bytes();
        let mut b = 0;
        while b < bytes.len() {
            if is_special(bytes[b]) {
                out[at] = b'\\';
                at += 1;
            }
            out[at] = bytes[b];
            at += 1;
            b += 1;
        }
        w += 1;
    }
    out[LEN - 2] = b')';
    out[LEN - 1] = b'$';
    out
}

/// ECMA 262 SyntaxCharacter; escaping others is an error under the `u` flag that JSON Schema uses.
const fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'^' | b'$' | b'\\' | b'.' | b'*' | b'+' | b'?' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|'
    )
}

/// Declares an enum whose variants are words of the language, each documented.
///
/// Makes `ALL`, `as_str`, `doc`, `Display` and [`Grammar`](crate::grammar::Grammar).
///
/// ```text
/// words! {
///     /// How the disks of a group protect each other.
///     pub enum RaidLevel {
///         /// Every disk holds everything.
///         Mirror = "mirror",
///     }
/// }
/// ```
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        $vis enum $name {
            $($(#[doc = $doc])+ $variant),+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),+];

            const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as written in the lab.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// What it means, for hover texts and the manual; lines begin with a blank.
            $vis const fn doc(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc, "\n"),+)),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::grammar::Grammar for $name {
            const WHAT: &'static str = $crate::grammar::words::what!($($word),+);
            const PATTERN: Option<&'static str> = {
                const LEN: usize = $crate::grammar::words::pattern_len($name::WORDS);
                const BYTES: [u8; LEN] = $crate::grammar::words::pattern($name::WORDS);
                match std::str::from_utf8(&BYTES) {
                    Ok(pattern) => Some(pattern),
                    Err(_) => panic!("whole words were copied"),
                }
            };
            const EXAMPLES: &'static [&'static str] = $name::WORDS;
            const WORDS: &'static [(&'static str, &'static str)] = &[$(($word, concat!($($doc, "\n"),+))),+];

            fn parse(text: &str) -> Result<Self, $crate::grammar::GrammarError> {
                $crate::grammar::words::find(text, $name::WORDS).map(|index| Self::ALL[index])
            }
        }
    };
}
pub(crate) use words;

/// "one of `a`, `b`".
macro_rules! what {
    ($only:literal) => { concat!("the word `", $only, "`") };
    ($first:literal, $($word:literal),+) => { concat!("one of `", $first, "`", $(", `", $word, "`"),+) };
}
pub(crate) use what;

#[cfg(test)]
mod tests {
    use crate::grammar::Grammar;

    words! {
        /// For the tests.
        enum Sample {
            /// Plain.
            Mirror = "mirror",
            /// With characters that regular expressions know.
            SfpPlus = "sfp+",
            /// Over two
            /// lines.
            Lacp = "802.3ad",
        }
    }

    #[test]
    fn words_know_their_texts() {
        assert_eq!(Sample::PATTERN, Some(r"^(mirror|sfp\+|802\.3ad)$"));
        assert_eq!(Sample::WHAT, "one of `mirror`, `sfp+`, `802.3ad`");
        assert_eq!(Sample::Lacp.doc(), " Over two\n lines.\n");
        for (index, word) in Sample::ALL.iter().enumerate() {
            assert_eq!(Sample::parse(word.as_str()).unwrap(), Sample::ALL[index]);
        }
    }

    #[test]
    fn unknown_words_get_the_near_one() {
        let check = |text: &str, expect: &str| {
            let error = Sample::parse(text).unwrap_err();
            assert_eq!(error.at, 0..text.len());
            assert_eq!(error.help.as_deref(), Some(expect), "{text}");
        };
        check("miror", "did you mean `mirror`?");
        check("SFP+", "did you mean `sfp+`?");
        check("zebra", "write `mirror`, `sfp+` or `802.3ad`");
    }
}
