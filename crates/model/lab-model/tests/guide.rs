//! The examples of the guide to the format are labs that read without a finding.

use lab_model::{Input, read};

const GUIDE: &str = include_str!("../../../../docs/format.md");

#[test]
fn every_example_of_the_guide_reads() {
    let blocks: Vec<&str> = GUIDE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block))
        .collect();
    assert!(blocks.len() >= 6, "the guide has examples");
    for block in blocks {
        let head = if block.contains("lab:\n") { "" } else { "lab: { name: guide }\n" };
        let bytes = format!("{head}{block}").into_bytes();
        let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes };
        let reading = read(Input { files: vec![file], overlays: Vec::new(), types: &() });
        let findings: Vec<String> = reading
            .diagnostics
            .iter()
            .map(|finding| format!("{}: {}", finding.code, finding.message))
            .collect();
        assert_eq!(findings, Vec::<String>::new(), "{block}");
    }
}
