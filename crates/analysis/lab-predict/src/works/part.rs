//! Parts: the basic events. One part is one thing failing in one way.

use lab_model::ThingId;
use lab_source::Span;

/// One thing that can fail in one way.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// The name, unique: the thing's subject, then the piece, then the mode when it has several: `device/node-1`,
    /// `device/node-1 psu-1`, `cable/in-the-rack switch-1:sfp-1`, `power/grid long`.
    pub name: String,
    /// What a person reads: `switch-1`, `psu-1 of node-1`, `the cable from switch-1:sfp-1 to node-1:sfp-0`.
    pub label: String,
    /// What it is.
    pub kind: PartKind,
    /// How it fails.
    pub mode: Mode,
    /// The thing of the lab that it is, or is a piece of.
    pub thing: Option<ThingId>,
    /// Where it is written.
    pub span: Option<Span>,
    /// How often it fails, in failures a year. None if nobody knows.
    pub per_year: Option<f64>,
    /// How long a failure lasts until it is mended, in hours. None if nobody knows.
    pub hours_to_mend: Option<f64>,
    /// True when the figures are the field's, not this lab's.
    pub figures_assumed: bool,
}

impl Part {
    /// The share of time in which it is failed, from 0 to 1: mending time over mending time plus time between failures.
    pub fn unavailability(&self) -> Option<f64> {
        let (per_year, hours) = (self.per_year?, self.hours_to_mend?);
        if per_year <= 0.0 {
            return Some(0.0);
        }
        const HOURS_A_YEAR: f64 = 8766.0;
        Some(hours / (hours + HOURS_A_YEAR / per_year))
    }
}

/// What a part is. Promises and `--of` choose by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PartKind {
    /// The power company.
    Grid,
    /// A breaker, power circuit or generator.
    PowerNode,
    /// A battery supply.
    Ups,
    /// A power strip.
    Pdu,
    /// A power supply of a device.
    Supply,
    /// A switch.
    Switch,
    /// A router.
    Router,
    /// An access point.
    AccessPoint,
    /// Any other device, with everything in it.
    Device,
    /// A card in a device: network, storage, graphics.
    Card,
    /// A cable, with its connectors and transceivers.
    Cable,
    /// The cord that feeds a strip or battery supply.
    Cord,
    /// A drive.
    Drive,
    /// An operating system on a device: crashes, hangs, is being updated.
    Host,
    /// A virtual machine or a container with an address of its own.
    Vm,
    /// A line to the outside.
    Circuit,
    /// A provider or a service outside.
    External,
    /// Something that several parts share: a room, a duct, a shelf's backplane.
    Shared,
}

impl PartKind {
    /// The plural that selectors and promises use: `drives`, `cables`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::PowerNode => "power",
            Self::Ups => "ups",
            Self::Pdu => "pdus",
            Self::Supply => "supplies",
            Self::Switch => "switches",
            Self::Router => "routers",
            Self::AccessPoint => "access-points",
            Self::Device => "devices",
            Self::Card => "cards",
            Self::Cable => "cables",
            Self::Cord => "cords",
            Self::Drive => "drives",
            Self::Host => "hosts",
            Self::Vm => "vms",
            Self::Circuit => "circuits",
            Self::External => "externals",
            Self::Shared => "shared",
        }
    }
}

/// How a part fails.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    /// It stops working. What it keeps is still there, except on drives.
    Fails,
    /// Its supply is gone for longer than any battery lasts.
    Long,
    /// Its supply is gone for a moment that batteries bridge.
    Briefly,
}
