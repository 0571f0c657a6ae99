//! Findings as one JSON document for other programs. Its shape is fixed by `version`: keys are added, never changed.
//!
//! Lines and columns count from 1, columns in characters; `byte` counts from 0. The end is one past the last character.

use super::shown::{Secrets, count, one_line, place};
use super::{Diagnostic, Fix, Label, Severity};
use crate::files::Files;
use crate::secret::redacted;
use crate::span::Span;
use serde_json::{Value, json};

/// The version of the document.
pub const JSON_VERSION: u32 = 1;

/// All findings as one JSON document, indented, with a line break at the end.
pub fn render_json(files: &Files, diagnostics: &[Diagnostic]) -> String {
    let mut text = format!("{:#}", json_value(files, diagnostics));
    text.push('\n');
    text
}

/// The document of [`render_json`] as a value, to be put into a larger one.
pub fn json_value(files: &Files, diagnostics: &[Diagnostic]) -> Value {
    let mut secrets = Secrets::new(files);
    let all: Vec<Value> = diagnostics.iter().map(|it| finding(files, &secrets.clean(it))).collect();
    json!({
        "format": "labwright-diagnostics",
        "version": JSON_VERSION,
        "summary": {
            "errors": count(diagnostics, Severity::Error),
            "warnings": count(diagnostics, Severity::Warning),
            "notes": count(diagnostics, Severity::Note),
        },
        "diagnostics": all,
    })
}

fn finding(files: &Files, diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.code.0,
        "severity": diagnostic.severity.word(),
        "message": redacted(&diagnostic.message),
        "primary": diagnostic.primary.as_ref().and_then(|it| label(files, it)),
        "secondary": diagnostic.secondary.iter().filter_map(|it| label(files, it)).collect::<Vec<_>>(),
        "notes": texts(&diagnostic.notes),
        "help": texts(&diagnostic.help),
        "fix": diagnostic.fix.as_ref().and_then(|it| fix(files, it)),
        "subjects": texts(&diagnostic.subjects),
    })
}

fn texts(texts: &[String]) -> Vec<std::borrow::Cow<'_, str>> {
    texts.iter().map(|text| redacted(text)).collect()
}

fn label(files: &Files, label: &Label) -> Option<Value> {
    let mut value = range(files, label.span)?;
    value["text"] = Value::from(one_line(&label.text));
    Some(value)
}

fn fix(files: &Files, fix: &Fix) -> Option<Value> {
    let mut value = range(files, fix.span)?;
    value["replacement"] = Value::from(redacted(&fix.replacement));
    Some(value)
}

fn range(files: &Files, span: Span) -> Option<Value> {
    let place = place(files, span)?;
    let point =
        |(line, column): (usize, usize), byte: usize| json!({ "line": line, "column": column, "byte": byte });
    Some(json!({
        "file": place.name,
        "start": point(place.start, place.bytes.start),
        "end": point(place.end, place.bytes.end),
    }))
}
