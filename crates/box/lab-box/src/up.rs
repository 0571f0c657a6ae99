//! Bringing a box up: image, namespace, netboot service, machines, then watching them until each is verified.
//!
//! The netboot service lives as long as this call. Once a machine is installed it starts from its own disk with static
//! addresses, so nothing of ours needs to stay beside the machines.

mod prepare;
mod start;
mod watch;

use crate::down::{self, DownError};
use crate::host::Host;
use crate::image::{ImageError, ImageStore};
use crate::interrupt::Interrupt;
use crate::missing::{self, Missing};
use crate::net::{Namespace, NetError};
use crate::pi;
use crate::plan::{BoxPlan, Footprint, Misfit, PlanFault, footprint};
use crate::process::Process;
use crate::progress::{Progress, Stage};
use crate::state::{BoxDirs, BoxState, Phase, StateError};
use crate::tool::ToolError;
use crate::verify::{Row, SshFiles, verify_shared};
use crate::vm::{Accelerator, VmError};
use lab_netboot::{PermitError, Service, StartError};
use start::Starter;
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
    /// What a Raspberry Pi fetches could not be written.
    #[error("the files of a Raspberry Pi cannot be made")]
    Board(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk is full; machines stand still.
    #[error("the disk is full: less than 1 MiB is free in {folder}")]
    DiskFull {
        /// Where the machines' disks lie.
        folder: String,
    },
    /// Somebody asked to stop.
    #[error("stopped; what was made is removed again")]
    Interrupted,
}

impl From<pi::PiError> for UpError {
    fn from(error: pi::PiError) -> UpError {
        UpError::Board(Box::new(error))
    }
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
/// takes them away.
///
/// After a run that was killed, a run of the same plan goes on: machines whose system is complete are kept, all others
/// begin anew. Remains of another plan are removed first.
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
    let kept = earlier(plan, &options.dirs)?;
    let begin = Instant::now();
    let run = Run { plan, options, begin };
    let result = options.interrupt.watch_over(|| run.go(kept, progress));
    if result.is_err() {
        // The first error is the one to tell; what cannot be removed now is found by `down`.
        drop(down::down_locked(&options.dirs, &plan.id, lock));
    }
    // What a program says that was stopped with us is no news.
    result.map_err(|error| if options.interrupt.is_set() { UpError::Interrupted } else { error })
}

/// Says that a whole box of this name is up, which [`up`] would leave alone as well. Asked before anything is announced or installed.
///
/// # Errors
/// [`UpError::AlreadyUp`] when every machine of it runs.
pub fn refuse_if_up(id: &str, dirs: &BoxDirs) -> Result<(), UpError> {
    let Ok(state) = dirs.load(id) else { return Ok(()) };
    let (running, total) = (count_running(&state), state.machines.len());
    if state.phase == Phase::Up && running > 0 && running == total {
        return Err(UpError::AlreadyUp { id: id.to_owned(), running, total });
    }
    Ok(())
}

/// Makes a box that is nothing but namespaces: what is common to its kinds, around `make`.
pub(crate) fn up_in_namespaces(
    id: &str,
    options: &Options,
    make: impl FnOnce(Instant) -> Result<Report, UpError>,
) -> Result<Report, UpError> {
    if !nix::unistd::geteuid().is_root() {
        return Err(NetError::NotRoot.into());
    }
    let lock = options.dirs.lock(id)?;
    clear_remains(id, &options.dirs)?;
    let begin = Instant::now();
    let result = options.interrupt.watch_over(|| make(begin));
    if result.is_err() {
        drop(down::down_locked(&options.dirs, id, lock));
    }
    result.map_err(|error| if options.interrupt.is_set() { UpError::Interrupted } else { error })
}

/// A box that is up is left alone; anything half made is removed.
fn clear_remains(id: &str, dirs: &BoxDirs) -> Result<(), UpError> {
    if let Ok(state) = dirs.load(id) {
        let running = count_running(&state);
        if state.phase == Phase::Up && running > 0 {
            return Err(UpError::AlreadyUp { id: id.to_owned(), running, total: state.machines.len() });
        }
    }
    down::remove(dirs, id).map(drop).map_err(UpError::Remains)
}

fn count_running(state: &BoxState) -> usize {
    state.machines.iter().filter(|machine| machine.is_running()).count()
}

/// What bringing `plan` up takes on this machine, with what an earlier run of it holds already, and what stands in for
/// what. [`up`] reckons the same.
///
/// # Errors
/// [`Misfit`] when there is too little memory or disk space.
pub fn reckon(plan: &BoxPlan, dirs: &BoxDirs) -> Result<Footprint, Misfit> {
    let running = dirs.load(&plan.id).map_or(0, |state| count_running(&state));
    let cached = ImageStore::new(&dirs.cache).cached().is_some();
    footprint(plan, &Host::measure(&dirs.cache).with_running(running), cached)
}

/// What an earlier run of the same plan left and this one can go on with: networks, keys, installed machines. Anything
/// else that is left is removed.
fn earlier(plan: &BoxPlan, dirs: &BoxDirs) -> Result<Option<BoxState>, UpError> {
    if let Ok(state) = dirs.load(&plan.id) {
        let is_same = state.plan == prepare::digest(plan) && Namespace::of_box(&plan.id).exists();
        let is_complete = state.phase == Phase::Up && count_running(&state) == state.machines.len();
        if is_same && state.phase != Phase::Starting && !is_complete {
            return Ok(Some(state));
        }
    }
    clear_remains(&plan.id, dirs).map(|()| None)
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

    fn go(&self, kept: Option<BoxState>, progress: &mut dyn FnMut(&Progress)) -> Result<Report, UpError> {
        let (plan, dirs) = (self.plan, &self.options.dirs);
        let store = ImageStore::new(&dirs.cache);
        let footprint = reckon(plan, dirs)?;
        let tell = std::cell::RefCell::new(progress);
        let say = |what: &str| {
            let stage = Stage::Preparing(what.to_owned());
            tell.borrow_mut()(&Progress { elapsed: self.begin.elapsed(), machine: None, stage });
        };
        let image = store.ensure(&say)?;
        self.go_on()?;

        let namespace = Namespace::of_box(&plan.id);
        let state = self.stand(kept, &namespace, &say)?;
        let accelerator = self
            .options
            .accelerator
            .unwrap_or_else(|| Accelerator::probe(&dirs.folder(&plan.id), &dirs.cache, &image));
        let archives = prepare::keys(plan, &dirs.folder(&plan.id))?;
        let (events, inbox) = mpsc::channel();
        let service_state = dirs.folder(&plan.id).join("netboot");
        let disks = dirs.disks(&plan.id);
        for (machine, archive) in plan.machines.iter().zip(&archives) {
            pi::write_folder(&disks, machine, prepare::server(plan, machine), &image, archive)?;
        }
        let config = crate::serve::config(plan, &namespace, (service_state, &disks), &image, archives);
        let service = Service::start(config, events)?;
        let mut starter = Starter::new((plan, dirs), &namespace, &service, (accelerator, &footprint), state);
        self.start(&mut starter, &say)?;

        let prepared = self.begin.elapsed();
        let watch = watch::Watch::new(&mut starter, self.begin, self.options);
        let (machines, rows) = watch.run(&inbox, &mut |step| tell.borrow_mut()(step))?;
        self.go_on()?;
        starter.finish()?;
        service.stop();
        let mut rows = in_order(plan, rows);
        let (shared, unasked) = self.shared(&machines, &namespace);
        rows.extend(shared);
        let mut not_checked = plan.not_checked.clone();
        not_checked.extend(unasked);
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

    /// Networks and folders: those of an earlier run, or new ones.
    fn stand(
        &self,
        kept: Option<BoxState>,
        namespace: &Namespace,
        say: &dyn Fn(&str),
    ) -> Result<BoxState, UpError> {
        let (plan, dirs) = (self.plan, &self.options.dirs);
        let mut state = match kept {
            Some(state) => BoxState { maker: Process::own(), ..state },
            None => {
                say("making networks and keys");
                let state = prepare::state(plan);
                dirs.store(&state)?;
                prepare::folders(plan, dirs)?;
                namespace.create(plan)?;
                prepare::keys(plan, &dirs.folder(&plan.id))?;
                state
            }
        };
        state.phase = Phase::Running;
        dirs.store(&state)?;
        Ok(state)
    }

    /// Gives every machine power that waits for no other.
    fn start(&self, starter: &mut Starter<'_>, say: &dyn Fn(&str)) -> Result<(), UpError> {
        let kept = starter.kept();
        if !kept.is_empty() {
            say(&format!("going on after a run that ended early; already installed: {}", kept.join(", ")));
        }
        starter.end_others()?;
        for (index, machine) in self.plan.machines.iter().enumerate() {
            self.go_on()?;
            if starter.is_kept(index) || (machine.after.is_none() && !starter.must_be_played(index)) {
                starter.start(index)?;
            }
        }
        Ok(())
    }
}

fn in_order(plan: &BoxPlan, mut rows: BTreeMap<String, Vec<Row>>) -> Vec<Row> {
    plan.machines.iter().flat_map(|machine| rows.remove(&machine.name).unwrap_or_default()).collect()
}
