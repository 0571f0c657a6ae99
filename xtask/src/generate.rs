//! `cargo xtask generate`: writes what the program says about itself into the repository. Tests of `labwright` hold it fresh.

use std::path::Path;
use std::process::Command;

/// Each generated file with the arguments that print it.
const GENERATED: [(&str, &[&str]); 7] = [
    ("schema/lab.json", &["schema"]),
    ("schema/overlay.json", &["schema", "--overlay"]),
    ("docs/generated/cli.md", &["reference", "cli"]),
    ("docs/generated/labwright.1", &["reference", "man"]),
    ("docs/generated/codes.md", &["reference", "codes"]),
    ("docs/generated/format.md", &["reference", "format"]),
    ("docs/generated/starter.svg", &["show", "overview", "labs/starter", "--format", "svg"]),
];

/// Writes the files that changed. False if the program does not build or run.
pub(crate) fn run(root: &Path) -> bool {
    GENERATED.iter().all(|(file, args)| match print(root, args) {
        Some(text) => write(&root.join(file), file, &text),
        None => {
            eprintln!("labwright {} failed", args.join(" "));
            false
        }
    })
}

fn print(root: &Path, args: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(["run", "--quiet", "--package", "labwright", "--"]).args(args);
    let output = command.stderr(std::process::Stdio::inherit()).output().ok()?;
    output.status.success().then_some(output.stdout)
}

fn write(path: &Path, shown: &str, text: &[u8]) -> bool {
    if std::fs::read(path).is_ok_and(|present| present == text) {
        return true;
    }
    let folder = path.parent().expect("a generated file stands in a folder");
    match std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text)) {
        Ok(()) => {
            println!("wrote {shown}");
            true
        }
        Err(error) => {
            eprintln!("cannot write {shown}: {error}");
            false
        }
    }
}
