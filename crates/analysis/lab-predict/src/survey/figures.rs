//! How often parts fail and how long it takes to mend them, where the lab does not say: the field's figures.
//!
//! They order what is likely against what is not; they are no forecast for one lab, and every part that has them says so.
//! Where a published statistic is at hand, the comment names it. The rest is judgement, and the comment says that.

use crate::works::{Mode, PartKind};

/// Failures a year, and hours until mended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Figures {
    /// Failures a year.
    pub(super) per_year: f64,
    /// Hours until it works again.
    pub(super) hours_to_mend: f64,
}

/// What is usual for a kind of part.
pub(super) fn of_the_field(kind: PartKind, mode: Mode) -> Figures {
    let (per_year, hours_to_mend) = match (kind, mode) {
        // CEER benchmarking reports and the EIA's annual reliability tables: customers lose power about once a year, for one to two
        // hours, storms apart.
        (_, Mode::Long) => (1.0, 2.0),
        // IEEE 1366 counts interruptions of up to five minutes apart (MAIFI); reported figures lie between one and several a year.
        (_, Mode::Briefly) => (3.0, 0.05),
        (PartKind::Grid, Mode::Fails) => (1.0, 2.0),
        // Backblaze Drive Stats: 1.3 to 1.7 % of drives a year (2013 to 2024). A new drive has to come, and is filled.
        (PartKind::Drive, _) => (0.015, 96.0),
        // Makers' data sheets of access and home switches: 200,000 to 500,000 h between failures. A new one has to come.
        (PartKind::Switch, _) => (0.03, 72.0),
        // What follows is judgement: parts without fans and electronics fail seldom, those with both more often; what people
        // have at home is mended within the hour, what must be bought within three days.
        (PartKind::Router | PartKind::Device | PartKind::Ups, _) => (0.03, 72.0),
        (PartKind::AccessPoint | PartKind::Supply, _) => (0.02, 72.0),
        (PartKind::Card, _) => (0.01, 72.0),
        (PartKind::Pdu, _) => (0.005, 72.0),
        (PartKind::Cable, _) => (0.005, 24.0),
        (PartKind::PowerNode, _) => (0.05, 1.0),
        (PartKind::Host, _) => (2.0, 1.0),
        (PartKind::Vm, _) => (1.0, 0.5),
        (PartKind::Circuit, _) => (4.0, 3.0),
        (PartKind::External, _) => (2.0, 2.0),
        // A fire or a burst pipe in one room, of the order of insurers' figures; it takes a month to be back.
        (PartKind::Shared, _) => (0.003, 720.0),
    };
    Figures { per_year, hours_to_mend }
}
