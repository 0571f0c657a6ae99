//! Plants a variant into its lab, reads and checks it, and says how it was found.

use super::mistake::{Patch, Place, Variant};
use jiff::civil::Date;
use lab_source::{Diagnostic, Files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The labs as they are, with what is found in them before anything is planted.
#[derive(Debug)]
pub struct Bench {
    labs: BTreeMap<String, Healthy>,
    today: Date,
}

/// How often each finding is made, by its code and headline.
type Counts = BTreeMap<(String, String), usize>;

#[derive(Debug)]
struct Healthy {
    files: BTreeMap<String, String>,
    findings: Counts,
}

/// How a planted mistake was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// A rule points to the line.
    Here,
    /// Reading points to the line: an unknown name, a value that is none.
    Read,
    /// Something new is said, but of other lines.
    Elsewhere,
    /// Nothing new is said.
    Missed,
    /// The text to replace does not stand in the lab: the mistake is stale.
    Stale,
}

impl Outcome {
    /// True when the operator is led to the line.
    pub fn is_found(self) -> bool {
        matches!(self, Self::Here | Self::Read)
    }
}

/// A new finding.
#[derive(Clone, Debug)]
pub struct Found {
    /// True when one of its labels is on an expected line.
    pub here: bool,
    /// Its code.
    pub code: String,
    /// Its headline.
    pub message: String,
    /// Where it points first, as `file:line`.
    pub at: String,
}

/// What came of one variant.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How it was found.
    pub outcome: Outcome,
    /// Everything new, notes as well, what is at the right place first.
    pub found: Vec<Found>,
}

impl Bench {
    /// Reads the labs under `folder` and checks them as on `today`.
    ///
    /// # Errors
    /// When the folder or a file cannot be read.
    pub fn load(folder: &Path, today: Date) -> std::io::Result<Self> {
        let mut labs = BTreeMap::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let files = yaml_files(&entry.path())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let (_, found, _) = findings(&files, today);
            labs.insert(name, Healthy { files, findings: counted(&found) });
        }
        Ok(Self { labs, today })
    }

    /// What is found in a lab as it is, notes as well, as `code: message`.
    pub fn healthy(&self, lab: &str) -> Vec<String> {
        let Some(healthy) = self.labs.get(lab) else { return Vec::new() };
        healthy.findings.keys().map(|(code, message)| format!("{code}: {message}")).collect()
    }

    /// Plants each variant by itself, on all processors, and judges them in order.
    pub fn judge_all(&self, variants: &[&Variant]) -> Vec<Verdict> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = variants.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let judge_part =
                |part: &[&Variant]| part.iter().map(|variant| self.judge(variant)).collect::<Vec<_>>();
            let workers: Vec<_> =
                variants.chunks(share).map(|part| scope.spawn(move || judge_part(part))).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("judging does not panic")).collect()
        })
    }

    /// Plants a variant and judges what is said of it.
    pub fn judge(&self, variant: &Variant) -> Verdict {
        let stale = Verdict { outcome: Outcome::Stale, found: Vec::new() };
        let Some(healthy) = self.labs.get(&variant.lab) else { return stale };
        let mut files = healthy.files.clone();
        let mut expected: BTreeSet<(String, usize)> = BTreeSet::new();
        for patch in &variant.patches {
            let planted = files.get(&patch.file).and_then(|text| patch.apply(text));
            let Some((text, lines)) = planted else { return stale };
            expected = moved(expected, patch, files.get(&patch.file), &text);
            files.insert(patch.file.clone(), text);
            expected.extend(lines.into_iter().map(|line| (patch.file.clone(), line)));
        }
        expected.extend(variant.places.iter().flat_map(|place| lines_with(&files, place)));
        let (texts, found, n_read) = findings(&files, self.today);
        let fresh = new_only(found, n_read, &healthy.findings);
        verdict(&texts, &fresh, &expected)
    }
}

/// Expected lines after a further change of their file, which moves those below it.
fn moved(
    expected: BTreeSet<(String, usize)>,
    patch: &Patch,
    before: Option<&String>,
    after: &str,
) -> BTreeSet<(String, usize)> {
    let Some(before) = before else { return expected };
    let at = before.find(&patch.old).map_or(usize::MAX, |start| before[..start].matches('\n').count());
    let (old, new) = (before.lines().count(), after.lines().count());
    let shift = |(file, line): (String, usize)| {
        let line = if file == patch.file && line > at { (line + new).saturating_sub(old) } else { line };
        (file, line)
    };
    expected.into_iter().map(shift).collect()
}

/// All findings: those of reading first, and how many these are.
fn findings(files: &BTreeMap<String, String>, today: Date) -> (Files, Vec<Diagnostic>, usize) {
    let inputs = files
        .iter()
        .map(|(name, text)| lab_source::Input { name: name.clone(), bytes: text.clone().into_bytes() })
        .collect();
    let reading = lab_model::read(lab_model::Input { files: inputs, overlays: Vec::new(), types: &() });
    let mut found = reading.diagnostics;
    let n_read = found.len();
    found.extend(lab_check::check(&reading.lab, today).findings);
    (reading.files, found, n_read)
}

fn key(finding: &Diagnostic) -> (String, String) {
    (finding.code.0.to_owned(), finding.message.clone())
}

fn counted(found: &[Diagnostic]) -> Counts {
    let mut counts = BTreeMap::new();
    for finding in found {
        *counts.entry(key(finding)).or_insert(0) += 1;
    }
    counts
}

/// Leaves out what was said of the lab as it is; with each finding, whether it is of reading.
fn new_only(found: Vec<Diagnostic>, n_read: usize, known: &Counts) -> Vec<(Diagnostic, bool)> {
    let mut left = known.clone();
    let mut is_new = |finding: &Diagnostic| match left.get_mut(&key(finding)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    found
        .into_iter()
        .enumerate()
        .filter(|(_, finding)| is_new(finding))
        .map(|(at, finding)| (finding, at < n_read))
        .collect()
}

fn verdict(files: &Files, fresh: &[(Diagnostic, bool)], expected: &BTreeSet<(String, usize)>) -> Verdict {
    let mut outcome = if fresh.is_empty() { Outcome::Missed } else { Outcome::Elsewhere };
    let mut found = Vec::new();
    for (finding, is_read) in fresh {
        let here = finding
            .primary
            .iter()
            .chain(&finding.secondary)
            .any(|label| expected.contains(&place_of(files, label.span)));
        if here {
            outcome = outcome.min(if *is_read { Outcome::Read } else { Outcome::Here });
        }
        let at = finding.primary.as_ref().map_or_else(String::new, |label| {
            let (line, _) = files.line_column(label.span.file, label.span.start);
            format!("{}:{line}", files.get(label.span.file).name)
        });
        found.push(Found { here, code: finding.code.0.to_owned(), message: finding.message.clone(), at });
    }
    found.sort_by_key(|finding| !finding.here);
    Verdict { outcome, found }
}

/// The line that a span begins on, from 0.
fn place_of(files: &Files, span: lab_source::Span) -> (String, usize) {
    let (line, _) = files.line_column(span.file, span.start);
    (files.get(span.file).name.clone(), line.saturating_sub(1))
}

fn lines_with(files: &BTreeMap<String, String>, place: &Place) -> Vec<(String, usize)> {
    let Some(text) = files.get(&place.file) else { return Vec::new() };
    let has = |(_, line): &(usize, &str)| line.contains(&place.text);
    text.lines().enumerate().filter(has).map(|(at, _)| (place.file.clone(), at)).collect()
}

fn yaml_files(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}
