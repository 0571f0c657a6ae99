//! `cargo bench -p lab-drivers [-- vrrp|bgp|bfd] [RUNS]`: what a takeover costs with the rendered configuration, beside what a person would write
//! by hand for the same machines. Both in turns in network namespaces, by the same instrument; medians, extremes and the ratio are printed.
//!
//! Needs root, nftables, keepalived, FRR and BIRD.

#![expect(clippy::unwrap_used, reason = "a bench ends where something went wrong")]
#![expect(clippy::print_stdout, reason = "a bench prints figures")]
#![expect(dead_code, unused_imports, reason = "the stage is that of the tests, which use more of it")]

#[path = "../tests/it/checkers.rs"]
mod checkers;
#[path = "../tests/it/failover.rs"]
mod failover;
#[path = "../tests/it/labs.rs"]
mod labs;
#[path = "../tests/it/namespaces.rs"]
mod namespaces;
#[path = "../tests/it/needs.rs"]
mod needs;
#[path = "../tests/it/probes.rs"]
mod probes;
#[path = "../tests/it/withdrawal.rs"]
mod withdrawal;

use failover::{Whose, lost_during, pair, power_off};
use std::time::Duration;
use withdrawal::seconds_until_withdrawn;

const RUNS: usize = 10;

/// Seconds that the network was without its leader.
fn takeover(whose: Whose, _: usize) -> f64 {
    let pair = pair(whose);
    lost_during(&pair, || power_off(&pair)).seconds
}

/// Seconds that a router believed in a path that was cut in silence. Each run cuts at another moment between two messages.
fn withdrawal(with_bfd: bool) -> impl Fn(Whose, usize) -> f64 {
    move |whose, run| {
        let phase = Duration::from_millis(3000 + 300 * (run as u64 % 10));
        seconds_until_withdrawn(whose, with_bfd, phase).into()
    }
}

fn compare(what: &str, runs: usize, measure: impl Fn(Whose, usize) -> f64) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..runs {
        theirs.push(measure(Whose::ByHand, run));
        ours.push(measure(Whose::Rendered, run));
    }
    let told = |seconds: &mut Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        let middle = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) / 2.0;
        (middle, format!("{middle:.2} s ({:.2} to {:.2})", seconds[0], seconds[seconds.len() - 1]))
    };
    let ((own, own_words), (other, other_words)) = (told(&mut ours), told(&mut theirs));
    println!(
        "{what}: rendered {own_words}, by hand {other_words}, ratio {:.2}, {runs} runs each",
        own / other
    );
}

fn main() {
    if needs::lacks(&["ip", "nft", "keepalived", "sysctl", "vtysh", "bird"]) {
        return;
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs = words.iter().find_map(|word| word.parse().ok()).unwrap_or(RUNS);
    let names: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| word.parse::<usize>().is_err()).collect();
    let is_asked = |name: &str| names.is_empty() || names.contains(&name);
    if is_asked("vrrp") {
        compare("leader without power, advertisements every 100 ms", runs, takeover);
    }
    if is_asked("bgp") {
        compare("silent cut, hold time 9 s", runs, withdrawal(false));
    }
    if is_asked("bfd") {
        compare("silent cut, BFD 3 x 100 ms", runs, withdrawal(true));
    }
}
