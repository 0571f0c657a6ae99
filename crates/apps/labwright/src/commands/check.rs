//! `labwright check`: is the lab sound. Prints findings, ends with one line that says what was looked at.

use super::{check_watch, explain};
use crate::analysis::{self, Analysis, FindingFormat};
use crate::cli::LabArgs;
use crate::difference::Difference;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::pages;
use crate::ui::Ui;
use clap::Args;
use lab_source::diagnostic::json_value;
use lab_source::{Diagnostic, Severity};

/// Check the lab: everything that is wrong, where, and what to write instead
#[derive(Args, Debug, Clone)]
#[command(after_help = "\
Examples:
  labwright check                      the lab around this folder
  labwright check --diff main          what changed against the branch main
  labwright check --with new-switch    with a planned change laid over it
  labwright check --deny warning       for continuous integration: warnings count too")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) lab: LabArgs,
    /// Show only what a change brought or removed: compare with a Git revision
    #[arg(long, value_name = "REV", conflicts_with = "watch")]
    diff: Option<String>,
    /// Check again whenever a file of the lab changes
    #[arg(short, long, conflicts_with = "at")]
    watch: bool,
    /// Lowest severity that makes the check fail
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = Threshold::Error)]
    deny: Threshold,
    /// Look at these codes only; may be given several times
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave these codes out; may be given several times
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    skip: Vec<String>,
    /// Show accepted findings too, as notes
    #[arg(long, conflicts_with = "diff")]
    accepted: bool,
    /// Take this day for today, for what expires (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    today: Option<jiff::civil::Date>,
    /// How to print the findings
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FindingFormat::Text)]
    pub(crate) format: FindingFormat,
}

/// The lowest severity that makes a check fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Threshold {
    #[value(alias = "errors")]
    Error,
    #[value(alias = "warnings")]
    Warning,
    #[value(alias = "notes")]
    Note,
}

/// Checks once, or again and again with `--watch`.
pub(crate) fn run_check(args: &CheckArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let known = pages::all();
    let is_unknown = |code: &&String| !known.iter().any(|page| page.code == code.as_str());
    if let Some(code) = args.only.iter().chain(&args.skip).find(is_unknown) {
        return Err(explain::unknown_code(code));
    }
    match &args.diff {
        _ if args.watch => check_watch::watch(args, ui),
        Some(revision) => check_difference(args, revision, ui),
        None => {
            let analysis = analyse(args)?;
            print(&analysis, args, ui)?;
            Ok(args.verdict(&analysis.findings))
        }
    }
}

/// Reads and checks the lab that the arguments name, with the codes they want.
pub(crate) fn analyse(args: &CheckArgs) -> Result<Analysis, CommandError> {
    Ok(args.analyse(input::load(&args.lab)?))
}

/// Prints all findings and the summary.
pub(crate) fn print(analysis: &Analysis, args: &CheckArgs, ui: &mut Ui) -> Result<(), CommandError> {
    let accepted: &[Diagnostic] = if args.accepted { &analysis.accepted } else { &[] };
    let shown = [analysis.findings.as_slice(), accepted].concat();
    let findings = analysis::render(&analysis.files, &shown, args.format, &ui.text_style());
    print_answer(&findings, &format!("{}: {}", scope(analysis), verdict_words(analysis)), args, ui)
}

/// Findings and the line that ends them. For people the line is a part of the answer, for programs it is talk.
fn print_answer(findings: &str, summary: &str, args: &CheckArgs, ui: &mut Ui) -> Result<(), CommandError> {
    if !args.format.is_for_people() {
        ui.data(findings)?;
        ui.say(summary);
        return Ok(());
    }
    if !ui.is_quiet() && !findings.is_empty() {
        ui.data(findings)?;
        ui.data(if args.format == FindingFormat::Text { "\n" } else { "" })?;
    }
    ui.data(&format!("{summary}\n"))
}

fn check_difference(args: &CheckArgs, revision: &str, ui: &mut Ui) -> Result<Exit, CommandError> {
    let input = input::load(&args.lab)?;
    let old = args.analyse(input::load_for_comparison(&input.root, revision, &input.overlays)?);
    let new = args.analyse(input);
    let difference = Difference::between(&old.findings, &new.findings);
    let pick = |findings: &[Diagnostic], indices: &[usize]| -> Vec<Diagnostic> {
        indices.iter().map(|&idx| findings[idx].clone()).collect()
    };
    let brought = pick(&new.findings, &difference.brought);
    let removed = pick(&old.findings, &difference.removed);
    let findings = render_difference(args, (&new, &brought), (&old, &removed), ui);
    let summary = format!("against {revision}: {} brought, {} removed", words(&brought), words(&removed));
    print_answer(&findings, &summary, args, ui)?;
    Ok(args.verdict(&brought))
}

fn render_difference(
    args: &CheckArgs,
    (new, brought): (&Analysis, &[Diagnostic]),
    (old, removed): (&Analysis, &[Diagnostic]),
    ui: &Ui,
) -> String {
    // Annotations and code scanning show what is wrong now; what was removed has no line there any more.
    let brought_text = || analysis::render(&new.files, brought, args.format, &ui.text_style());
    match args.format {
        FindingFormat::Json => {
            let brought = json_value(&new.files, brought);
            let removed = json_value(&old.files, removed);
            format!("{:#}\n", serde_json::json!({ "version": 1, "brought": brought, "removed": removed }))
        }
        format if format.is_for_people() => {
            let mut text = brought_text();
            if !brought.is_empty() && !removed.is_empty() && format == FindingFormat::Text {
                text.push('\n');
            }
            text.extend(removed.iter().map(|finding| removed_line(old, finding)));
            text
        }
        _ => brought_text(),
    }
}

/// One line for a finding that is gone. Its place is that of the old text.
pub(crate) fn removed_line(old: &Analysis, finding: &Diagnostic) -> String {
    let place = finding.primary.as_ref().map_or(String::new(), |label| {
        let (line, column) = old.files.line_column(label.span.file, label.span.start);
        format!(" (was at {}:{line}:{column})", old.files.get(label.span.file).name)
    });
    format!("removed: {}[{}]: {}{place}\n", finding.severity.word(), finding.code, finding.message)
}

/// `checked 46 devices, 61 cables with 94 rules`.
pub(crate) fn scope(analysis: &Analysis) -> String {
    let counts: Vec<String> = analysis.counts.iter().map(|(count, what)| counted(*count, what)).collect();
    let counts = if counts.is_empty() { "an empty lab".to_owned() } else { counts.join(", ") };
    let left_aside = match analysis.n_left_aside {
        0 => String::new(),
        count => format!(", {} left aside", counted(count, "Kubernetes manifests")),
    };
    format!("checked {counts} with {}{left_aside}", counted(analysis::n_rules(), "rules"))
}

/// `1 device`, `2 devices`.
fn counted(count: usize, plural: &str) -> String {
    match (count, plural.strip_suffix("es").filter(|stem| stem.ends_with('x')), plural.strip_suffix('s')) {
        (1, Some(stem), _) | (1, None, Some(stem)) => format!("1 {stem}"),
        _ => format!("{count} {plural}"),
    }
}

/// `2 errors, 5 warnings (3 accepted)`, or `no findings`.
pub(crate) fn verdict_words(analysis: &Analysis) -> String {
    let found = words(&analysis.findings);
    let found = if analysis.findings.is_empty() { "no findings".to_owned() } else { found };
    match analysis.accepted.len() {
        0 => found,
        accepted => format!("{found} ({accepted} accepted)"),
    }
}

/// `2 errors, 5 warnings`, or `nothing`.
fn words(findings: &[Diagnostic]) -> String {
    let parts: Vec<String> = analysis::count(findings)
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(*count, &format!("{word}s")))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

impl CheckArgs {
    /// Checks what was collected, with the codes that are wanted.
    fn analyse(&self, input: input::LabInput) -> Analysis {
        let mut analysis = analysis::analyse(input, self.today());
        let is_wanted = |finding: &Diagnostic| {
            let is_named = |codes: &[String]| codes.iter().any(|code| code == finding.code.0);
            (self.only.is_empty() || is_named(&self.only)) && !is_named(&self.skip)
        };
        analysis.findings.retain(is_wanted);
        analysis.accepted.retain(is_wanted);
        analysis
    }

    /// The given day, or today in UTC, so that two people who check the same lab at the same time agree.
    fn today(&self) -> jiff::civil::Date {
        self.today.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// The exit code for these findings.
    fn verdict(&self, findings: &[Diagnostic]) -> Exit {
        let threshold = match self.deny {
            Threshold::Error => Severity::Error,
            Threshold::Warning => Severity::Warning,
            Threshold::Note => Severity::Note,
        };
        let is_denied = findings.iter().any(|finding| finding.severity >= threshold);
        if is_denied { Exit::Findings } else { Exit::Done }
    }
}
