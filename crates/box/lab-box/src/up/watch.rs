//! Watching machines from power on to verified: events of the netboot service, lines on their serial consoles, and the
//! verification, which runs beside for each machine that says it is up.

use super::start::Starter;
use super::{UpError, prepare};
use crate::host::Host;
use crate::interrupt::Interrupt;
use crate::listen;
use crate::net::Namespace;
use crate::pi;
use crate::plan::BoxPlan;
use crate::progress::{Progress, Stage};
use crate::serve;
use crate::verify::{Row, SshFiles, Until, verify};
use crate::vm;
use lab_netboot::{Event, EventKind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// How often serial lines are read.
const TICK: Duration = Duration::from_millis(100);
/// How long a machine that says it is up may take to answer.
const ANSWER: Duration = Duration::from_secs(60);

/// The last stage and the rows of every machine.
pub(super) type Outcome = (Vec<(String, Stage)>, BTreeMap<String, Vec<Row>>);

pub(super) struct Watch<'a, 's> {
    starter: &'a mut Starter<'s>,
    plan: &'s BoxPlan,
    namespace: &'s Namespace,
    ssh: SshFiles,
    /// Where the machines' disks lie.
    cache: PathBuf,
    machines: Vec<Watched>,
    begin: Instant,
    /// Seconds since `begin` when the clock was last told.
    ticked: u64,
    deadline: Instant,
    interrupt: Interrupt,
    rows: BTreeMap<String, Vec<Row>>,
}

struct Watched {
    name: String,
    folder: PathBuf,
    serial: Tail,
    stage: Stage,
    /// Whether its boot ROM is just being played; it has no power yet.
    is_played: bool,
    /// What the boot ROM was given.
    played: Vec<Row>,
    /// What the netboot service last refused it, to be told when it gets no further.
    refused: Option<String>,
}

/// What threads beside the watch found out.
enum News {
    /// A machine was asked from outside.
    Asked(usize, Vec<Row>),
    /// A boot ROM was played; else why it stopped.
    Played(usize, Result<Vec<Row>, String>),
}

fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

type Tell<'t> = &'t mut dyn FnMut(&Progress);

impl<'a, 's> Watch<'a, 's> {
    pub(super) fn new(
        starter: &'a mut Starter<'s>,
        begin: Instant,
        options: &super::Options,
    ) -> Watch<'a, 's> {
        let (plan, dirs, namespace) = (starter.plan, starter.dirs, starter.namespace);
        let watched = |machine: &crate::state::MachineState| {
            let folder = dirs.machine(&plan.id, &machine.name);
            Watched {
                name: machine.name.clone(),
                serial: Tail::new(vm::serial_log(&folder)),
                folder,
                stage: Stage::Preparing(String::new()),
                refused: None,
                is_played: false,
                played: Vec::new(),
            }
        };
        Watch {
            plan,
            namespace,
            ssh: SshFiles::in_folder(&dirs.folder(&plan.id)),
            cache: dirs.cache.clone(),
            machines: starter.state.machines.iter().map(watched).collect(),
            starter,
            begin,
            ticked: 0,
            deadline: Instant::now() + options.limit,
            interrupt: options.interrupt.clone(),
            rows: BTreeMap::new(),
        }
    }

    /// Returns when every machine is verified or failed, or when the run is interrupted.
    ///
    /// # Errors
    /// The disk is full, or a machine that waited for another cannot be started.
    pub(super) fn run(mut self, events: &Receiver<Event>, tell: Tell<'_>) -> Result<Outcome, UpError> {
        let (news, told) = channel();
        let namespace = self.namespace;
        let plan = self.plan;
        std::thread::scope(|scope| {
            for index in 0..self.machines.len() {
                let must_wait = plan.machines[index].after.is_some() || self.starter.must_be_played(index);
                if !must_wait || self.starter.is_kept(index) {
                    let stage = self.first_stage(index);
                    self.advance(index, stage, tell);
                }
            }
            while !self.interrupt.is_set() && self.machines.iter().any(|machine| !machine.stage.is_final()) {
                self.take_events(events, tell);
                for index in 0..self.machines.len() {
                    self.read_serial(index, tell);
                    if self.machines[index].stage == Stage::Up
                        && !self.rows.contains_key(&plan.machines[index].name)
                    {
                        self.begin_verification(scope, index, namespace, plan, news.clone());
                    }
                    self.look_for_faults(index, tell);
                }
                while let Ok(news) = told.try_recv() {
                    self.take_news(news, tell)?;
                }
                for index in self.followers(tell) {
                    if self.starter.must_be_played(index) {
                        self.begin_playing(scope, index, news.clone());
                    } else {
                        self.starter.start(index)?;
                    }
                    self.advance(index, Stage::Started, tell);
                }
                self.look_for_room()?;
                self.tick(tell);
            }
            Ok::<_, UpError>(())
        })?;
        Ok((self.machines.into_iter().map(|machine| (machine.name, machine.stage)).collect(), self.rows))
    }

    /// Where a machine stands when the watch begins: one that an earlier run left running has come somewhere already.
    fn first_stage(&mut self, index: usize) -> Stage {
        let said = match self.starter.is_kept(index) {
            true => self.machines[index].serial.lines(),
            false => Vec::new(),
        };
        said.iter().filter_map(|line| serve::serial_stage(line)).max().unwrap_or(Stage::Started)
    }

    /// Machines without power whose turn has come: what they wait for, if anything, is verified.
    fn followers(&mut self, tell: Tell<'_>) -> Vec<usize> {
        let mut ready = Vec::new();
        for index in 0..self.machines.len() {
            if !matches!(self.machines[index].stage, Stage::Preparing(_)) {
                continue;
            }
            let leader = self.plan.machines[index].after.as_ref();
            let stage = leader.map(|name| self.machines.iter().find(|machine| machine.name == *name));
            match stage.map(|leader| leader.map(|leader| &leader.stage)) {
                None | Some(Some(Stage::Verified)) => ready.push(index),
                Some(Some(Stage::Failed(_)) | None) => {
                    let why = format!("{}, which it waits for, is not up", leader.map_or("", String::as_str));
                    self.advance(index, Stage::Failed(why), tell);
                }
                Some(Some(_)) => {}
            }
        }
        ready
    }

    fn tick(&mut self, tell: Tell<'_>) {
        let elapsed = self.begin.elapsed();
        if elapsed.as_secs() > self.ticked {
            self.ticked = elapsed.as_secs();
            tell(&Progress { elapsed, machine: None, stage: Stage::Waiting });
        }
    }

    /// QEMU holds a machine that cannot write for as long as that lasts.
    fn look_for_room(&self) -> Result<(), UpError> {
        if Host::measure(&self.cache).disk_mib > 0 {
            return Ok(());
        }
        Err(UpError::DiskFull { folder: self.cache.display().to_string() })
    }

    /// Takes what the service says, for one tick at most.
    fn take_events(&mut self, events: &Receiver<Event>, tell: Tell<'_>) {
        let until = Instant::now() + TICK;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match events.recv_timeout(left) {
                Ok(event) => self.take_event(&event, tell),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => return std::thread::sleep(left),
            }
        }
    }

    fn take_event(&mut self, event: &Event, tell: Tell<'_>) {
        let Some(index) = self.machines.iter().position(|m| Some(&m.name) == event.machine.as_ref()) else {
            return;
        };
        if let EventKind::Refused { reason } = &event.kind {
            self.machines[index].refused = Some(reason.clone());
        }
        if let Some(stage) = serve::stage(&event.kind) {
            self.advance(index, stage, tell);
        }
    }

    fn read_serial(&mut self, index: usize, tell: Tell<'_>) {
        for line in self.machines[index].serial.lines() {
            if let Some(stage) = serve::serial_stage(&line) {
                self.advance(index, stage, tell);
            }
        }
    }

    fn look_for_faults(&mut self, index: usize, tell: Tell<'_>) {
        let machine = &self.machines[index];
        if matches!(machine.stage, Stage::Preparing(_)) || machine.is_played {
            return;
        }
        if !self.starter.state.machines[index].is_running() {
            let said = std::fs::read_to_string(vm::qemu_log(&machine.folder)).unwrap_or_default();
            let last = said.lines().last().unwrap_or("it said nothing").to_owned();
            self.advance(index, Stage::Failed(format!("QEMU ended: {last}")), tell);
        } else if let Some(said) = vm::fatal_word(&machine.folder) {
            self.advance(index, Stage::Failed(format!("QEMU stopped it: {said}")), tell);
        } else if Instant::now() > self.deadline && machine.stage != Stage::Up {
            let refused =
                machine.refused.as_ref().map(|why| format!("; the netboot service refused it: {why}"));
            let why =
                format!("waited too long for {}{}", machine.stage.awaited(), refused.unwrap_or_default());
            self.advance(index, Stage::Failed(why), tell);
        }
    }

    fn begin_verification<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        index: usize,
        namespace: &'scope Namespace,
        plan: &'scope BoxPlan,
        news: Sender<News>,
    ) {
        let machine = &plan.machines[index];
        // Present from now on, so that it begins once.
        self.rows.insert(machine.name.clone(), Vec::new());
        let ssh = self.ssh.clone();
        let address = prepare::address(plan, machine);
        let interrupt = self.interrupt.clone();
        scope.spawn(move || {
            let until = Until { deadline: Instant::now() + ANSWER, interrupt };
            let mut rows = verify(machine, address, namespace, &ssh, &until);
            rows.extend(listen::verify(machine, address, namespace, &until.interrupt));
            // The receiver outlives this thread: both belong to `run`.
            drop(news.send(News::Asked(index, rows)));
        });
    }

    /// Plays a Raspberry Pi's boot ROM on a thread of its own.
    fn begin_playing<'scope>(&mut self, scope: &'scope Scope<'scope, '_>, index: usize, news: Sender<News>)
    where
        's: 'scope,
    {
        let (plan, namespace, folder) = (self.plan, self.namespace, self.machines[index].folder.clone());
        self.machines[index].is_played = true;
        scope.spawn(move || {
            let played = pi::boot(plan, index, &folder, namespace);
            drop(news.send(News::Played(index, played.map_err(|error| causes(&error)))));
        });
    }

    fn take_news(&mut self, news: News, tell: Tell<'_>) -> Result<(), UpError> {
        match news {
            News::Asked(index, rows) => self.take_answer(index, rows, tell),
            News::Played(index, Ok(rows)) => {
                self.machines[index].is_played = false;
                self.machines[index].played = rows;
                self.starter.start(index)?;
            }
            News::Played(index, Err(why)) => self.advance(index, Stage::Failed(why), tell),
        }
        Ok(())
    }

    fn take_answer(&mut self, index: usize, asked: Vec<Row>, tell: Tell<'_>) {
        let mut rows = std::mem::take(&mut self.machines[index].played);
        rows.extend(asked);
        let wrong: Vec<&str> = rows.iter().filter(|row| !row.ok).map(|row| row.fact.as_str()).collect();
        let stage = if wrong.is_empty() {
            Stage::Verified
        } else {
            Stage::Failed(format!("not as described: {}", wrong.join(", ")))
        };
        self.rows.insert(self.machines[index].name.clone(), rows);
        self.advance(index, stage, tell);
    }

    /// Tells the stage if it is a new one. Machines only go forward, and nothing follows a final stage.
    fn advance(&mut self, index: usize, stage: Stage, tell: Tell<'_>) {
        let machine = &mut self.machines[index];
        if machine.stage.is_final() || stage <= machine.stage {
            return;
        }
        machine.stage = stage.clone();
        self.starter.came_to(index, &stage);
        let machine = &self.machines[index];
        tell(&Progress { elapsed: self.begin.elapsed(), machine: Some(machine.name.clone()), stage });
    }
}

/// A file that grows, read line by line.
struct Tail {
    path: PathBuf,
    offset: u64,
    rest: Vec<u8>,
}

impl Tail {
    fn new(path: PathBuf) -> Tail {
        Tail { path, offset: 0, rest: Vec::new() }
    }

    /// The lines that were completed since the last call; none while the file cannot be read.
    fn lines(&mut self) -> Vec<String> {
        let Ok(bytes) = read_from(&self.path, self.offset) else { return Vec::new() };
        self.offset += bytes.len() as u64;
        self.rest.extend(bytes);
        let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') else { return Vec::new() };
        let rest = self.rest.split_off(end + 1);
        let text = String::from_utf8_lossy(&std::mem::replace(&mut self.rest, rest)).into_owned();
        text.lines().map(str::to_owned).collect()
    }
}

fn read_from(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_are_given_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serial.log");
        let mut tail = Tail::new(path.clone());
        assert!(tail.lines().is_empty());
        let mut file = File::create(path).unwrap();
        file.write_all(b"LW:install").unwrap();
        assert!(tail.lines().is_empty());
        file.write_all(b"ing 1\r\nLW:in").unwrap();
        assert_eq!(tail.lines(), ["LW:installing 1"]);
        file.write_all(b"stalled\n\n").unwrap();
        assert_eq!(tail.lines(), ["LW:installed", ""]);
        assert!(tail.lines().is_empty());
    }
}
