//! Values without a grammar of their own: prose, yes and no, counts.

use super::reference::AnyRef;
use super::{Read, Reader};
use crate::grammar::{Grammar, GrammarError};
use crate::schema::Schemas;
use lab_source::{Node, Span};
use serde_json::Value;
use std::sync::Arc;

/// Prose, or any text that is only shown. Ranges in it mean nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Text {
    /// The text.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Read for Text {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let scalar = reader.scalar(node, "text")?;
        let text = if scalar.secret { Arc::from("(secret)") } else { scalar.text.clone() };
        Some(Self { text, span: scalar.span })
    }

    fn schema(schemas: &mut Schemas) -> Value {
        schemas.scalar("text", &[])
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

/// Text that names one thing, such as an outlet or a serial number: ranges in it run in step with those around it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label(Text);

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::ops::Deref for Label {
    type Target = Text;

    fn deref(&self) -> &Text {
        &self.0
    }
}

impl Read for Label {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let written = Text::read(node, reader)?;
        let text = Arc::from(&*reader.one_name(&written.text, written.span)?);
        Some(Self(Text { text, span: written.span }))
    }

    fn schema(schemas: &mut Schemas) -> Value {
        Text::schema(schemas)
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

/// `true` or `false` (YAML 1.2 core schema; `yes` and `no` are refused with the word to write).
impl Grammar for bool {
    const WHAT: &'static str = "`true` or `false`";
    const PATTERN: Option<&'static str> = Some("^(true|false)$");
    const EXAMPLES: &'static [&'static str] = &["true", "false"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let better = match text.to_ascii_lowercase().as_str() {
            "true" if text == "true" => return Ok(true),
            "false" if text == "false" => return Ok(false),
            "yes" | "on" | "true" => Some("write `true`"),
            "no" | "off" | "false" => Some("write `false`"),
            _ => None,
        };
        Err(GrammarError {
            at: 0..text.len(),
            message: format!("`{text}` is neither `true` nor `false`"),
            help: better.map(str::to_owned),
        })
    }
}

/// A count.
impl Grammar for u32 {
    const WHAT: &'static str = "a whole number, such as `3`";
    const PATTERN: Option<&'static str> = Some("^[0-9]+$");
    const EXAMPLES: &'static [&'static str] = &["3"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let message = if digits {
            format!("`{text}` is too large; at most {} can stand here", Self::MAX)
        } else {
            format!("`{text}` is not a whole number")
        };
        digits.then(|| text.parse().ok()).flatten().ok_or(GrammarError {
            at: 0..text.len(),
            message,
            help: None,
        })
    }
}
