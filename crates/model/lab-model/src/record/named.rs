//! Mappings from names to records: identity is the key, and a key may be a range that makes several.

use super::reference::AnyRef;
use super::{Field, Read, Reader};
use crate::grammar::range::Step;
use crate::schema::Schemas;
use lab_source::{Code, Diagnostic, Node, Span};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Two things of one kind with one name.
pub const DUPLICATE_NAME: Code = Code("duplicate-name");

/// The name of a thing and where it was given. Things made by one range share the place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    /// The name.
    pub text: Arc<str>,
    /// Where the key stands.
    pub span: Span,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Records by name, in the order of the text.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// The entries.
    pub entries: Vec<(Name, T)>,
}

impl<T> Named<T> {
    /// The record called `name`. Linear: meant for the few entries of one thing.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.entries.iter().find(|(key, _)| &*key.text == name).map(|(_, value)| value)
    }

    /// Names and records in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &T)> {
        self.entries.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T: Read> Field for Named<T> {
    fn absent() -> Self {
        Self { entries: Vec::new() }
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        Self::read_entries(node, reader, false)
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let value = T::schema(schemas);
        serde_json::json!({ "type": "object", "additionalProperties": value })
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        for (_, value) in &mut self.entries {
            value.visit(visit);
        }
    }
}

/// Records by an address or by an interface that stands elsewhere: a range in such a key runs in step with the one around
/// it, so that each of several networks has its own part and each host its own bridge. Keys of [`Named`] do not: two nodes
/// with the drives `m2-1..2` have two each.
#[derive(Clone, Debug)]
pub struct Addressed<T>(Named<T>);

impl<T> std::ops::Deref for Addressed<T> {
    type Target = Named<T>;

    fn deref(&self) -> &Named<T> {
        &self.0
    }
}

impl<T: Read> Field for Addressed<T> {
    fn absent() -> Self {
        Self(Named::absent())
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        Self(Named::read_entries(node, reader, true))
    }

    fn schema(schemas: &mut Schemas) -> Value {
        <Named<T> as Field>::schema(schemas)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        Field::visit(&mut self.0, visit);
    }
}

impl<T: Read> Named<T> {
    fn read_entries(node: &Node, reader: &mut Reader<'_>, keys_in_step: bool) -> Self {
        let mut named = <Self as Field>::absent();
        if node.is_null() {
            return named;
        }
        let Some(map) = reader.mapping(node, "NamedEntry") else { return named };
        let mut seen: HashMap<Arc<str>, Span> = HashMap::with_capacity(map.entries.len());
        for entry in map.entries.iter() {
            let span = entry.key.span;
            let key = &entry.key.value;
            let names = if keys_in_step { reader.names(key, span) } else { reader.all_names(key, span) };
            let Some(names) = names else { continue };
            let len = names.len();
            for (index, name) in names.into_iter().enumerate() {
                if len > 1 && reader.has_made_too_much(span) {
                    break;
                }
                let name: Arc<str> = name.into();
                if let Some(first) = seen.insert(name.clone(), span) {
                    reader.diagnostics.push(
                        Diagnostic::error(DUPLICATE_NAME, format!("`{name}` is given twice"))
                            .at(span, format!("`{name}` again"))
                            .and(first, "first here"),
                    );
                    continue;
                }
                let read = |reader: &mut Reader<'_>| {
                    reader.within_named(name.clone(), |reader| T::read(&entry.value, reader))
                };
                let value = if len > 1 { reader.in_step(Step { len, index }, read) } else { read(reader) };
                named.entries.extend(value.map(|value| (Name { text: name.clone(), span }, value)));
            }
        }
        named
    }
}

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self::present(node, reader))
    }

    fn schema(schemas: &mut Schemas) -> Value {
        <Self as Field>::schema(schemas)
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        Field::visit(self, visit);
    }
}
