//! Keys of a mapping: what may be a key, the same key twice, and merge keys (YAML 1.1 type `merge`, as everyone has it).

use super::build::key_text;
use super::limits::Limits;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::{Span, Spanned};
use crate::tree::{Entry, Map, Node, ScalarStyle};
use std::collections::HashMap;
use std::collections::hash_map;
use std::sync::Arc;

/// A key as it was read.
pub(super) enum Key {
    /// A usable key.
    Name(Spanned<Arc<str>>),
    /// `<<`, without quotes.
    Merge(Span),
    /// Something that cannot be a key; told already.
    Unusable,
}

/// A key with its value, before merge keys are resolved.
pub(super) struct RawEntry {
    pub(super) key: Key,
    pub(super) value: Node,
}

/// Makes a key of a node, or says why it cannot be one. `extent` is where the key stands, which for an alias is not
/// where its text stands.
pub(super) fn key(node: &Node, extent: Span) -> (Key, Option<Diagnostic>) {
    let error = |message: &str, label: &str| {
        let error = Diagnostic::error(codes::YAML_BAD_KEY, message).at(extent, label);
        (Key::Unusable, Some(error))
    };
    match (node, key_text(node)) {
        (Node::Scalar(scalar), Some(_)) if scalar.secret => {
            error("a key is encrypted", "names are never secret")
        }
        (Node::Scalar(scalar), Some(_)) if scalar.text.is_empty() && scalar.style == ScalarStyle::Plain => {
            error("a value has no key", "a key is missing here")
        }
        (Node::Scalar(scalar), Some(_)) if &*scalar.text == "<<" && scalar.style == ScalarStyle::Plain => {
            (Key::Merge(extent), None)
        }
        (_, Some(text)) => (Key::Name(Spanned::new(text.value, extent)), None),
        (Node::Map(_), None) => {
            let (key, finding) = error("a mapping is used as a key", "a key is a single value");
            (key, finding.map(|it| it.help("quote it if the braces belong to the name")))
        }
        (_, None) => {
            let (key, finding) = error("a list is used as a key", "a key is a single value");
            (key, finding.map(|it| it.help("quote it if the brackets belong to the name")))
        }
    }
}

/// Entries by name, in order. Small ones are searched, large ones hashed.
#[derive(Default)]
struct Unique {
    entries: Vec<Entry>,
    index: HashMap<Arc<str>, usize>,
}

/// A mapping up to this size is searched faster than hashed.
const SEARCHED: usize = 12;

impl Unique {
    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= SEARCHED {
            self.entries.iter().position(|entry| &*entry.key.value == key)
        } else {
            self.index.get(key).copied()
        }
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let first = match self.entries.len().cmp(&(SEARCHED + 1)) {
            std::cmp::Ordering::Less => return,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => SEARCHED.max(self.entries.len() - 1),
        };
        for (position, entry) in self.entries.iter().enumerate().skip(first) {
            if let hash_map::Entry::Vacant(vacant) = self.index.entry(Arc::clone(&entry.key.value)) {
                vacant.insert(position);
            }
        }
    }
}

/// Makes the mapping: the first of equal keys, and after the explicit keys those that `<<` brings. The flag says that
/// something was left out.
pub(super) fn finish(
    raw: Vec<RawEntry>,
    span: Span,
    limits: &Limits,
    found: &mut Vec<Diagnostic>,
) -> (Map, bool) {
    let mut unique = Unique::default();
    let mut merge: Option<(Span, Node)> = None;
    let mut dropped = false;
    for entry in raw {
        match entry.key {
            Key::Name(key) => match unique.position(&key.value) {
                None => unique.push(Entry { key, value: entry.value }),
                Some(first) => {
                    dropped = true;
                    found.push(duplicate(&key.value, key.span, unique.entries[first].key.span));
                }
            },
            Key::Merge(span) => match &merge {
                None => merge = Some((span, entry.value)),
                Some((first, _)) => {
                    dropped = true;
                    let finding = duplicate("<<", span, *first);
                    found.push(finding.help("name several mappings in one list: `<<: [*one, *two]`"));
                }
            },
            Key::Unusable => dropped = true,
        }
    }
    if let Some((span, value)) = merge {
        dropped |= !merge_into(&mut unique, span, &value, limits, found);
    }
    (Map { entries: unique.entries.into(), span }, dropped)
}

/// Adds what the merged mappings have and the mapping itself has not. The first of several wins. False when
/// something could not be merged.
fn merge_into(
    unique: &mut Unique,
    key: Span,
    value: &Node,
    limits: &Limits,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let sources = match value {
        Node::Seq(seq) => &*seq.items,
        single => std::slice::from_ref(single),
    };
    if sources.len() > limits.merges {
        let message = format!("`<<` merges more than {} mappings", limits.merges);
        found.push(Diagnostic::error(codes::YAML_LIMIT, message).at(key, "the rest is left out"));
    }
    let mut whole = sources.len() <= limits.merges;
    for source in sources.iter().take(limits.merges) {
        let Node::Map(map) = source else {
            whole = false;
            if is_missing(source) {
                continue;
            }
            found.push(
                Diagnostic::error(
                    codes::YAML_BAD_MERGE,
                    format!("`<<` merges mappings, and this is {}", source.what()),
                )
                .at(key, "merged here")
                .and(source.span(), source.what())
                .help("write `\"<<\"` if the key is really named so"),
            );
            continue;
        };
        for entry in map.entries.iter() {
            if unique.position(&entry.key.value).is_none() {
                unique.push(entry.clone());
            }
        }
    }
    whole
}

/// True for the empty value that stands for an alias that could not be followed; that has been told.
fn is_missing(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| {
        scalar.text.is_empty() && scalar.is_null() && scalar.span.start < scalar.span.end
    })
}

fn duplicate(name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(codes::YAML_DUPLICATE_KEY, format!("the key `{name}` stands twice in one mapping"))
        .at(second, "left out")
        .and(first, "first here")
}
