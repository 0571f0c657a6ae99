//! Uniting files: the same top-level key of many files becomes one, one level deep, in time proportional to the text.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::{Span, Spanned};
use crate::tree::{Entry, Map, Node, Seq};
use std::collections::HashMap;
use std::sync::Arc;

/// The top-level keys met so far.
#[derive(Default)]
pub(crate) struct Joined {
    keys: Vec<Joint>,
    index: HashMap<Arc<str>, usize>,
    span: Option<Span>,
}

/// One top-level key: as first met, and what later files add to it.
struct Joint {
    first: Entry,
    more: More,
}

enum More {
    /// Nothing yet: the value is the first one as it is.
    Nothing,
    Entries {
        entries: Vec<Entry>,
        index: HashMap<Arc<str>, usize>,
    },
    Items(Vec<Node>),
}

impl Joined {
    /// Adds what one document says.
    pub(crate) fn add(&mut self, map: &Map, found: &mut Vec<Diagnostic>) {
        self.span.get_or_insert(map.span);
        for entry in map.entries.iter() {
            match self.index.get(&entry.key.value) {
                Some(&position) => self.keys[position].add(entry, found),
                None => {
                    self.index.insert(Arc::clone(&entry.key.value), self.keys.len());
                    self.keys.push(Joint { first: entry.clone(), more: More::Nothing });
                }
            }
        }
    }

    /// The united tree. Its span is that of the first document, or `nowhere`.
    pub(crate) fn finish(self, nowhere: Span) -> Map {
        let entries = self.keys.into_iter().map(Joint::finish).collect();
        Map { entries, span: self.span.unwrap_or(nowhere) }
    }
}

impl Joint {
    fn add(&mut self, entry: &Entry, found: &mut Vec<Diagnostic>) {
        if entry.value.is_null() {
            return;
        }
        if self.first.value.is_null() {
            self.first = entry.clone();
            return;
        }
        match (&self.first.value, &entry.value) {
            (Node::Map(first), Node::Map(second)) => {
                let name = &self.first.key.value;
                let (entries, index) = self.more.entries(first);
                for entry in second.entries.iter() {
                    match index.get(&entry.key.value) {
                        Some(&position) => found.push(duplicate_name(name, entry, &entries[position])),
                        None => {
                            index.insert(Arc::clone(&entry.key.value), entries.len());
                            entries.push(entry.clone());
                        }
                    }
                }
            }
            (Node::Seq(first), Node::Seq(second)) => {
                self.more.items(first).extend(second.items.iter().cloned())
            }
            _ => found.push(conflict(&self.first, entry)),
        }
    }

    fn finish(self) -> Entry {
        let Self { first: Entry { key, value }, more } = self;
        let span = value.span();
        let value = match more {
            More::Nothing => value,
            More::Entries { entries, .. } => Node::Map(Map { entries: entries.into(), span }),
            More::Items(items) => Node::Seq(Seq { items: items.into(), span }),
        };
        Entry { key, value }
    }
}

impl More {
    fn entries(&mut self, first: &Map) -> (&mut Vec<Entry>, &mut HashMap<Arc<str>, usize>) {
        if !matches!(self, Self::Entries { .. }) {
            let entries = first.entries.to_vec();
            let index =
                entries.iter().enumerate().map(|(at, entry)| (Arc::clone(&entry.key.value), at)).collect();
            *self = Self::Entries { entries, index };
        }
        match self {
            Self::Entries { entries, index } => (entries, index),
            _ => unreachable!("made just above"),
        }
    }

    fn items(&mut self, first: &Seq) -> &mut Vec<Node> {
        if !matches!(self, Self::Items(_)) {
            *self = Self::Items(first.items.to_vec());
        }
        match self {
            Self::Items(items) => items,
            _ => unreachable!("made just above"),
        }
    }
}

fn duplicate_name(collection: &Arc<str>, second: &Entry, first: &Entry) -> Diagnostic {
    let name = &second.key.value;
    Diagnostic::error(codes::DUPLICATE_NAME, format!("`{name}` stands twice in `{collection}`"))
        .at(second.key.span, "left out")
        .and(first.key.span, "first here")
        .help("a thing is described in one place; what one plan changes goes into an overlay")
}

fn conflict(first: &Entry, second: &Entry) -> Diagnostic {
    let Spanned { value: key, span } = &second.key;
    let (was, is) = (first.value.what(), second.value.what());
    Diagnostic::error(codes::CONFLICTING_VALUE, format!("`{key}` has two values that cannot be joined"))
        .at(*span, format!("{is}, left out"))
        .and(first.key.span, format!("{was}, first here"))
}
