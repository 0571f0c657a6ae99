//! `labwright logs`: everything that a machine of the box wrote on its serial line.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::BoxDirs;

/// Print what a machine of the box wrote on its serial line
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright logs node-1
  labwright logs node-1 labs/starter")]
pub(crate) struct LogsArgs {
    /// The host, by the name it has in the lab
    host: String,
    #[command(flatten)]
    which: BoxArgs,
}

/// Prints the log, bytes that are not text replaced.
pub(crate) fn run_logs(args: &LogsArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let file = lab_box::logs(&dirs, &id, &args.host)
        .map_err(|error| CommandError::usage("there is no such log").caused_by(error))?;
    let bytes = std::fs::read(&file)
        .map_err(|error| CommandError::failed(format!("cannot read {}", file.display())).caused_by(error))?;
    ui.data(&String::from_utf8_lossy(&bytes))?;
    Ok(Exit::Done)
}
