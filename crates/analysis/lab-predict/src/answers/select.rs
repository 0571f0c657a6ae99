//! From what a user writes to parts and outcomes: names, ranges, kinds. Whoever names nothing known is told the nearest name.

use crate::forecast::Forecast;
use crate::works::{Mode, PartId, PartKind, Subject};
use lab_model::grammar::{Grammar, range};
use lab_source::suggest;
use std::collections::BTreeSet;

/// What was named is not there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SelectError {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// A name that was perhaps meant.
    pub near: Option<String>,
}

/// The parts that a name stands for, such as `switch-1`, `node-1:psu-1`, `switch-1:sfp-2` (the cable there), `nas-1/bay-1..2`, `grid`.
///
/// A device, host or line is one part: itself. `*` at the end stands for anything.
///
/// # Errors
/// When nothing that can fail is called so.
pub fn parts_named(forecast: &Forecast<'_>, text: &str) -> Result<Vec<PartId>, SelectError> {
    let mut parts = Vec::new();
    for name in expanded(text) {
        let found = of_one_name(forecast, &name);
        if found.is_empty() {
            return Err(unknown(forecast, &name));
        }
        parts.extend(found);
    }
    parts.sort_unstable();
    parts.dedup();
    Ok(parts)
}

/// The parts that a selector stands for: a kind (`drives`, `cables`, `parts` for all), or a name, then with all pieces of the thing.
///
/// # Errors
/// When it stands for nothing.
pub fn parts_of(forecast: &Forecast<'_>, text: &str) -> Result<Vec<PartId>, SelectError> {
    let works = &forecast.works;
    let all = || (0..).map(PartId).zip(&works.parts);
    if text == "parts" {
        return Ok(all().map(|(id, _)| id).collect());
    }
    let of_kind: Vec<PartId> =
        all().filter(|(_, part)| part.kind.plural() == text).map(|(id, _)| id).collect();
    if !of_kind.is_empty() {
        return Ok(of_kind);
    }
    let mut parts = BTreeSet::new();
    for name in expanded(text) {
        let found: Vec<PartId> =
            all().filter(|(_, part)| is_piece(&part.name, &name)).map(|(id, _)| id).collect();
        match found.is_empty() {
            true => parts.extend(of_one_name(forecast, &name)),
            false => parts.extend(found),
        }
    }
    if parts.is_empty() { Err(unknown(forecast, text)) } else { Ok(parts.into_iter().collect()) }
}

/// The outcomes' subject that a name stands for. A host before the device of the same name, data before its service.
///
/// # Errors
/// When nothing that is watched is called so.
pub(super) fn subjects_named(forecast: &Forecast<'_>, text: &str) -> Result<Vec<Subject>, SelectError> {
    let works = &forecast.works;
    let mut subjects: Vec<Subject> =
        forecast.compiled.outcomes.iter().map(|(outcome, _)| outcome.subject).collect();
    subjects.dedup();
    subjects.sort_unstable();
    subjects.dedup();
    let is_called = |subject: &Subject| {
        let full = works.thing(*subject).map(|thing| forecast.lab.subject(thing));
        full.as_deref() == Some(text) || works.label(*subject) == text
    };
    let found: Vec<Subject> = subjects.iter().copied().filter(is_called).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let labels = subjects.iter().map(|subject| works.label(*subject));
    let near = suggest::nearest(text, labels).map(str::to_owned);
    Err(SelectError { message: format!("nothing that is watched is called {text}"), near })
}

/// Checks that every promise that is named is made.
///
/// # Errors
/// When one is not.
pub(super) fn promises_named(forecast: &Forecast<'_>, names: &[String]) -> Result<(), SelectError> {
    let known: BTreeSet<&str> =
        forecast.lab.promises.iter().map(|(_, promise)| &*promise.name.text).collect();
    let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) else { return Ok(()) };
    let near = suggest::nearest(name, known.iter().copied()).map(str::to_owned);
    Err(SelectError { message: format!("the lab makes no promise called {name}"), near })
}

/// Names with their ranges written out; a text that is no range is one name.
fn expanded(text: &str) -> Vec<String> {
    match range::Pattern::parse(text) {
        Ok(pattern) if !pattern.is_plain() => pattern.expand(),
        _ => vec![text.to_owned()],
    }
}

fn of_one_name(forecast: &Forecast<'_>, name: &str) -> Vec<PartId> {
    let works = &forecast.works;
    let find = |wanted: &dyn Fn(&crate::works::Part) -> bool| -> Vec<PartId> {
        let parts = (0..).map(PartId).zip(&works.parts);
        parts.filter(|(_, part)| wanted(part)).map(|(id, _)| id).collect()
    };
    let plain = |part: &crate::works::Part| part.mode != Mode::Briefly;
    if let Some(stem) = name.strip_suffix('*') {
        return find(&|part| {
            plain(part) && (bare(&part.name).starts_with(stem) || part.name.starts_with(stem))
        });
    }
    let spaced = name.replacen([':', '/'], " ", 1);
    let steps: [&dyn Fn(&crate::works::Part) -> bool; 5] = [
        &|part| part.name == name || part.label == name,
        &|part| plain(part) && part.kind != PartKind::Host && without_mode(bare(&part.name)) == name,
        &|part| plain(part) && without_mode(bare(&part.name)) == name,
        &|part| bare(&part.name) == spaced || part.label == spaced,
        &|part| part.kind == PartKind::Cable && part.label.split(' ').any(|word| word == name),
    ];
    steps.iter().map(|step| find(step)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The name without its kind: `switch-1` of `device/switch-1`.
fn bare(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, rest)| rest)
}

/// The name without the mode of a supply that can be gone for long or briefly.
fn without_mode(name: &str) -> &str {
    name.strip_suffix(" long").unwrap_or(name)
}

fn is_piece(part: &str, thing: &str) -> bool {
    let of = |part: &str| {
        part == thing || part.strip_prefix(thing).is_some_and(|rest| rest.starts_with([' ', '/']))
    };
    of(part) || of(bare(part))
}

fn unknown(forecast: &Forecast<'_>, name: &str) -> SelectError {
    let parts = &forecast.works.parts;
    let names = parts.iter().flat_map(|part| [part.name.as_str(), bare(&part.name), part.label.as_str()]);
    if name.is_empty() {
        return SelectError {
            message: "a part without a name: something is missing beside a comma".to_owned(),
            near: None,
        };
    }
    if let Ok([subject, ..]) = subjects_named(forecast, name).as_deref() {
        let what = match subject {
            Subject::Service(_) => "a service",
            Subject::Pool(_) => "a pool",
            Subject::Data(_) => "data",
            Subject::Cluster(_) => "a cluster",
            Subject::Vantage(_) => "where people are",
            Subject::Unit(_) | Subject::Machine(_) => "a machine",
        };
        let message = format!(
            "{name} is {what} and fails only with what it is on: `predict service {name}` says with what"
        );
        return SelectError { message, near: None };
    }
    let near = suggest::nearest(name, names).map(str::to_owned);
    SelectError { message: format!("nothing that can fail is called {name}"), near }
}
