//! The spanned tree: what YAML says, with aliases and merge keys already resolved, and nothing interpreted.
//!
//! A scalar keeps its text as written; whether `10` is a number or a name is for the reader of the tree to say.
//! Order of keys is the order of the text.

use crate::span::{Span, Spanned};
use std::collections::HashMap;
use std::sync::Arc;

/// One node.
#[derive(Clone, Debug)]
pub enum Node {
    /// A single value, or nothing at all (`key:` with an empty value is an empty plain scalar).
    Scalar(Scalar),
    /// A list.
    Seq(Seq),
    /// A mapping.
    Map(Map),
}

/// How a scalar was written. A quoted one is text, whatever it looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A block, `|` or `>`.
    Block,
}

/// A single value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text, with escapes and folding undone.
    pub text: Arc<str>,
    /// How it was written.
    pub style: ScalarStyle,
    /// Where, quotes included.
    pub span: Span,
    /// True for a value that SOPS has encrypted (`ENC[...]`). Its text must never be shown.
    pub secret: bool,
}

/// A list.
#[derive(Clone, Debug)]
pub struct Seq {
    /// The items in order. Shared, since an alias may name the same list often.
    pub items: Arc<[Node]>,
    /// From the first to the last item, or the brackets.
    pub span: Span,
}

/// A mapping. Keys are unique: a second one has been reported and left out.
#[derive(Clone, Debug)]
pub struct Map {
    /// The entries in the order of the text. Shared, since an alias may name the same mapping often.
    pub entries: Arc<[Entry]>,
    /// From the first key to the last value, or the braces.
    pub span: Span,
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Spanned<Arc<str>>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Where the node stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span,
            Self::Seq(seq) => seq.span,
            Self::Map(map) => map.span,
        }
    }

    /// Says what the node is in a message: `text`, `a list`, `a mapping`, `nothing`.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Scalar(scalar) if scalar.is_null() => "nothing",
            Self::Scalar(_) => "a single value",
            Self::Seq(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// True for an empty value, `~` or `null`, unquoted.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.is_null())
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_seq(&self) -> Option<&Seq> {
        match self {
            Self::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl Scalar {
    /// True for an empty value, `~` or `null`, unquoted (YAML 1.2 core schema, 10.3.2).
    pub fn is_null(&self) -> bool {
        self.style == ScalarStyle::Plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }

    /// The place of bytes `start..end` of the text. The whole scalar when its text is not written as it is: with escapes,
    /// over several lines or as a block.
    pub fn part(&self, start: usize, end: usize) -> Span {
        let written = (self.span.end - self.span.start) as usize;
        match self.style {
            ScalarStyle::Plain if written == self.text.len() => self.span.part(start, end),
            ScalarStyle::Quoted if written == self.text.len() + 2 => self.span.part(start + 1, end + 1),
            _ => self.span,
        }
    }
}

impl Map {
    /// The entry with this key. Looks at one entry after the other: right for records, not for tables of a thousand.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key.value == key)
    }

    /// A table for looking up many keys.
    pub fn index(&self) -> Index<'_> {
        Index { entries: self.entries.iter().map(|entry| (&*entry.key.value, entry)).collect() }
    }
}

/// The entries of a mapping by key. Has no order; walk the mapping itself for that.
#[derive(Clone, Debug)]
pub struct Index<'a> {
    entries: HashMap<&'a str, &'a Entry>,
}

impl<'a> Index<'a> {
    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.get(key).copied()
    }
}
