//! Text to one spanned tree, and everything that can be said about text: findings and how they are shown.
//!
//! This crate knows YAML, files given as values, overlays and SOPS markers. It deliberately knows nothing of labs,
//! and never opens a file itself: callers hand in names and bytes, so that a folder, a Git revision and a test are
//! the same thing to it. Reading never fails: it returns a tree and diagnostics, always as many as it can find.

pub mod diagnostic;
pub mod files;
pub mod span;
pub mod tree;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use files::{FileId, Files};
pub use span::{Span, Spanned};
pub use tree::{Entry, Map, Node, Scalar, ScalarStyle, Seq};
