//! Bringing a box up: image, namespace, netboot service, machines, then watching them until each is verified.
//!
//! The netboot service lives as long as this call. Once a machine is installed it starts from its own disk with static
//! addresses, so nothing of ours needs to stay beside the machines.

mod prepare;
mod watch;

use crate::down::{self, DownError};
use crate::host::Host;
use crate::image::{ImageError, ImageStore};
use crate::interrupt::Interrupt;
use crate::missing::{self, Missing};
use crate::net::{Namespace, NetError};
use crate::plan::{BoxPlan, Footprint, Misfit, PlanFault, footprint};
use crate::progress::{Progress, Stage};
use crate::state::{BoxDirs, Phase, StateError};
use crate::tool::ToolError;
use crate::verify::{Row, SshFiles, verify_shared};
use crate::vm::{Accelerator, VmError};
use lab_netboot::{PermitError, Service, StartError};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How a box is brought up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it keeps its things.
    pub dirs: BoxDirs,
    /// How long the machines may take from power on to verified.
    pub limit: Duration,
    /// Who executes the machines; none: found out by trying.
    pub accelerator: Option<Accelerator>,
    /// When set, the run stops soon and removes what it made.
    pub interrupt: Interrupt,
}

impl Options {
    /// The user's own folders, ten minutes, and the accelerator that works.
    pub fn of_user() -> Options {
        Options {
            dirs: BoxDirs::of_user(),
            limit: Duration::from_secs(600),
            accelerator: None,
            interrupt: Interrupt::default(),
        }
    }
}

/// Why a box did not come up. Machines that failed are no error; they are in the [`Report`].
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The plan is impossible.
    #[error("the lab cannot be brought up: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Plan(Vec<PlanFault>),
    /// Programs are missing; none was installed.
    #[error("needed and not installed: {}", words(.0))]
    Missing(Vec<Missing>),
    /// It does not fit on this machine.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The box is up already.
    #[error("box `{id}` is up already ({running} of {total} machines run); take it down first")]
    AlreadyUp {
        /// The box.
        id: String,
        /// Machines that run.
        running: usize,
        /// Machines that it has.
        total: usize,
    },
    /// State could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The remains of an earlier run could not be removed.
    #[error("the remains of an earlier run cannot be removed")]
    Remains(#[source] DownError),
    /// The image could not be made.
    #[error("the image cannot be made")]
    Image(#[from] ImageError),
    /// The network could not be made.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A program failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The netboot service did not start.
    #[error("the netboot service does not start")]
    Service(#[from] StartError),
    /// A permit to install was not opened.
    #[error(transparent)]
    Permit(#[from] PermitError),
    /// A machine did not start.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// Somebody asked to stop.
    #[error("stopped; what was made is removed again")]
    Interrupted,
}

fn words(missing: &[Missing]) -> String {
    missing.iter().map(|m| format!("{} (package {})", m.what, m.package)).collect::<Vec<_>>().join(", ")
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was described and what was found, machine by machine.
    pub rows: Vec<Row>,
    /// The last stage of each machine, in the order of the plan.
    pub machines: Vec<(String, Stage)>,
    /// What is described and was not looked at, in words.
    pub not_checked: Vec<String>,
    /// What the box takes and what stands in for what.
    pub footprint: Footprint,
    /// Who executes the machines; none: they are namespaces.
    pub accelerator: Option<Accelerator>,
    /// Time until the machines had power, image included.
    pub prepared: Duration,
    /// Time altogether.
    pub elapsed: Duration,
}

impl Report {
    /// Whether every machine is as described.
    pub fn is_as_described(&self) -> bool {
        self.rows.iter().all(|row| row.ok) && self.machines.iter().all(|(_, stage)| *stage == Stage::Verified)
    }
}

/// Brings `plan` up and tells `progress` what happens. The machines run on when this returns; [`down`](crate::down)
/// takes them away. Remains of a run that was killed are removed first.
///
/// # Errors
/// When the machines could not be started; what was made until then is removed again.
pub fn up(plan: &BoxPlan, options: &Options, progress: &mut dyn FnMut(&Progress)) -> Result<Report, UpError> {
    let faults = plan.faults();
    if !faults.is_empty() {
        return Err(UpError::Plan(faults));
    }
    let missing = missing::missing(&plan.machines.iter().map(|machine| machine.firmware).collect());
    if !missing.is_empty() {
        return Err(UpError::Missing(missing));
    }
    if !nix::unistd::geteuid().is_root() {
        return Err(NetError::NotRoot.into());
    }
    let lock = options.dirs.lock(&plan.id)?;
    clear_remains(plan, &options.dirs)?;
    let begin = Instant::now();
    let run = Run { plan, options, begin };
    let result = options.interrupt.watch_over(|| run.go(progress));
    if result.is_err() {
        // The first error is the one to tell; what cannot be removed now is found by `down`.
        drop(down::down_locked(&options.dirs, &plan.id, lock));
    }
    // What a program says that was stopped with us is no news.
    result.map_err(|error| if options.interrupt.is_set() { UpError::Interrupted } else { error })
}

/// A box that is up is left alone; anything half made is removed.
pub(crate) fn clear_remains(plan: &BoxPlan, dirs: &BoxDirs) -> Result<(), UpError> {
    if let Ok(state) = dirs.load(&plan.id) {
        let runs = |process: crate::process::Process| process.is_running();
        let running =
            state.machines.iter().filter_map(|machine| machine.process).filter(|p| runs(*p)).count();
        if state.phase == Phase::Up && running > 0 {
            return Err(UpError::AlreadyUp { id: plan.id.clone(), running, total: state.machines.len() });
        }
    }
    down::remove(dirs, &plan.id).map(drop).map_err(UpError::Remains)
}

/// One run of [`up`] that holds the box's lock.
struct Run<'a> {
    plan: &'a BoxPlan,
    options: &'a Options,
    begin: Instant,
}

impl Run<'_> {
    /// Asks for the addresses that are nobody's own, once all machines stand.
    fn shared(&self, machines: &[(String, Stage)], namespace: &Namespace) -> (Vec<Row>, Option<String>) {
        let plan = self.plan;
        let good = plan.machines.iter().zip(machines).filter(|(_, (_, stage))| *stage == Stage::Verified);
        let good = good.map(|(machine, _)| (machine.name.clone(), prepare::address(plan, machine))).collect();
        let ssh = SshFiles::in_folder(&self.options.dirs.folder(&plan.id));
        let (rows, unasked) = verify_shared(plan, &good, namespace, &ssh);
        let text = format!("{}: no machine beside the holder is in the network to ask", unasked.join(", "));
        (rows, (!unasked.is_empty()).then_some(text))
    }

    fn go_on(&self) -> Result<(), UpError> {
        if self.options.interrupt.is_set() { Err(UpError::Interrupted) } else { Ok(()) }
    }

    fn go(&self, progress: &mut dyn FnMut(&Progress)) -> Result<Report, UpError> {
        let (plan, dirs) = (self.plan, &self.options.dirs);
        let store = ImageStore::new(&dirs.cache);
        let footprint = footprint(plan, &Host::measure(&dirs.cache), store.cached().is_some())?;
        let tell = std::cell::RefCell::new(progress);
        let say = |what: &str| {
            let stage = Stage::Preparing(what.to_owned());
            tell.borrow_mut()(&Progress { elapsed: self.begin.elapsed(), machine: None, stage });
        };
        let image = store.ensure(&say)?;
        self.go_on()?;

        say("making networks and keys");
        let mut state = prepare::state(plan);
        dirs.store(&state)?;
        prepare::folders(plan, dirs)?;
        let accelerator = self
            .options
            .accelerator
            .unwrap_or_else(|| Accelerator::probe(&dirs.folder(&plan.id), &dirs.cache, &image));
        let namespace = Namespace::of_box(&plan.id);
        namespace.create(plan)?;
        let archives = prepare::keys(plan, &dirs.folder(&plan.id))?;

        let (events, inbox) = mpsc::channel();
        let service_state = dirs.folder(&plan.id).join("netboot");
        let config = crate::serve::config(plan, &namespace, service_state, &image, archives);
        let service = Service::start(config, events)?;
        for machine in &plan.machines {
            service.open_permit(&machine.name)?;
        }
        for (index, vm) in prepare::vms(plan, &footprint, dirs).iter().enumerate() {
            self.go_on()?;
            state.machines[index].process = Some(vm.start(&namespace, accelerator)?);
            dirs.store(&state)?;
        }

        let prepared = self.begin.elapsed();
        let watch = watch::Watch::new(plan, dirs, &namespace, &state, self.begin, self.options);
        let (machines, rows) = watch.run(&inbox, &mut |step| tell.borrow_mut()(step));
        service.stop();
        self.go_on()?;
        let mut rows = in_order(plan, rows);
        let (shared, unasked) = self.shared(&machines, &namespace);
        rows.extend(shared);
        let mut not_checked = plan.not_checked.clone();
        not_checked.extend(unasked);
        state.phase = Phase::Up;
        dirs.store(&state)?;
        Ok(Report {
            rows,
            machines,
            not_checked,
            footprint,
            accelerator: Some(accelerator),
            prepared,
            elapsed: self.begin.elapsed(),
        })
    }
}

fn in_order(plan: &BoxPlan, mut rows: BTreeMap<String, Vec<Row>>) -> Vec<Row> {
    plan.machines.iter().flat_map(|machine| rows.remove(&machine.name).unwrap_or_default()).collect()
}
