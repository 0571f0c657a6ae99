//! What the loops share: leases, permits, timelines, the way to the caller, and the word to stop.
//!
//! Each part has a lock of its own, held for one step; no two are held at once.

use super::{PermitError, StartError};
use crate::boot::choice::{self, Part, Why};
use crate::boot::script::{self, Place};
use crate::config::{Artefact, Config, Install, Machine};
use crate::dhcp::machine::Server;
use crate::dhcp::record::Record;
use crate::event::{Event, EventKind};
use crate::history::History;
use crate::journal::{Journal, JournalError};
use crate::mac::Mac;
use crate::permit::{Change, Permit, Permits};
use crate::permit_book::PermitBook;
use crate::timeline::{Fact, Timeline};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// So many addresses are remembered with the card that fetched a script from them.
const FETCHERS: usize = 4096;

/// Shared by all loops.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) dhcp: Mutex<Server>,
    pub(super) leases: Mutex<Journal>,
    permits: Mutex<PermitBook>,
    timeline: Mutex<Timeline>,
    history: Mutex<Memory>,
    fetchers: Mutex<BTreeMap<Ipv4Addr, Mac>>,
    events: Sender<Event>,
    /// Becomes readable, and stays so, when the loops are to end.
    pub(super) stop: EventFd,
}

/// What outlives the service, and whether it was told that it cannot be written.
#[derive(Debug)]
struct Memory {
    history: Option<History>,
    is_failing: bool,
}

/// A panic in one loop must not end the others: what a lock guards is whole after every statement.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Reads the state folder.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub(super) fn open(config: Config, events: Sender<Event>) -> Result<Shared, StartError> {
        let config = Arc::new(config);
        std::fs::create_dir_all(&config.state).map_err(StartError::State)?;
        let (journal, lines, lost_leases) = Journal::open(&config.state.join("leases.journal"))?;
        let records: Vec<Record> = lines.iter().filter_map(|line| Record::parse(line)).collect();
        let server = Server::new(Arc::clone(&config), &records);
        let (permits, lost_permits) = PermitBook::open(&config.state)?;
        let (history, no_history) = match History::open(&config.state) {
            Ok(history) => (Some(history), None),
            Err(error) => (None, Some(error)),
        };
        let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
            .map_err(|error| StartError::State(error.into()))?;
        let shared = Shared {
            timeline: Mutex::new(Timeline::new(
                config.limits.timeline_packets,
                config.limits.timeline_clients,
            )),
            config,
            dhcp: Mutex::new(server),
            leases: Mutex::new(journal),
            history: Mutex::new(Memory { history, is_failing: false }),
            permits: Mutex::new(permits),
            fetchers: Mutex::new(BTreeMap::new()),
            events,
            stop,
        };
        for (lost, what) in [(lost_leases, "leases"), (lost_permits, "permits")] {
            if lost {
                shared.fault(format!(
                    "the last {what} written before the service ended were damaged and are dropped"
                ));
            }
        }
        if let Some(error) = no_history {
            shared.fault(format!("nothing can be explained after the service ends: {error}"));
        }
        Ok(shared)
    }

    /// Tells the caller something. That nobody listens is no fault.
    pub(super) fn tell(&self, mac: Option<Mac>, kind: EventKind) {
        let machine = mac.and_then(|mac| self.config.machine_with(mac)).map(|m| m.name.clone());
        let _ = self.events.send(Event { at: SystemTime::now(), mac, machine, kind });
    }

    /// Tells the caller that something in the service failed.
    pub(super) fn fault(&self, what: String) {
        self.tell(None, EventKind::Fault { what });
    }

    /// Adds a line to a client's timeline.
    pub(super) fn note(&self, mac: Mac, fact: Fact) {
        self.note_all(vec![(Some(mac), fact)]);
    }

    /// Adds lines to the timelines of clients, and what concerns no client to the history.
    pub(super) fn note_all(&self, facts: Vec<(Option<Mac>, Fact)>) {
        let now = SystemTime::now();
        self.remember(&facts, now);
        let mut timeline = lock(&self.timeline);
        for (mac, fact) in facts {
            if let Some(mac) = mac {
                timeline.add(mac, now, fact);
            }
        }
    }

    /// That it cannot be remembered is told once, and once more after it could be again.
    fn remember(&self, facts: &[(Option<Mac>, Fact)], now: SystemTime) {
        let is_known = |mac| self.config.machine_with(mac).is_some();
        let memory = &mut *lock(&self.history);
        let Some(history) = &mut memory.history else { return };
        let facts = facts.iter().map(|(mac, fact)| (*mac, fact));
        let result = history.add(facts, is_known, now);
        let was_failing = std::mem::replace(&mut memory.is_failing, result.is_err());
        if let (Err(error), false) = (result, was_failing) {
            self.fault(format!("what happens is not remembered for later: {error}"));
        }
    }

    pub(super) fn timeline_of(&self, mac: Mac) -> Vec<crate::timeline::Entry> {
        lock(&self.timeline).of(mac)
    }

    /// Tells the caller that a machine has fetched the whole of something that matters to its boot.
    pub(super) fn fetched(&self, mac: Option<Mac>, name: &str, part: Part) {
        let kind = match part {
            Part::Loader => EventKind::LoaderFetched { file: name.to_owned() },
            Part::Kernel => EventKind::KernelFetched,
            Part::Initrd => EventKind::InitrdFetched,
            Part::Image => EventKind::ImageProgress { percent: 100 },
            Part::Other => return,
        };
        self.tell(mac, kind);
    }

    /// The permits as they are now.
    pub(super) fn permits(&self) -> Permits {
        lock(&self.permits).permits().clone()
    }

    pub(super) fn permit(&self, machine: &str) -> Permit {
        lock(&self.permits).of(machine)
    }

    /// Opens the permit of a machine.
    ///
    /// # Errors
    /// When the machine is not known or the change cannot be written.
    pub(super) fn open_permit(&self, machine: &str) -> Result<(), PermitError> {
        let mac = self.identity(machine)?;
        self.change_permit(&Change::Open(machine.to_owned()))?;
        self.tell(mac, EventKind::PermitOpened);
        Ok(())
    }

    /// Closes the permit of a machine.
    ///
    /// # Errors
    /// When the machine is not known or the change cannot be written.
    pub(super) fn close_permit(&self, machine: &str) -> Result<(), PermitError> {
        let mac = self.identity(machine)?;
        self.change_permit(&Change::Close(machine.to_owned()))?;
        self.tell(mac, EventKind::PermitClosed);
        Ok(())
    }

    fn identity(&self, machine: &str) -> Result<Option<Mac>, PermitError> {
        let found = self.config.machines.iter().find(|m| m.name == machine);
        Ok(found.ok_or_else(|| PermitError::Unknown(machine.to_owned()))?.macs.first().copied())
    }

    /// Writes a change of a permit down and then makes it true.
    ///
    /// # Errors
    /// When it cannot be written; it is then not true either.
    pub(super) fn change_permit(&self, change: &Change) -> Result<(), JournalError> {
        lock(&self.permits).change(change)?;
        let (machine, word) = match change {
            Change::Open(machine) => (machine, "opened"),
            Change::Handed(machine) => (machine, "handed out"),
            Change::Close(machine) => (machine, "closed"),
        };
        if let Ok(Some(mac)) = self.identity(machine) {
            self.note(mac, Fact::Permit { change: word.into() });
        }
        Ok(())
    }

    /// The card behind an address: by its lease, or by the script that was fetched from there.
    pub(super) fn mac_at(&self, address: Ipv4Addr) -> Option<Mac> {
        let leased = lock(&self.dhcp).mac_at(address);
        leased.or_else(|| lock(&self.fetchers).get(&address).copied())
    }

    /// The script for a card. Handing out an installation is written down first.
    pub(super) fn script(&self, mac: Mac, http: &str, peer: Ipv4Addr) -> String {
        let machine = self.config.machine_with(mac);
        let (install, text) = match self.installation(machine) {
            Ok((machine, install)) => {
                let place = Place { http, mac, address: Some(peer) };
                (true, script::install(machine, install, &place))
            }
            Err(why) => {
                if let Why::Refused(reason) = &why {
                    self.tell(Some(mac), EventKind::Refused { reason: reason.clone() });
                }
                (false, script::no_install(machine, &why))
            }
        };
        if machine.is_some() {
            let mut fetchers = lock(&self.fetchers);
            if fetchers.len() >= FETCHERS {
                fetchers.clear();
            }
            fetchers.insert(peer, mac);
        }
        self.note(mac, Fact::Script { install });
        self.tell(Some(mac), EventKind::ScriptFetched { install });
        text
    }

    /// Whether an artefact may be fetched from an address: what is personal goes to its machine alone, and an image to a
    /// machine that is installed from it; both while its permit is open.
    pub(super) fn may_fetch(&self, name: &str, peer: Ipv4Addr) -> bool {
        let owner = match self.config.artefacts.get(name) {
            Some(Artefact::Personal { machine, .. }) => Some(machine),
            _ if choice::is_image(&self.config, name) => None,
            _ => return true,
        };
        let mac = self.mac_at(peer);
        let is_meant = |machine: &&Machine| match owner {
            Some(owner) => machine.name == *owner,
            None => choice::part(&self.config, machine, name) == Part::Image,
        };
        let asking = mac.and_then(|mac| self.config.machine_with(mac)).filter(is_meant);
        let allowed = asking.is_some_and(|asking| matches!(self.permit(&asking.name), Permit::Open { .. }));
        if !allowed {
            let whom = owner.map_or_else(|| "a machine of it".to_owned(), |owner| format!("`{owner}` alone"));
            let reason =
                format!("`{name}` was asked for from {peer} and is for {whom}, while it is installed");
            if let Some(mac) = mac {
                self.note(mac, Fact::Refused { reason: reason.clone() });
            }
            self.tell(mac, EventKind::Refused { reason });
        }
        allowed
    }

    /// Whether a machine may fetch its EFI program now; the fetch that begins the boot counts as handing out, as the
    /// script does for iPXE.
    pub(super) fn may_boot_program(&self, mac: Option<Mac>, begins: bool) -> bool {
        let machine = mac.and_then(|mac| self.config.machine_with(mac));
        let allowed = match machine {
            Some(machine) if !begins => {
                choice::installs(&self.config, machine, self.permit(&machine.name)).map(|_| ())
            }
            _ => self.installation(machine).map(|_| ()),
        };
        if let (Some(mac), Err(why)) = (mac, &allowed) {
            self.note(mac, Fact::Refused { reason: format!("boot program: {}", script::reason(why)) });
        }
        allowed.is_ok()
    }

    fn installation<'a>(&self, machine: Option<&'a Machine>) -> Result<(&'a Machine, &'a Install), Why> {
        let machine = machine.ok_or(Why::Unknown)?;
        let install = choice::installs(&self.config, machine, self.permit(&machine.name))?;
        match self.change_permit(&Change::Handed(machine.name.clone())) {
            Ok(()) => Ok((machine, install)),
            Err(error) => {
                let reason = "the permit could not be written down";
                self.fault(format!("{reason}: {error}"));
                Err(Why::Refused(reason.into()))
            }
        }
    }

    /// A machine told a stage. `installed` closes its permit. False when that could not be written down: the machine
    /// shall then report again.
    pub(super) fn report(&self, mac: Mac, stage: &str, body: &[u8]) -> bool {
        let Some(machine) = self.config.machine_with(mac) else { return true };
        let mut detail = String::from_utf8_lossy(body).into_owned();
        detail.truncate(detail.floor_char_boundary(4096));
        let short = detail[..detail.floor_char_boundary(200)].to_owned();
        self.note(mac, Fact::Reported { stage: stage.to_owned(), detail: short });
        self.tell(Some(mac), EventKind::Reported { stage: stage.to_owned(), detail });
        if stage != "installed" || !matches!(self.permit(&machine.name), Permit::Open { .. }) {
            return true;
        }
        match self.change_permit(&Change::Close(machine.name.clone())) {
            Ok(()) => {
                self.tell(Some(mac), EventKind::PermitClosed);
                true
            }
            Err(error) => {
                self.fault(format!("the permit of `{}` could not be closed: {error}", machine.name));
                false
            }
        }
    }
}
