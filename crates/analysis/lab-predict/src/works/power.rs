//! Power: from the grid through breakers, battery supplies and strips to every unit.
//!
//! Two questions are asked of each point: is it off for a moment, and is it off for longer than batteries last? A battery hides the
//! first kind of failure from what is behind it and not the second. [`Mode::Briefly`](super::Mode) parts count for the first only.

use super::{PartId, PointId, UnitId};
use lab_model::ThingId;
use lab_source::Span;

/// A point upstream of the first plug: grid, breaker, circuit, generator. Off when it fails itself, or when every source is off;
/// a point without sources is one itself.
#[derive(Clone, PartialEq, Debug)]
pub struct PowerPoint {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// Parts of which any failing turns it off.
    pub fails: Vec<PartId>,
    /// What it is fed from; any one is enough.
    pub from: Vec<PointId>,
    /// Where it is written.
    pub span: Option<Span>,
    /// Capacity in watts, when it is known: breaker times voltage.
    pub limit_watts: Option<f64>,
}

/// What feeds a supply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A power point.
    Point(PointId),
    /// An outlet of a unit: a strip, a battery supply, a transfer switch. Fed while the unit is up.
    Outlet {
        /// The unit.
        unit: UnitId,
        /// The supply of that unit that this outlet hangs on, by position; any when None.
        supply: Option<u32>,
        /// True when the unit's battery carries this outlet.
        on_battery: bool,
    },
    /// Power over a network cable from a unit that is up.
    Poe(UnitId),
    /// Nobody says; it is taken as always fed.
    Unknown,
}

/// One supply (inlet) of a unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Supply {
    /// What a person reads: `psu-1`.
    pub label: String,
    /// What feeds it.
    pub source: Source,
    /// Parts in series: the supply itself, the cord or network cable.
    pub fails: Vec<PartId>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// A physical device that is powered as one: a server, switch, strip, battery supply, disk shelf.
///
/// It is up when none of `fails` has failed, at least `supplies_needed` of its supplies are fed, and `inside` is up.
#[derive(Clone, PartialEq, Debug)]
pub struct Unit {
    /// The thing of the lab.
    pub thing: ThingId,
    /// What a person reads.
    pub label: String,
    /// Parts of which any failing stops it: itself, its room.
    pub fails: Vec<PartId>,
    /// Its supplies. A unit without any needs no power.
    pub supplies: Vec<Supply>,
    /// How many must be fed, at least 1 if there are any.
    pub supplies_needed: u32,
    /// The chassis that powers it.
    pub inside: Option<UnitId>,
    /// Its battery.
    pub battery: Option<Battery>,
    /// Watts drawn in ordinary use, when known. Strips and battery supplies: their own.
    pub watts: Option<f64>,
    /// Watts drawn at most, when known.
    pub watts_peak: Option<f64>,
    /// What its outlets can give together, in watts, when known.
    pub limit_watts: Option<f64>,
    /// True when it starts by itself once power is back.
    pub starts_with_power: Option<bool>,
    /// Where it is written.
    pub span: Option<Span>,
}

/// A battery in a unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Battery {
    /// Energy it gives today, aged, in watt hours; None when nobody says.
    pub watt_hours: Option<f64>,
    /// The same when it was new.
    pub watt_hours_new: Option<f64>,
    /// The unit's own conversion loss on battery, as a factor below 1 on what reaches the outlets.
    pub efficiency: f64,
}
