//! What the errors of all grammars say about a word that is not known.
//!
//! For closed lists of words only; names of the lab are matched where names are resolved.

use super::scan::{either, quoted};

/// The known word that was probably meant. A single letter means only itself in the other case: every other letter
/// would be one edit away.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    match word.chars().count() {
        1 => known.iter().copied().find(|k| k.eq_ignore_ascii_case(word)),
        _ => lab_source::suggest::nearest(word, known.iter().copied()),
    }
}

/// "did you mean `a`?" when something is near, else every known word.
pub(super) fn help(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        None => format!("write {}", either(known)),
        Some(near) => format!("did you mean `{near}`?"),
    }
}

/// What an unknown word of a closed list is told. `noun`: "unit", "day of the week".
pub(super) fn unknown(noun: &str, word: &str) -> String {
    format!("unknown {noun} {}", quoted(word))
}

#[cfg(test)]
mod tests {
    use super::help;

    #[test]
    fn helps() {
        let known = ["mirror", "raidz1", "B"];
        let check = |word: &str, expect: &str| assert_eq!(help(word, &known), expect, "{word}");
        check("Mirror", "did you mean `mirror`?");
        check("raidz", "did you mean `raidz1`?");
        check("b", "did you mean `B`?");
        check("x", "write `mirror`, `raidz1` or `B`");
        check("", "write `mirror`, `raidz1` or `B`");
    }
}
