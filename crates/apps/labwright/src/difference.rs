//! What a change brought and what it removed: two lists of findings compared by what they say, not by where they stand.

use lab_source::Diagnostic;
use std::collections::BTreeMap;

/// Indices into the two lists that were compared.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Difference {
    /// In the new list only.
    pub(crate) brought: Vec<usize>,
    /// In the old list only.
    pub(crate) removed: Vec<usize>,
}

impl Difference {
    /// Compares by code, subjects and message. Lines may have moved. Equal findings are counted, so that a second one is new.
    pub(crate) fn between(old: &[Diagnostic], new: &[Diagnostic]) -> Self {
        Self { brought: missing(old, new), removed: missing(new, old) }
    }

    /// True if neither side has anything of its own.
    pub(crate) fn is_empty(&self) -> bool {
        self.brought.is_empty() && self.removed.is_empty()
    }
}

/// Indices of those in `wanted` that `present` does not have, counting equal ones.
fn missing(present: &[Diagnostic], wanted: &[Diagnostic]) -> Vec<usize> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for diagnostic in present {
        *counts.entry(key(diagnostic)).or_default() += 1;
    }
    let mut indices = Vec::new();
    for (idx, diagnostic) in wanted.iter().enumerate() {
        match counts.get_mut(&key(diagnostic)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => indices.push(idx),
        }
    }
    indices
}

fn key(diagnostic: &Diagnostic) -> (&'static str, &[String], &str) {
    (diagnostic.code.0, &diagnostic.subjects, &diagnostic.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_source::Code;

    #[test]
    fn moved_findings_are_the_same_and_second_ones_are_new() {
        let one = Diagnostic::error(Code("one"), "first").about("device/a");
        let two = Diagnostic::error(Code("two"), "second");
        let difference = Difference::between(&[one.clone(), two], &[one.clone(), one]);
        assert_eq!(difference, Difference { brought: vec![1], removed: vec![1] });
        assert!(Difference::between(&[], &[]).is_empty());
    }
}
