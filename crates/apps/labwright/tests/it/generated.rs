//! The generated files are what the binary prints. `cargo xtask generate` writes them.

use crate::lab::{Run, labwright};

#[test]
fn generated_files_are_fresh() {
    for (file, args) in [
        ("schema/lab.json", vec!["schema"]),
        ("schema/overlay.json", vec!["schema", "--overlay"]),
        ("docs/generated/cli.md", vec!["reference", "cli"]),
        ("docs/generated/labwright.1", vec!["reference", "man"]),
        ("docs/generated/codes.md", vec!["reference", "codes"]),
        ("docs/generated/format.md", vec!["reference", "format"]),
        ("docs/generated/starter.svg", vec!["show", "overview", "labs/starter", "--format", "svg"]),
    ] {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../");
        let path = root.to_owned() + file;
        let present = std::fs::read_to_string(path).unwrap_or_default();
        let printed = Run::of(labwright().current_dir(root).args(&args).output().unwrap()).stdout;
        let differs = present.lines().zip(printed.lines()).find(|(present, printed)| present != printed);
        assert!(
            present == printed,
            "{file} is stale: run `cargo xtask generate`. First difference: {differs:?}"
        );
    }
}
