//! `labwright up`: the lab live on this machine. Shows how far each machine is, ends with what was asked and observed.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::interrupting;
use crate::ui::Ui;
use crate::watching::Watching;
use clap::Args;
use lab_box::{
    Accelerator, BoxPlan, Firmware, InstallError, LightPlan, Missing, Options, Progress, Projection, Report,
    Stage, UpError,
};
use lab_source::Severity;
use std::collections::BTreeSet;
use std::time::Duration;

/// Bring the lab up on this machine: virtual machines with empty disks, installed over the network and verified
///
/// Everything stands in a network namespace of its own; the host's network and files are left alone. Needs root.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright up labs/starter                     all x86 machines of the lab
  labwright up labs/starter --only node-1       one machine
  labwright up labs/starter --install-packages  with the Debian packages that this needs
  labwright up --light labs/infra-mk3           every host and VM as a namespace, nothing installed")]
pub(crate) struct UpArgs {
    #[command(flatten)]
    lab: LabArgs,
    /// Bring these hosts up only; may be given several times
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    only: Vec<String>,
    /// Install Debian packages that are needed and missing
    #[arg(long)]
    install_packages: bool,
    /// Start the machines with UEFI in place of BIOS
    #[arg(long)]
    uefi: bool,
    /// Network namespaces in place of virtual machines: every host and virtual machine of the lab, within seconds
    #[arg(long, conflicts_with = "uefi")]
    light: bool,
    /// How long the machines may take, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    limit: u64,
    /// How to print what happens
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = UpFormat::Text)]
    format: UpFormat,
}

/// How to print what happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum UpFormat {
    /// For people
    Text,
    /// One JSON value a line: events, then the result
    Json,
}

/// Reads and checks the lab, then brings it up.
pub(crate) fn run_up(args: &UpArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let interrupt = interrupting::listen()?;
    let stand = projected(args, ui)?;
    if args.install_packages {
        install(&stand.missing(), ui)?;
    }
    let options = Options { limit: Duration::from_secs(args.limit * 60), interrupt, ..Options::of_user() };
    let plan = stand.plan();
    let names = plan.machines.iter().map(|machine| machine.name.clone()).collect();
    let is_json = args.format == UpFormat::Json;
    let mut watching = Watching::new(names, !is_json && ui.is_live());
    let mut broken = None;
    if is_json {
        ui.data(&start_json(plan))?;
    }
    let mut tell = |step: &Progress| {
        let told = if is_json { ui.data(&event(step)) } else { watching.tell(step, ui) };
        broken = broken.take().or(told.err());
    };
    let result = match &stand {
        Stand::Machines(plan) => lab_box::up(plan, &options, &mut tell),
        Stand::Namespaces(light) => lab_box::up_light(light, &options, &mut tell),
    };
    if let Some(error) = broken {
        ui.error(&error);
    }
    let report = result.map_err(|error| refused(error, &plan.id))?;
    let width = ui.width();
    ui.data(&if is_json { result_json(&report) } else { table(&report, &plan.id, width) })?;
    Ok(if report.is_as_described() { Exit::Done } else { Exit::Unreachable })
}

/// What shall stand.
enum Stand {
    Machines(BoxPlan),
    Namespaces(LightPlan),
}

impl Stand {
    fn plan(&self) -> &BoxPlan {
        match self {
            Stand::Machines(plan) => plan,
            Stand::Namespaces(light) => &light.plan,
        }
    }

    fn missing(&self) -> Vec<Missing> {
        match self {
            Stand::Machines(plan) => {
                lab_box::missing(&plan.machines.iter().map(|machine| machine.firmware).collect())
            }
            Stand::Namespaces(_) => lab_box::missing_light(),
        }
    }
}

/// A lab that cannot be read is not brought up: what was meant is not known. What rules find in it is only counted.
fn projected(args: &UpArgs, ui: &mut Ui) -> Result<Stand, CommandError> {
    let input = input::load(&args.lab)?;
    let today = jiff::Zoned::now().date();
    let analysis = analysis::analyse(input, today);
    let errors: Vec<_> =
        analysis.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
    let (_, n_unreadable) = analysis::read(input::load(&args.lab)?);
    if n_unreadable == 0 && !errors.is_empty() {
        ui.warn(&format!("the lab has {} errors, which `labwright check` shows", errors.len()));
    }
    if n_unreadable > 0 {
        let text =
            analysis::render(&analysis.files, &errors, analysis::FindingFormat::Text, &ui.text_style());
        ui.say(&text);
        return Err(CommandError::refused(format!("the lab has {} errors", errors.len()))
            .hint("`labwright check` shows all findings"));
    }
    let (stand, left_out, unknown) = project(&analysis.lab, args);
    if let Some(name) = unknown.first() {
        return Err(CommandError::usage(format!("there is no host `{name}` in this lab")));
    }
    for (host, why) in &left_out {
        ui.say(&format!("left out: {host}: {why}"));
    }
    Ok(stand)
}

fn project(lab: &lab_model::Lab, args: &UpArgs) -> (Stand, Vec<(String, String)>, Vec<String>) {
    if args.light {
        let (light, left_out, unknown) = lab_box::project_light(lab, &args.only);
        return (Stand::Namespaces(light), left_out, unknown);
    }
    let Projection { mut plan, left_out, unknown } = lab_box::project(lab, &args.only);
    if args.uefi {
        plan.machines.iter_mut().for_each(|machine| machine.firmware = Firmware::Uefi);
        plan.stand_ins.retain(|text| !text.starts_with("firmware: BIOS"));
    }
    (Stand::Machines(plan), left_out, unknown)
}

fn install(missing: &[Missing], ui: &mut Ui) -> Result<(), CommandError> {
    let packages: BTreeSet<&str> = missing.iter().map(|missing| missing.package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    ui.say(&format!("installing {}", packages.iter().copied().collect::<Vec<_>>().join(" ")));
    lab_box::install_packages(&packages).map_err(|error| {
        let failed = CommandError::failed("the packages that are needed cannot be installed");
        match error {
            InstallError::NotRoot => failed.caused_by(error).hint("run it as root"),
            other => failed.caused_by(other),
        }
    })
}

fn refused(error: UpError, id: &str) -> CommandError {
    match &error {
        UpError::Missing(missing) => {
            let packages: BTreeSet<&str> = missing.iter().map(|missing| missing.package).collect();
            let list = packages.into_iter().collect::<Vec<_>>().join(" ");
            CommandError::refused("programs that are needed are not installed")
                .hint(format!("`--install-packages` installs them: {list}"))
        }
        UpError::AlreadyUp { .. } => CommandError::refused("nothing was changed")
            .caused_by(error)
            .hint(format!("`labwright down` takes box `{id}` away, `labwright status` shows it")),
        UpError::Plan(_) | UpError::Misfit(_) => {
            CommandError::refused("the lab does not fit into a box here").caused_by(error)
        }
        UpError::Interrupted => {
            CommandError::interrupted(format!("stopped; what was made of box `{id}` is removed again"))
        }
        _ => CommandError::failed("the lab did not come up").caused_by(error),
    }
}

/// The first line: what the lines after it are, and what is about to come up.
fn start_json(plan: &BoxPlan) -> String {
    let machines: Vec<&str> = plan.machines.iter().map(|machine| machine.name.as_str()).collect();
    let value = serde_json::json!({"version": 1, "event": "start", "box": plan.id, "machines": machines});
    format!("{value}\n")
}

fn event(step: &Progress) -> String {
    let percent = if let Stage::Installing(percent) = step.stage { Some(percent) } else { None };
    let detail = match &step.stage {
        Stage::Preparing(what) => Some(what),
        Stage::Failed(why) => Some(why),
        _ => None,
    };
    let value = serde_json::json!({
        "event": "progress",
        "seconds": seconds(step.elapsed),
        "machine": step.machine,
        "stage": step.stage.word(),
        "percent": percent,
        "detail": detail,
    });
    format!("{value}\n")
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn result_json(report: &Report) -> String {
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "machine": row.machine,
                "fact": row.fact,
                "asked": row.asked,
                "observed": row.observed,
                "ok": row.ok,
            })
        })
        .collect();
    let machines: Vec<_> = report
        .machines
        .iter()
        .map(|(name, stage)| serde_json::json!({"machine": name, "stage": stage.word(), "words": stage.to_string()}))
        .collect();
    let value = serde_json::json!({
        "event": "result",
        "as_described": report.is_as_described(),
        "seconds": seconds(report.elapsed),
        "stand_ins": report.footprint.stand_ins,
        "not_checked": report.not_checked,
        "machines": machines,
        "rows": rows,
    });
    format!("{value}\n")
}

/// What was described and what was found; then what stands in for what; then the verdict.
fn table(report: &Report, id: &str, width_max: usize) -> String {
    let width = |of: fn(&lab_box::Row) -> &str, head: &str| {
        report.rows.iter().map(|row| of(row).chars().count()).chain([head.len()]).max().unwrap_or(0)
    };
    let machine = width(|row| &row.machine, "machine");
    let fact = width(|row| &row.fact, "fact");
    let asked = width(|row| &row.asked, "described");
    let mut text = format!("\n{:machine$}  {:fact$}  {:asked$}  observed\n", "machine", "fact", "described");
    let mut last = "";
    for row in &report.rows {
        let name = if row.machine == last { "" } else { &row.machine };
        last = &row.machine;
        let mark = if row.ok { "" } else { "   <- not as described" };
        let line =
            format!("{name:machine$}  {:fact$}  {:asked$}  {}{mark}\n", row.fact, row.asked, row.observed);
        text.push_str(&line);
    }
    text.push('\n');
    text.push_str(&paragraphs("stands in", &report.footprint.stand_ins, width_max));
    text.push_str(&paragraphs("not checked", &report.not_checked, width_max));
    let total = report.machines.len();
    let good = report.machines.iter().filter(|(_, stage)| *stage == Stage::Verified).count();
    for (name, stage) in report.machines.iter().filter(|(_, stage)| *stage != Stage::Verified) {
        text.push_str(&format!("\n{name}: {stage}"));
    }
    text.push_str(&format!(
        "\n{good} of {total} machines are up and as described, {:.0} s after the start ({}).\n\
         Log in with `labwright ssh HOST`, take it down with `labwright down`; the box is called `{id}`.\n",
        report.elapsed.as_secs_f64(),
        match report.accelerator {
            Some(Accelerator::Kvm) => "KVM",
            Some(Accelerator::Tcg) => "QEMU without KVM",
            None => "namespaces",
        },
    ));
    text
}

/// A heading and what belongs under it, each point on lines of its own that fit the width.
fn paragraphs(head: &str, points: &[String], width: usize) -> String {
    if points.is_empty() {
        return String::new();
    }
    let mut text = format!("{head}\n");
    for point in points {
        let mut line = " ".to_owned();
        for word in point.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > width.max(40) && line.len() > 3 {
                text.push_str(&format!("{line}\n"));
                line = "   ".to_owned();
            }
            line.push(' ');
            line.push_str(word);
        }
        text.push_str(&format!("{line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_broken_between_words() {
        let points = ["one two".to_owned(), format!("{} {}", "a".repeat(30), "b".repeat(20))];
        let expect = format!("head\n  one two\n  {}\n    {}\n", "a".repeat(30), "b".repeat(20));
        assert_eq!(paragraphs("head", &points, 40), expect);
        assert_eq!(paragraphs("head", &[], 40), "");
    }
}
