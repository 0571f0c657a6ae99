//! One order for findings, whatever order they were found in.

use super::{Diagnostic, Label};
use crate::files::Files;
use crate::span::Span;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Puts findings in the order of the files and of the places in them, at one place the worst first, and those that have
/// no place last. What is said of several things in the same words at the same place, as of those made by one range, is
/// said once with all of them as its subjects.
pub fn sort(diagnostics: &mut Vec<Diagnostic>, files: &Files) {
    let mut seen: HashMap<Diagnostic, usize> = HashMap::with_capacity(diagnostics.len());
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for mut diagnostic in diagnostics.drain(..) {
        let subjects = std::mem::take(&mut diagnostic.subjects);
        let at = *seen.entry(diagnostic.clone()).or_insert(kept.len());
        if at == kept.len() {
            kept.push(diagnostic);
        }
        for subject in subjects {
            if !kept[at].subjects.contains(&subject) {
                kept[at].subjects.push(subject);
            }
        }
    }
    *diagnostics = kept;
    diagnostics.sort_by(|a, b| compare(a, b, files));
}

fn compare(a: &Diagnostic, b: &Diagnostic, files: &Files) -> Ordering {
    let place = |diagnostic: &Diagnostic| diagnostic.primary.as_ref().map(|label| label.span);
    compare_places(place(a), place(b), files)
        .then_with(|| b.severity.cmp(&a.severity))
        .then_with(|| (a.code, &a.message).cmp(&(b.code, &b.message)))
        .then_with(|| spans(&a.secondary).cmp(spans(&b.secondary)))
        .then_with(|| (&a.subjects, &a.notes, &a.help).cmp(&(&b.subjects, &b.notes, &b.help)))
}

/// Files in the order of their names, since the order they were added in may differ from run to run.
fn compare_places(a: Option<Span>, b: Option<Span>, files: &Files) -> Ordering {
    let name = |span: Span| files.find(span.file).map(|file| file.name.as_str());
    match (a, b) {
        (Some(a), Some(b)) => (name(a), a).cmp(&(name(b), b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn spans(labels: &[Label]) -> impl Iterator<Item = (Span, &str)> {
    labels.iter().map(|label| (label.span, label.text.as_str()))
}
