//! `labwright rehearse`: things fail in a box of the lab, and what was predicted is compared with what happens. Brings the box up, goes
//! through the failures, takes the box away again, also after Ctrl-C.

mod kept;
mod words;

use kept::Kept;

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::interrupting;
use crate::ui::Ui;
use clap::Args;
use lab_box::{NetError, Options, UpError};
use lab_predict::answers::{Forecast, parts_named};
use lab_predict::works::PartId;
use lab_rehearse::report::{self, Report};
use lab_rehearse::{
    Choice, Event, From, Outcome, Places, Script, Vector, Wanted, Wired, choose, promised, rehearse,
    spare_ports, vector,
};
use std::path::PathBuf;

/// Let things fail in a box of the lab, and compare with what was predicted
///
/// Chooses a small set of failures in which every redundancy is survived once and exhausted once, lets each happen, asks every service, name
/// and way from everywhere, and judges the prediction. Everything stands in network namespaces of its own. Needs root.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright rehearse labs/starter --page rehearsal.html   every redundancy once survived, once exhausted
  labwright rehearse labs/starter --choose 5              the five failures that show most
  labwright rehearse labs/starter --any 1                 every single failure that a box can show
  labwright rehearse labs/starter --fail node-1,node-2    these two together
  labwright rehearse labs/starter --keep seen.jsonl       to be stopped, and gone on with later
  labwright rehearse labs/starter --dry-run               what would fail and what would be asked")]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    lab: LabArgs,
    /// Rehearse what the lab's promises speak of
    #[arg(long, conflicts_with = "any")]
    promises: bool,
    /// Rehearse every single failure that the box can show
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(1..=1), conflicts_with = "choose")]
    any: Option<u8>,
    /// Rehearse at most N failures, those that show most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    choose: Option<u16>,
    /// Rehearse this failure, of parts that fail together; can be given several times
    #[arg(long, value_name = "NAME,...", conflicts_with_all = ["any", "promises", "choose"])]
    fail: Vec<String>,
    /// Keep what is seen in this file, and make nothing happen again that is in it and as predicted
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Cut cables so that their ends do not notice
    #[arg(long)]
    silent: bool,
    /// Say what would fail and what would be asked; make nothing
    #[arg(long)]
    dry_run: bool,
    /// Take this day for today (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,
    /// How the report is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: RehearseFormat,
    /// Also write the report as a page of its own into this file
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Print all rows, and what changed when
    #[arg(long)]
    all: bool,
}

/// How a report is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum RehearseFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// One page for a browser
    Html,
}

pub(crate) fn run_rehearse(args: &RehearseArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let interrupt = interrupting::listen()?;
    let input = input::load(&args.lab)?;
    let (reading, n_errors) = analysis::read(input);
    if n_errors > 0 {
        return Err(CommandError::refused(
            "parts of the lab cannot be read, so it is not known what was meant",
        )
        .hint("`labwright check` shows all findings"));
    }
    let today = args.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let forecast = Forecast::new(&reading.lab, today, 2)
        .map_err(|error| CommandError::failed("cannot predict what breaks").caused_by(error))?;
    let options = Options { interrupt, ..Options::of_user() };
    let (plan, left_out) = lab_box::project_wired(&reading.lab);
    let wired = Wired::new(&reading.lab, &forecast.works, plan, options.dirs.clone(), args.silent);
    let play = Play { args, forecast: &forecast, today, left_out };
    play.run(wired, &options, ui)
}

/// Everything that is known before the box is up.
struct Play<'a> {
    args: &'a RehearseArgs,
    forecast: &'a Forecast<'a>,
    today: jiff::civil::Date,
    left_out: Vec<(String, String)>,
}

impl Play<'_> {
    fn run(&self, mut wired: Wired<'_>, options: &Options, ui: &mut Ui) -> Result<Exit, CommandError> {
        let lab = self.forecast.lab;
        // What the box gave does not change, and the stage is changed while it is asked.
        let given = wired.given();
        let of = |thing| given.get(&lab.subject(thing)).cloned().unwrap_or_default();
        let policy = lab_reach::compile(lab);
        let spare = spare_ports(&policy);
        let works = &self.forecast.works;
        let (outside, programs) = (wired.outside(), wired.programs());
        let places = Places { lab, works, given: &of, outside, spare, policy: &policy, programs: &programs };
        let is_there = |from: From| !lab_rehearse::Stage::seats(&wired, from).is_empty();
        let vector = vector(&places, &policy, &is_there, &|at| wired.seat_addresses(at));
        let choice = choose(self.forecast, &self.wanted()?, &wired);
        if self.args.dry_run {
            let document = report::plan(self.forecast, &vector, &choice, self.args.all);
            ui.data(&lab_show::render_text(&document, ui.width()))?;
            return Ok(Exit::Done);
        }
        ui.say(&words::before(&vector, &choice, &self.left_out));
        let kept = Kept::open(
            self.args.keep.as_deref(),
            &(&wired.plan, &vector, self.args.silent),
            vector.probes.len(),
            ui,
        )?;
        let begun = lab_box::up_wired(&wired.plan, options, &mut |_| {});
        begun.map_err(|error| refused(error, &wired.plan.id))?;
        let result = self.act(&mut wired, &places, (&vector, &choice), (kept, options), ui);
        let removed = lab_box::down(&options.dirs, &wired.plan.id);
        let (outcome, missing) = result?;
        removed.map_err(|error| CommandError::failed("the box cannot be taken away").caused_by(error))?;
        self.tell(&wired, (&vector, &choice), &outcome, &missing, ui)
    }

    fn wanted(&self) -> Result<Wanted, CommandError> {
        let at_most = self.args.choose.map(usize::from);
        if !self.args.fail.is_empty() {
            let failures: Result<_, _> = self.args.fail.iter().map(|names| self.parts(names)).collect();
            return Ok(Wanted::These(failures?));
        }
        Ok(match (self.args.any, self.args.promises) {
            (Some(_), _) => Wanted::EverySingle,
            (None, true) => Wanted::Promises { parts: promised(self.forecast), at_most },
            (None, false) => Wanted::Cover { at_most },
        })
    }

    /// The parts of one failure, as `predict --fail` takes them.
    fn parts(&self, names: &str) -> Result<Vec<PartId>, CommandError> {
        let mut parts = Vec::new();
        for name in names.split(',').map(str::trim) {
            let named = parts_named(self.forecast, name);
            parts.extend(
                named.map_err(|error| {
                    CommandError::usage(error.message).did_you_mean(error.near.as_deref())
                })?,
            );
        }
        parts.sort_unstable();
        parts.dedup();
        Ok(parts)
    }

    fn act(
        &self,
        wired: &mut Wired<'_>,
        places: &Places<'_>,
        (vector, choice): (&Vector, &Choice),
        (mut kept, options): (Kept, &Options),
        ui: &mut Ui,
    ) -> Result<(Outcome, Vec<String>), CommandError> {
        let failed = |error: lab_rehearse::StageError| {
            CommandError::failed("the rehearsal broke off").caused_by(error)
        };
        let program = std::env::current_exe()
            .map_err(|error| CommandError::failed("this program does not find itself").caused_by(error))?;
        let folder = options.dirs.guests(&wired.plan.id);
        let mut troupe = wired.cast(places, &program, &folder).map_err(failed)?;
        let script =
            Script { places, vector, choice, known: &self.forecast.lab.known_differences, program: &program };
        let mut teller = words::Teller::new();
        let mut file = kept.file.take();
        let mut tell = |event: &Event| {
            if let (Event::Kept { line }, Some(file)) = (event, &mut file) {
                file.add(line);
            }
            teller.tell(event, ui);
        };
        let with = (&mut troupe, &mut kept.memory);
        let outcome = rehearse(wired, with, &script, &options.interrupt, &mut tell).map_err(failed)?;
        if let Some(error) = file.and_then(|file| file.error) {
            return Err(CommandError::failed("what was seen could not be kept").caused_by(error));
        }
        Ok((outcome, troupe.missing.clone()))
    }

    fn tell(
        &self,
        wired: &Wired<'_>,
        (vector, choice): (&Vector, &Choice),
        outcome: &Outcome,
        missing: &[String],
        ui: &mut Ui,
    ) -> Result<Exit, CommandError> {
        let name = self.forecast.lab.head.name.as_ref().map_or("the lab", |name| &name.text);
        let day = self.today.to_string();
        let report =
            Report { lab: name, day: &day, vector, choice, outcome, stand_ins: &wired.plan.said(), missing };
        if let Some(path) = &self.args.page {
            std::fs::write(path, lab_rehearse::page::render(&report)).map_err(|error| {
                CommandError::failed(format!("cannot write {}", path.display())).caused_by(error)
            })?;
        }
        ui.data(&match self.args.format {
            RehearseFormat::Text => {
                lab_show::render_text(&report::document(&report, self.args.all), ui.width())
            }
            RehearseFormat::Json => format!("{:#}\n", report::json(&report)),
            RehearseFormat::Html => lab_rehearse::page::render(&report),
        })?;
        Ok(match (outcome.is_cut_short, report.is_agreed()) {
            (true, _) => Exit::Interrupted,
            (false, true) => Exit::Done,
            (false, false) => Exit::Findings,
        })
    }
}

fn refused(error: UpError, id: &str) -> CommandError {
    match &error {
        UpError::Net(NetError::NotRoot) => CommandError::refused("a box is made by root")
            .caused_by(error)
            .hint("run it with sudo; nothing outside the box is touched"),
        UpError::Missing(missing) => {
            let list: Vec<&str> = missing.iter().map(|missing| missing.package).collect();
            CommandError::refused("programs that are needed are not installed")
                .hint(format!("apt-get install --no-install-recommends {}", list.join(" ")))
        }
        UpError::AlreadyUp { .. } => CommandError::refused("nothing was changed")
            .caused_by(error)
            .hint(format!("`labwright down --box {id}` takes it away")),
        UpError::Interrupted => CommandError::interrupted("stopped; what was made is removed again"),
        _ => CommandError::failed("the box did not come up").caused_by(error),
    }
}
