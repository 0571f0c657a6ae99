//! `labwright ssh`: into a machine of the box, through the box's own network.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::BoxDirs;
use std::os::unix::process::CommandExt;

/// Log in to a machine of the box, or run a command there
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright ssh node-1
  labwright ssh node-1 labs/starter
  labwright ssh node-1 -- ip -br address
  labwright ssh --user admin node-1")]
pub(crate) struct SshArgs {
    /// The host, by the name it has in the lab
    host: String,
    #[command(flatten)]
    which: BoxArgs,
    /// What to run there; a shell when nothing is given
    #[arg(last = true)]
    command: Vec<String>,
    /// Who to be there
    #[arg(long, value_name = "USER", default_value = "root")]
    user: String,
}

/// Becomes ssh; returns only when that fails.
pub(crate) fn run_ssh(args: &SshArgs, _ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let mut ssh = lab_box::login(&dirs, &id, &args.host, &args.user, &args.command)
        .map_err(|error| CommandError::usage("there is nowhere to log in").caused_by(error))?;
    Err(CommandError::failed("cannot start ssh").caused_by(ssh.exec()))
}
