//! `labwright show`: what the lab holds, as tables, data and pictures. The views are those of `lab-show`; none is known here.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use lab_show::{Asked, Drawing, ShowError, VIEWS, View};
use std::path::{Path, PathBuf};

/// Show a part of the lab
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright show overview                   the lab around this folder
  labwright show devices labs/starter       another lab
  labwright show thing nas-1                all that is said of one thing
  labwright show addresses 10.20.0.0/16     a prefix, with the next free address
  labwright show cables --format svg        a picture
  labwright show reach guests nas-1         what passes, and the words that decide
  labwright show devices --format csv       for a spreadsheet
  labwright show devices --at main          as it is on the branch main")]
pub(crate) struct ShowArgs {
    /// What to show
    #[arg(value_parser = view_parser())]
    view: &'static str,
    /// What the view asks for, such as a name; last, a folder of the lab if it is not the one around this folder
    #[arg(value_name = "NAME|LAB")]
    rest: Vec<String>,
    /// For `reach`: only what goes to this port, such as `https` or `443/tcp`
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// Read the lab as it is in a Git revision
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// Lay the overlay in `overlays/NAME` over the lab; may be given several times, the last wins
    #[arg(long = "with", value_name = "NAME")]
    overlays: Vec<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ViewFormat::Text)]
    format: ViewFormat,
}

/// How a view is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum ViewFormat {
    /// Tables and trees that fit the terminal
    Text,
    /// One JSON document
    Json,
    /// The tables, for spreadsheets
    Csv,
    /// A flowchart for Markdown
    Mermaid,
    /// A picture
    Svg,
}

/// Prints the view to stdout.
pub(crate) fn run_show(args: &ShowArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let view = lab_show::find(args.view).expect("the parser of arguments took it from the same list");
    let (names, lab) = names_and_lab(&args.rest);
    let lab_args = LabArgs { lab, at: args.at.clone(), overlays: args.overlays.clone() };
    let (reading, n_errors) = analysis::read(input::load(&lab_args)?);
    if n_errors > 0 {
        ui.warn(&format!(
            "{n_errors} errors in the lab's files, so parts may be missing; `labwright check` tells them"
        ));
    }
    if args.port.is_some() && view.name != "reach" {
        return Err(CommandError::usage(format!("`--port` is for `show reach`, not for {}", view.name)));
    }
    let names: Vec<String> = names.iter().chain(&args.port).cloned().collect();
    let asked = Asked { lab: &reading.lab, files: &reading.files, names: &names };
    let document = || (view.document)(&asked).map_err(|error| refused(view, error));
    ui.data(&match args.format {
        ViewFormat::Text => lab_show::render_text(&document()?, ui.width()),
        ViewFormat::Json => lab_show::render_json(&document()?),
        ViewFormat::Csv => lab_show::render_csv(&document()?),
        ViewFormat::Mermaid => mermaid(view, &asked)?,
        ViewFormat::Svg => svg(view, &asked)?,
    })?;
    Ok(Exit::Done)
}

fn mermaid(view: &View, asked: &Asked<'_>) -> Result<String, CommandError> {
    match view.drawing {
        Some(Drawing::Graph(graph)) => {
            let graph = graph(asked).map_err(|error| refused(view, error))?;
            Ok(lab_show::picture::render_mermaid(&graph))
        }
        _ => Err(no_drawing(view, "mermaid")),
    }
}

fn svg(view: &View, asked: &Asked<'_>) -> Result<String, CommandError> {
    match view.drawing {
        Some(Drawing::Graph(graph)) => {
            let graph = graph(asked).map_err(|error| refused(view, error))?;
            Ok(lab_show::picture::render_svg(&graph))
        }
        Some(Drawing::Svg(draw)) => draw(asked).map_err(|error| refused(view, error)),
        None => Err(no_drawing(view, "svg")),
    }
}

fn no_drawing(view: &View, format: &str) -> CommandError {
    let drawn =
        |view: &&View| matches!((view.drawing, format), (Some(Drawing::Graph(_)), _) | (Some(_), "svg"));
    let names: Vec<&str> = VIEWS.iter().filter(drawn).map(|view| view.name).collect();
    CommandError::usage(format!("{} has no {format}; these have: {}", view.name, names.join(", ")))
}

/// The last argument is the lab if it is a folder with a lab in it, or is written as a path to a folder.
pub(crate) fn names_and_lab(rest: &[String]) -> (&[String], PathBuf) {
    let is_lab = |text: &String| {
        let path = Path::new(text);
        path.join(input::LAB_FILE).exists() || (path.is_dir() && text.starts_with(['.', '/']))
    };
    match rest.split_last() {
        Some((last, names)) if is_lab(last) => (names, PathBuf::from(last)),
        _ => (rest, PathBuf::from(".")),
    }
}

fn refused(view: &View, error: ShowError) -> CommandError {
    let near = error.near.first().map(String::as_str);
    CommandError::usage(format!("cannot show {}: {}", view.name, error.message)).did_you_mean(near)
}

fn view_parser() -> impl TypedValueParser<Value = &'static str> {
    let names = VIEWS.iter().map(|view| PossibleValue::new(view.name).help(view.summary));
    PossibleValuesParser::new(names)
        .map(|name| lab_show::find(&name).expect("it is one of the possible values").name)
}
