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

#[test]
fn aliases_and_anchors() {
    for (text, tree, findings) in [
        ("a: &x [1, 2]\nb: *x\n", "{a: [1, 2], b: [1, 2]}", ""),
        ("a: &x 1\n*x : b\n", "{a: 1, 1: b}", ""),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}", ""),
        ("a: *node\n", "{a: }", "1:4 yaml-unknown-alias: no anchor is named `node` above this alias"),
        (
            "a: &node 1\nb: *nod\n",
            "{a: 1, b: }",
            "2:4 yaml-unknown-alias: no anchor is named `nod` above this alias",
        ),
        (
            "a: &x 1\n---\nb: *x\n",
            "{a: 1}\n{b: }",
            "3:4 yaml-unknown-alias: no anchor is named `x` above this alias",
        ),
        ("a: &x [1, *x]\n", "{a: [1, ]}", "1:11 yaml-alias-cycle: an alias stands inside the value it names"),
        (
            "&x a: &y { b: *y }\n",
            "{a: {b: }}",
            "1:15 yaml-alias-cycle: an alias stands inside the value it names",
        ),
    ] {
        check(text, tree, findings);
    }
}

#[test]
fn merge_keys() {
    let base = "x: &x { a: 1, b: 2 }\ny: &y { b: 3, c: 4 }\n";
    for (entry, tree, findings) in [
        ("z: { <<: *x }", "{a: 1, b: 2}", ""),
        ("z: { <<: *x, a: 9 }", "{a: 9, b: 2}", ""),
        ("z: { a: 9, <<: *x }", "{a: 9, b: 2}", ""),
        ("z: { <<: [*x, *y], d: 5 }", "{d: 5, a: 1, b: 2, c: 4}", ""),
        ("z: { <<: [*y, *x] }", "{b: 3, c: 4, a: 1}", ""),
        ("z: { <<: { e: 1 } }", "{e: 1}", ""),
        ("z: { \"<<\": *x }", "{<<: {a: 1, b: 2}}", ""),
        ("z: { <<: 1 }", "{}", "3:6 yaml-bad-merge: `<<` merges mappings, and this is a single value"),
        (
            "z: { <<: [*x, [1]] }",
            "{a: 1, b: 2}",
            "3:6 yaml-bad-merge: `<<` merges mappings, and this is a list",
        ),
        (
            "z: { <<: *x, <<: *y }",
            "{a: 1, b: 2}",
            "3:14 yaml-duplicate-key: the key `<<` stands twice in one mapping",
        ),
    ] {
        let text = format!("{base}{entry}\n");
        check(&text, &format!("{{x: {{a: 1, b: 2}}, y: {{b: 3, c: 4}}, z: {tree}}}"), findings);
    }
}

#[test]
fn keys() {
    for (text, tree, findings) in [
        (
            "a: 1\nb: 2\na: 3\n",
            "{a: 1, b: 2}",
            "3:1 yaml-duplicate-key: the key `a` stands twice in one mapping",
        ),
        ("a: 1\n\"a\": 3\n", "{a: 1}", "2:1 yaml-duplicate-key: the key `a` stands twice in one mapping"),
        ("? [a]\n: b\nc: d\n", "{c: d}", "1:3 yaml-bad-key: a list is used as a key"),
        ("{ {a: b}: c, d: e }\n", "{d: e}", "1:3 yaml-bad-key: a mapping is used as a key"),
        (": b\nc: d\n", "{c: d}", "1:1 yaml-bad-key: a value has no key"),
        ("ENC[x]: b\nc: d\n", "{c: d}", "1:1 yaml-bad-key: a key is encrypted"),
        ("~: b\n", "{~: b}", ""),
    ] {
        check(text, tree, findings);
    }
}

#[test]
fn a_large_mapping_knows_its_duplicates() {
    let mut text: String = (0..20_000).map(|i| format!("k{i}: {i}\n")).collect();
    text.push_str("k7: again\nk19999: again\n");
    let (_, parsed) = read(&text, &Limits::default());
    let map = parsed.documents[0].as_map().expect("a mapping");
    assert_eq!(map.entries.len(), 20_000);
    assert_eq!(parsed.diagnostics.len(), 2);
    let index = map.index();
    assert!(
        map.entries
            .iter()
            .all(|entry| index.get(&entry.key.value).is_some_and(|it| it.key.span == entry.key.span))
    );
}

/// A tab is told of once. When tabs are all that indents, each stands for a blank; else their lines are left out.
#[test]
fn tabs_cost_no_more_than_their_lines() {
    let tab = "2:2 yaml-syntax: a tab is used where YAML allows only blanks";
    for (text, tree, findings) in [
        ("a:\n\tb:\n\t\td: 1\nc: 2\n", "{a: {b: {d: 1}}, c: 2}", tab),
        ("a:\n\tb: 1\n\tx: 1\n  c: 2\n", "{a: {c: 2}}", tab),
    ] {
        check(text, tree, findings);
    }
}

/// Every fault costs the smallest entry around it, and says what to write.
#[test]
fn faults_cost_one_entry() {
    for (text, tree, findings) in [
        (
            "a: { on: node-[1-3] }\nb: 1\n",
            "{b: 1}",
            "1:10 yaml-syntax: `node-[1-3]` needs quotes inside brackets",
        ),
        (
            "a:\n  b: { psu: pdu-1:[1-2] }\n  c: 1\n",
            "{a: {c: 1}}",
            "2:13 yaml-syntax: `pdu-1:[1-2]` needs quotes inside brackets",
        ),
        (
            "a: { b: node-[1-3]:{sfp-1,sfp-2} }\n",
            "",
            "1:9 yaml-syntax: `node-[1-3]:{sfp-1,sfp-2}` needs quotes inside brackets",
        ),
        (
            "a: [1-3]-x\nb: 1\n",
            "{b: 1}",
            "1:4 yaml-syntax: `[1-3]-x` begins with a bracket and goes on after it",
        ),
        ("a: \"x\nb: 3\n", "{b: 3}", "1:4 yaml-syntax: a quote is not closed"),
        ("a: 'x\nb: 3\n", "{b: 3}", "1:4 yaml-syntax: a quote is not closed"),
        ("a: \"x\" y\nb: 1\n", "{b: 1}", "1:8 yaml-syntax: text follows a closing quote"),
        ("a:\n  b: [1, 2\n  c: 3\n", "{a: {c: 3}}", "2:6 yaml-syntax: a bracket is not closed"),
        ("a: {b: 1\nc: 2\nd: 3\n", "{c: 2, d: 3}", "1:4 yaml-syntax: a bracket is not closed"),
        ("a: }\nb: 1\n", "{b: 1}", "1:4 yaml-syntax: a bracket is closed that was not opened"),
        ("a: [1}\nb: 1\n", "{b: 1}", "1:4 yaml-syntax: `[` is closed by `}`"),
        ("a: b: c\nd: 1\n", "{d: 1}", "1:5 yaml-syntax: a value has a colon and a blank in it"),
        ("a\n  b: 1\n  c: 2\nd: 3\n", "{d: 3}", "1:1 yaml-syntax: `a` has no colon"),
        ("a: 1\nfoo\nb: 2\n", "{a: 1, b: 2}", "2:1 yaml-syntax: a key with a colon is expected here"),
        (
            "a: 1\n b: 2\nc: 3\n",
            "{c: 3}",
            "2:2 yaml-syntax: a key is indented as if it continued the value above",
        ),
        (
            "n:\n    x: 1\n  y: 2\nz: 3\n",
            "{n: {x: 1}, z: 3}",
            "3:3 yaml-syntax: the indentation fits no line above",
        ),
        ("- a\nb: c\n", "[a]", "2:1 yaml-syntax: a list and a mapping are mixed here"),
        (
            "a: @b\nc: 1\n",
            "{c: 1}",
            "1:4 yaml-syntax: a text begins with a character that YAML keeps for itself",
        ),
        (
            "a: \"\\d\"\nb: 1\n",
            "{b: 1}",
            "1:4 yaml-syntax: a backslash in double quotes begins no escape that YAML knows",
        ),
        ("a: [\n---\nb: 1\n", "{b: 1}", "1:4 yaml-syntax: a bracket is not closed"),
        (
            "a: [x\nb: 1\nc: 'y\nd: 2\n",
            "{b: 1, d: 2}",
            "1:4 yaml-syntax: a bracket is not closed\n3:4 yaml-syntax: a quote is not closed",
        ),
        ("a: !site b\n", "{a: b}", "1:4 yaml-tag: the tag `!site` has no meaning here"),
        (
            "a: x\0y\nb: \u{7}\n",
            "{a: x y, b: }",
            "1:5 control-character: the file has a control character, U+0000, the first of 2",
        ),
    ] {
        check(text, tree, findings);
    }
}

#[test]
fn the_fix_of_a_range_mends_it() {
    let text = "a: { on: node-[1-3], to: \"x\" }\n";
    let (_, parsed) = read(text, &Limits::default());
    let fix = parsed.diagnostics[0].fix.clone().expect("the change is mechanical");
    let mut mended = text.to_owned();
    mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
    check(&mended, "{a: {on: \"node-[1-3]\", to: \"x\"}}", "");
}

/// Every node as the text its span covers.
fn spans(text: &str, node: &Node, found: &mut Vec<String>) {
    let span = node.span();
    found.push(text[span.start as usize..span.end as usize].to_owned());
    match node {
        Node::Scalar(_) => {}
        Node::Seq(seq) => seq.items.iter().for_each(|item| spans(text, item, found)),
        Node::Map(map) => map.entries.iter().for_each(|entry| spans(text, &entry.value, found)),
    }
}

#[test]
fn spans_are_exact() {
    for (text, expect) in [
        ("a: ü # c\n", vec!["a: ü", "ü"]),
        (
            "# c\na:\n  - x\n  - 'y'\n\nb: {z: 1} \n",
            vec!["a:\n  - x\n  - 'y'\n\nb: {z: 1}", "x\n  - 'y'", "x", "'y'", "{z: 1}", "1"],
        ),
        ("a: |\n  x\n\n\nb:\n", vec!["a: |\n  x\n\n\nb:", "x", ""]),
        ("a: &x [1]\nb: *x\n", vec!["a: &x [1]\nb: *x", "[1]", "1", "[1]", "1"]),
        ("\u{feff}ä:\r\n  b: \"c\"\r\n", vec!["ä:\r\n  b: \"c\"", "b: \"c\"", "\"c\""]),
    ] {
        let (_, parsed) = read(text, &Limits::default());
        let mut found = Vec::new();
        spans(text, &parsed.documents[0], &mut found);
        assert_eq!(found, expect, "{text:?}");
    }
}

#[test]
fn a_part_of_a_scalar() {
    for (text, expect) in
        [("8 TX", "TX"), ("\"8 TX\"", "TX"), ("'8 TX'", "TX"), ("\"8\\x20TX\"", "\"8\\x20TX\"")]
    {
        let (_, parsed) = read(text, &Limits::default());
        let scalar = parsed.documents[0].as_scalar().expect("a scalar");
        let span = scalar.part(2, 4);
        assert_eq!(&text[span.start as usize..span.end as usize], expect);
    }
}

#[test]
fn limits_are_told() {
    let limits = crate::exercise::SMALL;
    let bomb = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n";
    let deep = "[".repeat(40) + &"]".repeat(40);
    let block: String = (0..40).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let aliases: String = (1..9).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1)).collect();
    let merges = format!("x: &x {{ a: 1 }}\ny: {{ <<: [{}] }}\n", ["*x"; 9].join(", "));
    for (text, expect) in [
        (bomb.to_owned(), "4:29 yaml-limit: with this alias, the lab has more than 5000 values"),
        (deep, "1:33 yaml-limit: lists and mappings are nested deeper than is read"),
        (block, "33:33 yaml-limit: lists and mappings are nested deeper than is read"),
        (format!("a0: &a0 1\n{aliases}"), "6:10 yaml-limit: aliases are nested more than 4 deep"),
        (merges, "2:6 yaml-limit: `<<` merges more than 4 mappings"),
        ("- x\n".repeat(3_000), "2000:3 yaml-limit: there are more than 2000 values"),
        ("x".repeat(70_000), "1:1 yaml-limit: the file has 70000 bytes, and at most 65536 are read"),
    ] {
        let (_, findings) = told(&text, &limits);
        assert!(findings.lines().any(|line| line == expect), "expected {expect}, got {findings}");
    }
}

#[test]
fn a_bomb_of_the_usual_size_is_harmless() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..60 {
        text.push_str(&format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", ")));
    }
    let (_, parsed) = read(&text, &Limits::default());
    assert!(parsed.diagnostics.iter().all(|diagnostic| diagnostic.code == codes::YAML_LIMIT));
    assert!(!parsed.diagnostics.is_empty());
}

#[test]
fn many_findings_are_counted() {
    let text = "a: 1\n".repeat(1_000);
    let (_, parsed) = read(&text, &Limits { findings: 10, ..Limits::default() });
    assert_eq!(parsed.diagnostics.len(), 11);
    let last = parsed.diagnostics.last().expect("eleven");
    assert_eq!(last.code, codes::YAML_LIMIT);
}
