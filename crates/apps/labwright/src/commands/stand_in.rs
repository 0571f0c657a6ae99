//! `labwright stand-in`, hidden: what a rehearsal runs inside a box, to answer for services and to ask for them. Not for people.

use crate::error::CommandError;
use crate::exit::Exit;
use clap::Args;
use lab_rehearse::stand_in::{Duties, serve, watch};
use std::path::PathBuf;

/// Answer for services inside a box, or ask for them
#[derive(Args, Debug)]
pub(crate) struct StandInArgs {
    /// Do the duties in this file until the process is ended
    #[arg(long, value_name = "FILE", conflicts_with = "ask", required_unless_present = "ask")]
    serve: Option<PathBuf>,
    /// A file that says where instances and addresses begin
    #[arg(long, value_name = "FILE", requires = "serve")]
    placement: Option<PathBuf>,
    /// Ask the questions on standard input, again and again until it ends
    #[arg(long)]
    ask: bool,
}

pub(crate) fn run_stand_in(args: &StandInArgs) -> Result<Exit, CommandError> {
    let failed =
        |error: std::io::Error| CommandError::failed("the stand-in cannot do its work").caused_by(error);
    let Some(file) = &args.serve else {
        // The pipe to whoever watches is no terminal, so it is written to past the one way there.
        watch(std::io::stdin().lock(), std::io::stdout()).map_err(failed)?;
        return Ok(Exit::Done);
    };
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let duties = Duties::parse(&text).map_err(|error| CommandError::usage("no duties").caused_by(error))?;
    serve(duties, args.placement.clone()).map_err(failed)?;
    Ok(Exit::Done)
}
