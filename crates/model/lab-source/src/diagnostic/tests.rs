//! How findings are shown, and in what order.

use super::*;
use crate::files::{FileId, Files};
use serde_json::Value;

const CODE: Code = Code("duplicate-address");

/// Two files and two findings that use everything a finding can have.
fn example() -> (Files, Vec<Diagnostic>) {
    let mut files = Files::new();
    let a = files.add("network/a b.yaml", "hosts:\r\n  nas: { at: 10.0.0.5 }\r\n  ü: { at: 10.0.0.5 }\r\n");
    let b = files.add("b.yaml", "x: 1\n");
    let first = Diagnostic::error(CODE, "two hosts have the address `10.0.0.5`")
        .at(Span::new(a, 45, 53), "of `ü`")
        .and(Span::new(a, 21, 29), "of `nas`")
        .and(Span::new(b, 3, 4), "")
        .because("both are in VLAN mgmt")
        .help("give one of them another address")
        .help("such as 10.0.0.6: 50 % are free")
        .fix(Span::new(a, 45, 53), "10.0.0.6")
        .about("host/ü")
        .about("host/nas");
    let second = Diagnostic::warning(Code("no-promise"), "nothing is promised");
    (files, vec![first, second])
}

#[test]
fn as_text() {
    let (files, found) = example();
    let expect = "\
error[duplicate-address]: two hosts have the address `10.0.0.5`
 --> network/a b.yaml:3:12
  |
2 |   nas: { at: 10.0.0.5 }
  |              -------- of `nas`
3 |   ü: { at: 10.0.0.5 }
  |            ^^^^^^^^ of `ü`
  |
 ::: b.yaml:1:4
  |
1 | x: 1
  |    -
  |
  = note: both are in VLAN mgmt
  = help: give one of them another address
help: such as 10.0.0.6: 50 % are free
  |
3 -   ü: { at: 10.0.0.5 }
3 +   ü: { at: 10.0.0.6 }
  |

warning[no-promise]: nothing is promised
";
    assert_eq!(render_text(&files, &found, &TextStyle::default()), expect);
    let coloured = render_text(&files, &found, &TextStyle { colour: true, unicode: true, width: 100 });
    assert!(coloured.contains("\u{1b}[") && coloured.contains('━'));
}

#[test]
fn as_lines_and_in_numbers() {
    let (files, found) = example();
    let expect = "network/a b.yaml:3:12: error[duplicate-address]: two hosts have the address `10.0.0.5`\n\
                  warning[no-promise]: nothing is promised\n";
    assert_eq!(render_lines(&files, &found), expect);
    assert_eq!(summary(&found), "1 error and 1 warning");
    assert_eq!(summary(&[]), "no findings");
    let note = Diagnostic::note(CODE, "x");
    assert_eq!(
        summary(&[note.clone(), note, found[0].clone(), found[1].clone()]),
        "1 error, 1 warning and 2 notes"
    );
}

#[test]
fn as_github_commands() {
    let (files, found) = example();
    let expect = "::error file=network/a b.yaml,line=3,endLine=3,col=12,endColumn=19,title=duplicate-address::\
                  two hosts have the address `10.0.0.5`%0Aof `ü`%0Anetwork/a b.yaml:2: of `nas`%0Ab.yaml:1: %0A\
                  note: both are in VLAN mgmt%0Ahelp: give one of them another address%0A\
                  help: such as 10.0.0.6: 50 %25 are free\n\
                  ::warning title=no-promise::nothing is promised\n";
    assert_eq!(render_github(&files, &found), expect);
    let mut files = Files::new();
    let file = files.add("a,b:c\n::error::.yaml", "x");
    let sly = Diagnostic::note(CODE, "one\n::error::two\r%0A").at(Span::new(file, 0, 1), "");
    let expect = "::notice file=a%2Cb%3Ac %3A%3Aerror%3A%3A.yaml,line=1,endLine=1,col=1,endColumn=1,\
                  title=duplicate-address::one ::error::two %250A\n";
    assert_eq!(render_github(&files, &[sly]), expect);
}

#[test]
fn as_json() {
    let (files, found) = example();
    let json: Value = serde_json::from_str(&render_json(&files, &found)).expect("JSON");
    assert_eq!((&json["format"], &json["version"]), (&Value::from("labwright-diagnostics"), &Value::from(1)));
    assert_eq!(json["summary"], serde_json::json!({ "errors": 1, "warnings": 1, "notes": 0 }));
    let first = &json["diagnostics"][0];
    let primary = serde_json::json!({
        "file": "network/a b.yaml",
        "start": { "line": 3, "column": 12, "byte": 45 },
        "end": { "line": 3, "column": 20, "byte": 53 },
        "text": "of `ü`",
    });
    assert_eq!(first["primary"], primary);
    assert_eq!(first["secondary"].as_array().map(Vec::len), Some(2));
    assert_eq!(first["fix"]["replacement"], "10.0.0.6");
    assert_eq!(first["subjects"], serde_json::json!(["host/ü", "host/nas"]));
    assert_eq!(json["diagnostics"][1]["primary"], Value::Null);
}

#[test]
fn as_sarif() {
    let (files, found) = example();
    let text = render_sarif(&files, &found, &[]);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|it| usize::try_from(it).ok()).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
    }
    assert_eq!(rules[0]["helpUri"], "docs/diagnostics/duplicate-address.md");
    let first = &results[0];
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "network/a%20b.yaml");
    let region = serde_json::json!({
        "startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 20, "byteOffset": 45, "byteLength": 8,
    });
    assert_eq!(place["region"], region);
    assert_eq!(first["relatedLocations"][0]["message"]["text"], "of `nas`");
    let change = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (&change["deletedRegion"], &change["insertedContent"]["text"]),
        (&region, &Value::from("10.0.0.6"))
    );
    assert!(results[1].get("locations").is_none());
}

#[test]
fn fingerprints_outlive_moved_lines() {
    let print = |text: &str, at: u32| {
        let mut files = Files::new();
        let file = files.add("/home/me/lab/a.yaml", text);
        let found = Diagnostic::error(CODE, "x").at(Span::new(file, at, at + 1), "").about("host/nas");
        let twice = [found.clone(), found];
        let log: Value = serde_json::from_str(&render_sarif(&files, &twice, &[])).expect("JSON");
        assert!(!log.to_string().contains("\"/home"), "no absolute path");
        let of = |n: usize| {
            log["runs"][0]["results"][n]["partialFingerprints"]["labwright/v1"].as_str().map(str::to_owned)
        };
        (of(0), of(1))
    };
    let (first, second) = print("a: 1\n", 0);
    assert!(first.is_some() && first != second);
    assert_eq!(print("# new\n  a: 1\n", 8), (first.clone(), second));
    assert_ne!(print("a: 2\n", 0).0, first);
}

#[test]
fn spans_that_fit_no_text_are_survived() {
    let mut files = Files::new();
    let file = files.add("a.yaml", "ü: 1\r\n");
    let wrong = Span { file, start: 90, end: 3 };
    let found = [
        Diagnostic::error(CODE, "x")
            .at(Span::new(file, 1, 1), "")
            .and(Span::new(file, 3, 900), "far")
            .fix(wrong, "y"),
        Diagnostic::error(CODE, "x\u{1b}[31m\u{202e}").at(wrong, "\u{7}").fix(Span::new(file, 0, 900), ""),
        Diagnostic::error(CODE, "")
            .at(Span::new(FileId(9), 0, 1), "of no file")
            .fix(Span::new(FileId(9), 0, 1), ""),
    ];
    let text = render_text(&files, &found, &TextStyle::default());
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']));
    assert_eq!(render_lines(&files, &found).lines().count(), 3);
    render_json(&files, &found);
    render_sarif(&files, &found, &[]);
    render_github(&files, &found);
}

#[test]
fn a_long_place_is_marked_by_its_first_line() {
    let mut files = Files::new();
    let text: String = (0..1_000).map(|line| format!("k{line}: {line}\n")).collect();
    let end = u32::try_from(text.len()).expect("small");
    let file = files.add("a.yaml", text);
    let found = [Diagnostic::note(CODE, "all of it")
        .at(Span::new(file, 0, end), "this")
        .and(Span::new(file, end - 8, end - 4), "far away")];
    let shown = render_text(&files, &found, &TextStyle::default());
    assert!(shown.lines().count() < 15, "{shown}");
    assert!(shown.contains("1 | k0: 0\n") && shown.contains("k999"), "{shown}");
}

#[test]
fn the_order_is_of_places_and_duplicates_go() {
    let mut files = Files::new();
    let (b, a) = (files.add("b.yaml", "0123456789"), files.add("a.yaml", "0123456789"));
    let at = |file, start, severity| {
        Diagnostic::new(CODE, severity, "x").at(Span::new(file, start, start + 1), "")
    };
    let expect = vec![
        at(a, 1, Severity::Error),
        at(a, 5, Severity::Error),
        at(a, 5, Severity::Warning),
        at(b, 0, Severity::Note),
        Diagnostic::error(CODE, "x"),
    ];
    let mut mixed: Vec<Diagnostic> = expect.iter().rev().chain(&expect).cloned().collect();
    sort(&mut mixed, &files);
    assert_eq!(mixed, expect);
}

#[test]
fn lines_and_columns_count_characters() {
    let mut files = Files::new();
    let file = files.add("a.yaml", "ü1\n\nx");
    for (offset, expect) in [
        (0, (1, 1)),
        (1, (1, 1)),
        (2, (1, 2)),
        (3, (1, 3)),
        (4, (2, 1)),
        (5, (3, 1)),
        (6, (3, 2)),
        (99, (3, 2)),
    ] {
        assert_eq!(files.line_column(file, offset), expect, "{offset}");
    }
}
