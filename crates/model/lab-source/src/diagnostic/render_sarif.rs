//! Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for code scanning and editors.
//!
//! Every path is relative to the root of the lab, since a log that names a machine's folders is of use on that machine
//! only. Fingerprints are of the code, the subjects and the text of the line, so that they outlive moved lines.

use super::shown::{Secrets, one_line, place, range};
use super::{Code, Diagnostic, Fix, Severity};
use crate::codes::{self, CodeInfo};
use crate::files::Files;
use crate::secret::redacted;
use crate::span::Span;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// The version of the format, and where its schema stands.
const VERSION: &str = "2.1.0";
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What relative paths are relative to.
const ROOT: &str = "LABROOT";

/// All findings as one SARIF log with a line break at the end. `known` describes codes of other crates; those of this
/// one are known already.
pub fn render_sarif(files: &Files, diagnostics: &[Diagnostic], known: &[CodeInfo]) -> String {
    let used: BTreeSet<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let rules: Vec<Value> = used.iter().map(|&code| rule(code, known)).collect();
    let mut fingerprints = Fingerprints { secrets: Secrets::new(files), seen: HashMap::new() };
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| {
            let rule = used.range(..diagnostic.code).count();
            let diagnostic = fingerprints.secrets.clean(diagnostic);
            result(files, &diagnostic, rule, &mut fingerprints)
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [{
            "tool": { "driver": { "name": "Labwright", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "the root of the lab" } } },
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code, known: &[CodeInfo]) -> Value {
    let info = known.iter().chain(codes::ALL).find(|info| info.code == code);
    let mut rule = json!({ "id": code.0, "helpUri": codes::page(code) });
    if let Some(info) = info {
        rule["shortDescription"] = json!({ "text": info.summary });
    }
    rule
}

fn result(files: &Files, diagnostic: &Diagnostic, rule: usize, fingerprints: &mut Fingerprints<'_>) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut result = json!({
        "ruleId": diagnostic.code.0,
        "ruleIndex": rule,
        "level": level,
        "message": { "text": message(diagnostic) },
        "partialFingerprints": { "labwright/v1": fingerprints.of(files, diagnostic) },
    });
    if let Some(location) = diagnostic.primary.as_ref().and_then(|label| location(files, label.span)) {
        result["locations"] = json!([location]);
    }
    let related: Vec<Value> = diagnostic
        .secondary
        .iter()
        .enumerate()
        .filter_map(|(id, label)| {
            let mut location = location(files, label.span)?;
            location["id"] = json!(id);
            location["message"] = json!({ "text": one_line(&label.text) });
            Some(location)
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::from(related);
    }
    if let Some(fix) = diagnostic.fix.as_ref().and_then(|it| fix(files, it)) {
        result["fixes"] = json!([fix]);
    }
    if !diagnostic.subjects.is_empty() {
        result["properties"] =
            json!({ "subjects": diagnostic.subjects.iter().map(|it| redacted(it)).collect::<Vec<_>>() });
    }
    result
}

/// Viewers show the message alone, so notes and help go into it.
fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![redacted(&diagnostic.message).into_owned()];
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {}", redacted(note))));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {}", redacted(help))));
    lines.join("\n")
}

fn location(files: &Files, span: Span) -> Option<Value> {
    let region = region(files, span)?;
    Some(json!({ "physicalLocation": { "artifactLocation": artifact(files, span), "region": region } }))
}

fn region(files: &Files, span: Span) -> Option<Value> {
    let place = place(files, span)?;
    Some(json!({
        "startLine": place.start.0,
        "startColumn": place.start.1,
        "endLine": place.end.0,
        "endColumn": place.end.1,
        "byteOffset": place.bytes.start,
        "byteLength": place.bytes.len(),
    }))
}

fn artifact(files: &Files, span: Span) -> Value {
    json!({ "uri": uri(&files.get(span.file).name), "uriBaseId": ROOT })
}

/// The name as a relative URI reference (RFC 3986, 4.2): unreserved characters and `/` as they are.
fn uri(name: &str) -> String {
    let relative = name.trim_start_matches('/').trim_start_matches("./");
    let mut uri = String::with_capacity(relative.len());
    for byte in relative.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn fix(files: &Files, fix: &Fix) -> Option<Value> {
    let region = region(files, fix.span)?;
    Some(json!({
        "description": { "text": "the smallest change that mends it" },
        "artifactChanges": [{
            "artifactLocation": artifact(files, fix.span),
            "replacements": [{ "deletedRegion": region, "insertedContent": { "text": redacted(&fix.replacement) } }],
        }],
    }))
}

/// Fingerprints given so far; equal findings are numbered.
struct Fingerprints<'a> {
    secrets: Secrets<'a>,
    seen: HashMap<u64, usize>,
}

impl Fingerprints<'_> {
    fn of(&mut self, files: &Files, diagnostic: &Diagnostic) -> String {
        let mut hash = Fnv::default();
        hash.add(diagnostic.code.0);
        diagnostic.subjects.iter().for_each(|subject| hash.add(subject));
        match diagnostic.primary.as_ref().filter(|label| files.find(label.span.file).is_some()) {
            Some(label) => {
                hash.add(&uri(&files.get(label.span.file).name));
                hash.add(self.line(files, label.span).trim());
            }
            None => hash.add(&diagnostic.message),
        }
        let count = self.seen.entry(hash.0).or_default();
        *count += 1;
        format!("{:016x}:{count}", hash.0)
    }

    /// The line a span begins in, secrets hidden, at most its first part.
    fn line(&mut self, files: &Files, span: Span) -> String {
        let start = range(files, span).start;
        let (line, _) = files.line_column(span.file, u32::try_from(start).unwrap_or(u32::MAX));
        let from = files.line_start(span.file, line);
        let end = files.line_start(span.file, line + 1).min(from + 400);
        let end = files.boundary(span.file, u32::try_from(end).unwrap_or(u32::MAX)).max(from);
        self.secrets.hidden(span.file, from..end)
    }
}

/// FNV-1a over strings, each ended by a byte that UTF-8 never has. Written out because the fingerprint must never
/// change, which the hasher of the standard library does not promise.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
