//! One call that drives everything in this crate with arbitrary bytes and panics when a promise is broken. The fuzz
//! target and the property tests call it; nothing else does, and it is built only with the feature `testing`.
//!
//! Promises held here: reading never panics, every span lies inside its file on character boundaries, keys are unique,
//! limits hold, every renderer takes every finding, no secret is shown, and two runs say the same.

use crate::diagnostic::{
    Diagnostic, TextStyle, render_github, render_json, render_lines, render_sarif, render_text,
};
use crate::files::Files;
use crate::lab::{Input, Tree, read_tree_within};
use crate::span::Span;
use crate::tree::Node;
use crate::yaml::{Budget, Limits, parse};

/// Limits small enough that a short text can reach each of them.
pub const SMALL: Limits = Limits {
    file_bytes: 1 << 16,
    file_nodes: 2_000,
    total_nodes: 5_000,
    alias_depth: 4,
    merges: 4,
    depth: 32,
    findings: 8,
    faults: 4,
};

/// Reads `bytes` as one file and, cut at lines beginning with `#--- NAME`, as a lab; shows what was found.
///
/// # Panics
///
/// When a promise is broken.
pub fn exercise(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut files = Files::new();
    let file = files.add("lab.yaml", text.as_ref());
    let parsed = parse(file, &text, &SMALL, &mut Budget::new(&SMALL));
    let mut nodes = 0;
    parsed.documents.iter().for_each(|document| hold_node(&files, document, 0, &mut nodes));
    assert!(nodes <= SMALL.total_nodes, "the budget bounds what there is to walk, {nodes}");
    hold_diagnostics(&files, &parsed.diagnostics);
    assert!(parsed.diagnostics.len() <= SMALL.findings + 1, "findings are bounded");

    let shown = read_and_show(bytes);
    assert_eq!(shown, read_and_show(bytes), "two runs say the same");
}

fn read_and_show(bytes: &[u8]) -> [String; 6] {
    let mut files = Files::new();
    let overlays = ["next".to_owned(), "nxet".to_owned()];
    let tree = read_tree_within(&mut files, inputs(bytes), &overlays, &SMALL);
    hold_tree(&files, &tree);
    let found = &tree.diagnostics;
    let coloured = TextStyle { colour: true, unicode: true, width: 60 };
    let shown = [
        render_text(&files, found, &TextStyle::default()),
        render_text(&files, found, &coloured),
        render_lines(&files, found),
        render_json(&files, found),
        render_sarif(&files, found, &[]),
        render_github(&files, found),
    ];
    assert_eq!(shown[2].lines().count(), found.len(), "one line a finding");
    assert_eq!(shown[5].lines().count(), found.len(), "one command a finding");
    for json in &shown[3..5] {
        serde_json::from_str::<serde_json::Value>(json).expect("what is written as JSON is JSON");
    }
    hold_secrets(&files, &shown);
    shown
}

/// The bytes cut into files at lines that begin with `#--- NAME`. What stands before the first cut is `lab.yaml`.
pub fn inputs(bytes: &[u8]) -> Vec<Input> {
    let mut inputs = vec![Input { name: "lab.yaml".to_owned(), bytes: Vec::new() }];
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_prefix(b"#--- ") {
            Some(name) => {
                let name = String::from_utf8_lossy(name).trim().to_owned();
                inputs.push(Input { name, bytes: Vec::new() });
            }
            None => inputs.last_mut().expect("there is always one").bytes.extend_from_slice(line),
        }
    }
    inputs
}

/// Panics unless everything in the tree stands where it says.
pub fn hold_tree(files: &Files, tree: &Tree) {
    let mut nodes = 0;
    hold_node(files, &Node::Map(tree.root.clone()), 0, &mut nodes);
    hold_diagnostics(files, &tree.diagnostics);
    for secret in &tree.secret_files {
        hold_span(files, secret.span);
        secret.recipients.iter().for_each(|recipient| hold_span(files, recipient.span));
        secret.keys.iter().for_each(|key| hold_span(files, key.span));
    }
}

fn hold_node(files: &Files, node: &Node, depth: usize, nodes: &mut usize) {
    *nodes += 1;
    assert!(depth <= Limits::default().depth, "nesting is bounded");
    hold_span(files, node.span());
    match node {
        Node::Scalar(_) => {}
        Node::Seq(seq) => seq.items.iter().for_each(|item| hold_node(files, item, depth + 1, nodes)),
        Node::Map(map) => {
            let mut keys = std::collections::BTreeSet::new();
            for entry in map.entries.iter() {
                assert!(keys.insert(&*entry.key.value), "the key {} is unique", entry.key.value);
                hold_span(files, entry.key.span);
                hold_node(files, &entry.value, depth + 1, nodes);
            }
        }
    }
}

/// Panics unless every place of every finding is a place of its file, and every finding about text has one.
pub fn hold_diagnostics(files: &Files, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        diagnostic.primary.iter().chain(&diagnostic.secondary).for_each(|label| hold_span(files, label.span));
        diagnostic.fix.iter().for_each(|fix| hold_span(files, fix.span));
        assert!(!diagnostic.message.is_empty(), "a finding says something");
        let named = crate::codes::ALL.iter().any(|info| info.code == diagnostic.code);
        assert!(named, "the code {} is declared", diagnostic.code);
    }
}

fn hold_span(files: &Files, span: Span) {
    let text = &files.find(span.file).expect("a span names a known file").text;
    let inside = text.get(span.start as usize..span.end as usize);
    assert!(inside.is_some(), "{span:?} is a part of a text of {} bytes", text.len());
}

/// Panics when a secret is shown. A word that also stands outside of secrets is none.
fn hold_secrets(files: &Files, shown: &[String]) {
    let mut outside = String::new();
    let mut inside = String::new();
    for (_, file) in files.iter() {
        let mut from = 0;
        for range in file.secret_ranges() {
            outside.push_str(&file.text[from..range.start]);
            outside.push(' ');
            inside.push_str(&file.text[range.clone()]);
            inside.push(' ');
            from = range.end;
        }
        outside.push_str(&file.text[from..]);
        outside.push_str(&file.name);
    }
    for word in inside.split(|c: char| !c.is_ascii_alphanumeric()) {
        let is_known = word.starts_with("ENC") || outside.contains(word);
        if word.len() >= 12 && !is_known {
            assert!(shown.iter().all(|output| !output.contains(word)), "the secret {word} is shown");
        }
    }
}
