//! Plays one scenario through: which parts fail, and what is then up, reached, served.
//!
//! [`simulate`] is the plain reading of the lines in [`crate::works`]: start with everything up, apply them until nothing changes. It shares
//! nothing with the circuit beyond the tables, so that either can be held against the other. A [`Simulator`] plays many scenarios on the
//! same tables, and its [`Scene`] answers further questions about one.
//!
//! What depends on amounts, order or time is not in the steady state and has a module of its own, each a function over it:
//! [`placement`] (does what moves still fit), [`battery`] (how long), [`overload`] (what trips next), [`clock`] (seconds until it is back),
//! [`preference`] (who holds an address, who decides after a split), [`cold_start`] (does it come up from nothing).

pub mod battery;
pub mod clock;
mod clusters;
pub mod cold_start;
mod flow;
mod index;
mod machines;
mod needs;
mod network;
pub mod overload;
pub mod placement;
mod power;
pub mod preference;
mod rows;
mod scene;
mod services;
mod settle;
mod state;
mod storage;
mod strand;
#[cfg(test)]
mod tests;
mod viewer;

pub use scene::{Scene, Simulator};
pub use state::{DriveState, Keeping, Quorum, Seen, Standing, State};
pub use strand::{at_once, strand};
pub use viewer::Viewer;

use crate::works::{PartId, Works};

/// The state after `failed` has failed. Parts that are named twice count once.
///
/// Whoever plays many scenarios on the same tables makes a [`Simulator`] once.
pub fn simulate(works: &Works, failed: &[PartId]) -> State {
    Simulator::new(works).play(failed).into_state()
}
