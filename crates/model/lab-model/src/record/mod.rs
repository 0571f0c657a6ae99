//! How one YAML mapping becomes one typed record. A record is declared once with [`record!`](crate::record!), which
//! makes the struct, its reading with located findings, the visit of its references, and its JSON Schema with the
//! same doc comments that the manual prints.
//!
//! A record is read as far as it can be: a fault in one key loses that key only.

mod key;
mod macros;
mod named;
mod plain;
mod reader;
mod reference;
mod scalar;

pub use key::{Key, KeyName, same_key};
pub use named::{Addressed, DUPLICATE_NAME, Name, Named};
pub use plain::{Label, Text};
pub use reader::{
    BAD_VALUE, EVERYWHERE, MISSING_KEY, Provenance, RANGE_MISMATCH, Reader, UNKNOWN_KEY, WRONG_TYPE,
};
pub use reference::{AnyRef, Ref, Refs, Target};
pub use scalar::EitherOr;

use crate::schema::Schemas;
use lab_source::Node;
use serde_json::Value;

/// Something that can be read from a node of the tree.
pub trait Read: Sized {
    /// Reads it; `None` when nothing sensible could be made of the node, which has then been reported.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;

    /// The JSON Schema of what may stand here.
    fn schema(schemas: &mut Schemas) -> Value;

    /// Shows every reference inside to `visit`.
    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef));
}

/// Something that can be the value of a key which may be absent.
pub trait Field: Sized {
    /// What it is when the key is absent.
    fn absent() -> Self;

    /// Reads the key's value.
    fn present(node: &Node, reader: &mut Reader<'_>) -> Self;

    /// The JSON Schema of the key's value.
    fn schema(schemas: &mut Schemas) -> Value;

    /// Shows every reference inside to `visit`.
    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef));
}

impl<T: Read> Field for Option<T> {
    fn absent() -> Self {
        None
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        if node.is_null() {
            return None;
        }
        T::read(node, reader)
    }

    fn schema(schemas: &mut Schemas) -> Value {
        T::schema(schemas)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        if let Some(value) = self {
            value.visit(visit);
        }
    }
}

/// A list. One item may stand without the brackets.
impl<T: Read> Field for Vec<T> {
    fn absent() -> Self {
        Self::new()
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        match node {
            Node::Seq(seq) => seq.items.iter().filter_map(|item| T::read(item, reader)).collect(),
            node if node.is_null() => Self::new(),
            node => T::read(node, reader).into_iter().collect(),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let item = T::schema(schemas);
        serde_json::json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] })
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        for item in self {
            item.visit(visit);
        }
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Box::new)
    }

    fn schema(schemas: &mut Schemas) -> Value {
        T::schema(schemas)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        (**self).visit(visit);
    }
}
