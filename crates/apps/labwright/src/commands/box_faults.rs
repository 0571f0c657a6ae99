//! `labwright box`: breaks parts of a wired box and mends them. What a name stands for, and what a power failure takes with it, the
//! description says; this turns both into acts of the box.

mod acts;
mod zones;

use super::box_name::BoxArgs;
use crate::analysis;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::{Args, Subcommand};
use lab_box::BoxDirs;
use lab_box::faults::{self, Act, FaultError};
use lab_box::wired::WiredRecord;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Break parts of a box that `up --wired` made, and mend them
#[derive(Args, Debug)]
pub(crate) struct BoxFaultsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Let things fail: a cable by one of its ends, a switch, router, host, supply, breaker, line, drive, or NODE/PROGRAM
    ///
    /// A power failure takes down exactly what the lab's power tree says, drives of a shelf without power included.
    #[command(after_help = "\
Examples:
  labwright box fail switch-1:1                the cable there, cut: both ends see it
  labwright box fail switch-1:1 --silent       the same, and neither end sees it
  labwright box fail switch-1:1 --loss 5% --delay 20ms   a cable that is bad and long
  labwright box fail pdu-1 router-1/keepalived a power strip, and a program
  labwright box fail nas-1/bay-3 nas-1/bay-4   two drives of a pool
  labwright box fail --scenario friday.txt     what the lines of a file name")]
    Fail(FailArgs),
    /// Mend things, or everything
    Heal(HealArgs),
    /// List what is broken
    Broken(BoxArgs),
    /// Try who may reach whom: from every zone to every kind of address and port that the rules tell apart
    ///
    /// Listeners stand for the time of the trial wherever a packet is sent to. Ends with 3 when a packet does not do what the rules say.
    Zones(zones::ZonesArgs),
}

#[derive(Args, Debug)]
struct FailArgs {
    /// What fails, by the names that `predict --fail` takes, or a node of the box
    #[arg(value_name = "THING", required_unless_present = "scenario")]
    things: Vec<String>,
    /// Cables go silent: they carry nothing, and both ends still see a link
    #[arg(long)]
    silent: bool,
    /// Cables lose frames by chance in each direction, of a hundred, such as 5%
    #[arg(long, value_name = "SHARE", value_parser = percent, conflicts_with = "silent")]
    loss: Option<u8>,
    /// Cables hold every frame back in each direction, such as 20ms
    #[arg(long, value_name = "TIME", value_parser = milliseconds, conflicts_with = "silent")]
    delay: Option<u16>,
    /// What fails, one a line; `silent` before a name makes a cable silent, `#` begins a comment
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
struct HealArgs {
    /// What is mended, as it was named; everything when nothing is named
    #[arg(value_name = "THING")]
    things: Vec<String>,
    #[command(flatten)]
    which: Which,
}

/// The box and the lab that it is of. Both are needed: the lab says what follows from a failure.
#[derive(Args, Debug)]
struct Which {
    /// A folder of the lab that is up; without it the lab around the current folder, else that of the only box there is
    #[arg(long, value_name = "LAB")]
    lab: Option<PathBuf>,
    /// The box by its name, where no lab is at hand
    #[arg(long = "box", value_name = "NAME", conflicts_with = "lab")]
    name: Option<String>,
}

/// Breaks, mends or lists.
pub(crate) fn run_box_faults(args: &BoxFaultsArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    match &args.verb {
        Verb::Fail(args) => fail(args, &dirs, ui),
        Verb::Heal(args) => heal(args, &dirs, ui),
        Verb::Broken(which) => {
            let id = which.find(&dirs)?;
            tell(&faults::in_force(&dirs, &id).map_err(|error| failed(&id, error))?, ui)
        }
        Verb::Zones(args) => zones::run(args, &dirs, ui),
    }
}

fn tell(acts: &BTreeSet<Act>, ui: &mut Ui) -> Result<Exit, CommandError> {
    ui.data(&acts.iter().map(|act| format!("{act}\n")).collect::<String>())?;
    Ok(Exit::Done)
}

fn failed(id: &str, error: FaultError) -> CommandError {
    match error {
        FaultError::State(_) => CommandError::usage(format!("box `{id}` is no wired box that is up"))
            .caused_by(error)
            .hint("`labwright up --wired LAB` makes one"),
        FaultError::Unknown { .. } => CommandError::usage("nothing was changed").caused_by(error),
        other => CommandError::failed("the box is not as it was meant to be").caused_by(other),
    }
}

/// What becomes of cables that fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// Both ends see that the link is down.
    Cut,
    /// Both ends see a link.
    Silent,
    /// Frames are lost, of a hundred, or held back, in milliseconds.
    Bad { loss: Option<u8>, delay: Option<u16> },
}

fn percent(text: &str) -> Result<u8, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    number.filter(|percent| (1..=100).contains(percent)).ok_or_else(|| "1% to 100%".to_owned())
}

fn milliseconds(text: &str) -> Result<u16, String> {
    let number = text.trim_end_matches("ms").trim().parse().ok();
    number.filter(|ms| (1..=10_000).contains(ms)).ok_or_else(|| "1ms to 10000ms".to_owned())
}

fn fail(args: &FailArgs, dirs: &BoxDirs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let way = match (args.loss, args.delay) {
        (None, None) if args.silent => Way::Silent,
        (None, None) => Way::Cut,
        (loss, delay) => Way::Bad { loss, delay },
    };
    let mut wanted: Vec<(String, Way)> = args.things.iter().map(|thing| (thing.clone(), way)).collect();
    if let Some(path) = &args.scenario {
        let text = std::fs::read_to_string(path).map_err(|error| {
            CommandError::usage(format!("cannot read {}", path.display())).caused_by(error)
        })?;
        let lines = scenario(&text).into_iter();
        wanted.extend(lines.map(|(name, silent)| (name, if silent { Way::Silent } else { way })));
    }
    let (id, acts) = understood(&args.which, &wanted, dirs, ui)?;
    faults::inject(dirs, &id, &acts).map_err(|error| failed(&id, error))?;
    tell(&acts.into_iter().collect(), ui)
}

fn heal(args: &HealArgs, dirs: &BoxDirs, ui: &mut Ui) -> Result<Exit, CommandError> {
    if args.things.is_empty() {
        let (id, _) = understood(&args.which, &[], dirs, ui)?;
        faults::heal_all(dirs, &id).map_err(|error| failed(&id, error))?;
        return tell(&BTreeSet::new(), ui);
    }
    let both: Vec<(String, Way)> = args
        .things
        .iter()
        .flat_map(|thing| [(thing.clone(), Way::Cut), (thing.clone(), Way::Silent)])
        .collect();
    let (id, mut acts) = understood(&args.which, &both, dirs, ui)?;
    // A cable that is mended is whole, however bad it was.
    let cables: BTreeSet<String> = acts.iter().filter_map(Act::cable).map(str::to_owned).collect();
    let now = faults::in_force(dirs, &id).map_err(|error| failed(&id, error))?;
    acts.extend(now.into_iter().filter(|act| act.cable().is_some_and(|cable| cables.contains(cable))));
    faults::heal(dirs, &id, &acts).map_err(|error| failed(&id, error))?;
    tell(&faults::in_force(dirs, &id).map_err(|error| failed(&id, error))?, ui)
}

/// The lines of a scenario: names, and whether cables go silent.
fn scenario(text: &str) -> Vec<(String, bool)> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let named = lines.filter(|line| !line.is_empty());
    named
        .map(|line| match line.strip_prefix("silent ") {
            Some(name) => (name.trim().to_owned(), true),
            None => (line.to_owned(), false),
        })
        .collect()
}

/// The box, and what is to be done in it.
fn understood(
    which: &Which,
    wanted: &[(String, Way)],
    dirs: &BoxDirs,
    ui: &mut Ui,
) -> Result<(String, Vec<Act>), CommandError> {
    let which = BoxArgs { lab: which.lab.clone(), name: which.name.clone() };
    let (reading, n_errors) = analysis::read(input::load(&which.lab_of_box(dirs)?)?);
    if n_errors > 0 {
        ui.warn(&format!("{n_errors} errors in the lab's files, so parts may be missing"));
    }
    let id = lab_box::box_name(&reading.lab);
    let record = WiredRecord::load(dirs, &id).map_err(|error| failed(&id, error.into()))?;
    let acts = acts::of(&reading.lab, &record, wanted)?;
    Ok((id, acts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_times_have_bounds() {
        let cases: [(&str, Option<u8>); 5] =
            [("5%", Some(5)), ("100", Some(100)), ("0%", None), ("101%", None), ("few", None)];
        for (text, expect) in cases {
            assert_eq!(percent(text).ok(), expect, "{text}");
        }
        for (text, expect) in [("20ms", Some(20)), ("20 ms", Some(20)), ("0ms", None), ("2s", None)] {
            assert_eq!(milliseconds(text).ok(), expect, "{text}");
        }
    }

    #[test]
    fn a_scenario_names_one_thing_a_line() {
        let text = "# Friday\npdu-1\n\n  silent switch-1:1  # the uplink\nrouter-1/keepalived\n";
        let expect = [("pdu-1", false), ("switch-1:1", true), ("router-1/keepalived", false)];
        assert_eq!(scenario(text), expect.map(|(name, silent)| (name.to_owned(), silent)));
    }
}
