//! `labwright netboot permit`, `revoke`, `permits`: who may install itself, which wipes a disk.
//!
//! A running service is asked by its socket; without one the book of permits in the state folder is written itself.

use super::Format;
use super::place::{Place, PlaceArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::projection::netboot::Target;
use crate::ui::Ui;
use clap::Args;
use lab_netboot::config::Role;
use lab_netboot::control::{self, Reply, Request};
use lab_netboot::permit::Change;
use lab_netboot::{Permit, PermitBook};
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};

/// Let a host install itself once, which wipes its disk
#[derive(Args, Debug)]
pub(super) struct PermitArgs {
    /// The host
    host: String,
    /// Say that its disk may be wiped; nothing is permitted without it
    #[arg(long)]
    wipe: bool,
    /// Do not ask for the host's name once more
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Take back what `permit` allowed
#[derive(Args, Debug)]
pub(super) struct RevokeArgs {
    /// The host
    host: String,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Show which hosts may install themselves
#[derive(Args, Debug)]
pub(super) struct PermitsArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Opens a permit.
pub(super) fn run_permit(args: &PermitArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    place.known(&args.host)?;
    let host = &args.host;
    let target = install_of(&place, host)
        .map_err(|why| CommandError::refused(format!("`{host}` cannot be installed: {why}")))?;
    if !args.wipe {
        return Err(CommandError::refused(format!("installing `{host}` wipes {target}"))
            .hint("`--wipe` says that this is meant"));
    }
    if !args.yes {
        confirm(host, &target)?;
    }
    change(&place, Change::Open(host.clone()))?;
    ui.say(&format!(
        "{host} may install itself once, the next time it boots over the network; that wipes {target}"
    ));
    Ok(Exit::Done)
}

/// Closes a permit.
pub(super) fn run_revoke(args: &RevokeArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    place.known(&args.host)?;
    change(&place, Change::Close(args.host.clone()))?;
    ui.say(&format!("{} may not install itself", args.host));
    Ok(Exit::Done)
}

/// Shows all permits.
pub(super) fn run_permits(args: &PermitsArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    let permits = permits(&place)?;
    let projection = place.project(&[], Role::Server);
    for (host, install) in &projection.installs {
        let of = |(name, permit): &(String, Permit)| (name == host).then_some(*permit);
        let permit = permits.iter().find_map(of).unwrap_or_default();
        let line = match args.format {
            Format::Text => {
                let wipes = match install {
                    Ok(target) => format!("an installation wipes {target}"),
                    Err(why) => format!("cannot be installed: {why}"),
                };
                format!("{host:16}  {:28}  {wipes}\n", words(permit))
            }
            Format::Json => {
                let (word, handed) = match permit {
                    Permit::Never => ("never", 0),
                    Permit::Open { handed } => ("open", handed),
                    Permit::Closed => ("closed", 0),
                };
                let value = json!({
                    "version": 1, "host": host, "permit": word, "handed": handed,
                    "wipes": install.as_ref().ok().map(ToString::to_string),
                    "why_not": install.as_ref().err(),
                });
                format!("{value}\n")
            }
        };
        ui.data(&line)?;
    }
    Ok(Exit::Done)
}

/// What installing a host wipes, or why it cannot be installed.
fn install_of(place: &Place, host: &str) -> Result<Target, String> {
    let mut installs = place.project(&[], Role::Server).installs;
    installs.remove(host).unwrap_or_else(|| Err("the lab does not describe it far enough".into()))
}

fn words(permit: Permit) -> String {
    match permit {
        Permit::Never => "no permit".into(),
        Permit::Open { handed: 0 } => "may install".into(),
        Permit::Open { handed } => format!("may install, handed out {handed} x"),
        Permit::Closed => "permit used or revoked".into(),
    }
}

/// Asks for the host's name. A pipe cannot know what it agrees to.
fn confirm(host: &str, target: &Target) -> Result<(), CommandError> {
    let refused = CommandError::refused("nothing was permitted");
    if !io::stdin().is_terminal() {
        return Err(refused.hint("there is no terminal to ask at; `--yes` permits without asking"));
    }
    let mut err = io::stderr();
    let asked = write!(err, "Installing {host} wipes {target}.\nType the host's name to permit that: ");
    let mut line = String::new();
    let read = asked.and_then(|()| err.flush()).and_then(|()| io::stdin().lock().read_line(&mut line));
    match read {
        Ok(_) if line.trim() == host => Ok(()),
        Ok(_) => Err(refused.hint(format!("that was not `{host}`"))),
        Err(error) => Err(refused.caused_by(error)),
    }
}

/// Through the running service, or in the book when none runs.
fn change(place: &Place, change: Change) -> Result<(), CommandError> {
    let failed = || CommandError::failed("the permit was not changed");
    let request = match &change {
        Change::Open(machine) => Request::Open(machine.clone()),
        Change::Close(machine) | Change::Handed(machine) => Request::Close(machine.clone()),
    };
    match control::ask(&place.state, &request).map_err(|error| failed().caused_by(error))? {
        Some(Reply::Failed(why)) => Err(failed()
            .caused_by(io::Error::other(why))
            .hint("a service that was started before the lab was changed knows the old lab; start it again")),
        Some(_) => Ok(()),
        None => {
            let make = std::fs::create_dir_all(&place.state);
            make.map_err(|error| failed().caused_by(error).hint("run it as root, or use --state"))?;
            let (mut book, _) = PermitBook::open(&place.state).map_err(|error| failed().caused_by(error))?;
            book.change(&change).map_err(|error| failed().caused_by(error))
        }
    }
}

pub(super) fn permits(place: &Place) -> Result<Vec<(String, Permit)>, CommandError> {
    let failed = || CommandError::failed("the permits cannot be read");
    match control::ask(&place.state, &Request::List).map_err(|error| failed().caused_by(error))? {
        Some(Reply::Permits(permits)) => Ok(permits),
        Some(other) => Err(failed().caused_by(io::Error::other(format!("{other:?}")))),
        None if !place.state.exists() => Ok(Vec::new()),
        None => {
            let (book, _) = PermitBook::open(&place.state).map_err(|error| failed().caused_by(error))?;
            Ok(book.permits().iter().map(|(name, permit)| (name.to_owned(), permit)).collect())
        }
    }
}
