//! Predictions asked of reality: parts of a lab fail in a box, everything is asked from everywhere, and what was predicted is compared
//! with what happened.
//!
//! - What fails: `choose.rs` (a small set that shows every redundancy survived and exhausted), `acts.rs` (what is done to the box).
//! - What is asked: `vector.rs`, `places.rs`. What is predicted of it: `expect.rs`. What became of that: `judge.rs`.
//! - What stands in for services: [`stand_in`], `roles.rs` (who does what), `ceph.rs` (what is asked of Ceph), `troupe.rs` (the processes). What is real: `programs.rs`.
//! - The run: `rehearsal.rs`, `watchers.rs`, over a [`Stage`], which the wired box is; `memory.rs` keeps what was seen.
//! - Who may reach whom, without any failure: [`zones`].
//! - What came of it: [`report`] as text and JSON, [`page`] as a page.
//!
//! It predicts nothing itself and knows no switch or cable of a box.

mod acts;
mod ceph;
mod choose;
mod expect;
mod judge;
mod memory;
pub mod page;
mod places;
mod programs;
mod promised;
mod rehearsal;
pub mod report;
mod roles;
mod seats;
mod stage;
pub mod stand_in;
mod troupe;
mod vector;
mod watchers;
mod wired;
pub mod zones;

pub use acts::{Act as StageAct, Means, acts};
pub use choose::{Aim, Choice, Fault, Goal, LeftOut, Wanted, choose};
pub use expect::{Expected, Within, expect};
pub use judge::{Difference, Gap, Seen, Verdict, judge};
pub use memory::{Memory, Observation};
pub use places::{Places, Way, spare_ports};
pub use programs::Programs;
pub use promised::promised;
pub use rehearsal::{Act, Event, Outcome, Row, Script, Stale, rehearse};
pub use roles::{roles, worst_first};
pub use stage::{Stage, StageError};
pub use troupe::{Cast, OUTSIDE, Troupe};
pub use vector::{From, Meaning, Probe, Vector, vector};
pub use wired::Wired;
