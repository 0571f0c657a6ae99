//! `labwright predict`: what breaks when something fails. The engines are those of `lab-predict`.

use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_predict::Limits;
use lab_predict::cutsets::ORDER_MAX;
use lab_predict::open_psa::{self, Options, Source};
use lab_predict::report::{Report, TextOptions, Wanted, render_json, render_text};
use std::path::{Path, PathBuf};

/// Say which failures, alone or together, bring something down
///
/// Reads a fault tree in the Open-PSA Model Exchange Format and prints its minimal cut sets up to an order, and its probability.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright predict --fault-tree plant.xml                            all minimal cut sets of up to 3 events
  labwright predict --fault-tree plant.xml --fault-tree numbers.xml   a model in two files
  labwright predict --fault-tree plant.xml --order 4 --format json    for another program")]
pub(crate) struct PredictArgs {
    /// A file of the model; may be given several times
    #[arg(long, value_name = "FILE", required = true)]
    fault_tree: Vec<PathBuf>,
    /// The largest sets of events to look for
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=ORDER_MAX as i64))]
    order: u8,
    /// What to compute of probabilities
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ProbabilityChoice::Exact)]
    probability: ProbabilityChoice,
    /// The hours that `<system-mission-time/>` stands for
    #[arg(long, value_name = "HOURS", default_value_t = Options::default().mission_time, value_parser = hours)]
    mission_time: f64,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = PredictFormat::Text)]
    format: PredictFormat,
    /// Print every pattern, however many there are
    #[arg(long)]
    all: bool,
}

/// What to compute of probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum ProbabilityChoice {
    /// The exact number, unless that takes too much, and bounds
    Exact,
    /// Bounds from the cut sets
    Bounds,
    /// Nothing
    None,
}

/// How the answer is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum PredictFormat {
    /// Patterns, for people
    Text,
    /// One JSON document with every set
    Json,
}

/// Larger files are no fault trees that anybody wrote.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Nodes of the diagram: at most a second or so, and 40 megabytes.
const NODES_MAX: usize = 1_000_000;

/// Patterns of one order that fit one look.
const PATTERNS_MAX: usize = 20;

/// Prints the prediction to stdout.
pub(crate) fn run_predict(args: &PredictArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let texts: Vec<(String, String)> =
        args.fault_tree.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let options = Options { mission_time: args.mission_time };
    let circuit = open_psa::read(&sources, options)
        .map_err(|error| CommandError::usage("cannot read the fault tree").caused_by(error))?;
    let wanted = match args.probability {
        ProbabilityChoice::Exact => Wanted::Exact { nodes_max: NODES_MAX },
        ProbabilityChoice::Bounds => Wanted::Bounds,
        ProbabilityChoice::None => Wanted::Nothing,
    };
    let report = Report::new(&circuit, Limits::of_order(usize::from(args.order)), wanted)
        .map_err(|error| CommandError::failed("cannot compute the cut sets").caused_by(error))?;
    if !report.is_complete() {
        ui.warn("some sets of the orders asked for were not computed; the answer says which");
    }
    let patterns_max = if args.all { usize::MAX } else { PATTERNS_MAX };
    ui.data(&match args.format {
        PredictFormat::Text => render_text(&report, TextOptions { patterns_max }),
        PredictFormat::Json => render_json(&report),
    })?;
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<(String, String), CommandError> {
    let name = path.display().to_string();
    let failed = || CommandError::usage(format!("cannot read {name}"));
    let size = std::fs::metadata(path).map_err(|error| failed().caused_by(error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(CommandError::usage(format!(
            "{name} is larger than the {FILE_BYTES_MAX} bytes that are read"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|error| failed().caused_by(error))?;
    Ok((name, text))
}

fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours.is_finite() && hours >= 0.0 => Ok(hours),
        _ => Err("hours are a number of at least 0".to_owned()),
    }
}
