//! Broken labs of every kind: nothing panics, every fault is told where it stands, and all of them in one run.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

mod faults;
mod keys;
mod limits;
mod mutated;

use lab_model::{Input, Reading, read};
use lab_source::diagnostic::render_lines;
use lab_testkit::exercise::hold;
use std::collections::BTreeSet;

/// Reads files as a lab.
fn read_files(files: &[(&str, &str)]) -> Reading {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
    read_bytes(&files.collect::<Vec<_>>())
}

fn read_bytes(files: &[(&str, &[u8])]) -> Reading {
    let files = files
        .iter()
        .map(|(name, bytes)| lab_source::Input { name: (*name).to_owned(), bytes: bytes.to_vec() })
        .collect();
    read(Input { files, overlays: Vec::new(), types: &() })
}

/// What is wrong with the text, one line a finding.
fn told(reading: &Reading) -> String {
    render_lines(&reading.files, &reading.diagnostics)
}

/// The lines, from 1, at which findings about the text stand first.
fn lines_told(reading: &Reading) -> BTreeSet<usize> {
    let places = reading.diagnostics.iter().filter_map(|finding| finding.primary.as_ref());
    places.map(|label| reading.files.line_column(label.span.file, label.span.start).0).collect()
}
