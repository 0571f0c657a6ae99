//! The examples on the pages: the one under "Example" is told under the page's code, the one under "How to fix" is not.

use super::*;
use lab_source::Severity;

/// The text of the YAML block below a heading.
fn block<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let section = page.split_once(&format!("\n## {heading}\n"))?.1;
    let section = section.split("\n## ").next()?;
    section.split_once("```yaml\n")?.1.split_once("```").map(|(block, _)| block)
}

/// The codes found in a block, with severities. A line `# file: NAME` begins another file than `lab.yaml`.
fn found(block: &str) -> Vec<(&'static str, Severity)> {
    let block = format!("# file: lab.yaml\n{block}");
    let files = block.split("# file: ").filter_map(|part| part.split_once('\n'));
    let files: Vec<lab_source::Input> =
        files.map(|(name, text)| lab_source::Input { name: name.to_owned(), bytes: text.into() }).collect();
    let mut overlays: Vec<String> =
        files.iter().filter_map(|file| lab_source::lab::overlay_of(&file.name)).map(str::to_owned).collect();
    overlays.dedup();
    let reading = lab_model::read(lab_model::Input { files, overlays, types: &() });
    reading.diagnostics.iter().map(|finding| (finding.code.0, finding.severity)).collect()
}

#[test]
fn examples_are_true() {
    let mut n_examples = 0;
    for (code, text) in MANUAL {
        assert!(text.starts_with(&format!("# {code}\n")), "{code}: the page begins with another title");
        if let Some(example) = block(text, "Example") {
            n_examples += 1;
            let found = found(example);
            assert!(found.iter().any(|(other, _)| other == code), "{code}: the example is told as {found:?}");
        }
        if let Some(mended) = block(text, "How to fix") {
            let found = found(mended);
            assert!(found.is_empty(), "{code}: the mended example is told as {found:?}");
        }
    }
    assert!(n_examples > 10, "{n_examples} examples were found");
}
