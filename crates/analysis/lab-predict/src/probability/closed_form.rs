//! Formulas for arrays of equal parts, from any textbook of reliability. Engines are held against them; they also answer without a
//! circuit.

/// A part that fails and is repaired, each part by a repairer of its own.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Repairable {
    /// Failures per hour while it works.
    pub failure_rate: f64,
    /// Repairs per hour while it is broken: one over the mean hours to repair.
    pub repair_rate: f64,
}

impl Repairable {
    /// The share of time in which it is broken, in the long run.
    pub fn unavailability(self) -> f64 {
        self.failure_rate / (self.failure_rate + self.repair_rate)
    }
}

/// The probability that at least `k` of `n` equal, independent parts hold, each with that probability. A mirror of n fails at n of n, a
/// raidz of parity p at p + 1 of n.
pub fn at_least(k: usize, n: usize, probability: f64) -> f64 {
    (k..=n).map(|held| exactly(held, n, probability)).sum()
}

/// How often, per hour, a system comes to fail that fails once `k` of `n` equal parts are broken: the state with k - 1 broken parts,
/// times the failures of the others.
pub fn failures_per_hour(k: usize, n: usize, part: Repairable) -> f64 {
    match k {
        0 => 0.0,
        _ if k > n => 0.0,
        _ => exactly(k - 1, n, part.unavailability()) * (n - k + 1) as f64 * part.failure_rate,
    }
}

/// The mean hours until data is lost in an array of `n` disks that bears `parity` failures and rebuilds one disk at a time, from new:
/// the exact mean of the birth and death chain, not its usual approximation for quick repairs.
pub fn mean_hours_to_data_loss(n: usize, parity: usize, disk: Repairable) -> f64 {
    // The mean time from i broken disks to i + 1: t[i] = 1/up + down/up * t[i-1].
    let (mut total, mut step) = (0.0, 0.0);
    for broken in 0..=parity.min(n.saturating_sub(1)) {
        let up = (n - broken) as f64 * disk.failure_rate;
        let down = if broken == 0 { 0.0 } else { disk.repair_rate };
        step = (1.0 + down * step) / up;
        total += step;
    }
    total
}

fn exactly(k: usize, n: usize, probability: f64) -> f64 {
    choose(n, k) * probability.powi(k as i32) * (1.0 - probability).powi((n - k) as i32)
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k.min(n - k)).fold(1.0, |ways, place| ways * (n - place) as f64 / (place + 1) as f64)
}
