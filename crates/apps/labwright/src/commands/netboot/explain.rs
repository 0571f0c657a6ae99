//! `labwright netboot explain`: what a machine sent, what it was answered, where it stopped and what to do.
//!
//! Reads what the service has written down; it works while that runs and after it has ended.

use super::Format;
use super::place::{Place, PlaceArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_netboot::config::{Machine, Role};
use lab_netboot::doctor::{Diagnosis, Patient, diagnose};
use lab_netboot::history::{self, Remembered};
use lab_netboot::timeline::{Entry, Fact};
use lab_netboot::{Config, Mac};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::SystemTime;

/// Lines of the timeline that are shown when not all are asked for.
const SHOWN: usize = 40;

/// Explain why a machine does not boot: its packets, where it stopped, what that means, what to do
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright netboot explain node-1
  labwright netboot explain 52:54:00:12:34:56 labs/starter")]
pub(super) struct ExplainArgs {
    /// A host of the lab, or the address of a network card
    who: String,
    #[command(flatten)]
    place: PlaceArgs,
    /// Show the whole timeline
    #[arg(long)]
    all: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Explains one machine.
pub(super) fn run_explain(args: &ExplainArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let place = Place::of(&args.place, ui)?;
    let config = place.project(&[], Role::Server).config;
    let remembered = history::read(&place.state)
        .map_err(|error| CommandError::failed("what happened cannot be read").caused_by(error))?;
    let (mac, machine) = who(args, &place, &config)?;
    let is_its = |one: &&Remembered| match (one.mac, machine) {
        (Some(card), Some(machine)) => machine.macs.contains(&card),
        (card, None) => card.is_some() && card == mac,
        (None, Some(_)) => false,
    };
    let entries: Vec<Entry> = remembered.iter().filter(is_its).map(|one| one.entry.clone()).collect();
    let patient = Patient {
        config: &config,
        machine,
        mac,
        permit: machine.map(|machine| permit(&place, &machine.name)).unwrap_or_default(),
        entries: &entries,
        strangers: &strangers(&remembered, &config),
        rivals: &rivals(&remembered),
        now: SystemTime::now(),
    };
    let diagnosis = diagnose(&patient);
    let name = machine.map_or_else(|| args.who.clone(), |machine| machine.name.clone());
    let shown = if args.all { &entries[..] } else { &entries[entries.len().saturating_sub(SHOWN)..] };
    ui.data(&match args.format {
        Format::Text => text(&name, &patient, shown, &diagnosis),
        Format::Json => json_of(&name, &patient, &diagnosis),
    })?;
    Ok(Exit::Done)
}

/// The card and the machine that are asked about.
fn who<'a>(
    args: &ExplainArgs,
    place: &Place,
    config: &'a Config,
) -> Result<(Option<Mac>, Option<&'a Machine>), CommandError> {
    if let Ok(mac) = args.who.parse::<Mac>() {
        return Ok((Some(mac), config.machine_with(mac)));
    }
    if let Some(machine) = config.machines.iter().find(|machine| machine.name == args.who) {
        return Ok((machine.macs.first().copied(), Some(machine)));
    }
    place.known(&args.who)?;
    Err(CommandError::usage(format!("the lab knows no network card of `{}`", args.who))
        .hint("give its interface a `mac` in the lab, or ask about the card's address"))
}

/// A permit that cannot be read is as good as none here.
fn permit(place: &Place, machine: &str) -> lab_netboot::Permit {
    let permits = super::permit::permits(place).unwrap_or_default();
    permits.iter().find(|(name, _)| name == machine).map(|(_, permit)| *permit).unwrap_or_default()
}

fn strangers(remembered: &[Remembered], config: &Config) -> Vec<Mac> {
    let macs: BTreeSet<Mac> = remembered.iter().filter_map(|one| one.mac).collect();
    macs.into_iter().filter(|mac| config.machine_with(*mac).is_none()).collect()
}

fn rivals(remembered: &[Remembered]) -> Vec<Ipv4Addr> {
    let rival = |one: &Remembered| match one.entry.fact {
        Fact::Rival { address, .. } => Some(address),
        _ => None,
    };
    remembered.iter().filter_map(rival).collect::<BTreeSet<_>>().into_iter().collect()
}

fn time(at: SystemTime) -> Option<jiff::Timestamp> {
    jiff::Timestamp::try_from(at).ok()
}

fn text(name: &str, patient: &Patient<'_>, shown: &[Entry], diagnosis: &Diagnosis) -> String {
    let cards = |machine: &Machine| machine.macs.iter().map(Mac::to_string).collect::<Vec<_>>().join(", ");
    let cards = patient.machine.map_or_else(|| "not a machine of the lab".to_owned(), cards);
    let mut text = format!("{name} ({cards})\n");
    let left_out = patient.entries.len() - shown.len();
    if left_out > 0 {
        text.push_str(&format!("  ... {left_out} earlier lines; --all shows them\n"));
    }
    let mut day = String::new();
    for entry in shown {
        let Some(at) = time(entry.at) else { continue };
        let today = at.strftime("%Y-%m-%d").to_string();
        if today != day {
            text.push_str(&format!("  {today} (UTC)\n"));
            day = today;
        }
        text.push_str(&format!("  {}  {}\n", at.strftime("%H:%M:%S%.3f"), entry.fact));
    }
    text.push_str(&format!("\n{}\n", diagnosis.sentence));
    if diagnosis.is_fresh {
        text.push_str("That was only moments ago; it may simply go on.\n");
    }
    for (at, cause) in diagnosis.causes.iter().enumerate() {
        text.push_str(&format!("\n{}. {}\n   {}\n", at + 1, cause.meaning, cause.todo));
    }
    text
}

fn json_of(name: &str, patient: &Patient<'_>, diagnosis: &Diagnosis) -> String {
    let entries: Vec<_> = patient
        .entries
        .iter()
        .map(|entry| json!({ "at": time(entry.at).map(|at| at.to_string()), "text": entry.fact.to_string() }))
        .collect();
    let causes: Vec<_> = diagnosis
        .causes
        .iter()
        .map(|cause| json!({ "meaning": cause.meaning, "todo": cause.todo }))
        .collect();
    let value = json!({
        "version": 1,
        "machine": patient.machine.map(|_| name),
        "mac": patient.mac.map(|mac| mac.to_string()),
        "timeline": entries,
        "stop": diagnosis.stop.word(),
        "sentence": diagnosis.sentence,
        "going_on": diagnosis.is_fresh,
        "causes": causes,
        "rivals": patient.rivals,
    });
    format!("{value}\n")
}
