//! `labwright predict --fault-tree`: a fault tree of any tool, with the same engines. It reads no lab.

use super::{PredictArgs, PredictFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use lab_predict::Limits;
use lab_predict::open_psa::{self, Options, Source};
use lab_predict::report::{Report, TextOptions, Wanted, render_json, render_text};
use std::path::Path;

/// What to compute of probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum ProbabilityChoice {
    /// The exact number if that takes no time to speak of, and bounds
    Auto,
    /// The exact number, unless that takes seconds, and bounds
    Exact,
    /// Bounds from the cut sets
    Bounds,
    /// Nothing
    None,
}

/// Larger files are no fault trees that anybody wrote.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Nodes of the diagram that are drawn unasked: some milliseconds.
const NODES_QUICK: usize = 30_000;

/// Nodes of the diagram when the exact number is asked for: some seconds, and 160 megabytes.
const NODES_MAX: usize = 4_000_000;

/// Patterns of one order that fit one look.
const PATTERNS_MAX: usize = 20;

/// Prints what the fault tree says to stdout.
pub(super) fn run_fault_tree(args: &PredictArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let texts: Vec<(String, String)> =
        args.fault_tree.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let options = Options { mission_time: args.mission_time };
    let circuit = open_psa::read(&sources, options)
        .map_err(|error| CommandError::usage("cannot read the fault tree").caused_by(error))?;
    let wanted = match args.probability {
        ProbabilityChoice::Auto => Wanted::Exact { nodes_max: NODES_QUICK },
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
        PredictFormat::Html => {
            return Err(CommandError::usage("a fault tree has no report as a page; use text or json"));
        }
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

pub(super) fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours.is_finite() && hours >= 0.0 => Ok(hours),
        _ => Err("hours are a number of at least 0".to_owned()),
    }
}
