//! `labwright init`: writes the starter lab, a small healthy lab to change into one's own.

use crate::analysis;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a small healthy lab to start from
///
/// Writes only what is not there yet: if one of the files exists, nothing is written.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Where to write it; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// The starter lab: the files of `labs/starter`.
const STARTER: &[(&str, &str)] = &[("lab.yaml", "lab:\n  name: starter\n")];

/// Where the schema goes; hidden, so that it is not taken for a part of the lab.
const SCHEMA: &str = ".labwright/lab.json";

/// Writes the files and says what to do next.
pub(crate) fn run_init(args: &InitArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let files = files();
    let present: Vec<&str> = files
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| args.folder.join(name).symlink_metadata().is_ok())
        .collect();
    if !present.is_empty() {
        let message = format!("{} already has {}", args.folder.display(), present.join(", "));
        return Err(CommandError::refused(message).hint("nothing was written; name another folder"));
    }
    for (name, text) in &files {
        write_new(&args.folder.join(name), text)?;
        ui.data(&format!("{}\n", args.folder.join(name).display()))?;
    }
    let folder = args.folder.display();
    ui.say(&format!(
        "\nA lab of its own. Next:\n  labwright check {folder}\n  labwright show devices {folder}"
    ));
    Ok(Exit::Done)
}

/// Names and texts, with the schema beside the lab and each file pointing at it.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        STARTER.iter().map(|(name, text)| ((*name).to_owned(), with_schema(name, text))).collect();
    files.push((SCHEMA.to_owned(), analysis::schema_text()));
    files
}

/// The text with its modeline, if it has one, pointing at the schema written beside the lab.
fn with_schema(name: &str, text: &str) -> String {
    const MODELINE: &str = "# yaml-language-server: $schema=";
    let up = "../".repeat(name.matches('/').count());
    let line = |line: &str| match line.starts_with(MODELINE) {
        true => format!("{MODELINE}{up}{SCHEMA}\n"),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |source| CommandError::failed(format!("cannot write {}", path.display())).caused_by(source);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modelines_point_at_the_schema_beside_the_lab() {
        let text = "# yaml-language-server: $schema=../../schema/lab.json\na: 1\n";
        assert_eq!(
            with_schema("lab.yaml", text),
            "# yaml-language-server: $schema=.labwright/lab.json\na: 1\n"
        );
        assert_eq!(
            with_schema("network/x.yaml", text),
            "# yaml-language-server: $schema=../.labwright/lab.json\na: 1\n"
        );
    }
}
