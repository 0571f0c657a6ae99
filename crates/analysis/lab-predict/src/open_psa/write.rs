//! A circuit as a model that other tools read. Names become identifiers of the format; what they were stands as the label.

use crate::circuit::{Circuit, Node, NodeId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Writes a circuit as one fault tree. Each top is a gate that no other gate uses, which is how readers know tops.
pub fn write(circuit: &Circuit) -> String {
    let mut writer = Writer { circuit, names: BTreeMap::new(), used: BTreeSet::new(), text: String::new() };
    writer.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opsa-mef>\n");
    writer.text.push_str("  <define-fault-tree name=\"lab\">\n");
    writer.name_nodes();
    writer.tops();
    writer.gates();
    writer.text.push_str("  </define-fault-tree>\n  <model-data>\n");
    writer.events();
    writer.text.push_str("  </model-data>\n</opsa-mef>\n");
    writer.text
}

struct Writer<'a> {
    circuit: &'a Circuit,
    names: BTreeMap<NodeId, String>,
    used: BTreeSet<String>,
    text: String,
}

impl Writer<'_> {
    /// Tops first, so that they keep their names if anything does.
    fn name_nodes(&mut self) {
        self.used.insert("lab".to_owned());
        for id in self.circuit.node_ids() {
            if let Node::Event(event) = self.circuit.node(id) {
                let name = self.fresh(&self.circuit.event(event).name);
                self.names.insert(id, name);
            }
        }
        for named in self.circuit.named_gates() {
            if !self.names.contains_key(&named.node) {
                let name = self.fresh(&named.name);
                self.names.insert(named.node, name);
            }
        }
        for id in self.circuit.node_ids().filter(|id| *id > NodeId::ALWAYS) {
            if !self.names.contains_key(&id) {
                let name = self.fresh(&format!("g{}", id.index()));
                self.names.insert(id, name);
            }
        }
    }

    /// An identifier that nothing else has.
    fn fresh(&mut self, wanted: &str) -> String {
        let wanted = identifier(wanted);
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let free = std::iter::once(wanted.clone()).chain(numbered).find(|name| !self.used.contains(name));
        let name = free.expect("numbers do not end");
        self.used.insert(name.clone());
        name
    }

    fn tops(&mut self) {
        for top in self.circuit.tops() {
            let name = self.fresh(&top.name);
            let _ = writeln!(self.text, "    <define-gate name=\"{name}\">");
            self.label(&name, top.shown());
            let input = self.input(top.node);
            let _ = writeln!(self.text, "      {input}\n    </define-gate>");
        }
    }

    fn gates(&mut self) {
        let labels: BTreeMap<NodeId, &str> =
            self.circuit.named_gates().iter().rev().map(|named| (named.node, named.shown())).collect();
        for id in self.circuit.node_ids() {
            let (open, close, inputs) = match self.circuit.node(id) {
                Node::Never | Node::Always | Node::Event(_) => continue,
                Node::Or(inputs) => ("<or>".to_owned(), "</or>", inputs),
                Node::And(inputs) => ("<and>".to_owned(), "</and>", inputs),
                Node::AtLeast(k, inputs) => (format!("<atleast min=\"{k}\">"), "</atleast>", inputs),
            };
            let name = self.names[&id].clone();
            let _ = writeln!(self.text, "    <define-gate name=\"{name}\">");
            if let Some(label) = labels.get(&id) {
                self.label(&name, label);
            }
            let _ = writeln!(self.text, "      {open}");
            for input in inputs {
                let input = self.input(*input);
                let _ = writeln!(self.text, "        {input}");
            }
            let _ = writeln!(self.text, "      {close}\n    </define-gate>");
        }
    }

    fn events(&mut self) {
        for id in self.circuit.node_ids() {
            let Node::Event(event) = self.circuit.node(id) else { continue };
            let event = self.circuit.event(event);
            let name = self.names[&id].clone();
            let _ = writeln!(self.text, "    <define-basic-event name=\"{name}\">");
            self.label(&name, event.shown());
            if let Some(probability) = event.probability {
                let _ = writeln!(self.text, "      <float value=\"{probability:e}\"/>");
            }
            self.text.push_str("    </define-basic-event>\n");
        }
    }

    /// The label, unless the name says the same.
    fn label(&mut self, name: &str, label: &str) {
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        if label != name && !label.is_empty() {
            let _ = writeln!(self.text, "      <label>{}</label>", quick_xml::escape::escape(label.as_str()));
        }
    }

    fn input(&self, id: NodeId) -> String {
        match self.circuit.node(id) {
            Node::Never => "<constant value=\"false\"/>".to_owned(),
            Node::Always => "<constant value=\"true\"/>".to_owned(),
            Node::Event(_) => format!("<basic-event name=\"{}\"/>", self.names[&id]),
            _ => format!("<gate name=\"{}\"/>", self.names[&id]),
        }
    }
}

/// Letters, digits and underscores, with single hyphens between, beginning with a letter.
fn identifier(name: &str) -> String {
    let mut identifier: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' })
        .collect();
    while identifier.contains("--") {
        identifier = identifier.replace("--", "-");
    }
    let identifier = identifier.trim_matches('-').to_owned();
    match identifier.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => identifier,
        _ => format!("x{identifier}"),
    }
}
