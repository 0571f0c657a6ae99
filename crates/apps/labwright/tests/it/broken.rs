//! Files that are no lab, through the whole command: it ends with its own code, says where, and stays small.

use crate::lab::Lab;
use std::io::Write;

#[test]
fn what_is_broken_ends_in_three_and_is_located() {
    for (name, text, code) in [
        ("list", "- a\n- b\n", "not-a-mapping"),
        ("tabs", "devices:\n\ta: {}\n", "yaml-syntax"),
        ("half", "devices:\n  a: { type: generic/serv", "yaml-syntax"),
        ("twice", "devices:\n  a: {}\n  a: {}\n", "duplicate-key"),
        ("zero", "devices: { a: { memory: 8 \0 GiB } }\n", "control-character"),
        ("range", "devices: { node-1..99999999: {} }\n", "bad-value"),
        ("ranges", "devices: { a-1..9000: { drives: { b-1..9001: {} } } }\n", "yaml-limit"),
        ("deep", &format!("devices: {}", "[".repeat(10_000)), "yaml-"),
    ] {
        let lab = Lab::new(&[("more.yaml", text)]);
        let run = lab.run(&["check", "--format", "lines"]);
        assert_eq!(run.code, 3, "{name}: {}{}", run.stdout, run.stderr);
        let located = run.stdout.lines().any(|line| line.starts_with("more.yaml:") && line.contains(code));
        assert!(located, "{name} is told as {code}: {}", run.stdout);
    }
}

#[test]
fn a_lab_file_that_is_a_list_or_empty_is_told_or_taken() {
    let lab = Lab::new(&[]);
    lab.write("lab.yaml", "- a\n");
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("lab.yaml:1:3"), "{}", run.stdout);
    for nothing in ["", "# only a comment\n"] {
        lab.write("lab.yaml", nothing);
        assert_eq!(lab.run(&["check"]).code, 0);
    }
}

#[test]
fn bytes_that_are_not_text_are_told() {
    let lab = Lab::new(&[]);
    std::fs::write(lab.path().join("bytes.yaml"), b"devices: { a: \xff\xfe }\n").unwrap();
    let run = lab.run(&["check"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("error[not-utf8]"), "{}", run.stdout);
}

#[test]
fn a_file_of_a_hundred_megabytes_is_refused() {
    let lab = Lab::new(&[("good.yaml", "vlans: { a: { id: 5000 } }\n")]);
    let mut file = std::io::BufWriter::new(std::fs::File::create(lab.path().join("huge.yaml")).unwrap());
    for _ in 0..100 {
        file.write_all(&[b'#'; 1 << 20]).unwrap();
    }
    file.flush().unwrap();
    let run = lab.run(&["check", "--format", "lines"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("huge.yaml:1:1") && run.stdout.contains("file-too-large"), "{}", run.stdout);
    assert!(run.stdout.contains("good.yaml:1:19"), "the other files are read: {}", run.stdout);
}
