//! `labwright box zones`: the rules of the lab's zones, tried with packets in the box that is up.

use super::failed;
use crate::analysis;
use crate::commands::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;
use lab_box::BoxDirs;
use lab_box::wired::WiredRecord;
use lab_rehearse::zones::{matrix, tally, trials, try_all};

#[derive(Args, Debug)]
pub(super) struct ZonesArgs {
    #[command(flatten)]
    which: BoxArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Format {
    /// Tables that fit the terminal
    Text,
    /// One JSON document
    Json,
}

pub(super) fn run(args: &ZonesArgs, dirs: &BoxDirs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let (reading, _) = analysis::read(input::load(&args.which.lab_of_box(dirs)?)?);
    let (plan, _) = lab_box::project_wired(&reading.lab);
    // What is asked is worked out of the lab; the box must be of it.
    WiredRecord::load(dirs, &plan.id).map_err(|error| failed(&plan.id, error.into()))?;
    let trials = trials(&reading.lab, &plan);
    if trials.trials.is_empty() {
        return Err(CommandError::refused(
            "the lab has no zone with somebody in it, so there is nothing to try",
        ));
    }
    ui.say(&format!("{} packets", trials.trials.len()));
    let seen = try_all(&plan.id, &trials)
        .map_err(|error| CommandError::failed("the box cannot be asked").caused_by(error))?;
    let document = matrix(&format!("{}: zones, tried in the box", plan.id), &trials, &seen);
    ui.data(&match args.format {
        Format::Text => lab_show::render_text(&document, ui.width()),
        Format::Json => lab_show::render_json(&document),
    })?;
    match tally(&trials, &seen, |_| true).against {
        0 => Ok(Exit::Done),
        _ => Ok(Exit::Findings),
    }
}
