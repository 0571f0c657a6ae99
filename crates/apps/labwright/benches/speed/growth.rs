//! What each stage takes as a lab grows tenfold, in this process, and the rules that take longest.

use crate::shown;
use lab_model::Input;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [200, 2_000, 20_000];
const STAGES: [&str; 3] = ["text to tree", "tree to lab", "check"];

/// What one size took.
struct Measured {
    stages: [Duration; 3],
    rules: Vec<(Duration, &'static str)>,
}

/// Prints a line for each stage and each of the slowest rules, with the factors from size to size.
pub(crate) fn print() {
    let all: Vec<Measured> = SIZES.into_iter().map(measure).collect();
    println!("\n{:<34} {:>10} {:>17} {:>17}", "growth (10 is linear)", SIZES[0], SIZES[1], SIZES[2]);
    for (index, stage) in STAGES.into_iter().enumerate() {
        line(stage, &all.iter().map(|one| one.stages[index]).collect::<Vec<_>>());
    }
    let mut slowest: Vec<(Duration, &str)> = all[2].rules.clone();
    slowest.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    for (_, code) in slowest.into_iter().take(5) {
        let time = |one: &Measured| one.rules.iter().find(|(_, of)| *of == code).unwrap().0;
        line(&format!("  {code}"), &all.iter().map(time).collect::<Vec<_>>());
    }
}

fn line(name: &str, times: &[Duration]) {
    let factor = |at: usize| times[at].as_secs_f64() / times[at - 1].as_secs_f64();
    let with_factor = |at: usize| format!("{} x{:<4.1}", shown(times[at]), factor(at));
    println!("{name:<34} {:>10} {:>17} {:>17}", shown(times[0]), with_factor(1), with_factor(2));
}

/// The best of a few runs: others use the machine too, and nothing makes a run faster than it is.
fn measure(devices: usize) -> Measured {
    let files: Vec<lab_source::Input> = lab_testkit::generate(devices, 1)
        .into_iter()
        .map(|(name, bytes)| lab_source::Input { name, bytes })
        .collect();
    let runs = if devices > 5_000 { 2 } else { 7 };
    let best = |run: &mut dyn FnMut() -> Duration| (0..runs).map(|_| run()).min().unwrap();
    let tree = best(&mut || {
        let files = files.clone();
        timed(|| lab_source::read_tree(&mut lab_source::Files::new(), files, &[])).0
    });
    let whole = best(&mut || {
        let files = files.clone();
        timed(|| lab_model::read(Input { files, overlays: Vec::new(), types: &() })).0
    });
    let lab = lab_model::read(Input { files: files.clone(), overlays: Vec::new(), types: &() }).lab;
    let today = jiff::civil::date(2026, 5, 1);
    let rules = lab_check::all()
        .map(|rule| (best(&mut || timed(|| lab_check::apply(rule, &lab, today)).0), rule.code.0));
    let check = best(&mut || timed(|| lab_check::check(&lab, today)).0);
    Measured { rules: rules.collect(), stages: [tree, whole.saturating_sub(tree), check] }
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let value = run();
    (started.elapsed(), value)
}
