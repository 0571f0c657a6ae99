//! The command line that all verbs share. What belongs to one verb stands in its file under `commands/`.

use crate::commands::Command;
use crate::exit;
use crate::ui::Color;
use clap::{Args, Parser};
use std::path::PathBuf;

/// Describe a home lab in one repository: check it, see it, bring it up
///
/// A lab is a folder of YAML files with a `lab.yaml` at its root. Verbs that take a LAB find that root from any folder
/// inside it.
#[derive(Parser, Debug)]
#[command(name = "labwright", version, after_help = exit::HELP, after_long_help = exit::HELP)]
#[command(max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Arguments that every verb takes.
#[derive(Args, Debug)]
pub(crate) struct GlobalArgs {
    /// Go to DIR before doing anything
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Global options")]
    pub(crate) directory: Option<PathBuf>,
    /// Say when to colour
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) color: Color,
    /// Say nothing beyond what was asked for
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
}

/// Which lab, in which state.
#[derive(Args, Debug, Clone)]
pub(crate) struct LabArgs {
    /// A folder of the lab; its root is the nearest folder upwards with a `lab.yaml`
    #[arg(value_name = "LAB", default_value = ".", hide_default_value = false)]
    pub(crate) lab: PathBuf,
    /// Read the lab as it is in a Git revision
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// Lay the overlay in `overlays/NAME` over the lab; may be given several times, the last wins
    #[arg(long = "with", value_name = "NAME")]
    pub(crate) overlays: Vec<String>,
}
