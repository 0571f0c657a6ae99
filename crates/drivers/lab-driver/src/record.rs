//! What Labwright wrote on a system, kept on the system: the only files it ever changes or removes. A text of a line each, so
//! that it can be read and mended by hand.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Where the record stands.
pub(crate) const PATH: &str = "var/lib/labwright/record";

/// What was written, and what is not finished.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Record {
    /// The generation of the last change that was finished. Counts up: an older one is never applied over a newer one.
    pub generation: u64,
    /// Checksums of the files that are ours, by path.
    pub files: BTreeMap<String, String>,
    /// Units that have yet to take up what was written.
    pub pending: BTreeSet<String>,
}

/// The SHA-256 of a file's bytes, in hexadecimal.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

impl Record {
    /// The text that is kept.
    pub fn to_text(&self) -> String {
        let mut text =
            "# What Labwright wrote here. Files that are not listed are never touched.\n".to_owned();
        let mut line =
            |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("a string takes all");
        line(format_args!("generation {}", self.generation));
        for (path, sum) in &self.files {
            line(format_args!("file {sum} {path}"));
        }
        for unit in &self.pending {
            line(format_args!("pending {unit}"));
        }
        text
    }

    /// The record that a text holds. Lines that are not understood are passed over: what they spoke of is not ours then.
    pub fn parse(text: &str) -> Self {
        let mut record = Self::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("generation", number)) => record.generation = number.parse().unwrap_or(u64::MAX),
                Some(("file", rest)) => {
                    if let Some((sum, path)) = rest.split_once(' ') {
                        record.files.insert(path.to_owned(), sum.to_owned());
                    }
                }
                Some(("pending", unit)) => {
                    record.pending.insert(unit.to_owned());
                }
                _ => {}
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_written() {
        let record = Record {
            generation: 7,
            files: BTreeMap::from([("etc/a b".to_owned(), checksum(b"x"))]),
            pending: BTreeSet::from(["frr".to_owned()]),
        };
        assert_eq!(Record::parse(&record.to_text()), record);
        assert_eq!(Record::parse("generation nonsense\n").generation, u64::MAX);
        assert_eq!(checksum(b"").get(..8), Some("e3b0c442"));
    }
}
