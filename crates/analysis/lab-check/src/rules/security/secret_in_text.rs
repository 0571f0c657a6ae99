//! Passwords, tokens and keys written in clear among the words of the lab.

use crate::context::Context;
use crate::rule::rule;
use lab_source::{Entry, Node, Span, secret};
use std::collections::HashSet;

rule!("secret-in-text", Error, Security, "a password, token or key stands in clear in the description");

fn check(context: &mut Context<'_>) {
    let mut reader = Reader::default();
    reader.read_all(&context.lab.tree.entries);
    for (span, what) in reader.found {
        let finding = context
            .finding(
                format!("{what} stands here in clear"),
                span,
                "everybody who reads the repository has it",
            )
            .because("it stays in the history of the repository after it was taken out")
            .help("change it where it is used; keep the new one in a file that SOPS encrypts");
        context.report_once(finding);
    }
}

/// Reads every text of the tree. What aliases share is read once: written out it may be without end.
#[derive(Default)]
struct Reader {
    found: Vec<(Span, &'static str)>,
    maps: HashSet<*const Entry>,
    lists: HashSet<*const Node>,
}

impl Reader {
    fn read_all(&mut self, entries: &[Entry]) {
        if self.maps.insert(entries.as_ptr()) {
            entries.iter().for_each(|entry| self.read(&entry.value));
        }
    }

    fn read(&mut self, node: &Node) {
        match node {
            Node::Map(map) => self.read_all(&map.entries),
            Node::Seq(seq) if self.lists.insert(seq.items.as_ptr()) => {
                seq.items.iter().for_each(|item| self.read(item));
            }
            Node::Scalar(scalar) if !scalar.secret => {
                self.found.extend(secret::in_clear(&scalar.text).map(|what| (scalar.span, what)));
            }
            Node::Seq(_) | Node::Scalar(_) => {}
        }
    }
}
