//! The contract of power switches: whatever can switch a machine on and off, and say what it boots from.
//!
//! One driver a kind of switch. The box's is QEMU's machine protocol; a management controller (Redfish, IPMI), Intel AMT, an
//! outlet that can be switched, or Wake-on-LAN, which can do nothing else than switch on, follow the same contract. What a switch
//! cannot do it says, and never does half of it. How a machine shuts itself down in an orderly way is no matter of its switch.

use std::error::Error;

/// What a machine's firmware tries first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootDevice {
    /// The disk of its system.
    Disk,
    /// The network, by the card that it installs itself over.
    Network,
}

/// A switch that was not moved.
#[derive(Debug, thiserror::Error)]
pub enum PowerError {
    /// A switch of this kind cannot do it, for any machine at any time.
    #[error("a switch of this kind cannot {0}")]
    Unable(&'static str),
    /// It can, and it failed. The machine is as it was, or as it was asked for: ask [`Power::is_on`].
    #[error("the power switch failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// The power switch of one machine.
///
/// Switching on what is on and off what is off is no error and changes nothing: a command may be repeated after a broken
/// connection. A method returns when the switch has moved, not when the machine has started.
pub trait Power {
    /// Whether the machine has power and runs.
    ///
    /// # Errors
    /// [`PowerError`]; a switch that cannot look is unable to.
    fn is_on(&mut self) -> Result<bool, PowerError>;

    /// Gives it power; it starts with its firmware.
    ///
    /// # Errors
    /// [`PowerError`].
    fn on(&mut self) -> Result<(), PowerError>;

    /// Takes its power away at once, without asking its system.
    ///
    /// # Errors
    /// [`PowerError`].
    fn off(&mut self) -> Result<(), PowerError>;

    /// Starts it anew with its firmware; one that is off is on afterwards.
    ///
    /// # Errors
    /// [`PowerError`].
    fn reset(&mut self) -> Result<(), PowerError> {
        self.off()?;
        self.on()
    }

    /// What its firmware tries first, from its next start on and until this is said again. What cannot be booted is passed over
    /// as always.
    ///
    /// # Errors
    /// [`PowerError`].
    fn boot_first(&mut self, device: BootDevice) -> Result<(), PowerError>;
}
