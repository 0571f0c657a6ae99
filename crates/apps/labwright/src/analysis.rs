//! The one place where the command line meets the libraries: files in, a lab with its findings out, findings to text.
//!
//! Holds no knowledge of labs and no arguments of verbs. File names are relative to the lab's root while the lab is read, since
//! overlays are told by their folder, and are shown from where the user stands afterwards.

use crate::input::{LabInput, PAGES};
use crate::suggest;
use lab_source::{Diagnostic, Files, Severity};
use std::fmt::Write;

/// A lab that was read and checked.
pub(crate) struct Analysis {
    /// The texts, under the names to show.
    pub(crate) files: Files,
    /// Everything found, worst first, then by file and line.
    pub(crate) findings: Vec<Diagnostic>,
    /// How many findings the lab's owner accepts.
    pub(crate) n_accepted: usize,
    /// What was looked at: `(46, "devices")`.
    pub(crate) counts: Vec<(usize, &'static str)>,
}

/// How findings are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum FindingFormat {
    /// With the lines they are about, for people
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Reads and checks a lab.
pub(crate) fn analyse(input: &LabInput, _today: jiff::civil::Date) -> Analysis {
    let mut files = Files::new();
    for (name, bytes) in &input.files {
        files.add(format!("{}{name}", input.prefix), String::from_utf8_lossy(bytes).into_owned());
    }
    let mut findings: Vec<Diagnostic> = Vec::new();
    findings.extend(input.problems.iter().map(|problem| problem.diagnostic(&input.prefix, &mut files)));
    sort(&mut findings);
    Analysis { files, findings, n_accepted: 0, counts: vec![(input.files.len(), "files")] }
}

/// Worst first, then in the order of the text.
fn sort(findings: &mut [Diagnostic]) {
    findings.sort_by(|a, b| {
        let place = |finding: &Diagnostic| finding.primary.as_ref().map(|label| label.span);
        (b.severity, place(a), a.code, &a.message).cmp(&(a.severity, place(b), b.code, &b.message))
    });
}

/// How many rules a check applies.
pub(crate) fn n_rules() -> usize {
    0
}

/// Findings in a format that ends with a newline, or is empty.
pub(crate) fn render(
    files: &Files,
    findings: &[Diagnostic],
    format: FindingFormat,
    _colored: bool,
) -> String {
    let mut text = String::new();
    match format {
        FindingFormat::Text => {
            for finding in findings {
                let _ = writeln!(text, "{}[{}]: {}", finding.severity.word(), finding.code, finding.message);
                if let Some(label) = &finding.primary {
                    let (line, column) = files.line_column(label.span.file, label.span.start);
                    let _ = writeln!(
                        text,
                        "  --> {}:{line}:{column}: {}",
                        files.get(label.span.file).name,
                        label.text
                    );
                }
            }
        }
        FindingFormat::Json | FindingFormat::Sarif | FindingFormat::Github => text.push_str("{}\n"),
    }
    text
}

/// The page of a code, in Markdown.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == code).map(|(_, page)| *page)
}

/// Every code with its page, sorted by code.
pub(crate) fn codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
    codes.sort_unstable();
    codes
}

/// The code that was probably meant.
pub(crate) fn nearest_code(code: &str) -> Option<&'static str> {
    suggest::nearest(code, codes())
}

/// The JSON Schema of a lab's files.
pub(crate) fn schema_text() -> String {
    "{}\n".to_owned()
}

/// How many of each severity, worst first.
pub(crate) fn count(findings: &[Diagnostic]) -> [(usize, &'static str); 3] {
    [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        (findings.iter().filter(|finding| finding.severity == severity).count(), severity.word())
    })
}
