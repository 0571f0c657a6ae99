//! `labwright render`: the native files of a system of the lab, printed or written into a folder. Nothing is applied.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;
use lab_driver::{Driver, Rendering};
use lab_drivers::DRIVERS;
use lab_model::{Lab, ThingId};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Write the native files of a router or cluster of the lab
///
/// Without a NAME, lists what can be rendered. The files are those that the system itself reads, and useful without Labwright.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright render                           what can be rendered
  labwright render router-1                  all its files, one after the other
  labwright render router-1 --file nftables  one of them
  labwright render router-1 --to out/        as files below out/")]
pub(crate) struct RenderArgs {
    /// What to render, such as a router
    name: Option<String>,
    #[command(flatten)]
    lab: LabArgs,
    /// Which driver, when several know the thing
    #[arg(long, value_name = "DRIVER", value_parser = DRIVERS.iter().map(|driver| driver.name).collect::<Vec<_>>())]
    driver: Option<String>,
    /// Only files with this text in their path
    #[arg(long, value_name = "TEXT")]
    file: Option<String>,
    /// Write the files below this folder; those that differ are replaced, others stay
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Prints or writes the files.
pub(crate) fn run_render(args: &RenderArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let (reading, n_errors) = analysis::read(input::load(&args.lab)?);
    if n_errors > 0 {
        ui.warn(&format!(
            "{n_errors} errors in the lab's files, so parts may be missing; `labwright check` tells them"
        ));
    }
    let Some(name) = &args.name else {
        ui.data(&list(&reading.lab))?;
        return Ok(Exit::Done);
    };
    let (driver, thing) = find(&reading.lab, name, args.driver.as_deref())?;
    let mut rendering = (driver.render)(&reading.lab, thing);
    if let Some(part) = &args.file {
        rendering.files.retain(|path, _| path.contains(part.as_str()));
    }
    for note in &rendering.notes {
        ui.warn(note);
    }
    match &args.to {
        Some(folder) => {
            let n_written = write(&rendering, folder)?;
            let n_all = rendering.files.len();
            ui.say(&format!(
                "{n_written} of {n_all} files written below {}, the others were so already",
                folder.display()
            ));
        }
        None => ui.data(&text(&rendering))?,
    }
    Ok(Exit::Done)
}

/// Every thing that a driver knows, a line each.
fn list(lab: &Lab) -> String {
    let mut text = String::new();
    for driver in DRIVERS {
        for thing in (driver.subjects)(lab) {
            text.push_str(&format!(
                "{:24} {:14} {}\n",
                lab.name(thing).to_string(),
                driver.name,
                driver.summary
            ));
        }
    }
    text
}

fn find(lab: &Lab, name: &str, wanted: Option<&str>) -> Result<(&'static Driver, ThingId), CommandError> {
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let drivers = DRIVERS.iter().filter(|driver| wanted.is_none_or(|wanted| wanted == driver.name));
    let mut known: Vec<(&'static Driver, ThingId)> = Vec::new();
    for driver in drivers {
        known.extend((driver.subjects)(lab).into_iter().map(|thing| (driver, thing)));
    }
    let named = known.iter().find(|(_, thing)| &*lab.name(*thing).text == bare);
    named.copied().ok_or_else(|| {
        let names = known.iter().map(|(_, thing)| &*lab.name(*thing).text);
        let near = lab_source::suggest::nearest(bare, names);
        CommandError::usage(format!("there is no `{name}` that can be rendered")).did_you_mean(near)
    })
}

/// All files one after the other; the path of each above it when there are several.
fn text(rendering: &Rendering) -> String {
    let mut text = String::new();
    for (path, file) in &rendering.files {
        if rendering.files.len() > 1 {
            text.push_str(&format!("==> {path} <==\n"));
        }
        text.push_str(&file.text);
        if rendering.files.len() > 1 {
            text.push('\n');
        }
    }
    text
}

/// Writes the files that differ from what is there. Returns how many.
fn write(rendering: &Rendering, folder: &Path) -> Result<usize, CommandError> {
    let mut n_written = 0;
    for (path, file) in &rendering.files {
        let path = folder.join(path);
        if std::fs::read(&path).is_ok_and(|bytes| bytes == file.text.as_bytes()) {
            continue;
        }
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(&path, &file.text)?;
            let mode = if file.executable { 0o755 } else { 0o644 };
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))
        };
        write().map_err(|error| {
            CommandError::failed(format!("cannot write {}", path.display())).caused_by(error)
        })?;
        n_written += 1;
    }
    Ok(n_written)
}
