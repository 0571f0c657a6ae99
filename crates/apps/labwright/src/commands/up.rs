//! `labwright up`: the lab live on this machine. Shows how far each machine is, ends with what was asked and observed.

mod events;
mod words;

use super::box_name::keep_lab;
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
    BoxPlan, Firmware, InstallError, LightPlan, Missing, NetError, Options, Progress, Projection, UpError,
    wired::WiredPlan,
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
  labwright up --light labs/infra-mk3           every host and VM as a namespace, nothing installed
  labwright up --wired labs/starter             with its switches, cables, routers and a provider")]
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
    /// The lab's network in earnest: switches, cables, routers with their rendered files, a provider outside
    #[arg(long, conflicts_with_all = ["uefi", "light", "only"])]
    wired: bool,
    /// How long the machines may take, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    limit: u64,
    /// Show every fact that was compared, not one line a machine
    #[arg(long)]
    facts: bool,
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

/// Reads and checks the lab, then brings it up. With `--format json` a failure is also the last event.
pub(crate) fn run_up(args: &UpArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let result = bring_up(args, ui);
    if let (Err(error), UpFormat::Json) = (&result, args.format) {
        ui.data(&events::failed(error))?;
    }
    result
}

fn bring_up(args: &UpArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let interrupt = interrupting::listen()?;
    let (mut stand, before) = projected(args, ui)?;
    let options = Options { limit: Duration::from_secs(args.limit * 60), interrupt, ..Options::of_user() };
    let id = stand.plan().id.clone();
    lab_box::refuse_if_up(&id, &options.dirs).map_err(|error| refused(error, &id, args))?;
    if args.install_packages {
        install(&[stand.missing(), stand.missing_software()].concat(), ui).map_err(|error| {
            if options.interrupt.is_set() {
                CommandError::interrupted("stopped; packages may be half installed")
            } else {
                error
            }
        })?;
    }
    stand.cast();
    let plan = stand.plan();
    let is_light = !matches!(stand, Stand::Machines(_));
    let is_json = args.format == UpFormat::Json;
    let footprint = if is_light { None } else { lab_box::reckon(plan, &options.dirs).ok() };
    if is_json {
        ui.data(&events::start(plan, footprint.as_ref(), &before.left_out, before.errors))?;
    } else if stand.missing().is_empty() {
        ui.data(&words::before(plan, footprint.as_ref(), &before.left_out, stand.how(), ui.width()))?;
    }
    let mut watching = Watching::new(plan, !is_json && ui.is_live());
    let mut broken = None;
    let mut tell = |step: &Progress| {
        let told = match is_json {
            true => events::progress(step).map_or(Ok(()), |line| ui.data(&line)),
            false => watching.tell(step, ui),
        };
        broken = broken.take().or(told.err());
    };
    let result = match &stand {
        Stand::Machines(plan) => lab_box::up(plan, &options, &mut tell),
        Stand::Namespaces(light) => lab_box::up_light(light, &options, &mut tell),
        Stand::Wired { plan, .. } => lab_box::up_wired(plan, &options, &mut tell),
    };
    if let Some(error) = broken {
        ui.error(&error);
    }
    let report = result.map_err(|error| refused(error, &plan.id, args))?;
    if let Err(error) = keep_lab(&options.dirs, &id, &args.lab) {
        ui.warn(&format!("where the lab is could not be written down, so other verbs must be told: {error}"));
    }
    let told = footprint.map_or_else(|| plan.stand_ins.clone(), |footprint| footprint.stand_ins);
    let width = ui.width();
    ui.data(&match args.format {
        UpFormat::Json => events::result(&report),
        UpFormat::Text => words::after(&report, &plan.id, &told, args.facts, width),
    })?;
    Ok(if report.is_as_described() { Exit::Done } else { Exit::Unreachable })
}

/// What is known of the lab before anything is made.
struct Before {
    left_out: Vec<(String, String)>,
    /// Errors that rules found, with which the lab comes up all the same.
    errors: usize,
}

/// What shall stand.
enum Stand {
    Machines(BoxPlan),
    Namespaces(LightPlan),
    Wired {
        plan: WiredPlan,
        /// What is shown of it before it stands.
        outline: BoxPlan,
    },
}

impl Stand {
    fn plan(&self) -> &BoxPlan {
        match self {
            Stand::Machines(plan) => plan,
            Stand::Namespaces(light) => &light.plan,
            Stand::Wired { outline, .. } => outline,
        }
    }

    fn missing(&self) -> Vec<Missing> {
        match self {
            Stand::Machines(plan) => {
                lab_box::missing(&plan.machines.iter().map(|machine| machine.firmware).collect())
            }
            Stand::Namespaces(_) => lab_box::missing_light(),
            Stand::Wired { plan, .. } => lab_box::missing_wired(plan),
        }
    }

    /// What real programs of services would take; the lab comes up without.
    fn missing_software(&self) -> Vec<Missing> {
        match self {
            Stand::Wired { plan, .. } => plan.missing_software(),
            _ => Vec::new(),
        }
    }

    /// Services are played by the programs that are installed now.
    fn cast(&mut self) {
        if let Stand::Wired { plan, outline } = self {
            plan.cast();
            *outline = plan.outline();
        }
    }

    fn how(&self) -> words::How {
        match self {
            Stand::Machines(_) => words::How::Installed,
            Stand::Namespaces(_) => words::How::Namespaces,
            Stand::Wired { plan, .. } => {
                words::How::Wired(plan.cables.iter().filter(|cable| cable.is_described).count())
            }
        }
    }
}

/// A lab that cannot be read is not brought up: what was meant is not known. What rules find in it is only counted.
fn projected(args: &UpArgs, ui: &mut Ui) -> Result<(Stand, Before), CommandError> {
    let input = input::load(&args.lab)?;
    let today = jiff::Zoned::now().date();
    let analysis = analysis::analyse(input, today);
    let errors: Vec<_> =
        analysis.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
    let (_, n_unreadable) = analysis::read(input::load(&args.lab)?);
    if n_unreadable == 0 && !errors.is_empty() {
        let what = if errors.len() == 1 { "1 error".to_owned() } else { format!("{} errors", errors.len()) };
        ui.warn(&format!("the lab has {what}, which `labwright check` shows; it is brought up as it is"));
    }
    if n_unreadable > 0 {
        let text =
            analysis::render(&analysis.files, &errors, analysis::FindingFormat::Text, &ui.text_style());
        ui.say(&text);
        return Err(CommandError::refused(
            "parts of the lab cannot be read, so it is not known what was meant",
        )
        .hint("`labwright check` shows all findings"));
    }
    let (stand, left_out, unknown) = project(&analysis.lab, args);
    if let Some(name) = unknown.first() {
        return Err(CommandError::usage(format!("there is no host `{name}` in this lab")));
    }
    Ok((stand, Before { left_out, errors: errors.len() }))
}

fn project(lab: &lab_model::Lab, args: &UpArgs) -> (Stand, Vec<(String, String)>, Vec<String>) {
    if args.wired {
        let (plan, left_out) = lab_box::project_wired(lab);
        let outline = plan.outline();
        return (Stand::Wired { plan, outline }, left_out, Vec::new());
    }
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

/// Without root, namespaces can be had inside a user namespace; machines cannot, since their image is made as root.
const WITHOUT_ROOT: &str = "without root, a shell in which `up --light`, `status`, `ssh` and `down` work: \
    unshare --map-root-user --net --mount sh -c 'mount -t tmpfs none /run && exec $SHELL'";

fn refused(error: UpError, id: &str, args: &UpArgs) -> CommandError {
    match &error {
        UpError::Net(NetError::NotRoot) => {
            let refused = CommandError::refused("a box is made by root").caused_by(error);
            let refused = refused.hint("run it with sudo; nothing outside the box is touched");
            if args.light { refused.hint(WITHOUT_ROOT) } else { refused }
        }
        UpError::DiskFull { .. } => {
            CommandError::failed("the lab did not come up; what was made is removed again")
                .caused_by(error)
                .hint("make room there, or bring fewer machines up with `--only`")
        }
        UpError::Missing(missing) => {
            let packages: BTreeSet<&str> = missing.iter().map(|missing| missing.package).collect();
            let list = packages.into_iter().collect::<Vec<_>>().join(" ");
            CommandError::refused("programs that are needed are not installed")
                .hint(format!("`--install-packages` installs them: {list}"))
        }
        UpError::AlreadyUp { .. } => CommandError::refused("nothing was changed")
            .caused_by(error)
            .hint(format!("`labwright down` takes box `{id}` away, `labwright status` shows it")),
        UpError::Plan(_) => CommandError::refused("nothing was made").caused_by(error),
        UpError::Misfit(_) => CommandError::refused("the lab does not fit into a box here").caused_by(error),
        UpError::Interrupted => {
            CommandError::interrupted(format!("stopped; what was made of box `{id}` is removed again"))
        }
        _ => CommandError::failed("the lab did not come up").caused_by(error),
    }
}
