//! What an accepted risk and a known difference cover.

use super::{AcceptedRisk, KnownDifference};
use crate::grammar::{Grammar, Pattern};

impl AcceptedRisk {
    /// The subjects it names, ranges written out. Empty: all.
    pub fn subjects(&self) -> Vec<String> {
        let expand = |text: &crate::record::Text| match Pattern::parse(&text.text) {
            Ok(pattern) => pattern.expand(),
            Err(_) => vec![text.text.to_string()],
        };
        self.r#where.iter().flat_map(expand).collect()
    }

    /// True when it is about a subject such as `device/node-1`, whatever the code.
    pub fn covers(&self, subject: &str) -> bool {
        self.r#where.is_empty() || self.subjects().iter().any(|pattern| is_about(pattern, subject))
    }
}

impl KnownDifference {
    /// True when it is about this question after this failure: the name of the failure, `nothing` while all is well, and of the question.
    pub fn covers(&self, fault: &str, probe: &str) -> bool {
        let is_meant = |said: &Option<crate::record::Text>, name: &str| {
            said.as_ref().is_none_or(|said| glob(&said.text, name))
        };
        is_meant(&self.fault, fault) && is_meant(&self.probe, probe)
    }
}

/// Whether a subject is matched: `device/node-1` by itself, by its name alone, and by a pattern with `*`.
pub fn is_about(pattern: &str, subject: &str) -> bool {
    let name = subject.split_once('/').map_or(subject, |(_, name)| name);
    glob(pattern, subject) || glob(pattern, name)
}

fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.any(|at| glob(tail, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_about;

    #[test]
    fn names_kinds_and_stars_match() {
        for (pattern, subject, expected) in [
            ("device/node-1", "device/node-1", true),
            ("node-1", "device/node-1", true),
            ("node-*", "device/node-1", true),
            ("device/*", "device/node-1", true),
            ("*", "device/node-1", true),
            ("node", "device/node-1", false),
            ("host/node-1", "device/node-1", false),
            ("10.0.0.0/8", "prefix/10.0.0.0/8", true),
            ("n*-1", "device/node-1", true),
            ("n*-2", "device/node-1", false),
        ] {
            assert_eq!(is_about(pattern, subject), expected, "{pattern} {subject}");
        }
    }
}
