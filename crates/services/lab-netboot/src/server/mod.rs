//! The running service: starts the socket loops, hands permits in and events out, ends cleanly.
//!
//! No protocol is decided here; the loops feed the state machines of `dhcp`, `tftp` and `http`.

use crate::config::{Config, ConfigFault};
use crate::event::Event;
use crate::journal::JournalError;
use crate::permit::Permit;
use std::sync::mpsc::Sender;

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
pub struct Service {}

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
        drop(events);
        Ok(Service {})
    }

    /// Opens the permit to install a machine, for the first time or anew; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the machine is not known or the permit cannot be written.
    pub fn open_permit(&self, machine: &str) -> Result<(), PermitError> {
        Err(PermitError::Unknown(machine.to_owned()))
    }

    /// Closes the permit of a machine; it boots from its disk from now on.
    ///
    /// # Errors
    /// When the machine is not known or the change cannot be written.
    pub fn close_permit(&self, machine: &str) -> Result<(), PermitError> {
        Err(PermitError::Unknown(machine.to_owned()))
    }

    /// Where a machine's permit stands. A permit that is not [`Permit::Never`] after a restart tells that an
    /// installation was begun (`Open`) or done (`Closed`) before.
    pub fn permit(&self, _machine: &str) -> Permit {
        Permit::Never
    }

    /// Ends all loops and waits for them. Transfers under way are cut.
    pub fn stop(self) {}
}
