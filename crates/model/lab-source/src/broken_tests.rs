//! Broken files: a realistic one cut at every byte, a corpus of mistakes, what fuzzing found, and random texts.

use crate::diagnostic::{TextStyle, render_text};
use crate::exercise::{exercise, hold_diagnostics};
use crate::files::Files;
use crate::yaml::{Budget, Limits, Parsed, parse};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("../testdata/sample.yaml");

fn read(text: &str) -> (Files, Parsed) {
    let mut files = Files::new();
    let file = files.add("sample.yaml", text);
    let limits = Limits::default();
    let parsed = parse(file, text, &limits, &mut Budget::new(&limits));
    (files, parsed)
}

/// The top-level entries of the first document with where each ends.
fn entries(parsed: &Parsed) -> Vec<(String, String, usize)> {
    let Some(map) = parsed.documents.first().and_then(|document| document.as_map()) else {
        return Vec::new();
    };
    let entry = |entry: &crate::tree::Entry| {
        let end = entry.value.span().end as usize;
        (entry.key.value.to_string(), crate::yaml::tests::show(&entry.value), end)
    };
    map.entries.iter().map(entry).collect()
}

/// True when `text` ends inside brackets or double quotes; told from the sample's own style, not by a parser.
fn ends_inside(text: &str) -> bool {
    let mut open = 0usize;
    for line in text.lines() {
        let is_prose =
            line.starts_with("  ") && ["Zwei", "and one", "folded", "two"].iter().any(|it| line.contains(it));
        if is_prose || line.starts_with('#') || line.contains("motto") {
            continue;
        }
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                '{' | '['
                    if !quoted
                        && (open > 0
                            || line.contains(": {")
                            || line.contains(": [")
                            || line.contains("- {")) =>
                {
                    open += 1;
                }
                '}' | ']' if !quoted => open = open.saturating_sub(1),
                _ => {}
            }
        }
        if quoted {
            return true;
        }
    }
    open > 0
}

#[test]
fn the_sample_is_sound() {
    let (files, parsed) = read(SAMPLE);
    assert_eq!(render_text(&files, &parsed.diagnostics, &TextStyle::default()), "");
    assert_eq!(parsed.documents.len(), 2);
    assert!(!ends_inside(SAMPLE));
}

#[test]
fn a_file_cut_anywhere_keeps_what_is_whole() {
    let (_, whole) = read(SAMPLE);
    let whole = entries(&whole);
    for cut in 0..SAMPLE.len() {
        let bytes = &SAMPLE.as_bytes()[..cut];
        let text = String::from_utf8_lossy(bytes);
        let (files, parsed) = read(&text);
        hold_diagnostics(&files, &parsed.diagnostics);
        render_text(&files, &parsed.diagnostics, &TextStyle::default());
        if ends_inside(&text) {
            let located = parsed.diagnostics.iter().any(|diagnostic| diagnostic.primary.is_some());
            assert!(located, "cut at {cut} breaks it and is told: {text}");
        }
        let found = entries(&parsed);
        let line = text.rfind('\n').map_or(0, |newline| newline + 1);
        for (key, value, end) in &whole {
            // An entry is whole once the line after it has begun; a block scalar goes on until then.
            if end + 1 < line {
                let kept = found.iter().find(|(name, ..)| name == key).map(|(_, value, _)| value);
                assert_eq!(kept, Some(value), "cut at {cut}, `{key}` is kept");
            }
        }
    }
}

#[test]
fn a_byte_changed_anywhere_is_survived() {
    for at in 0..SAMPLE.len() {
        for byte in [b'"', b'[', b'\t', b':', 0xff, b'\n'] {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            bytes[at] = byte;
            let text = String::from_utf8_lossy(&bytes);
            let (files, parsed) = read(&text);
            hold_diagnostics(&files, &parsed.diagnostics);
        }
    }
}

/// One character missing is one mistake, and hardly ever more than one finding.
#[test]
fn one_missing_character_is_one_finding() {
    let mut several = Vec::new();
    let mut all = 0;
    for (at, c) in SAMPLE.char_indices().filter(|&(_, c)| ":\"'{}[],-&*|> \n".contains(c)) {
        let mut text = SAMPLE.to_owned();
        text.remove(at);
        let (_, parsed) = read(&text);
        let findings = parsed.diagnostics.len();
        assert!(findings <= 5, "{findings} findings for {c:?} missing at {at}");
        all += 1;
        if findings > 1 {
            several.push((at, c));
        }
    }
    assert!(several.len() * 20 < all, "{} of {all} have several findings: {several:?}", several.len());
}

#[test]
fn what_fuzzing_found() {
    let long = "\u{fffd}".repeat(120);
    for text in [
        // A fault inside lines that had been blanked, met within a character of the text as written.
        format!("a: [1,{long}n: node-[AGE-SECRET-KEY-1 a: ENC[A,d|\nx: \"x\n\tc: 1\nd: "),
        format!("a: &a [{long}sops:\n  mac: x\n{long}x,x]\nb:*a:]\nc: &c [\"b,*b]\nd: {long}[*c,*c,&e [*e]]\n"),
        // A message that quoted a line from within a private key.
        "a: -----BEGIN OPENSSH PRIVATE KEY---u:\n  c: ENC[AES,data:a\u{fffd}p: -BEG2,ta\ng:dGFndGFndGFn,type:str]\n b: ".to_owned(),
    ] {
        exercise(text.as_bytes());
    }
}

#[test]
fn seeds_hold() {
    for seed in [
        &include_bytes!("../../../../fuzz/seeds/source/lab.yaml")[..],
        include_bytes!("../../../../fuzz/seeds/source/secret.yaml"),
        include_bytes!("../../../../fuzz/seeds/source/broken.yaml"),
        include_bytes!("../../../../fuzz/seeds/source/bomb.yaml"),
        include_bytes!("../../../../fuzz/seeds/source/bytes.yaml"),
        SAMPLE.as_bytes(),
    ] {
        exercise(seed);
    }
}

/// Pieces from which texts that look like YAML are made.
const PIECES: [&str; 40] = [
    "a",
    "b: ",
    "c:\n",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    " ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ": ",
    "\"",
    "'",
    "|\n  ",
    ">-\n ",
    "&a ",
    "*a",
    "*b",
    "<<: ",
    "? ",
    "!!str ",
    "!x ",
    "#",
    " # ü",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "~",
    "\r\n",
    "\u{feff}",
    "node-[1-3]",
    "ENC[AES256_GCM,data:c2VjcmV0c2VjcmV0,type:str]",
    "sops:\n  mac: x\n",
    "\n#--- overlays/next/a.yaml\n",
    "\n#--- b.yaml\n",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_yaml_is_survived(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        exercise(pieces.concat().as_bytes());
    }

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        exercise(&bytes);
    }
}
