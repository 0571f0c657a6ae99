//! The labwright command: reads the arguments, runs one verb, ends with its exit code.
//!
//! Wiring only: what a lab is, whether it is sound and how it is drawn are questions for the crates above this one.
//! A new verb is a file in `commands/` and a line in [`commands::Command`].

mod analysis;
mod cli;
mod commands;
mod difference;
mod error;
mod exit;
mod input;
mod interrupting;
mod pages;
mod projection;
mod settings;
mod ui;
mod watching;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return report_usage(&error),
    };
    let mut ui = ui::Ui::new(cli.global.color, cli.global.quiet);
    let result = enter(&cli.global).and_then(|()| commands::run(&cli.command, &mut ui));
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            ui.error(&error);
            error.exit().into()
        }
    }
}

/// Help and version go to stdout and are a success, every other answer of the parser to stderr.
fn report_usage(error: &clap::Error) -> ExitCode {
    // Help that nobody reads any more is no failure.
    let _ = error.print();
    if error.use_stderr() { exit::Exit::Usage.into() } else { exit::Exit::Done.into() }
}

/// Goes to the folder of `-C` before anything is read, as Git and Make do.
fn enter(global: &cli::GlobalArgs) -> Result<(), error::CommandError> {
    let Some(directory) = &global.directory else { return Ok(()) };
    std::env::set_current_dir(directory).map_err(|source| {
        error::CommandError::usage(format!("cannot enter the folder {}", directory.display()))
            .caused_by(source)
    })
}
