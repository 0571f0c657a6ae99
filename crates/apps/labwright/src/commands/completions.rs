//! `labwright completions`: completion scripts for shells, generated from the arguments.

use crate::cli::Cli;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::{Args, CommandFactory};

/// Print a completion script for a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright completions bash > ~/.local/share/bash-completion/completions/labwright
  labwright completions zsh > ~/.zfunc/_labwright
  labwright completions fish > ~/.config/fish/completions/labwright.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the script to stdout.
pub(crate) fn run_completions(args: &CompletionsArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "labwright", &mut script);
    ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
