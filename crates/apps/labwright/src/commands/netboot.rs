//! `labwright netboot`: boots and installs the lab's machines over the network of this one, and what belongs to that.
//!
//! Wiring only: the service is `lab-netboot`, what a lab asks of it is in [`crate::projection::netboot`].

mod explain;
mod fetch;
mod files;
mod permit;
mod place;
mod serve;
mod told;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::{Args, Subcommand};

/// Boot and install the lab's machines over the network: DHCP, TFTP and HTTP for real hardware
///
/// Runs until it is interrupted and says what each machine does. A machine is wiped only after `netboot permit`, and
/// once for each permit. Needs root.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  labwright netboot                         serve the lab around here on the interface that is in one of its networks
  labwright netboot labs/starter --interface eth0 --proxy
                                            beside the DHCP server that is there already
  labwright netboot permit node-1 --wipe    let node-1 install itself once
  labwright netboot permits                 who may
  labwright netboot fetch                   get what `netboot/artefacts.txt` names
  labwright netboot explain node-1          why it does not boot"
)]
pub(crate) struct NetbootArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Subcommand, Debug)]
enum Action {
    Explain(explain::ExplainArgs),
    Fetch(fetch::FetchArgs),
    Permit(permit::PermitArgs),
    Revoke(permit::RevokeArgs),
    Permits(permit::PermitsArgs),
}

/// Serves, or does what belongs to it.
pub(crate) fn run_netboot(args: &NetbootArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    match &args.action {
        None => serve::run_serve(&args.serve, ui),
        Some(Action::Explain(args)) => explain::run_explain(args, ui),
        Some(Action::Fetch(args)) => fetch::run_fetch(args, ui),
        Some(Action::Permit(args)) => permit::run_permit(args, ui),
        Some(Action::Revoke(args)) => permit::run_revoke(args, ui),
        Some(Action::Permits(args)) => permit::run_permits(args, ui),
    }
}

/// How to print what happens or was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON value a line
    Json,
}
