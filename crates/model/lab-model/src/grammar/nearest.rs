//! The known word that was probably meant.
//!
//! For closed lists of words only; names of the lab are matched where names are resolved.

use super::scan::{either, quoted};

/// The words closest to `word`: equal but for case, else with the fewest edits, at most a third of the word's length.
/// In the order of `known`; empty when nothing is near.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Vec<&'k str> {
    let same: Vec<&str> = known.iter().copied().filter(|k| k.eq_ignore_ascii_case(word)).collect();
    if !same.is_empty() {
        return same;
    }
    // Words of a closed list are short; a long text is no typing error of one, and costs the square of its length.
    let limit = (word.chars().count() / 3).max(1);
    if word.is_empty() || word.len() > 40 {
        return Vec::new();
    }
    let scored: Vec<(usize, &str)> = known.iter().map(|k| (edits(word, k), *k)).collect();
    match scored.iter().map(|(score, _)| *score).min() {
        Some(best) if best <= limit => {
            scored.into_iter().filter(|(score, _)| *score == best).map(|(_, k)| k).collect()
        }
        _ => Vec::new(),
    }
}

/// "did you mean `a` or `b`?" when something is near, else every known word.
pub(super) fn help(word: &str, known: &[&str]) -> String {
    match nearest(word, known).as_slice() {
        [] => format!("write {}", either(known)),
        near => format!("did you mean {}?", either(near)),
    }
}

/// What an unknown word of a closed list is told. `noun`: "unit", "day of the week".
pub(super) fn unknown(noun: &str, word: &str) -> String {
    format!("unknown {noun} {}", quoted(word))
}

/// Levenshtein distance over characters, ignoring ASCII case.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_ascii_lowercase().chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            corner = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_words() {
        let known = ["mirror", "raidz1", "raidz2", "stripe"];
        let check = |word: &str, expect: &[&str]| assert_eq!(nearest(word, &known), expect, "{word}");
        check("Mirror", &["mirror"]);
        check("mirrror", &["mirror"]);
        check("raidz", &["raidz1", "raidz2"]);
        check("elephant", &[]);
        check("", &[]);
    }
}
