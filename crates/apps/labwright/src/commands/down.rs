//! `labwright down`: takes a box away, or all of them.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::{BoxDirs, DownError, StateError};

/// Take the box down: its machines, its networks, its files
///
/// What is not there is no failure. The image that machines are installed with stays in the cache.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright down               the box of the lab around this folder, or the only one
  labwright down labs/starter
  labwright down --box starter
  labwright down --all        whatever any run has left on this machine")]
pub(crate) struct DownArgs {
    #[command(flatten)]
    which: BoxArgs,
    /// Every box on this machine
    #[arg(long, conflicts_with_all = ["lab", "name"])]
    all: bool,
}

/// Removes the box. One that is not there is no failure.
pub(crate) fn run_down(args: &DownArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    if args.all {
        return all_down(&dirs, ui);
    }
    let Some(id) = args.which.find_or_none(&dirs)? else {
        ui.say("there is no box");
        return Ok(Exit::Done);
    };
    let removed = lab_box::down(&dirs, &id).map_err(|error| failed(&id, error))?;
    if removed.is_nothing() {
        ui.say(&format!("there is no box `{id}`"));
        let others: Vec<String> = dirs.boxes();
        if !others.is_empty() {
            ui.say(&format!("what is up: {}", others.join(", ")));
        }
    } else {
        ui.say(&format!("box `{id}` is gone: {} processes ended", removed.processes));
    }
    Ok(Exit::Done)
}

/// Removes every box; one that cannot be removed does not keep the others.
fn all_down(dirs: &BoxDirs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let boxes = dirs.boxes();
    if boxes.is_empty() {
        ui.say("there is no box");
    }
    let mut first_error = None;
    for id in boxes {
        match lab_box::down(dirs, &id) {
            Ok(removed) => ui.say(&format!("box `{id}` is gone: {} processes ended", removed.processes)),
            Err(error) => {
                ui.say(&format!("box `{id}`: {error}"));
                first_error.get_or_insert(failed(&id, error));
            }
        }
    }
    first_error.map_or(Ok(Exit::Done), Err)
}

fn failed(id: &str, error: DownError) -> CommandError {
    match error {
        DownError::State(StateError::Busy { .. }) => CommandError::refused("nothing was changed")
            .caused_by(error)
            .hint("stop that run first (Ctrl-C where it runs), then take the box down"),
        other => CommandError::failed(format!("box `{id}` cannot be removed completely")).caused_by(other),
    }
}
