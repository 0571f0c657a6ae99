//! Who asks, in every question about reach.

use crate::works::{Holder, VertexId};

/// Who asks: a holder, or the people at a vantage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Viewer {
    /// A holder.
    Holder(Holder),
    /// The people at a vantage, by position in [`Works::vantages`](crate::works::Works::vantages): what any of its seats reaches.
    Vantage(u32),
    /// Somebody at one seat.
    Seat(VertexId),
}
