//! How often parts fail and how long it takes to mend them, where the lab does not say: the field's figures.
//!
//! They order what is likely against what is not; they are no forecast for one lab, and every part that has them says so.
//! Where a published statistic is at hand, the comment names it. The rest is judgement, and the comment says that.

use crate::works::{Mode, PartKind};
use lab_model::grammar::Period;

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
        (PartKind::Cable | PartKind::Cord, _) => (0.005, 24.0),
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

/// Flash drives. Backblaze's report on its SSDs (2023): 0.9 % a year over all years.
pub(super) const FLASH_DRIVE: Figures = Figures { per_year: 0.009, hours_to_mend: 96.0 };

/// What small battery supplies pass on of what their battery gives: inverters of this class reach 85 to 92 % at half load.
pub(super) const BATTERY_EFFICIENCY: f64 = 0.88;

/// Up to here an interruption is a momentary one: five minutes (IEEE 1366).
const MOMENT_HOURS: f64 = 5.0 / 60.0;

/// A period in hours.
#[expect(clippy::cast_precision_loss, reason = "an estimate; 53 bits are plenty")]
pub(super) fn hours(period: Period) -> f64 {
    period.milliseconds() as f64 / 3_600_000.0
}

/// Long and momentary interruptions of a grid that fails `per_year` times for `hours` on average. Their lengths are taken as
/// exponentially distributed, so that the share beyond a moment is `exp(-moment / hours)`.
pub(super) fn of_a_grid(per_year: Option<f64>, hours: Option<f64>) -> [Figures; 2] {
    let (long, briefly) =
        (of_the_field(PartKind::Grid, Mode::Long), of_the_field(PartKind::Grid, Mode::Briefly));
    if per_year.is_none() && hours.is_none() {
        return [long, briefly];
    }
    let per_year = per_year.unwrap_or(long.per_year);
    let hours = hours.unwrap_or(long.hours_to_mend).max(1e-6);
    let share = (-MOMENT_HOURS / hours).exp();
    // The mean length of what ends within the moment, and of what lasts longer.
    let short = hours - MOMENT_HOURS * share / (1.0 - share);
    [
        Figures { per_year: per_year * share, hours_to_mend: MOMENT_HOURS + hours },
        Figures { per_year: per_year * (1.0 - share), hours_to_mend: short.clamp(0.0, MOMENT_HOURS) },
    ]
}

/// The share of its first capacity that a lead-acid battery has left at an age, given in lives. IEEE 1188 calls 80 % the end of life;
/// beyond it the line is drawn on, and never below a fifth.
pub(super) fn battery_left(lives: f64) -> f64 {
    (1.0 - 0.2 * lives).clamp(0.2, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_split_at_five_minutes() {
        let check = |per_year, hours, long: f64, brief: f64| {
            let [a, b] = of_a_grid(per_year, hours);
            assert!((a.per_year - long).abs() < 0.01, "{a:?}");
            assert!((b.per_year - brief).abs() < 0.01, "{b:?}");
            assert!(a.hours_to_mend > MOMENT_HOURS && b.hours_to_mend < MOMENT_HOURS, "{a:?} {b:?}");
            a.per_year * a.hours_to_mend + b.per_year * b.hours_to_mend
        };
        // What is off in a year is what was said: three minutes, once.
        let off = check(Some(1.0), Some(0.05), 0.19, 0.81);
        assert!((off - 0.05).abs() < 1e-9, "{off}");
        let off = check(Some(2.0), Some(6.0), 1.97, 0.03);
        assert!((off - 12.0).abs() < 1e-9, "{off}");
        check(None, None, 1.0, 3.0);
    }

    #[test]
    fn batteries_fade() {
        for (lives, left) in [(0.0, 1.0), (0.5, 0.9), (1.0, 0.8), (2.0, 0.6), (9.0, 0.2)] {
            assert!((battery_left(lives) - left).abs() < 1e-9, "{lives}");
        }
    }
}
