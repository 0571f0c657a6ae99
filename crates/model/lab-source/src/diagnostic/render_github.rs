//! Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.
//!
//! Escaping as in the toolkit of GitHub Actions, `packages/core/src/command.ts`: `%`, CR and LF everywhere, in
//! properties also `:` and `,`.

use super::shown::{Secrets, one_line, place};
use super::{Diagnostic, Severity};
use crate::files::Files;
use crate::secret::redacted;
use std::fmt::Write as _;

/// One workflow command a finding.
pub fn render_github(files: &Files, diagnostics: &[Diagnostic]) -> String {
    let mut secrets = Secrets::new(files);
    let mut shown = String::new();
    for diagnostic in diagnostics {
        shown.push_str(&command(files, &secrets.clean(diagnostic)));
        shown.push('\n');
    }
    shown
}

fn command(files: &Files, diagnostic: &Diagnostic) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut command = format!("::{word} ");
    if let Some(place) = diagnostic.primary.as_ref().and_then(|label| place(files, label.span)) {
        let ((line, column), (end_line, end_column)) = (place.start, place.end);
        write!(command, "file={},line={line},endLine={end_line},", property(&place.name)).expect(TAKES);
        write!(command, "col={column},").expect(TAKES);
        // GitHub ignores columns when the lines differ, and its last column is inclusive.
        if line == end_line {
            write!(command, "endColumn={},", end_column.saturating_sub(1).max(column)).expect(TAKES);
        }
    }
    write!(command, "title={}::{}", property(diagnostic.code.0), data(&text(files, diagnostic)))
        .expect(TAKES);
    command
}

const TAKES: &str = "a string takes everything";

/// What the box says: the message, then everything else, a line each.
fn text(files: &Files, diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.primary.iter().map(|label| label.text.clone()).filter(|text| !text.is_empty()));
    for label in &diagnostic.secondary {
        if let Some(place) = place(files, label.span) {
            lines.push(format!("{}:{}: {}", place.name, place.start.0, label.text));
        }
    }
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    lines.iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n")
}

fn data(text: &str) -> String {
    redacted(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
