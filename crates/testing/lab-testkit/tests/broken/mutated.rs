//! The labs of this repository with one line changed at a time, in every way a hand slips: nothing panics, every finding
//! has its place, and a name that no longer leads anywhere is told.

use crate::told;
use lab_model::lab::Kind;
use lab_model::{Input, Lab, Reading, read};
use lab_testkit::exercise::hold_findings;
use std::path::{Path, PathBuf};

fn load(name: &str) -> Vec<lab_source::Input> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs").join(name);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let file = |path: &PathBuf| lab_source::Input {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        bytes: std::fs::read(path).unwrap(),
    };
    paths.iter().map(file).collect()
}

/// The lab with line `at` of file `file` replaced.
fn with_line(files: &[lab_source::Input], file: usize, at: usize, line: Option<&str>) -> Reading {
    let mut files = files.to_vec();
    let text = String::from_utf8(files[file].bytes.clone()).unwrap();
    let lines = text.lines().enumerate();
    let kept = lines.filter_map(|(index, old)| if index == at { line } else { Some(old) });
    files[file].bytes = kept.collect::<Vec<_>>().join("\n").into_bytes();
    read(Input { files, overlays: Vec::new(), types: &() })
}

fn check(reading: &Reading) {
    hold_findings(&reading.files, &reading.diagnostics);
    let checked = lab_check::check(&reading.lab, jiff::civil::date(2026, 5, 1));
    hold_findings(&reading.files, &checked.findings);
}

/// What a hand does to a line.
fn slips(line: &str, next: &str) -> Vec<Option<String>> {
    let indent = line.len() - line.trim_start().len();
    let swapped = match line.split_once(": ") {
        Some((key, _)) => next.split_once(": ").map(|(_, value)| format!("{key}: {value}")),
        None => None,
    };
    let letter = line.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).nth(line.trim().len() / 2);
    let mistyped = letter.map(|(at, _)| format!("{}x{}", &line[..at], &line[at + 1..]));
    let mut all = vec![
        None,
        Some(format!(" {line}")),
        Some(format!("\t{line}")),
        Some(line[indent.min(1)..].to_owned()),
        Some(line.replace(':', "")),
        Some(line.replace(['}', ']'], "")),
        Some(format!("{line}\n{line}")),
    ];
    all.extend([swapped, mistyped].into_iter().flatten().map(Some));
    all
}

/// Every `stride`-th line of a lab; which slip comes next goes round, so that a few runs see all of them.
fn mutate(name: &str, stride: usize) {
    let files = load(name);
    let mut number = 0;
    for (file, input) in files.iter().enumerate() {
        let text = String::from_utf8(input.bytes.clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_text = !line.trim().is_empty() && !line.trim_start().starts_with('#');
            if !is_text || at % stride != file % stride {
                continue;
            }
            let slips = slips(line, lines.get(at + 1).unwrap_or(&""));
            number += 1;
            check(&with_line(&files, file, at, slips[number % slips.len()].as_deref()));
        }
    }
    assert!(number > 50, "{number} lines of {name} were changed");
}

#[test]
fn starter() {
    mutate("starter", 1);
}

#[test]
fn ocean() {
    mutate("ocean", 3);
}

#[test]
fn home_ops() {
    mutate("home-ops", 4);
}

#[test]
fn jlh_h5b() {
    mutate("jlh-h5b", 3);
}

#[test]
fn infra_mk3() {
    mutate("infra-mk3", 9);
}

/// True for values that are the name of a thing and nothing else.
fn is_name(lab: &Lab, value: &str) -> bool {
    let kinds = [
        Kind::Device,
        Kind::Rack,
        Kind::Vlan,
        Kind::Pool,
        Kind::Cluster,
        Kind::Room,
        Kind::Provider,
        Kind::Power,
    ];
    kinds.iter().any(|kind| lab.find(*kind, value).is_some())
}

/// Keys whose value is text, though it may look like a name.
const TEXT: [&str; 5] = ["name", "software", "description", "role", "roles"];

#[test]
fn every_name_that_leads_nowhere_is_told() {
    for lab in ["starter", "ocean", "home-ops", "jlh-h5b", "infra-mk3"] {
        let files = load(lab);
        let sound = read(Input { files: files.clone(), overlays: Vec::new(), types: &() }).lab;
        let mut number = 0;
        for (file, input) in files.iter().enumerate() {
            let text = String::from_utf8(input.bytes.clone()).unwrap();
            for (at, line) in text.lines().enumerate() {
                let Some((key, value)) = line.split_once(": ") else { continue };
                if !is_name(&sound, value) || TEXT.contains(&key.trim()) {
                    continue;
                }
                number += 1;
                let reading = with_line(&files, file, at, Some(&format!("{line}-gone")));
                let here =
                    reading.diagnostics.iter().filter_map(|finding| finding.primary.as_ref()).any(|label| {
                        let (line, _) = reading.files.line_column(label.span.file, label.span.start);
                        line == at + 1 && reading.files.get(label.span.file).name == input.name
                    });
                assert!(here, "{lab}: {}:{}: {line}-gone\n{}", input.name, at + 1, told(&reading));
            }
        }
        assert!(number > 0, "{lab} has references on lines of their own");
    }
}
