//! Tasks of the house: `tidy`, `generate`, `test` and `kill-box`. Needs no crate, so that it is built before anything else in seconds.
//!
//! What only the program knows about itself (its arguments, its schema, its codes) it prints itself; `generate` writes that into
//! the repository, and tests of the program hold it fresh.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task talks to the terminal and nothing else"
)]

mod generate;
mod kill_box;
mod packages;
mod test_run;
mod tidy;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
Tasks of the house

Usage: cargo xtask TASK

  test      everything that must hold: format, lints, tests, documents, tidiness
  tidy      the rules that no compiler knows: layers, headers, sizes, words, pages
  generate  write the generated files: schema/, docs/generated/
  kill-box  kill runs of a box at moments of chance and look for what is left; `kill-box --help`";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = workspace::root();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test_run::run(&root),
        ["tidy"] => tidy_up(&root),
        ["generate"] => generate::run(&root),
        ["kill-box", "--help"] => {
            println!("{}", kill_box::USAGE);
            true
        }
        ["kill-box", rest @ ..] => kill_box::run(&root, rest),
        ["--help" | "-h" | "help"] => {
            println!("{USAGE}");
            true
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tidy_up(root: &std::path::Path) -> bool {
    let faults = tidy::faults(root);
    for fault in &faults {
        println!("{fault}");
    }
    println!("tidy: {} faults", faults.len());
    faults.is_empty()
}
