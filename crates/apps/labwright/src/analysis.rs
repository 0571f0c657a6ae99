//! The one place where the command line meets the libraries: files in, a lab with its findings out, findings to text.
//!
//! Holds no knowledge of labs and no arguments of verbs. File names are relative to the lab's root while the lab is read,
//! since overlays are told by their folder, and are shown from where the user stands afterwards.

use crate::input::LabInput;
use crate::pages;
use lab_model::{Kind, Lab};
use lab_source::codes::CodeInfo;
use lab_source::diagnostic::{self, TextStyle};
use lab_source::{Code, Diagnostic, Files, Severity};
use std::collections::BTreeSet;

/// A lab that was read and checked.
pub(crate) struct Analysis {
    /// The texts, under the names to show.
    pub(crate) files: Files,
    /// Everything found, in the order of the text.
    pub(crate) findings: Vec<Diagnostic>,
    /// Findings that the lab's owner accepts, as notes that say so.
    pub(crate) accepted: Vec<Diagnostic>,
    /// The lab as it was understood.
    pub(crate) lab: Lab,
    /// What was looked at: `(46, "devices")`.
    pub(crate) counts: Vec<(usize, &'static str)>,
    /// How many files were left aside as Kubernetes manifests.
    pub(crate) n_left_aside: usize,
}

/// How findings are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum FindingFormat {
    /// With the lines they are about, for people
    Text,
    /// One line each, with its place first, as compilers write them
    Lines,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl FindingFormat {
    /// True if a person reads it, so that it may end with a sentence.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Text | Self::Lines)
    }
}

/// Reads a lab without checking it. Also says how many errors its files have.
pub(crate) fn read(input: LabInput) -> (lab_model::Reading, usize) {
    let files = input.files.into_iter().map(|(name, bytes)| lab_source::Input { name, bytes }).collect();
    let reading = lab_model::read(lab_model::Input { files, overlays: input.overlays, types: &input.types });
    let n_errors = reading.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
    (reading, n_errors + input.problems.len())
}

/// Reads and checks a lab.
pub(crate) fn analyse(input: LabInput, today: jiff::civil::Date) -> Analysis {
    let names: BTreeSet<String> = input.files.iter().map(|(name, _)| name.clone()).collect();
    let files = input.files.into_iter().map(|(name, bytes)| lab_source::Input { name, bytes }).collect();
    let reading = lab_model::read(lab_model::Input { files, overlays: input.overlays, types: &input.types });
    let (mut files, mut findings) = (reading.files, reading.diagnostics);
    let checked = lab_check::check(&reading.lab, today);
    findings.extend(checked.findings);
    findings.extend(input.problems.iter().map(|problem| problem.diagnostic(&mut files)));
    // Types come from elsewhere under names that are right already.
    files.rename(|name| names.contains(name).then(|| format!("{}{name}", input.prefix)));
    diagnostic::sort(&mut findings, &files);
    let mut accepted: Vec<Diagnostic> =
        checked.accepted.into_iter().map(|(finding, name)| as_accepted(finding, &name)).collect();
    diagnostic::sort(&mut accepted, &files);
    Analysis {
        files,
        findings,
        accepted,
        counts: counts(&reading.lab),
        lab: reading.lab,
        n_left_aside: reading.left_aside.len(),
    }
}

/// A finding that the owner lives with is worth knowing, and nothing need be done.
fn as_accepted(finding: Diagnostic, name: &str) -> Diagnostic {
    let severity = finding.severity.word();
    let finding = Diagnostic { severity: Severity::Note, ..finding };
    finding.because(format!("accepted as `{name}`; it would be: {severity}"))
}

/// What the summary counts, without what the lab has none of.
fn counts(lab: &Lab) -> Vec<(usize, &'static str)> {
    let counts = [
        (lab.count(Kind::Device), "devices"),
        (lab.derived.cables.len(), "cables"),
        (lab.count(Kind::Vlan), "VLANs"),
        (lab.count(Kind::Prefix), "prefixes"),
        (lab.count(Kind::Host), "hosts"),
        (lab.count(Kind::Vm), "VMs"),
        (lab.count(Kind::Pool), "pools"),
        (lab.count(Kind::Service), "services"),
        (lab.count(Kind::Backup), "backups"),
        (lab.count(Kind::Promise), "promises"),
    ];
    counts.into_iter().filter(|(count, _)| *count > 0).collect()
}

/// How many rules a check applies.
pub(crate) fn n_rules() -> usize {
    lab_check::all().count()
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

/// The JSON Schema of a lab's files, or of those of an overlay.
pub(crate) fn schema_text(overlay: bool) -> String {
    let schema = if overlay { lab_model::schema::overlay_schema() } else { lab_model::schema::schema() };
    format!("{schema:#}\n")
}

/// How many of each severity, worst first.
pub(crate) fn count(findings: &[Diagnostic]) -> [(usize, &'static str); 3] {
    [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        (findings.iter().filter(|finding| finding.severity == severity).count(), severity.word())
    })
}
