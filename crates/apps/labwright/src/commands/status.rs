//! `labwright status`: what the box is doing now.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::{BoxDirs, Stage, Status};

/// Show which machines of the box run and how far they are
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright status               the box of the lab around this folder, or the only one
  labwright status labs/starter
  labwright status --format json")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    which: BoxArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = StatusFormat::Text)]
    format: StatusFormat,
}

/// How to print it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum StatusFormat {
    /// A table
    Text,
    /// One JSON document
    Json,
}

/// Prints the state of the box.
pub(crate) fn run_status(args: &StatusArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let status = lab_box::status(&dirs, &id)
        .map_err(|error| CommandError::usage("the box cannot be looked at").caused_by(error))?;
    ui.data(&match args.format {
        StatusFormat::Text => table(&status),
        StatusFormat::Json => json(&status),
    })?;
    Ok(Exit::Done)
}

fn state(status: &Status) -> &'static str {
    match (status.complete, status.in_progress) {
        (true, _) => "up",
        (false, true) => "coming up",
        (false, false) => "left half made by a run that ended; `labwright down` removes it",
    }
}

fn words(stage: Option<&Stage>) -> String {
    stage.map_or_else(|| "nothing yet".to_owned(), Stage::to_string)
}

fn table(status: &Status) -> String {
    let width = status.machines.iter().map(|machine| machine.name.len()).max().unwrap_or(0).max(7);
    let mut text = format!("box {}: {}\n", status.id, state(status));
    text.push_str(&format!("{:width$}  {:15}  {:10}  last said\n", "machine", "address", "power"));
    for machine in &status.machines {
        let address = match machine.address {
            none if none.is_unspecified() => "-".to_owned(),
            some => some.to_string(),
        };
        // A namespace has no serial line on which it could say anything.
        let said = if machine.power == "namespace" { "-".to_owned() } else { words(machine.stage.as_ref()) };
        text.push_str(&format!("{:width$}  {address:15}  {:10}  {said}\n", machine.name, machine.power));
    }
    text
}

fn json(status: &Status) -> String {
    let machines: Vec<_> = status
        .machines
        .iter()
        .map(|machine| {
            serde_json::json!({
                "name": machine.name,
                "hostname": machine.hostname,
                "address": machine.address.to_string(),
                "power": machine.power,
                "stage": machine.stage.as_ref().map(Stage::word),
            })
        })
        .collect();
    let value = serde_json::json!({
        "version": 1,
        "box": status.id,
        "namespace": status.namespace,
        "complete": status.complete,
        "in_progress": status.in_progress,
        "machines": machines,
    });
    format!("{value:#}\n")
}
