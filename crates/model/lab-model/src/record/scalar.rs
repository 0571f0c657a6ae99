//! Single values: every type with a grammar reads from a scalar, and two forms may stand for one key.

use super::reference::AnyRef;
use super::{Read, Reader};
use crate::grammar::Grammar;
use crate::schema::Schemas;
use lab_source::{Diagnostic, Node, Spanned};
use serde_json::Value;

impl<T: Grammar> Read for Spanned<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(node, T::WHAT)?;
        if scalar.secret {
            let finding = Diagnostic::error(
                super::reader::WRONG_TYPE,
                "an encrypted value stands where it must be read",
            )
            .at(scalar.span, format!("expected {}", T::WHAT));
            reader.diagnostics.push(finding);
            return None;
        }
        let text = reader.one_name(&scalar.text, scalar.span)?;
        match T::parse(&text) {
            Ok(value) => Some(Spanned::new(value, scalar.span)),
            Err(error) => {
                reader.bad_value(&error, &text, scalar.span);
                None
            }
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        schemas.grammar::<T>()
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

/// A short form and a long form: a single value, or a mapping.
#[derive(Clone, Debug)]
pub enum EitherOr<S, L> {
    /// The short form: a single value or a list.
    Short(S),
    /// The long form: a mapping.
    Long(L),
}

impl<S: Read, L: Read> Read for EitherOr<S, L> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node {
            Node::Map(map) if map.get("is").is_none() => L::read(node, reader).map(Self::Long),
            _ => S::read(node, reader).map(Self::Short),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let (short, long) = (S::schema(schemas), L::schema(schemas));
        serde_json::json!({ "anyOf": [short, long] })
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        match self {
            Self::Short(short) => short.visit(visit),
            Self::Long(long) => long.visit(visit),
        }
    }
}
