//! `labwright predict`: what breaks when something fails. Questions and answers are those of `lab-predict`; none is known here
//! but the ones that are options.

mod fault_tree;

use crate::analysis;
use crate::cli::LabArgs;
use crate::commands::show::names_and_lab;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;
use fault_tree::ProbabilityChoice;
use lab_predict::answers::{self, Answer, Forecast, QUESTIONS, Question, SelectError, Texts};
use lab_predict::cutsets::ORDER_MAX;
use lab_predict::open_psa::{self, Options};
use std::path::PathBuf;

/// Say what breaks when something fails
///
/// Without a question: every single failure, worst first, and what was proved harmless. Everything is worked out exactly from the lab's
/// description; nothing is touched.
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub(crate) struct PredictArgs {
    /// A question, what it asks for, such as a name; last, a folder of the lab if it is not the one around this folder
    #[arg(value_name = "QUESTION|NAME|LAB")]
    words: Vec<String>,
    /// Let these fail together, and say what follows: `switch-1`, `node-1:psu-1`, `switch-1:sfp-2`, `nas-1/bay-1..2`, `grid`
    #[arg(long, value_name = "PART", value_delimiter = ',', conflicts_with_all = ["any", "down"])]
    fail: Vec<String>,
    /// Say which combinations of N failures bring down what none of their parts does alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=ORDER_MAX as i64), conflicts_with = "down")]
    any: Option<u8>,
    /// With --any: only combinations of these: a kind (`drives`, `cables`, ...) or a name
    #[arg(long, value_name = "SELECTOR", requires = "any")]
    of: Option<String>,
    /// These are broken already: say what each next failure adds
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    down: Vec<String>,
    /// Read the lab as it is in a Git revision
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// Lay the overlay in `overlays/NAME` over the lab; may be given several times, the last wins. Without a question: say
    /// what that changes
    #[arg(long = "with", value_name = "NAME")]
    overlays: Vec<String>,
    /// Say what has changed since a Git revision: what does harm now that did none, and the other way round
    #[arg(long, value_name = "REV", conflicts_with_all = ["fail", "any", "down"])]
    diff: Option<String>,
    /// The largest sets of failures that are looked for
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=ORDER_MAX as i64))]
    order: u8,
    /// Take this day for today, for the age of batteries (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,
    /// Print the lab's fault trees for other tools
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with_all = ["fail", "any", "down", "fault_tree"])]
    export: Option<ExportFormat>,
    /// Read no lab but a fault tree in the Open-PSA Model Exchange Format; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fail", "any", "down"])]
    fault_tree: Vec<PathBuf>,
    /// With --fault-tree: what to compute of probabilities
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ProbabilityChoice::Auto)]
    probability: ProbabilityChoice,
    /// With --fault-tree: the hours that `<system-mission-time/>` stands for
    #[arg(long, value_name = "HOURS", default_value_t = Options::default().mission_time, value_parser = fault_tree::hours)]
    mission_time: f64,
    /// How to print it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = PredictFormat::Text)]
    format: PredictFormat,
    /// Print every pattern, however many there are
    #[arg(long)]
    all: bool,
}

/// How the answer is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum PredictFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// A page with the picture of the lab in which clicking a part shows what follows
    Html,
}

/// How fault trees are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum ExportFormat {
    /// The Open-PSA Model Exchange Format
    OpenPsa,
}

fn after_help() -> String {
    let width = QUESTIONS.iter().map(|question| question.name.len()).max().unwrap_or(0);
    let line = |question: &Question| format!("  {:width$}  {}\n", question.name, question.summary);
    let questions: String = QUESTIONS.iter().map(line).collect();
    format!(
        "Questions:\n{questions}\n\
Examples:
  labwright predict                              every single failure of the lab around this folder
  labwright predict --fail pdu-1,node-2          pull these plugs
  labwright predict --any 2 --of cables          pairs of cables that bring something down
  labwright predict --down nas-1/bay-3           one drive is dead already: what next?
  labwright predict service photos labs/starter  what brings one service down
  labwright predict fix                          what to change, free moves first
  labwright predict --with second-ups            what a planned change means
  labwright predict --format html > breaks.html  a page: click a part, see what follows
  labwright predict --export open-psa > lab.xml  fault trees for another tool to check
  labwright predict --fault-tree plant.xml       minimal cut sets of any fault tree"
    )
}

/// Prints the prediction to stdout.
pub(crate) fn run_predict(args: &PredictArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    if !args.fault_tree.is_empty() {
        return fault_tree::run_fault_tree(args, ui);
    }
    let (words, lab) = names_and_lab(&args.words);
    let (question, names) = question(words)?;
    let lab_args = LabArgs { lab, at: args.at.clone(), overlays: args.overlays.clone() };
    let input = input::load(&lab_args)?;
    let before = match &args.diff {
        Some(revision) => Some(input::load_for_comparison(&input.root, revision, &input.overlays)?),
        None if args.is_about_overlays(words) => {
            Some(input::load(&LabArgs { overlays: Vec::new(), ..lab_args })?)
        }
        None => None,
    };
    let types = input.types.clone();
    let reading = read(input, ui);
    let texts = Texts { files: &reading.files, types: &types };
    let forecast = forecast(args, &reading.lab)?.with_texts(texts);
    if args.export.is_some() {
        ui.data(&open_psa::write(&forecast.compiled.circuit))?;
        return Ok(Exit::Done);
    }
    if args.format == PredictFormat::Html {
        if args.is_question(words) || before.is_some() {
            return Err(CommandError::usage("the page is of the whole lab: ask nothing beside it"));
        }
        ui.data(&lab_predict::page::render(&forecast))?;
        return Ok(Exit::Done);
    }
    let answer = match before {
        Some(input) => {
            let reading = read(input, ui);
            let before = self::forecast(args, &reading.lab)?;
            answers::change(&before, &forecast).answer()
        }
        None => answer(args, question, names, &forecast).map_err(refused)?,
    };
    print(args, &answer, ui)
}

impl PredictArgs {
    /// True when something in particular is asked.
    fn is_question(&self, words: &[String]) -> bool {
        !words.is_empty() || !self.fail.is_empty() || !self.down.is_empty() || self.any.is_some()
    }

    /// True when overlays are named and nothing is asked of the lab with them: then they are what is asked about.
    fn is_about_overlays(&self, words: &[String]) -> bool {
        let is_page = self.format == PredictFormat::Html || self.export.is_some();
        !self.overlays.is_empty() && !is_page && !self.is_question(words)
    }
}

fn read(input: input::LabInput, ui: &mut Ui) -> lab_model::Reading {
    let (reading, n_errors) = analysis::read(input);
    if n_errors > 0 {
        let errors = if n_errors == 1 { "error" } else { "errors" };
        ui.warn(&format!(
            "{n_errors} {errors} in the lab's files, so parts may be missing; `labwright check` tells them"
        ));
    }
    reading
}

fn forecast<'a>(args: &PredictArgs, lab: &'a lab_model::Lab) -> Result<Forecast<'a>, CommandError> {
    let utc = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let today = args.today.unwrap_or_else(utc);
    let order = usize::from(args.order.max(args.any.unwrap_or(1)));
    Forecast::new(lab, today, order)
        .map_err(|error| CommandError::failed("cannot predict what breaks").caused_by(error))
}

/// The question that the words begin with, and the rest of them.
fn question(words: &[String]) -> Result<(&'static Question, &[String]), CommandError> {
    let Some((first, rest)) = words.split_first() else { return Ok((&QUESTIONS[0], words)) };
    if let Some(question) = QUESTIONS.iter().find(|question| question.name == first) {
        return Ok((question, rest));
    }
    let names = QUESTIONS.iter().map(|question| question.name);
    let near = lab_source::suggest::nearest(first, names);
    let known: Vec<&str> = QUESTIONS.iter().map(|question| question.name).collect();
    Err(CommandError::usage(format!("{first} is neither a folder of a lab nor a question"))
        .did_you_mean(near)
        .hint(format!("questions are: {}", known.join(", "))))
}

fn answer(
    args: &PredictArgs,
    question: &Question,
    names: &[String],
    forecast: &Forecast<'_>,
) -> Result<Answer, SelectError> {
    if !args.fail.is_empty() {
        return Ok(answers::fail(forecast, &args.fail)?.answer(forecast));
    }
    if !args.down.is_empty() {
        return Ok(answers::given(forecast, &args.down)?.answer(forecast));
    }
    if let Some(order) = args.any {
        return Ok(answers::any(forecast, usize::from(order), args.of.as_deref())?.answer(forecast, args.all));
    }
    (question.answer)(forecast, names)
}

fn print(args: &PredictArgs, answer: &Answer, ui: &mut Ui) -> Result<Exit, CommandError> {
    ui.data(&match args.format {
        PredictFormat::Text => lab_show::render_text(&answer.document, ui.width()),
        PredictFormat::Json => format!("{:#}\n", answer.json),
        PredictFormat::Html => unreachable!("the page was made before any question was asked"),
    })?;
    Ok(Exit::Done)
}

fn refused(error: SelectError) -> CommandError {
    let near = error.near.clone();
    CommandError::usage(error.message).did_you_mean(near.as_deref())
}
