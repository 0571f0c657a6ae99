//! Runs every rule's page: the manual is the test. See `rules/README.md` for how a page is written.

use jiff::civil::Date;
use lab_check::Rule;
use lab_source::{Diagnostic, Files, Severity};
use std::fmt::Write as _;
use std::path::PathBuf;

/// A fenced block of a page.
struct Block {
    /// `yaml` or `text`.
    kind: String,
    text: String,
    /// Lines of the page before the block's first.
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                open = Some(Block { kind: kind.to_owned(), text: String::new(), line: index + 1 })
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => writeln!(block.text, "{line}").expect("a string grows"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// What a block announces: line (from 1), severity, code.
fn announced(text: &str) -> Vec<(usize, String, String)> {
    let mut all = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, comment)) = line.split_once("# ") else { continue };
        for part in comment.split("# ") {
            let Some((severity, rest)) = part.split_once(": [") else { continue };
            let Some((code, _)) = rest.split_once(']') else { continue };
            if ["error", "warning", "note"].contains(&severity.trim()) {
                all.push((index + 1, severity.trim().to_owned(), code.to_owned()));
            }
        }
    }
    all
}

struct Outcome {
    files: Files,
    findings: Vec<Diagnostic>,
    reading: Vec<Diagnostic>,
}

fn run(rule: &Rule, text: &str) -> Outcome {
    let day = text.lines().find_map(|line| line.strip_prefix("# today: "));
    let today: Date = day.unwrap_or("2026-06-01").trim().parse().expect("a day as 2026-06-01");
    let head = if text.lines().any(|line| line.starts_with("lab:")) { "" } else { "lab: { name: page }\n" };
    let mut files = files_of(text);
    if !head.is_empty() {
        files.push(lab_source::Input { name: "zz-head.yaml".to_owned(), bytes: head.as_bytes().to_vec() });
    }
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    let checked = lab_check::check(&reading.lab, today);
    let mut findings: Vec<Diagnostic> =
        checked.findings.into_iter().filter(|finding| finding.code == rule.code).collect();
    lab_source::diagnostic::sort(&mut findings, &reading.files);
    Outcome { files: reading.files, findings, reading: reading.diagnostics }
}

/// The files of a block: `lab.yaml`, and one more from each line `# file: NAME` on. Lines keep their numbers.
fn files_of(text: &str) -> Vec<lab_source::Input> {
    let mut files = vec![("lab.yaml".to_owned(), String::new())];
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("# file: ") {
            files.push((name.trim().to_owned(), "\n".repeat(index)));
        }
        let (_, content) = files.last_mut().expect("there is a first file");
        writeln!(content, "{line}").expect("a string grows");
    }
    let input = |(name, content): (String, String)| lab_source::Input { name, bytes: content.into_bytes() };
    files.into_iter().map(input).collect()
}

fn check_block(rule: &Rule, block: &Block) -> (Outcome, Vec<String>) {
    let outcome = run(rule, &block.text);
    let mut wrong: Vec<String> = Vec::new();
    for finding in outcome.reading.iter().filter(|finding| finding.severity == Severity::Error) {
        wrong.push(format!("does not read: {} {}", finding.code, finding.message));
    }
    let mut found: Vec<(usize, String, String)> = outcome
        .findings
        .iter()
        .map(|finding| {
            let line = finding
                .primary
                .as_ref()
                .map_or(0, |label| outcome.files.line_column(label.span.file, label.span.start).0);
            (line, finding.severity.word().to_owned(), finding.code.to_string())
        })
        .collect();
    let mut expected = announced(&block.text);
    found.sort();
    expected.sort();
    if found != expected {
        wrong.push(format!("announced {expected:?}, found {found:?}"));
    }
    (outcome, wrong)
}

/// How a block begins that shows the rendered findings.
const TEXT: &str = "```text\n";

/// The page with its `text` blocks written anew, and what is wrong with it.
fn check_page(rule: &Rule) -> (String, Vec<String>) {
    let mut wrong = Vec::new();
    for section in
        ["## What it means", "## Why it matters", "## Example", "## How to fix", "## Not a finding"]
    {
        if !rule.page.contains(section) {
            wrong.push(format!("no section `{section}`"));
        }
    }
    if rule.page.lines().next() != Some(&format!("# {}", rule.code)) {
        wrong.push("the title is not the code".to_owned());
    }
    let mut page = rule.page.to_owned();
    let (mut fires, mut quiet) = (false, false);
    let mut last: Option<Outcome> = None;
    // Up to here the `text` blocks of `page` are done.
    let mut written = 0;
    for block in blocks(rule.page) {
        match block.kind.as_str() {
            "yaml" => {
                let (outcome, faults) = check_block(rule, &block);
                wrong
                    .extend(faults.into_iter().map(|fault| format!("block at line {}: {fault}", block.line)));
                if outcome.findings.is_empty() {
                    quiet = true
                } else {
                    fires = true
                }
                last = Some(outcome);
            }
            "text" => {
                let outcome = last.as_ref().expect("a `text` block follows a `yaml` block");
                let rendered = render(outcome);
                if rendered != block.text {
                    wrong.push(format!(
                        "block at line {}: the rendered finding differs:\n{rendered}",
                        block.line
                    ));
                    let start =
                        written + page[written..].find(TEXT).expect("the block is in the page") + TEXT.len();
                    page.replace_range(start..start + block.text.len(), &rendered);
                }
                written += page[written..].find(TEXT).expect("the block is in the page") + TEXT.len();
            }
            _ => {}
        }
    }
    if !fires {
        wrong.push("no block in which it is found".to_owned());
    }
    if !quiet {
        wrong.push("no block in which it is not found".to_owned());
    }
    (page, wrong)
}

fn render(outcome: &Outcome) -> String {
    let style = lab_source::diagnostic::TextStyle::default();
    let text = lab_source::diagnostic::render_text(&outcome.files, &outcome.findings, &style);
    format!("{}\n", text.trim_end())
}

#[test]
fn every_page_is_true() {
    let update = std::env::var_os("UPDATE_PAGES").is_some();
    let only = std::env::var("PAGE").ok();
    let mut failures = String::new();
    for rule in lab_check::all().filter(|rule| only.as_deref().is_none_or(|only| rule.code.0 == only)) {
        let (page, wrong) = check_page(rule);
        if update && page != rule.page {
            let path =
                PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules").join(format!("{}.md", rule.code));
            std::fs::write(path, page).expect("the page is writable");
        }
        let remaining =
            wrong.iter().filter(|fault| !(update && fault.contains("the rendered finding differs")));
        for fault in remaining {
            writeln!(failures, "{}: {fault}", rule.code).expect("a string grows");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn codes_are_unique_and_every_page_has_its_rule() {
    let mut codes: Vec<&str> = lab_check::all().map(|rule| rule.code.0).collect();
    codes.sort_unstable();
    let n_rules = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), n_rules, "two rules share a code");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let pages = std::fs::read_dir(folder).expect("the pages are there").flatten();
    let names = pages.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    assert_eq!(pages, codes, "pages and rules belong together");
}
