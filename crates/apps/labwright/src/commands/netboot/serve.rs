//! `labwright netboot [LAB]`: chooses the interface, makes sure that nobody is fought, and serves until interrupted.

use super::Format;
use super::place::{Place, PlaceArgs};
use super::told;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::projection::netboot::{self, Projection};
use crate::ui::Ui;
use clap::Args;
use lab_netboot::config::Role;
use lab_netboot::{Interface, Permit, Rival, Service, StartError};
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long another DHCP server may take to answer before it is taken for absent.
const PROBE: Duration = Duration::from_secs(4);

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Serve on this interface; may be given several times. By default the only one that is in a network of the lab
    #[arg(long, value_name = "NAME")]
    interface: Vec<String>,
    /// Stand beside the DHCP server that is there: it gives addresses, we say what to boot
    #[arg(long, conflicts_with = "authoritative")]
    proxy: bool,
    /// Give addresses although another DHCP server is there
    #[arg(long)]
    authoritative: bool,
    /// How to print what happens
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Serves until interrupted.
pub(super) fn run_serve(args: &ServeArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    let interfaces = interfaces(args, &place)?;
    let role = if args.proxy { Role::Proxy } else { Role::Server };
    let projection = place.project(&interfaces, role);
    if role == Role::Server && !args.authoritative {
        no_rivals(&interfaces, &place)?;
    }
    let (sender, events) = channel();
    let service = Service::start(projection.config.clone(), sender).map_err(not_started)?;
    for note in &projection.notes {
        ui.say(&format!("note: {note}"));
    }
    if args.format == Format::Text {
        ui.data(&headline(&projection, &service, role))?;
    }
    for event in events {
        let text = match args.format {
            Format::Text => told::text(&event),
            Format::Json => told::json(&event),
        };
        ui.data(&text)?;
        if ui.is_closed() {
            break;
        }
    }
    Ok(Exit::Done)
}

/// The named interfaces, or the only one that is in a network of the lab.
fn interfaces(args: &ServeArgs, place: &Place) -> Result<Vec<Interface>, CommandError> {
    let all = lab_netboot::interfaces()
        .map_err(|error| CommandError::failed("the interfaces cannot be listed").caused_by(error))?;
    let is_inside = |interface: &&Interface| netboot::is_inside(&place.lab, interface.address.addr());
    let networks = || format!("the lab's networks are {}", netboot::networks(&place.lab).join(", "));
    if args.interface.is_empty() {
        let mut inside: BTreeMap<String, Interface> = BTreeMap::new();
        for interface in all.iter().filter(is_inside) {
            inside.entry(interface.name.clone()).or_insert_with(|| interface.clone());
        }
        return match inside.len() {
            0 => Err(CommandError::refused("no interface of this machine is in a network of the lab")
                .hint(networks())),
            1 => Ok(inside.into_values().collect()),
            _ => {
                let names: Vec<String> = inside.into_keys().collect();
                Err(CommandError::usage(format!(
                    "several interfaces are in networks of the lab: {}",
                    names.join(", ")
                ))
                .hint("say which with --interface"))
            }
        };
    }
    let one = |name: &String| {
        let own: Vec<&Interface> = all.iter().filter(|interface| interface.name == *name).collect();
        match own.iter().find(|interface| is_inside(interface)) {
            Some(interface) => Ok((*interface).clone()),
            None if own.is_empty() => Err(CommandError::usage(format!(
                "there is no interface `{name}` that is up and has an IPv4 address"
            ))),
            None => {
                let error = format!("interface `{name}` ({}) is in no network of the lab", own[0].address);
                Err(CommandError::refused(error).hint(networks()))
            }
        }
    };
    args.interface.iter().map(one).collect()
}

/// Refuses to give addresses where somebody else does.
fn no_rivals(interfaces: &[Interface], place: &Place) -> Result<(), CommandError> {
    for interface in interfaces {
        let rivals = lab_netboot::rivals(None, &interface.name, PROBE).map_err(|error| {
            CommandError::failed(format!("cannot find out whether `{}` has a DHCP server", interface.name))
                .caused_by(error)
                .hint("--proxy stands beside the server that is there, --authoritative serves whatever is there")
        })?;
        if rivals.is_empty() {
            continue;
        }
        let words = |rival: &Rival| {
            let who = netboot::who_has(&place.lab, rival.address);
            let who = who.map(|who| format!(" ({who} of the lab)")).unwrap_or_default();
            format!("{}{who}, which offers {}", rival.address, rival.offered)
        };
        let names: Vec<String> = rivals.iter().map(words).collect();
        return Err(CommandError::refused(format!(
            "another DHCP server answers on `{}`: {}",
            interface.name,
            names.join("; ")
        ))
        .hint("--proxy stands beside it: it gives the addresses, we say what to boot")
        .hint("--authoritative serves all the same; two servers that know nothing of each other give out the same address twice"));
    }
    Ok(())
}

fn not_started(error: StartError) -> CommandError {
    let is_right = |source: &std::io::Error| source.kind() == std::io::ErrorKind::PermissionDenied;
    let hint = match &error {
        StartError::Socket { source, .. } if is_right(source) => Some("run it as root".to_owned()),
        StartError::State(source) if is_right(source) => {
            Some("run it as root, or say another folder with --state".to_owned())
        }
        StartError::Socket { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
            Some("another program has the port; `ss -lunp` and `ss -ltnp` say which".to_owned())
        }
        StartError::Config(faults) => {
            Some(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        _ => None,
    };
    let failed = CommandError::failed("the netboot service cannot start").caused_by(error);
    match hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

fn headline(projection: &Projection, service: &Service, role: Role) -> String {
    let mut text = String::new();
    for segment in &projection.config.segments {
        let on = segment.interface.as_ref().map_or("by relay".to_owned(), |name| format!("on {name}"));
        let what = match role {
            Role::Server => "addresses and boot files",
            Role::Proxy => "boot files beside another DHCP server",
        };
        text.push_str(&format!("{} {on} from {}: {what}\n", segment.network, segment.server));
    }
    let open = |name: &&String| matches!(service.permit(name), Permit::Open { .. });
    let permits: Vec<&str> = projection.installs.keys().filter(open).map(String::as_str).collect();
    let permits = if permits.is_empty() { "none".to_owned() } else { permits.join(", ") };
    let count = projection.config.machines.len();
    text.push_str(&format!("{count} machines known; may install: {permits}. Times are UTC, Ctrl-C ends.\n"));
    text
}
