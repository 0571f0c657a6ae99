//! `labwright schema`: the JSON Schema of a lab's files, generated from the model.

use crate::analysis;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the JSON Schema of a lab's files, for editors
#[derive(Args, Debug)]
#[command(after_help = "\
An editor with the YAML language server completes and explains every key when a file begins with:
  # yaml-language-server: $schema=PATH-TO-THIS-SCHEMA")]
pub(crate) struct SchemaArgs {
    /// The schema of an overlay's files: nothing is required, and `~` may stand for everything
    #[arg(long)]
    overlay: bool,
}

/// Prints the schema to stdout.
pub(crate) fn run_schema(args: &SchemaArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    ui.data(&analysis::schema_text(args.overlay))?;
    Ok(Exit::Done)
}
