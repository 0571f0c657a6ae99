//! Why a fault tree cannot be read, and where.

use crate::circuit::CircleError;

/// Why a fault tree cannot be read: the first fault, with its place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {fault}")]
pub struct ReadError {
    /// The file's name, as given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The file is no XML.
    #[error("this is not well-formed XML: {0}")]
    Xml(String),
    /// A file that is meant to harm, or far beyond any tree.
    #[error("{what} is more than the {limit} that are read")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Part of the format that is not read because it would need "not".
    #[error(
        "<{0}> is not coherent: with it, one more failure can repair something, and minimal cut sets no longer say everything"
    )]
    NotCoherent(String),
    /// Part of the format that is not read.
    #[error("<{0}> is not supported, and without it the model would mean something else")]
    Unsupported(String),
    /// An element where it does not belong.
    #[error("<{found}> does not belong in <{parent}>")]
    Misplaced {
        /// The element.
        found: String,
        /// Where it stands.
        parent: String,
    },
    /// Something is missing.
    #[error("<{element}> has no {what}")]
    Missing {
        /// The element.
        element: String,
        /// What it needs.
        what: &'static str,
    },
    /// A value that cannot be.
    #[error("{0}")]
    Value(String),
    /// A name without a definition.
    #[error("nothing defines {what} `{name}`{}", near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Undefined {
        /// What was looked for.
        what: &'static str,
        /// The name.
        name: String,
        /// A name that is nearly the same.
        near: Option<String>,
    },
    /// A name with two definitions.
    #[error("`{0}` is defined twice")]
    Twice(String),
    /// A name of another kind.
    #[error("`{name}` is {found}, not {what}")]
    Kind {
        /// The name.
        name: String,
        /// What it is.
        found: &'static str,
        /// What it should be.
        what: &'static str,
    },
    /// Gates need one another.
    #[error(transparent)]
    Circle(#[from] CircleError),
}

/// A fault at a place, before the files are at hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Located {
    pub(super) file: usize,
    pub(super) offset: usize,
    pub(super) fault: Fault,
}

impl Located {
    /// Looks up line and column.
    pub(super) fn within(self, name: &str, text: &str) -> ReadError {
        let mut offset = self.offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ReadError {
            file: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            fault: self.fault,
        }
    }
}
