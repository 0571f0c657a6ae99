//! Many files as one lab: joining, overlays, secret files, bytes that are not text.

use crate::diagnostic::{TextStyle, render_github, render_json, render_lines, render_sarif, render_text};
use crate::exercise::hold_tree;
use crate::files::Files;
use crate::lab::{Input, Tree, overlay_of, read_tree, read_tree_within};
use crate::tree::Node;
use crate::yaml::Limits;
use crate::yaml::tests::show;

fn read(inputs: &[(&str, &[u8])], overlays: &[&str]) -> (Files, Tree) {
    let mut files = Files::new();
    let inputs = inputs.iter().map(|(name, bytes)| Input { name: (*name).to_owned(), bytes: bytes.to_vec() });
    let overlays: Vec<String> = overlays.iter().map(|&name| name.to_owned()).collect();
    let tree = read_tree(&mut files, inputs.collect(), &overlays);
    hold_tree(&files, &tree);
    (files, tree)
}

#[track_caller]
fn check(inputs: &[(&str, &str)], overlays: &[&str], tree: &str, lines: &[&str]) {
    let inputs: Vec<(&str, &[u8])> = inputs.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let (files, got) = read(&inputs, overlays);
    assert_eq!(show(&Node::Map(got.root)), tree);
    assert_eq!(render_lines(&files, &got.diagnostics).lines().collect::<Vec<_>>(), lines);
}

#[test]
fn files_are_joined_one_level_deep() {
    check(&[], &[], "{}", &[]);
    check(&[("a.yaml", "# nothing\n"), ("b.yaml", "---\n---\n")], &[], "{}", &[]);
    check(
        &[("b.yaml", "d: { y: 2 }\nl: [3]\n"), ("a.yaml", "d: { x: 1 }\nl: [1, 2]\n---\nd: { z: 3 }\n")],
        &[],
        "{d: {x: 1, z: 3, y: 2}, l: [1, 2, 3]}",
        &[],
    );
    check(&[("a.yaml", "d:\n"), ("b.yaml", "d: { x: 1 }\n"), ("c.yaml", "d: ~\n")], &[], "{d: {x: 1}}", &[]);
    check(
        &[("a.yaml", "d: { x: { p: 1 } }\n"), ("b.yaml", "d: { x: { q: 2 } }\n")],
        &[],
        "{d: {x: {p: 1}}}",
        &["b.yaml:1:6: error[duplicate-name]: `x` stands twice in `d`"],
    );
    check(
        &[("a.yaml", "d: 1\ne: [1]\n"), ("b.yaml", "d: 1\ne: { x: 1 }\n")],
        &[],
        "{d: 1, e: [1]}",
        &[
            "b.yaml:1:1: error[conflicting-value]: `d` has two values that cannot be joined",
            "b.yaml:2:1: error[conflicting-value]: `e` has two values that cannot be joined",
        ],
    );
    check(
        &[("a.yaml", "- x\n"), ("b.yaml", "just text\n")],
        &[],
        "{}",
        &[
            "a.yaml:1:3: error[not-a-mapping]: a file of a lab is a mapping, and this is a list",
            "b.yaml:1:1: error[not-a-mapping]: a file of a lab is a mapping, and this is a single value",
        ],
    );
}

#[test]
fn overlays_are_laid_over() {
    let base = ("lab.yaml", "d: { x: { p: 1, q: [1] }, y: 2 }\nn: 1\n");
    let patch = |text: &'static str| ("overlays/next/p.yaml", text);
    check(&[base, patch("d: { y: 9 }\n")], &[], "{d: {x: {p: 1, q: [1]}, y: 2}, n: 1}", &[]);
    for (text, tree) in [
        ("d: { x: { p: 5 }, z: 3 }\n", "{d: {x: {p: 5, q: [1]}, y: 2, z: 3}, n: 1}"),
        ("d: { x: { q: [2, 3] } }\n", "{d: {x: {p: 1, q: [2, 3]}, y: 2}, n: 1}"),
        ("d: { x: ~ }\nn: null\n", "{d: {y: 2}}"),
        ("d: { x: 1 }\nn: { a: 1 }\n", "{d: {x: 1, y: 2}, n: {a: 1}}"),
        ("new: { a: ~ }\n", "{d: {x: {p: 1, q: [1]}, y: 2}, n: 1, new: {a: ~}}"),
    ] {
        check(&[base, patch(text)], &["next"], tree, &[]);
    }
    let unchanged = "{d: {x: {p: 1, q: [1]}, y: 2}, n: 1}";
    check(
        &[base, patch("d: { x: { pp: ~ }, y: }\n")],
        &["next"],
        unchanged,
        &[
            "overlays/next/p.yaml:1:11: warning[overlay-removes-nothing]: overlay `next` removes `pp`, which is not in `d.x`",
            "overlays/next/p.yaml:1:20: warning[overlay-says-nothing]: overlay `next` says nothing about `y`",
        ],
    );
    check(
        &[base, patch("n: 2\n"), ("overlays/after/a.yaml", "n: 3\n")],
        &["next", "after"],
        "{d: {x: {p: 1, q: [1]}, y: 2}, n: 3}",
        &[],
    );
    check(
        &[base, patch("n: 2\n")],
        &["nxet"],
        unchanged,
        &["error[unknown-overlay]: there is no overlay `nxet`"],
    );
    check(
        &[base, patch("n: [\n")],
        &[],
        unchanged,
        &["overlays/next/p.yaml:1:4: error[yaml-syntax]: a bracket is not closed"],
    );
}

#[test]
fn an_unknown_overlay_lists_the_known_ones() {
    let (_, tree) =
        read(&[("overlays/next/a.yaml", b"a: 1"), ("x/overlays/other/b/c.yaml", b"a: 2")], &["nxet"]);
    assert_eq!(tree.overlays, ["next", "other"]);
    assert_eq!(tree.diagnostics[0].notes, ["the overlays are next, other"]);
    assert_eq!(tree.diagnostics[0].help, ["did you mean `next`?"]);
    for (name, overlay) in [
        ("overlays/a/b.yaml", Some("a")),
        ("labs/x/overlays/a/b/c.yaml", Some("a")),
        ("overlays/a.yaml", None),
        ("my-overlays/a/b.yaml", None),
    ] {
        assert_eq!(overlay_of(name), overlay, "{name}");
    }
}

#[test]
fn overlaid_values_point_into_the_overlay() {
    let (files, tree) =
        read(&[("lab.yaml", b"n: { a: 1, b: 2 }"), ("overlays/x/p.yaml", b"n: { a: 9 }")], &["x"]);
    let map = tree.root.get("n").and_then(|entry| entry.value.as_map()).expect("a mapping");
    let file_of = |key: &str| files.get(map.get(key).expect("there").value.span().file).name.clone();
    assert_eq!((file_of("a").as_str(), file_of("b").as_str()), ("overlays/x/p.yaml", "lab.yaml"));
}

#[test]
fn the_order_of_the_inputs_does_not_matter() {
    let one: (&str, &[u8]) = ("a.yaml", b"d: { x: 1 }\n");
    let two: (&str, &[u8]) = ("b.yaml", b"d: { x: 2, y: [ }\n");
    let shown = |inputs: &[(&str, &[u8])]| {
        let (files, tree) = read(inputs, &[]);
        (show(&Node::Map(tree.root)), render_json(&files, &tree.diagnostics))
    };
    assert_eq!(shown(&[one, two]), shown(&[two, one]));
}

#[test]
fn bytes_that_are_not_text() {
    for (bytes, line) in [
        (
            &b"a: x\n\xc3\xb6: \xff\xfe1\n"[..],
            "a.yaml:2:4: error[not-utf8]: the file is not UTF-8 from byte 10 on",
        ),
        (b"\xff\xfea\0:\0", "a.yaml:1:1: error[not-utf8]: the file is UTF-16, not UTF-8"),
        (b"a: \xc3", "a.yaml:1:4: error[not-utf8]: the file is not UTF-8 from byte 4 on"),
    ] {
        let (files, tree) = read(&[("a.yaml", bytes)], &[]);
        assert_eq!(render_lines(&files, &tree.diagnostics).lines().next(), Some(line));
    }
}

#[test]
fn a_file_that_is_too_large_is_not_looked_at() {
    let mut files = Files::new();
    let limits = Limits { file_bytes: 1_000, ..Limits::default() };
    let inputs = vec![Input { name: "big.yaml".to_owned(), bytes: vec![0xff; 1_001] }];
    let tree = read_tree_within(&mut files, inputs, &[], &limits);
    hold_tree(&files, &tree);
    let line = "big.yaml:1:1: error[yaml-limit]: the file has 1001 bytes, and at most 1000 are read\n";
    assert_eq!(render_lines(&files, &tree.diagnostics), line);
    assert!(tree.incomplete);
}

const SECRET: &str = "\
users:
  alice: ENC[AES256_GCM,data:aGVsbG9oZWxsb2hlbGxv,iv:aXZpdml2aXZpdml2,tag:dGFndGFndGFn,type:str]
  list: [a, ~, \"ENC[AES256_GCM,data:Zm9vZm9vZm9vZm9v,iv:aXY=,tag:dA==,type:int]\"]
sops:
  age:
    - recipient: age1first
      enc: x
    - recipient: age1second
  pgp:
    - { fp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21, enc: y }
  lastmodified: \"2026-01-01T00:00:00Z\"
  mac: ENC[AES256_GCM,data:bWFjbWFjbWFjbWFj,iv:aXY=,tag:dGFn,type:str]
";

#[test]
fn a_secret_file_is_described() {
    let (_, tree) = read(&[("secrets.yaml", SECRET.as_bytes()), ("a.yaml", b"sops: { mine: 1 }\n")], &[]);
    assert!(tree.diagnostics.is_empty());
    assert_eq!(
        show(&Node::Map(tree.root)),
        "{sops: {mine: 1}, users: {alice: @secret, list: [a, ~, @secret]}}"
    );
    let [secret] = tree.secret_files.as_slice() else { panic!("one secret file") };
    let recipients: Vec<&str> = secret.recipients.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(recipients, ["age1first", "age1second", "85D77543B3D624B63CEA9E6DBC17301B491B3F21"]);
    let keys: Vec<(&str, bool)> = secret.keys.iter().map(|key| (key.path.as_str(), key.encrypted)).collect();
    assert_eq!(keys, [("users.alice", true), ("users.list[0]", false), ("users.list[2]", true)]);
}

/// Faults planted into and around secrets, so that the lines that hold them have to be shown.
#[test]
fn no_secret_is_ever_shown() {
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACDfoldedline: x\n-----END OPENSSH PRIVATE KEY-----\n";
    let folded = "a: \"ENC[AES256_GCM,\n  data:Zm9sZGVkZm9sZGVk,type:str]\"\na: 2\n";
    for text in [
        SECRET.replace("  list", "  alice"),
        SECRET.replace("  list", " list"),
        SECRET.replace("alice: ENC", "alice: { x: ENC"),
        SECRET.replace("alice: ", "alice: \""),
        SECRET.replace("alice: ", "ENC[AES256_GCM,data:a2V5a2V5a2V5a2V5]: "),
        format!("key: {key}other: 1\n"),
        format!("key: |\n  {}\nkey: 2\n", key.replace('\n', "\n  ")),
        format!("key: [ {key}"),
        format!("{folded}b: ["),
        "k: AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L\nk: [\n".to_owned(),
        "k: { AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L: [1 }\n".to_owned(),
    ] {
        let (files, tree) = read(&[("s.yaml", text.as_bytes())], &[]);
        assert!(!tree.diagnostics.is_empty(), "{text}");
        let found = &tree.diagnostics;
        let shown = [
            render_text(&files, found, &TextStyle::default()),
            render_lines(&files, found),
            render_json(&files, found),
            render_sarif(&files, found, &[]),
            render_github(&files, found),
        ]
        .concat();
        for secret in ["aGVsbG9", "Zm9vZm9v", "b3BlbnNza", "QyNTUxOQ", "Zm9sZGVk", "QQPZRY9X8", "a2V5a2V5"] {
            assert!(!shown.contains(secret), "{secret} of {text} is shown in {shown}");
        }
    }
}
