//! Times of the engine beside SCRAM's on generated fault trees, and beside brute force on a generated lab. Prints, asserts nothing.
//!
//! `cargo bench -p lab-predict`. SCRAM's time is that of its whole process; ours is that of reading the
//! same text and finding the sets, without the start of a process.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../tests/it/draft.rs"]
#[expect(dead_code, reason = "small tables by hand are for tests")]
mod draft;
#[path = "../tests/it/generate.rs"]
#[expect(dead_code, reason = "random circuits are for tests")]
mod generate;
#[path = "../tests/it/graph.rs"]
#[expect(dead_code, reason = "taking two things away is for tests")]
mod graph;
#[path = "../tests/it/referee.rs"]
mod referee;
#[path = "../tests/it/site.rs"]
mod site;
#[path = "../tests/it/topologies.rs"]
mod topologies;

use lab_predict::compile::compile;
use lab_predict::open_psa::{Options, Source, read, write};
use lab_predict::{Limits, minimal_cut_sets};
use std::process::Command;
use std::time::{Duration, Instant};

fn main() {
    site_();
    trees();
    lab();
    network();
}

/// The largest networks that are held against graph search.
fn network() {
    for seed in 0..5 {
        let start = Instant::now();
        topologies::check_beside_search(seed, 500, 250);
        println!(
            "a network of 500 switches: bridges, cut vertices and pairs of links as a search finds them; {:.3?}",
            start.elapsed()
        );
    }
}

/// Tables to circuit to cut sets.
fn site_() {
    let works = site::site(12, 300);
    let compiled = compile(&works);
    println!(
        "a lab of {} parts, {} services, {} outcomes: {} gates, one thread",
        works.parts.len(),
        works.services.len(),
        compiled.outcomes.len(),
        compiled.circuit.n_gates()
    );
    println!("  tables to circuit: {:.3?}", fastest(|| compile(&works)));
    for order in 1..=3 {
        let answer =
            minimal_cut_sets(&compiled.circuit, Limits::of_order(order)).expect("orders 1 to 3 are computed");
        let time = fastest(|| minimal_cut_sets(&compiled.circuit, Limits::of_order(order)).is_ok());
        let counts: Vec<u64> =
            (1..=order).map(|order| answer.tops.iter().map(|top| top.count(order)).sum()).collect();
        let kib = answer.n_sets_peak * 8 / 1024;
        println!(
            "  up to {order}: {time:>10.3?}; sets {counts:?}; {} classes; peak {kib} KiB of sets",
            answer.n_classes
        );
    }
    for order in 1..=2 {
        let start = Instant::now();
        let found: usize =
            referee::minimal_cut_sets(&compiled.circuit, order).iter().map(|sets| sets.len()).sum();
        println!("  brute force up to {order}: {:.3?}; {found} sets", start.elapsed());
    }
}

fn trees() {
    println!("fault trees, orders 1 to 3        ours        SCRAM (--zbdd)   ratio");
    for (n_events, seed) in [(25, 0), (60, 6), (250, 10), (400, 12), (600, 15), (1000, 16), (1500, 18)] {
        let text = write(&generate::fault_tree(n_events, seed));
        let ours = fastest(|| {
            let circuit = read(&[Source { name: "tree", text: &text }], Options::default())
                .expect("it was written here");
            minimal_cut_sets(&circuit, Limits::of_order(3)).expect("order 3 is computed").n_sets_peak
        });
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tree.xml");
        std::fs::write(&file, &text).expect("the folder is there");
        let scram = fastest(|| {
            Command::new("scram")
                .args(["--zbdd", "--limit-order", "3", "-o", "/dev/null"])
                .arg(&file)
                .status()
                .is_ok()
        });
        let ratio = scram.as_secs_f64() / ours.as_secs_f64();
        println!("{n_events:6} events             {ours:>12.3?}   {scram:>12.3?}   {ratio:8.0}");
    }
}

fn lab() {
    let circuit = generate::lab(2000, 300);
    let (n_events, n_tops) = (circuit.events().len(), circuit.tops().len());
    println!("\na lab of {n_events} components and {n_tops} services, one thread");
    for order in 1..=3 {
        let answer = minimal_cut_sets(&circuit, Limits::of_order(order)).expect("orders 1 to 3 are computed");
        let time = fastest(|| minimal_cut_sets(&circuit, Limits::of_order(order)).is_ok());
        let counts: Vec<u64> =
            (1..=order).map(|order| answer.tops.iter().map(|top| top.count(order)).sum()).collect();
        let kib = answer.n_sets_peak * 8 / 1024;
        println!(
            "  up to {order}: {time:>10.3?}; sets {counts:?}; {} classes; peak {kib} KiB of sets",
            answer.n_classes
        );
    }
    for order in 1..=2 {
        let start = Instant::now();
        let found: usize = referee::minimal_cut_sets(&circuit, order).iter().map(|sets| sets.len()).sum();
        println!("  brute force up to {order}: {:.3?}; {found} sets", start.elapsed());
    }
}

/// Of five runs.
fn fastest<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed()
    };
    (0..5).map(once).min().expect("five is more than none")
}
