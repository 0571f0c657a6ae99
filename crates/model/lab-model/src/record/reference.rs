//! References: the name of another thing, resolved to its id after everything has been read.

use super::{Field, Read, Reader};
use crate::lab::{Kind, ThingId};
use crate::schema::Schemas;
use lab_source::{Node, Span};
use serde_json::Value;
use std::marker::PhantomData;
use std::sync::Arc;

/// What a reference may point at: one kind, or one of several.
pub trait Target: Clone + std::fmt::Debug + 'static {
    /// The id it resolves to: the kind's own id, or [`ThingId`] when there are several kinds.
    type Id: Copy + Eq + std::hash::Hash + std::fmt::Debug + TryFrom<ThingId>;

    /// The kinds. A bare name is looked for in each, in this order; `kind/name` names one.
    const KINDS: &'static [Kind];

    /// Names that stand for themselves and resolve to no thing, such as `internet`.
    const WORDS: &'static [&'static str] = &[];
}

/// A reference to a thing by its name.
#[derive(Clone, Debug)]
pub struct Ref<T: Target> {
    /// The name as written, ranges expanded.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
    /// What it means; `None` for a name that was not found (and has been reported) and for one of [`Target::WORDS`].
    pub id: Option<T::Id>,
    target: PhantomData<T>,
}

impl<T: Target> Ref<T> {
    /// A reference not yet resolved.
    pub fn new(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self { text: text.into(), span, id: None, target: PhantomData }
    }
}

impl<T: Target> std::fmt::Display for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// A reference of any target, as the resolver sees it.
pub trait AnyRef {
    /// The name as written.
    fn text(&self) -> &str;
    /// Where it stands.
    fn span(&self) -> Span;
    /// The kinds it may mean.
    fn kinds(&self) -> &'static [Kind];
    /// Words that resolve to no thing.
    fn words(&self) -> &'static [&'static str];
    /// Sets what it means.
    fn resolve(&mut self, id: ThingId);
}

impl<T: Target> AnyRef for Ref<T> {
    fn text(&self) -> &str {
        &self.text
    }

    fn span(&self) -> Span {
        self.span
    }

    fn kinds(&self) -> &'static [Kind] {
        T::KINDS
    }

    fn words(&self) -> &'static [&'static str] {
        T::WORDS
    }

    fn resolve(&mut self, id: ThingId) {
        self.id = T::Id::try_from(id).ok();
    }
}

fn what<T: Target>() -> String {
    let kinds: Vec<&str> = T::KINDS.iter().map(|kind| kind.word()).collect();
    format!("the name of a {}", kinds.join(", "))
}

impl<T: Target> Read for Ref<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(node, &what::<T>())?;
        let text = reader.one_name(&scalar.text, scalar.span)?;
        Some(Self::new(&*text, scalar.span))
    }

    fn schema(schemas: &mut Schemas) -> Value {
        schemas.reference(&what::<T>())
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        visit(self);
    }
}

/// Several references: one name, a range, or a list of either.
#[derive(Clone, Debug)]
pub struct Refs<T: Target> {
    /// The references in order.
    pub items: Vec<Ref<T>>,
    /// Where they stand together; `None` when the key is absent.
    pub span: Option<Span>,
}

impl<T: Target> Refs<T> {
    /// The ids of those that resolved.
    pub fn ids(&self) -> impl Iterator<Item = T::Id> + '_ {
        self.items.iter().filter_map(|item| item.id)
    }

    /// True when nothing is written.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T: Target> Field for Refs<T> {
    fn absent() -> Self {
        Self { items: Vec::new(), span: None }
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        let mut refs = Self { items: Vec::new(), span: Some(node.span()) };
        if node.is_null() {
            return refs;
        }
        let nodes = match node {
            Node::Seq(seq) => &seq.items[..],
            other => std::slice::from_ref(other),
        };
        for node in nodes {
            let Some(scalar) = reader.scalar(node, &what::<T>()) else { continue };
            let names = reader.names(&scalar.text, scalar.span).unwrap_or_default();
            refs.items.extend(names.into_iter().map(|name| Ref::new(name, scalar.span)));
        }
        refs
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let item = schemas.reference(&what::<T>());
        serde_json::json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] })
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        for item in &mut self.items {
            visit(item);
        }
    }
}
