//! What the reader makes of texts, right and wrong.

use super::*;
use crate::files::Files;
use crate::tree::{Node, ScalarStyle};

/// A tree in one line: quoted text in quotes, `@` before an encrypted one.
pub(crate) fn show(node: &Node) -> String {
    match node {
        Node::Scalar(scalar) if scalar.secret => "@secret".to_owned(),
        Node::Scalar(scalar) if scalar.style == ScalarStyle::Plain => scalar.text.to_string(),
        Node::Scalar(scalar) => format!("{:?}", scalar.text),
        Node::Seq(seq) => format!("[{}]", seq.items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Node::Map(map) => {
            let entry = |entry: &crate::tree::Entry| format!("{}: {}", entry.key.value, show(&entry.value));
            format!("{{{}}}", map.entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn read(text: &str, limits: &Limits) -> (Files, Parsed) {
    let mut files = Files::new();
    let file = files.add("lab.yaml", text);
    let parsed = parse(file, text, limits, &mut Budget::new(limits));
    (files, parsed)
}

/// The documents, one a line, and the findings as `line:column code: message`.
fn told(text: &str, limits: &Limits) -> (String, String) {
    let (files, parsed) = read(text, limits);
    let tree = parsed.documents.iter().map(show).collect::<Vec<_>>().join("\n");
    let finding = |diagnostic: &Diagnostic| {
        let place = diagnostic.primary.as_ref().expect("a finding about text has a place").span;
        let (line, column) = files.line_column(place.file, place.start);
        format!("{line}:{column} {}: {}", diagnostic.code, diagnostic.message)
    };
    (tree, parsed.diagnostics.iter().map(finding).collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn check(text: &str, tree: &str, findings: &str) {
    let (got_tree, got_findings) = told(text, &Limits::default());
    assert_eq!(got_tree, tree, "tree of {text:?}, with findings {got_findings}");
    assert_eq!(got_findings, findings, "findings of {text:?}");
}

#[test]
fn plain_documents() {
    for (text, tree) in [
        ("", ""),
        ("# only a comment\n", ""),
        ("a: 1\nb: [x, 'y', {z: \"w\"}]\n", "{a: 1, b: [x, \"y\", {z: \"w\"}]}"),
        ("a:\n- 1\n-\n- ~\n", "{a: [1, , ~]}"),
        ("a:\nb: null\n", "{a: , b: null}"),
        ("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", "{a: \"x\\ny\\n\", b: \"x y\"}"),
        ("a: 1\n---\nb: 2\n...\n---\n", "{a: 1}\n{b: 2}\n"),
        ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"),
        ("\u{feff}a: 1\n", "{a: 1}"),
        ("a: !!str 1\nb: ! 2\n", "{a: \"1\", b: \"2\"}"),
        ("10.20.0.0/24: network devices\nsw-1:1/4: x\n", "{10.20.0.0/24: network devices, sw-1:1/4: x}"),
        ("k: ENC[AES256_GCM,data:aa,iv:b=,tag:c,type:str]\n", "{k: @secret}"),
    ] {
        check(text, tree, "");
    }
}
