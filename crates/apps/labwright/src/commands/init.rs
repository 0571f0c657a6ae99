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
/// Overwrites nothing: if one of the files exists, none is written. Only a `README.md` that is there is left alone.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Where to write it; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

macro_rules! starter {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../../labs/starter/", $name)))),*]
    };
}

/// The starter lab: the files of `labs/starter`.
const STARTER: &[(&str, &str)] = starter! {
    "lab.yaml"
    "README.md"
    "compute.yaml"
    "hardware.yaml"
    "network.yaml"
    "promises.yaml"
    "services.yaml"
    "storage.yaml"
};

const README: &str = "README.md";

/// Where the schema goes; hidden, so that it is not taken for a part of the lab.
const SCHEMA: &str = ".labwright/lab.json";

/// The schema for files of overlays that are written later.
const OVERLAY_SCHEMA: &str = ".labwright/overlay.json";

/// Writes the files and says what to do next.
pub(crate) fn run_init(args: &InitArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let mut files = files();
    // A new repository often has a README already; the lab does not need this one.
    files.retain(|(name, _)| name != README || !args.folder.join(name).exists());
    let present: Vec<&str> = files
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| args.folder.join(name).symlink_metadata().is_ok())
        .collect();
    if !present.is_empty() {
        let folder =
            if args.folder == Path::new(".") { "this folder".into() } else { args.folder.to_string_lossy() };
        let message = format!("{folder} already has {}", present.join(", "));
        return Err(CommandError::refused(message).hint("nothing was written; name another folder"));
    }
    for (at, (name, text)) in files.iter().enumerate() {
        if let Err(error) = write_new(&args.folder.join(name), text) {
            // Half a lab would be in the way of the next try. None of these files was there before.
            for (name, _) in &files[..at] {
                let _ = fs::remove_file(args.folder.join(name));
            }
            return Err(error.hint("what was written so far was removed again"));
        }
        ui.data(&format!("{}\n", args.folder.join(name).display()))?;
    }
    let folder = shown(&args.folder);
    ui.say(&format!(
        "\n{} files written. Next:\n  labwright check{folder}           is it sound\n  \
         labwright show devices{folder}    what is in it\nThen change one device at a time into yours; \
         `labwright check --watch{folder}` tells at each save.",
        files.len()
    ));
    Ok(Exit::Done)
}

/// Names and texts, with the schema beside the lab and each file pointing at it.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        STARTER.iter().map(|(name, text)| ((*name).to_owned(), with_schema(name, text))).collect();
    files.push((SCHEMA.to_owned(), analysis::schema_text(false)));
    files.push((OVERLAY_SCHEMA.to_owned(), analysis::schema_text(true)));
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

/// The folder as an argument of the next command; nothing when one stands in it.
fn shown(folder: &Path) -> String {
    if folder == Path::new(".") { String::new() } else { format!(" {}", folder.display()) }
}

fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |source| CommandError::failed(format!("cannot write {}", path.display())).caused_by(source);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(|source| {
        // Ours, since it was made just now.
        let _ = fs::remove_file(path);
        failed(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_starter_lab_is_written() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs/starter");
        let mut present: Vec<String> = walk(&folder, "");
        present.sort();
        let mut written: Vec<&str> = STARTER.iter().map(|(name, _)| *name).collect();
        written.sort_unstable();
        assert_eq!(written, present);
    }

    fn walk(folder: &Path, name: &str) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let names = entries.flat_map(|path| {
            let name = format!("{name}{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() { walk(&path, &format!("{name}/")) } else { vec![name] }
        });
        names.collect()
    }

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
