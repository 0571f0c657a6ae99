//! Prints a generated fault tree in the Open-PSA format: `fault_tree dense|trains|support|votes EVENTS [SEED]`.

#![expect(clippy::print_stdout, reason = "it prints a tree")]

use lab_testkit::fault_tree::{SHAPES, fault_tree};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || std::io::Error::other("usage: fault_tree dense|trains|support|votes EVENTS [SEED]");
    let [shape, events, seed @ ..] = &arguments[..] else { return Err(usage()) };
    let shape = SHAPES.into_iter().find(|known| known.word() == shape).ok_or_else(usage)?;
    let events = events.parse().map_err(std::io::Error::other)?;
    let seed = seed.first().map_or(Ok(1), |seed| seed.parse().map_err(std::io::Error::other))?;
    print!("{}", fault_tree(shape, events, seed));
    Ok(())
}
