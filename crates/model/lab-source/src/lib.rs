//! Text to one spanned tree, and everything that can be said about text: findings and how they are shown.
//!
//! This crate knows YAML, files given as values, overlays and SOPS markers. It deliberately knows nothing of labs,
//! and never opens a file itself: callers hand in names and bytes, so that a folder, a Git revision and a test are
//! the same thing to it. Reading never fails: it returns a tree and diagnostics, always as many as it can find.

#[cfg(test)]
mod broken_tests;
pub mod codes;
pub mod diagnostic;
#[cfg(any(test, feature = "testing"))]
pub mod exercise;
pub mod files;
mod join;
pub mod lab;
#[cfg(test)]
mod lab_tests;
mod overlay;
pub mod secret;
pub mod sops;
pub mod span;
pub mod suggest;
pub mod tree;
pub mod yaml;

pub use diagnostic::{Code, Diagnostic, Label, Severity};
pub use files::{FileId, Files};
pub use lab::{Input, Tree, lay_text_over, read_secret_files, read_tree, read_tree_within};
pub use sops::{SecretFile, SecretKey};
pub use span::{Span, Spanned};
pub use tree::{Entry, Index, Map, Node, Scalar, ScalarStyle, Seq};
pub use yaml::{Budget, Limits, Parsed};
