//! The verbs: one file each, with `<Verb>Args` (its comments are the help) and `run_<verb>`.
//!
//! A verb turns arguments into calls of the libraries and their answers into text. It holds no knowledge of labs.

mod check;
mod check_watch;
mod completions;
mod explain;
mod init;
mod reference;
mod schema;
mod show;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Subcommand;

/// Every verb. The order is that of `--help`: a lab's life. Verbs that bring a lab up stand after `Show`.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Show(show::ShowArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    #[command(hide = true)]
    Reference(reference::ReferenceArgs),
}

/// Runs a verb.
pub(crate) fn run(command: &Command, ui: &mut Ui) -> Result<Exit, CommandError> {
    match command {
        Command::Init(args) => init::run_init(args, ui),
        Command::Check(args) => check::run_check(args, ui),
        Command::Show(args) => show::run_show(args, ui),
        Command::Explain(args) => explain::run_explain(args, ui),
        Command::Schema(args) => schema::run_schema(args, ui),
        Command::Completions(args) => completions::run_completions(args, ui),
        Command::Reference(args) => reference::run_reference(args, ui),
    }
}
