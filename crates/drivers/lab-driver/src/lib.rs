//! The contract between Labwright and the systems that it configures.
//!
//! A [`Driver`] renders what a system reads: native files, as a person would write them. [`plan`] compares them with what
//! [`observe`] found and says what must change; both are pure. [`apply`] makes the change step by step and tells how it ended; it
//! may be cut off at any step, and the next plan goes on from there. [`apply_guarded`] does the same where one could lock
//! oneself out: the system takes everything back by itself unless the change is confirmed from outside in time.
//!
//! Only files that Labwright wrote are ever changed or removed; what they are stands in a record beside them. `conformance`
//! holds every driver to this. No system is known here.
//!
//! [`Power`] is the contract of the switches that give machines power and take it away.

mod apply;
pub mod conformance;
mod guard;
mod plan;
mod power;
mod record;
mod rendering;
mod world;

pub use apply::{Outcome, apply};
pub use guard::{Event, Guarded, Phase, apply_guarded, next_phase, revert_script};
pub use plan::{Observed, Plan, Refusal, Step, observe, plan};
pub use power::{BootDevice, Power, PowerError};
pub use record::Record;
pub use rendering::{Driver, RenderedFile, Rendering, Unit};
pub use world::{Folder, Memory, World, WorldError};
