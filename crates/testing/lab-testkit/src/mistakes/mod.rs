//! Real mistakes, planted one at a time into the labs of the repository: how many does `check` find, and where?
//!
//! The mistakes are text (`mistakes/*.txt`, one file a family), written by operators' experience before looking at the
//! rules. Here they are read ([`Mistake`]), planted in memory and judged ([`Bench`]), and added up ([`table()`]).
//! Whole labs that a program makes up are not here.

mod judge;
mod mistake;
mod table;

pub use judge::{Bench, Found, Outcome, Verdict};
pub use mistake::{Mistake, Patch, Place, Variant, all};
pub use table::table;

#[cfg(test)]
mod tests;
