//! `show find WORDS`: every written value that has all the words in it or in the keys above it, with its place.

use super::cell::place;
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_source::{Node, Scalar, Span};

pub(super) const VIEW: View = View {
    name: "find",
    summary: "every written value in which all the words given occur, and where it stands",
    document,
    drawing: None,
};

/// Deeper than any lab; the tree is not deeper than its reader allows.
const DEPTH_MAX: usize = 128;

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    if asked.names.is_empty() {
        return Err(ShowError { message: "say what to look for".to_owned(), near: Vec::new() });
    }
    let words: Vec<String> = asked.names.iter().map(|name| name.to_lowercase()).collect();
    let mut table = Table::new(&["key", "=value", "where"]);
    let mut path = Vec::new();
    walk(&Node::Map(asked.lab.tree.clone()), &mut path, &mut |path, scalar| {
        let text = shown(scalar);
        let all = format!("{}: {text}", path.join(".")).to_lowercase();
        let has = |words: &[String], text: &str| words.iter().all(|word| text.contains(word.as_str()));
        if has(&words, &all) {
            table.row([path.join("."), text.to_owned(), place(asked.files, scalar.span)]);
        }
    });
    let title = format!("{} values", table.rows.len());
    Ok(Document { title, blocks: vec![Block::Table(table)] })
}

/// The text of a value; not that of a secret.
pub(super) fn shown(scalar: &Scalar) -> &str {
    if scalar.secret { "(secret)" } else { &scalar.text }
}

/// Shows each single value below a node with the keys above it.
pub(super) fn walk<'n>(node: &'n Node, path: &mut Vec<String>, see: &mut dyn FnMut(&[String], &'n Scalar)) {
    if path.len() > DEPTH_MAX {
        return;
    }
    match node {
        Node::Scalar(scalar) => see(path, scalar),
        Node::Seq(seq) => {
            for (index, item) in seq.items.iter().enumerate() {
                path.push((index + 1).to_string());
                walk(item, path, see);
                path.pop();
            }
        }
        Node::Map(map) => {
            for entry in map.entries.iter() {
                path.push(entry.key.value.to_string());
                walk(&entry.value, path, see);
                path.pop();
            }
        }
    }
}

/// Every place of the text that a node is made of: keys and single values.
pub(super) fn spans(node: &Node, out: &mut Vec<Span>) {
    match node {
        Node::Scalar(scalar) => out.push(scalar.span),
        Node::Seq(seq) => seq.items.iter().for_each(|item| spans(item, out)),
        Node::Map(map) => {
            for entry in map.entries.iter() {
                out.push(entry.key.span);
                spans(&entry.value, out);
            }
        }
    }
}
