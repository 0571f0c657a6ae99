//! A tree as the Open-PSA Model Exchange Format has it.

use super::{Kind, Node, Tree};
use std::fmt::Write;

/// The text of a tree.
pub(super) fn write(tree: &Tree, top: Node) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<opsa-mef>\n<define-fault-tree name=\"tree\">\n");
    text += "<define-gate name=\"top\">\n";
    input(&mut text, top);
    text += "</define-gate>\n";
    for (number, gate) in tree.gates.iter().enumerate() {
        let (open, close) = match gate.kind {
            Kind::Or => ("<or>\n".to_owned(), "</or>\n"),
            Kind::And => ("<and>\n".to_owned(), "</and>\n"),
            Kind::AtLeast(k) => (format!("<atleast min=\"{k}\">\n"), "</atleast>\n"),
            Kind::Same => (String::new(), ""),
        };
        push(&mut text, format_args!("<define-gate name=\"g{number}\">\n{open}"));
        gate.inputs.iter().for_each(|&node| input(&mut text, node));
        push(&mut text, format_args!("{close}</define-gate>\n"));
    }
    text += "</define-fault-tree>\n<model-data>\n";
    for event in 0..tree.events {
        let probability = 0.001 + 0.0005 * (event % 37) as f64;
        let open = format_args!("<define-basic-event name=\"e{event}\"><float value=\"{probability}\"/>");
        push(&mut text, open);
        text += "</define-basic-event>\n";
    }
    text + "</model-data>\n</opsa-mef>\n"
}

fn input(text: &mut String, node: Node) {
    match node {
        Node::Event(event) => push(text, format_args!("<basic-event name=\"e{event}\"/>\n")),
        Node::Gate(gate) => push(text, format_args!("<gate name=\"g{gate}\"/>\n")),
    }
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes everything");
}
