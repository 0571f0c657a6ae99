//! The one place where the command line meets the libraries: files in, a lab with its findings out, findings to text.
//!
//! Holds no knowledge of labs and no arguments of verbs. File names are relative to the lab's root while the lab is read,
//! since overlays are told by their folder, and are shown from where the user stands afterwards.

use crate::input::LabInput;
use crate::pages;
use lab_source::codes::CodeInfo;
use lab_source::diagnostic::{self, TextStyle};
use lab_source::{Code, Diagnostic, Files, Severity};

/// A lab that was read and checked.
pub(crate) struct Analysis {
    /// The texts, under the names to show.
    pub(crate) files: Files,
    /// Everything found, in the order of the text.
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
    /// One line each: file:line:column: error[code]: message
    Lines,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Reads and checks a lab.
pub(crate) fn analyse(input: LabInput, _today: jiff::civil::Date) -> Analysis {
    let mut files = Files::new();
    let n_files = input.files.len();
    let inputs = input.files.into_iter().map(|(name, bytes)| lab_source::Input { name, bytes }).collect();
    let tree = lab_source::read_tree(&mut files, inputs, &input.overlays);
    let mut findings = tree.diagnostics;
    findings.extend(input.problems.iter().map(|problem| problem.diagnostic(&mut files)));
    files.prefix_names(&input.prefix);
    diagnostic::sort(&mut findings, &files);
    Analysis { files, findings, n_accepted: 0, counts: vec![(n_files, "files")] }
}

/// How many rules a check applies.
pub(crate) fn n_rules() -> usize {
    0
}

/// Findings in a format. Ends with a line break, or is empty.
pub(crate) fn render(
    files: &Files,
    findings: &[Diagnostic],
    format: FindingFormat,
    style: &TextStyle,
) -> String {
    match format {
        FindingFormat::Text => diagnostic::render_text(files, findings, style),
        FindingFormat::Lines => diagnostic::render_lines(files, findings),
        FindingFormat::Json => diagnostic::render_json(files, findings),
        FindingFormat::Sarif => {
            let known: Vec<CodeInfo> = pages::all()
                .iter()
                .map(|page| CodeInfo { code: Code(page.code), summary: page.summary })
                .collect();
            diagnostic::render_sarif(files, findings, &known)
        }
        FindingFormat::Github => diagnostic::render_github(files, findings),
    }
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
