//! What goes along while records are read: findings so far, where we are, which range we are in step with, and the
//! provenance of facts.

use super::key::Key;
use crate::grammar::range::Step;
use crate::grammar::{Grammar, Pattern};
use lab_source::{Code, Diagnostic, Entry, Map, Node, Scalar, Span};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A key or value of a kind that cannot stand there.
pub const WRONG_TYPE: Code = Code("wrong-type");
/// A key that nothing knows.
pub const UNKNOWN_KEY: Code = Code("unknown-key");
/// A key that must be there and is not.
pub const MISSING_KEY: Code = Code("missing-key");
/// A value that its grammar does not allow.
pub const BAD_VALUE: Code = Code("bad-value");
/// A range that makes another number of names than its place takes.
pub const RANGE_MISMATCH: Code = Code("range-mismatch");

/// The most names, and entries of records, that all ranges of a lab may make. Twice what a site of 20,000 devices makes
/// that is written with ranges throughout; what it stops is a mistake or an attack.
const MADE_MAX: usize = 2_000_000;

/// Keys that may stand in every record, beside its own.
pub const EVERYWHERE: [&str; 4] = ["source", "unverified", "assumed", "note"];

/// What the text says about where a fact comes from and how sure it is.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// What the fact is about, such as `device/node-1`.
    pub subject: String,
    /// The path of keys below the subject, such as `drives.m2-1`; empty for the whole thing.
    pub path: String,
    /// Where the fact stands.
    pub span: Span,
    /// Where it is from.
    pub source: Option<Arc<str>>,
    /// True when nobody has looked.
    pub unverified: bool,
    /// Why it is assumed, when it is.
    pub assumed: Option<Arc<str>>,
    /// Anything else the owner wants said.
    pub note: Option<Arc<str>>,
}

/// The context of reading.
pub struct Reader<'a> {
    /// Findings so far.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Provenance so far, in the order of the text.
    pub provenance: &'a mut Vec<Provenance>,
    steps: Vec<Step>,
    path: Vec<Arc<str>>,
    patterns: HashMap<Arc<str>, Rc<Pattern>>,
    made_left: usize,
    made_told: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the top of a lab.
    pub fn new(diagnostics: &'a mut Vec<Diagnostic>, provenance: &'a mut Vec<Provenance>) -> Self {
        Self {
            diagnostics,
            provenance,
            steps: Vec::new(),
            path: Vec::new(),
            patterns: HashMap::new(),
            made_left: MADE_MAX,
            made_told: false,
        }
    }

    /// What is being read, `device/node-1` at the top level of a thing.
    fn subject(&self) -> (String, String) {
        let split = self.path.len().min(2);
        (self.path[..split].join("/"), self.path[split..].join("."))
    }

    /// Reads something below the key of `entry`.
    pub fn within<T>(&mut self, entry: &Entry, read: impl FnOnce(&mut Self) -> T) -> T {
        self.within_named(entry.key.value.clone(), read)
    }

    /// Reads something below `name`.
    pub fn within_named<T>(&mut self, name: Arc<str>, read: impl FnOnce(&mut Self) -> T) -> T {
        if !self.steps.is_empty() {
            self.made_left = self.made_left.saturating_sub(1);
        }
        self.path.push(name);
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads something in step with element `index` of a range of `len`.
    pub fn in_step<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step);
        let value = read(self);
        self.steps.pop();
        value
    }

    /// The mapping, or a finding that there is none.
    pub fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Map> {
        if let Node::Map(map) = node {
            return Some(map);
        }
        let what = spaced(what);
        self.diagnostics.push(
            Diagnostic::error(WRONG_TYPE, format!("{what} is a mapping, and here stands {}", node.what()))
                .at(node.span(), format!("expected `key: value` lines of {what}")),
        );
        None
    }

    /// The scalar, or a finding that there is none. A fact in its long form, `{ is: VALUE, source: ... }`, is unpacked.
    pub fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Scalar> {
        match node {
            Node::Scalar(scalar) if scalar.is_null() => {
                self.diagnostics.push(
                    Diagnostic::error(WRONG_TYPE, format!("expected {what}, and nothing is written"))
                        .at(scalar.span, "empty"),
                );
                None
            }
            Node::Scalar(scalar) => Some(scalar),
            Node::Map(map) if map.get("is").is_some() => self.fact(map, what),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(
                        WRONG_TYPE,
                        format!("expected {what}, and here stands {}", node.what()),
                    )
                    .at(node.span(), format!("not {what}")),
                );
                None
            }
        }
    }

    fn fact<'n>(&mut self, map: &'n Map, what: &str) -> Option<&'n Scalar> {
        let known: [&str; 5] = ["is", EVERYWHERE[0], EVERYWHERE[1], EVERYWHERE[2], EVERYWHERE[3]];
        for entry in map.entries.iter().filter(|entry| !known.contains(&&*entry.key.value)) {
            self.unknown_key(entry, known.iter().map(|key| Cow::Borrowed(*key)));
        }
        self.provenance_of(map);
        let entry = map.get("is").expect("the caller looked");
        self.scalar(&entry.value, what)
    }

    /// The index of the key of `entry`, or a finding. Keys that may stand everywhere are taken in here.
    pub fn key(&mut self, entry: &Entry, keys: &[Key]) -> Option<usize> {
        let written = &*entry.key.value;
        if let Some(index) = keys.iter().position(|key| key.name.is(written)) {
            return Some(index);
        }
        if EVERYWHERE.contains(&written) {
            self.one_provenance(entry);
            return None;
        }
        self.unknown_key(entry, keys.iter().map(|key| key.name.shown()));
        None
    }

    fn unknown_key<'k>(&mut self, entry: &Entry, known: impl Iterator<Item = Cow<'k, str>>) {
        let written = &*entry.key.value;
        let known: Vec<Cow<'k, str>> = known.collect();
        let mut finding = Diagnostic::error(UNKNOWN_KEY, format!("unknown key `{written}`"))
            .at(entry.key.span, format!("not a key of {}", self.place()));
        if let Some(near) = lab_source::suggest::nearest(written, known.iter().map(|key| &**key)) {
            finding = finding.help(format!("did you mean `{near}`?")).fix(entry.key.span, near);
        }
        self.diagnostics.push(finding.because(format!("known keys: {}", known.join(", "))));
    }

    fn place(&self) -> String {
        match self.path.len() {
            0 => "a lab".to_owned(),
            1 | 2 => format!("`{}`", self.path.join("/")),
            _ => {
                let (subject, path) = self.subject();
                format!("`{path}` in `{subject}`")
            }
        }
    }

    /// Reports the required keys that were not seen.
    pub fn required(&mut self, keys: &[Key], seen: &[bool], span: Span) {
        for (key, _) in keys.iter().zip(seen).filter(|(key, seen)| key.required && !**seen) {
            let name = key.name.shown();
            let finding = Diagnostic::error(MISSING_KEY, format!("{} needs `{name}`", self.place()))
                .at(span, format!("`{name}` is missing"))
                .help(format!("`{name}`: {}", first_line(key.doc)));
            self.diagnostics.push(finding);
        }
    }

    /// Takes in the keys that say where a record's facts come from.
    fn provenance_of(&mut self, map: &Map) {
        for entry in map.entries.iter().filter(|entry| EVERYWHERE.contains(&&*entry.key.value)) {
            self.one_provenance(entry);
        }
    }

    fn one_provenance(&mut self, entry: &Entry) {
        let Some(scalar) = self.scalar(&entry.value, "text") else { return };
        let text = Some(scalar.text.clone());
        let (subject, path) = self.subject();
        let same = |last: &Provenance| last.subject == subject && last.path == path;
        if !self.provenance.last().is_some_and(same) {
            let span = entry.key.span;
            self.provenance.push(Provenance {
                subject,
                path,
                span,
                source: None,
                unverified: false,
                assumed: None,
                note: None,
            });
        }
        let last = self.provenance.last_mut().expect("pushed above");
        match &*entry.key.value {
            "source" => last.source = text,
            "unverified" => last.unverified = &*scalar.text == "true",
            "assumed" => last.assumed = text,
            _ => last.note = text,
        }
    }

    /// The text of a scalar as names, ranges expanded: those in step with an enclosing range give one name each.
    /// `None` after a finding.
    pub fn names(&mut self, text: &str, span: Span) -> Option<Vec<String>> {
        if !text.contains("..") && !text.contains('(') {
            return Some(vec![text.to_owned()]);
        }
        let pattern = self.pattern(text, span)?;
        let names = pattern.expand_in_step(&self.steps);
        Some(self.counted(names))
    }

    /// All names that a text makes, whatever range is around it.
    pub fn all_names(&mut self, text: &str, span: Span) -> Option<Vec<String>> {
        if !text.contains("..") && !text.contains('(') {
            return Some(vec![text.to_owned()]);
        }
        let names = self.pattern(text, span)?.expand();
        Some(self.counted(names))
    }

    fn counted(&mut self, names: Vec<String>) -> Vec<String> {
        if names.len() > 1 {
            self.made_left = self.made_left.saturating_sub(names.len());
        }
        names
    }

    /// A text as a pattern, parsed once: what stands below a range is read again for each of its names.
    fn pattern(&mut self, text: &str, span: Span) -> Option<Rc<Pattern>> {
        if self.made_left == 0 {
            self.made_too_much(span);
            return None;
        }
        if let Some(pattern) = self.patterns.get(text) {
            return Some(pattern.clone());
        }
        match Pattern::parse(text) {
            Ok(pattern) => {
                let pattern = Rc::new(pattern);
                self.made_left = self.made_left.saturating_sub(pattern.count());
                self.patterns.insert(Arc::from(text), pattern.clone());
                Some(pattern)
            }
            Err(error) => {
                self.bad_value(&error, text, span);
                None
            }
        }
    }

    /// True, and told once, when ranges have made all that they may.
    pub fn has_made_too_much(&mut self, span: Span) -> bool {
        if self.made_left == 0 {
            self.made_too_much(span);
        }
        self.made_left == 0
    }

    /// Told once, at the first range that is left out.
    fn made_too_much(&mut self, span: Span) {
        if std::mem::replace(&mut self.made_told, true) {
            return;
        }
        let message = format!("the ranges of this lab make more than {MADE_MAX} names and entries");
        self.diagnostics.push(
            Diagnostic::error(lab_source::codes::YAML_LIMIT, message)
                .at(span, "this range and all after it are left out")
                .help("is one of the ranges before it longer than was meant?"),
        );
    }

    /// The text of a scalar as exactly one name, in step with an enclosing range.
    pub fn one_name<'t>(&mut self, text: &'t str, span: Span) -> Option<Cow<'t, str>> {
        if !text.contains("..") && !text.contains('(') {
            return Some(Cow::Borrowed(text));
        }
        let mut names = self.names(text, span)?;
        if names.len() == 1 {
            return names.pop().map(Cow::Owned);
        }
        let lens: Vec<String> = self.steps.iter().map(|step| step.len.to_string()).collect();
        let why = match lens.len() {
            0 => "one name is expected here".to_owned(),
            _ => format!("the range around it makes {}", lens.join(" x ")),
        };
        self.diagnostics.push(
            Diagnostic::error(
                RANGE_MISMATCH,
                format!("`{text}` makes {} names where one can stand", names.len()),
            )
            .at(span, why)
            .help("ranges of one length run in step; give this one the same number of names"),
        );
        None
    }

    /// Reports what a grammar said of `text`, pointing inside it when it stands as written.
    pub fn bad_value(&mut self, error: &crate::grammar::GrammarError, text: &str, span: Span) {
        let inside = point_inside(error, text, span);
        let mut finding = Diagnostic::error(BAD_VALUE, error.message.clone()).at(inside, "here");
        if let Some(help) = &error.help {
            finding = finding.help(help.clone());
        }
        self.diagnostics.push(finding);
    }
}

/// The part of `span` that an error inside `text` points at. Quotes shift it by one; anything else points at the whole.
fn point_inside(error: &crate::grammar::GrammarError, text: &str, span: Span) -> Span {
    let written = (span.end - span.start) as usize;
    let shift = match written.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return span,
    };
    if error.at.is_empty() && error.at.start == text.len() {
        return span;
    }
    span.part(error.at.start + shift, error.at.end + shift)
}

fn first_line(doc: &str) -> &str {
    doc.trim().lines().next().unwrap_or_default()
}

/// `PowerNode` to `power node`.
fn spaced(name: &str) -> String {
    let mut out = String::from(if name.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" });
    for letter in name.chars() {
        if letter.is_uppercase() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
