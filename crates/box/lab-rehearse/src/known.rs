//! Differences that are known and lived with, each with its reason, in a file of the lab: `rehearse-known.yaml`.
//!
//! ```yaml
//! - fault: "*switch-1*"          # what fails, `*` for anything
//!   probe: "guests: *"           # what is asked
//!   because: the access point of the box has no second radio
//! ```

use lab_source::yaml::{Budget, Limits, parse};
use lab_source::{Files, Node};

/// The name of the file, in the lab's root.
pub const FILE: &str = "rehearse-known.yaml";

/// A difference that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What fails.
    pub fault: String,
    /// What is asked.
    pub probe: String,
    /// Why it differs.
    pub because: String,
    /// The line in the file.
    pub line: usize,
}

/// The file cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct KnownError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl Known {
    /// Whether it is about this.
    pub fn covers(&self, fault: &str, probe: &str) -> bool {
        matches(&self.fault, fault) && matches(&self.probe, probe)
    }
}

/// Reads the file.
///
/// # Errors
/// The first thing in it that is wrong.
pub fn read(text: &str) -> Result<Vec<Known>, KnownError> {
    let mut files = Files::new();
    let file = files.add(FILE, text);
    let limits = Limits::default();
    let parsed = parse(file, text, &limits, &mut Budget::new(&limits));
    let fail = |offset: u32, what: &str| KnownError {
        line: files.line_column(file, offset).0,
        what: what.to_owned(),
    };
    if let Some(fault) = parsed.diagnostics.first() {
        return Err(fail(fault.primary.as_ref().map_or(0, |label| label.span.start), &fault.message));
    }
    let Some(document) = parsed.documents.first().filter(|document| !document.is_null()) else {
        return Ok(Vec::new());
    };
    let Some(items) = document.as_seq() else {
        return Err(fail(document.span().start, "a list is expected"));
    };
    let entry = |node: &Node| {
        let start = node.span().start;
        let map = node.as_map().ok_or_else(|| fail(start, "expected fault, probe and because"))?;
        let word = |key: &str| {
            map.get(key).and_then(|entry| entry.value.as_scalar()).map(|scalar| scalar.text.to_string())
        };
        let because = word("because")
            .ok_or_else(|| fail(start, "a difference that is lived with needs a reason: because"))?;
        let any = || "*".to_owned();
        let line = files.line_column(file, start).0;
        Ok(Known {
            fault: word("fault").unwrap_or_else(any),
            probe: word("probe").unwrap_or_else(any),
            because,
            line,
        })
    };
    items.items.iter().map(entry).collect()
}

/// `*` stands for any number of characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_has_a_reason() {
        let known =
            read("- fault: \"*switch-1*\"\n  probe: 'guests: *'\n  because: no second radio\n").unwrap();
        assert!(known[0].covers("device/switch-1 + device/ap-1", "guests: names at 10.0.0.1"));
        assert!(
            !known[0].covers("device/switch-2", "guests: x")
                && !known[0].covers("device/switch-1", "users: x")
        );
        assert_eq!(read("# nothing\n"), Ok(Vec::new()));
        for (text, line) in [("a: b\n", 1), ("\n- fault: x\n", 2), ("- [\n", 1)] {
            assert_eq!(read(text).map_err(|error| error.line), Err(line), "{text}");
        }
    }
}
