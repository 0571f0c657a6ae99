//! Findings as data: what is wrong, where, with every place that together makes it wrong, and what to write instead.
//!
//! A diagnostic is turned into text, JSON, SARIF or annotations in one place each, and nowhere else. Messages are one
//! short phrase in lower case without a period, to be understood without colour and without the snippet.

mod render_github;
mod render_json;
mod render_sarif;
mod render_text;
mod shown;
mod sort;
#[cfg(test)]
mod tests;

pub use render_github::render_github;
pub use render_json::{JSON_VERSION, json_value, render_json};
pub use render_sarif::render_sarif;
pub use render_text::{TextStyle, render_lines, render_text};
pub use shown::summary;
pub use sort::sort;

use crate::span::Span;

/// A stable name of a kind of finding, in kebab-case, about the fact: `duplicate-address`. Never renamed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth knowing; nothing need be done.
    Note,
    /// Probably not meant, or a risk.
    Warning,
    /// The lab cannot work, or means nothing, as it is written.
    Error,
}

impl Severity {
    /// The word shown: `error`, `warning`, `note`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place with what is to be seen there.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is here; may be empty.
    pub text: String,
}

/// The smallest change that mends it, when that is mechanical: replace the text at `span` with `replacement`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fix {
    /// What is replaced. An empty span inserts.
    pub span: Span,
    /// What is written instead.
    pub replacement: String,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The headline, in the operator's words.
    pub message: String,
    /// The place to look at first. `None` only for findings about the lab as a whole.
    pub primary: Option<Label>,
    /// The other places that together make it so, cause first.
    pub secondary: Vec<Label>,
    /// Why it matters, or the witness, one fact a note.
    pub notes: Vec<String>,
    /// What to write.
    pub help: Vec<String>,
    /// The change, when it is mechanical.
    pub fix: Option<Fix>,
    /// The things it is about, such as `device/node-1`, for grouping and for `accept:`. The first is the main one.
    pub subjects: Vec<String>,
}

impl Diagnostic {
    /// A finding of a severity at no place yet.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fix: None,
            subjects: Vec::new(),
        }
    }

    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Points at the place to look at first.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Adds another place that takes part.
    #[must_use]
    pub fn and(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds a line of why, or of the witness.
    #[must_use]
    pub fn because(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds what to write.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a mechanical change.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// Names a thing it is about, such as `device/node-1`.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subjects.push(subject.into());
        self
    }
}
