//! Passwords, tokens and keys written in clear among the words of the lab.

use crate::context::Context;
use crate::rule::rule;
use lab_source::{Entry, Node, Span, secret};

rule!("secret-in-text", Error, Security, "a password, token or key stands in clear in the description");

fn check(context: &mut Context<'_>) {
    let mut found = Vec::new();
    look(&context.lab.tree.entries, &mut found);
    for (span, what) in found {
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

fn look(entries: &[Entry], found: &mut Vec<(Span, &'static str)>) {
    for entry in entries {
        look_into(&entry.value, found);
    }
}

fn look_into(node: &Node, found: &mut Vec<(Span, &'static str)>) {
    match node {
        Node::Map(map) => look(&map.entries, found),
        Node::Seq(seq) => seq.items.iter().for_each(|item| look_into(item, found)),
        Node::Scalar(scalar) if !scalar.secret => {
            found.extend(secret::in_clear(&scalar.text).map(|what| (scalar.span, what)));
        }
        Node::Scalar(_) => {}
    }
}
