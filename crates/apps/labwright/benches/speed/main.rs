//! How fast and how large: the command on the largest lab of this repository, generated labs of 200, 2,000 and 20,000
//! devices, the growth from one to the next with the slowest rules, and a library of types named as a source.
//!
//! Prints figures and asserts none; what to make of them is in `docs/benchmarks.md`.

#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run ends by panicking")]

mod growth;
mod library;
mod process;

use std::time::Duration;

fn main() {
    // Without it, somebody only wants to know whether it builds: `cargo test --all-targets`.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // The peak of memory is that of the largest process so far, so the larger ones come later.
    process::print();
    growth::print();
    library::print();
}

/// `12.3 ms`.
fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
