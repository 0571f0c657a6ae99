//! The running service: starts the socket loops, hands permits in and events out, ends cleanly.
//!
//! No protocol is decided here; the loops feed the state machines of `dhcp`, `tftp` and `http`.

mod answers;
mod content;
mod control;
mod dhcp;
mod http;
mod interfaces;
mod keeper;
mod probe;
mod ra;
mod shared;
mod socket;
mod tftp;

use crate::boot::choice::base_url;
use crate::config::{Advertise, Config, ConfigFault, Role};
use crate::dhcp::lease::Lease;
use crate::event::Event;
use crate::journal::JournalError;
use crate::mac::Mac;
use crate::permit::Permit;
use crate::timeline::Entry;
pub use interfaces::{Interface, interfaces};
pub use probe::{Rival, rivals};
use shared::{Shared, lock};
use socket::enter_namespace;
pub(crate) use socket::udp_to_share;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::SystemTime;

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot work.
    #[error("the netboot configuration has {} faults; the first: {}", .0.len(), .0[0])]
    Config(Vec<ConfigFault>),
    /// The state folder cannot be made.
    #[error("state folder cannot be made")]
    State(#[source] std::io::Error),
    /// A journal in the state folder cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The network namespace cannot be entered.
    #[error("network namespace cannot be entered")]
    Namespace(#[source] std::io::Error),
    /// A socket cannot be opened.
    #[error("{what} cannot be opened")]
    Socket {
        /// Which, with its port and interface.
        what: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A permit could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum PermitError {
    /// No machine of this name is configured.
    #[error("no machine `{0}` is known to the netboot service")]
    Unknown(String),
    /// The change could not be written down, so it did not happen.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A running service. Dropping it stops it.
#[derive(Debug)]
pub struct Service {
    shared: Arc<Shared>,
    loops: Vec<JoinHandle<()>>,
}

impl Service {
    /// Opens all sockets, in `config.namespace` if there is one, starts the loops and returns.
    ///
    /// Events go to `events`; a receiver that is gone is no fault. Leases and permits are read from `config.state`.
    ///
    /// # Errors
    /// When the configuration is faulty, the state cannot be read, or a socket cannot be opened.
    pub fn start(config: Config, events: Sender<Event>) -> Result<Service, StartError> {
        let faults = config.faults();
        if !faults.is_empty() {
            return Err(StartError::Config(faults));
        }
        let shared = Arc::new(Shared::open(config, events)?);
        // A namespace is a thread's: one thread enters it, opens everything there and starts the loops, which stay in it.
        let starter = Arc::clone(&shared);
        let started = std::thread::spawn(move || -> Result<_, StartError> {
            if let Some(namespace) = &starter.config.namespace {
                enter_namespace(namespace)?;
            }
            Ears::open(&starter)?.listen(&starter)
        });
        let loops =
            started.join().map_err(|_| StartError::State(std::io::Error::other("starting panicked")))??;
        Ok(Service { shared, loops })
    }

    /// Opens the permit to install a machine, for the first time or anew; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the machine is not known or the permit cannot be written.
    pub fn open_permit(&self, machine: &str) -> Result<(), PermitError> {
        self.shared.open_permit(machine)
    }

    /// Closes the permit of a machine; it boots from its disk from now on.
    ///
    /// # Errors
    /// When the machine is not known or the change cannot be written.
    pub fn close_permit(&self, machine: &str) -> Result<(), PermitError> {
        self.shared.close_permit(machine)
    }

    /// Where a machine's permit stands. A permit that is not [`Permit::Never`] after a restart tells that an
    /// installation was begun (`Open`) or done (`Closed`) before.
    pub fn permit(&self, machine: &str) -> Permit {
        self.shared.permit(machine)
    }

    /// All leases that are in force.
    pub fn leases(&self) -> Vec<Lease> {
        lock(&self.shared.dhcp).leases(SystemTime::now())
    }

    /// What a card sent and was answered, oldest first.
    pub fn timeline(&self, mac: Mac) -> Vec<Entry> {
        self.shared.timeline_of(mac)
    }

    /// Ends all loops and waits for them. Transfers under way are cut.
    pub fn stop(self) {}
}

impl Drop for Service {
    fn drop(&mut self) {
        // The counter is at its limit only after 2^64 writes; the loops see it as readable all the same.
        let _ = self.shared.stop.write(1);
        for handle in self.loops.drain(..) {
            // A loop that panicked has told so on its own.
            let _ = handle.join();
        }
    }
}

/// What one thread of the service does.
type Loop = Box<dyn FnOnce(&Shared) + Send>;

/// Everything that listens.
#[derive(Debug, Default)]
struct Ears {
    dhcp: Vec<dhcp::Ear>,
    tftp: Vec<tftp::Ear>,
    http: Vec<http::Ear>,
    ra: Vec<ra::Ear>,
    control: Option<std::os::unix::net::UnixListener>,
}

impl Ears {
    fn open(shared: &Shared) -> Result<Ears, StartError> {
        let config = &shared.config;
        let (ports, mut ears) = (config.ports, Ears { control: control::open(shared), ..Ears::default() });
        let (mut interfaces, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for (index, segment) in config.segments.iter().enumerate() {
            let device = segment.interface.as_deref();
            if let Some(device) = device.filter(|device| interfaces.insert(device.to_owned())) {
                let any = Ipv4Addr::UNSPECIFIED;
                let socket = socket::udp(any, ports.dhcp, Some(device))?;
                ears.dhcp.push(dhcp::Ear { socket, segment: index, proxy_port: false });
                if segment.role == Role::Proxy {
                    let socket = socket::udp(any, ports.proxy, Some(device))?;
                    ears.dhcp.push(dhcp::Ear { socket, segment: index, proxy_port: true });
                }
                ears.open_ra(shared, device, segment.advertise);
            }
            if addresses.insert(segment.server) {
                // Not bound to the interface: clients behind a relay come in by another one.
                let address = segment.server;
                let socket = socket::udp(address, ports.tftp, None)?;
                ears.tftp.push(tftp::Ear { socket, address });
                let listener = socket::tcp(address, ports.http)?;
                ears.http.push(http::Ear { listener, base: base_url(config, segment) });
            }
        }
        Ok(ears)
    }

    /// Advertising spares a wait; that it cannot be done (no IPv6 here) is told and no more.
    fn open_ra(&mut self, shared: &Shared, device: &str, advertise: Option<Advertise>) {
        let Some(advertise) = advertise else { return };
        match socket::icmp6(device) {
            Ok((socket, interface)) => self.ra.push(ra::Ear { socket, interface, advertise }),
            Err(error) => shared.fault(format!(
                "no router advertisements on `{device}`, iPXE will wait 16 s for one: {error}"
            )),
        }
    }

    fn listen(self, shared: &Arc<Shared>) -> Result<Vec<JoinHandle<()>>, StartError> {
        let Ears { dhcp, tftp, http, ra, control } = self;
        let mut loops: Vec<(&str, Loop)> = vec![
            ("dhcp", Box::new(move |shared| dhcp::run(shared, &dhcp))),
            ("tftp", Box::new(move |shared| tftp::run(shared, &tftp))),
            ("http", Box::new(move |shared| http::run(shared, &http))),
            ("ra", Box::new(move |shared| ra::run(shared, &ra))),
        ];
        if let Some(control) = control {
            loops.push(("control", Box::new(move |shared| control::run(shared, &control))));
        }
        let spawn = |(name, run): (&str, Loop)| {
            let shared = Arc::clone(shared);
            std::thread::Builder::new()
                .name(name.into())
                .spawn(move || run(&shared))
                .map_err(StartError::State)
        };
        loops.into_iter().map(spawn).collect()
    }
}
