//! `labwright show`: what the lab holds, as tables, data and pictures.

use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;

/// Show a part of the lab
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// What to show
    view: String,
    #[command(flatten)]
    lab: LabArgs,
}

/// Prints the view to stdout.
pub(crate) fn run_show(args: &ShowArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let input = input::load(&args.lab)?;
    ui.warn(&format!("nothing to show of {} files yet", input.files.len()));
    Err(CommandError::usage(format!("there is no view `{}`", args.view)))
}
