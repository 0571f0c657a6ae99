//! How findings are shown.

use super::*;
use crate::files::Files;
use crate::lab::{Input, Tree, read_tree};

fn read(inputs: &[(&str, &str)]) -> (Files, Tree) {
    let mut files = Files::new();
    let inputs =
        inputs.iter().map(|(name, text)| Input { name: (*name).into(), bytes: text.as_bytes().to_vec() });
    let tree = read_tree(&mut files, inputs.collect(), &[]);
    (files, tree)
}

#[test]
fn text() {
    let (files, tree) = read(&[
        ("a.yaml", "devices:\r\n  node-1: { on: pdu-[1-3] }\r\n  node-2: 1\r\n"),
        ("b.yaml", "devices:\n  node-2: x\n  s: 'x\n"),
        ("c.yaml", "devices: 3\nx: [ü\n"),
    ]);
    println!("{}", render_text(&files, &tree.diagnostics, &TextStyle::default()));
    println!("{}", render_lines(&files, &tree.diagnostics));
    println!("{}", render_json(&files, &tree.diagnostics));
    println!("{}", render_sarif(&files, &tree.diagnostics, &[]));
    println!("{}", render_github(&files, &tree.diagnostics));
    println!("{:?}", tree.root);
}
