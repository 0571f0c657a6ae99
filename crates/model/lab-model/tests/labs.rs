//! The labs of this repository, read as they are and with each of their overlays. What the rules find in them is not asked
//! here: the labs keep their owners' mistakes.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

use lab_model::{Input, read};
use std::path::Path;

fn collect(folder: &Path, root: &Path, files: &mut Vec<lab_source::Input>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(lab_source::Input { name, bytes: std::fs::read(&path).unwrap() });
        }
    }
}

/// Reads a lab and gives the names of its overlays and what is wrong with its text.
fn faults(files: &[lab_source::Input], overlays: Vec<String>) -> (Vec<String>, String) {
    let reading = read(Input { files: files.to_vec(), overlays, types: &() });
    let text = lab_source::diagnostic::render_lines(&reading.files, &reading.diagnostics);
    (reading.overlays, text)
}

#[test]
fn every_lab_and_overlay_reads_without_a_finding() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs");
    let mut read = 0;
    for entry in std::fs::read_dir(labs).unwrap() {
        let lab = entry.unwrap().path();
        if !lab.join("lab.yaml").is_file() {
            continue;
        }
        let mut files = Vec::new();
        collect(&lab, &lab, &mut files);
        let (overlays, found) = faults(&files, Vec::new());
        assert_eq!(found, "", "{}", lab.display());
        for overlay in overlays {
            let (_, found) = faults(&files, vec![overlay.clone()]);
            assert_eq!(found, "", "{} with {overlay}", lab.display());
        }
        read += 1;
    }
    assert!(read >= 3, "the labs are there");
}
