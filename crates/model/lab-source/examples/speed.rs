//! How fast a large lab is read: `cargo run --release -p lab-source --example speed`. Prints megabytes a second.

use lab_source::{Files, Input, read_tree};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

/// A description of `devices` devices with ten interfaces each, in the style of a real one.
fn generated(devices: usize) -> String {
    let mut text = String::from("devices:\n");
    for device in 0..devices {
        write!(
            text,
            "  node-{device}:\n    type: minisforum/ms-01\n    at: rack-{}/U{}\n",
            device / 40,
            device % 40
        )
        .expect("a string takes everything");
        text.push_str("    drives: { m2-1: { model: kingston/kc3000-2tb, holds: os } }\n    interfaces:\n");
        for port in 0..10 {
            writeln!(text, "      sfp-{port}: {{ speed: 10 Gb/s, to: \"switch-{}:{port}\" }}", device / 10)
                .expect("a string takes everything");
        }
    }
    text
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    // With an argument, so many devices only: to see the memory of one size.
    let one = std::env::args().nth(1).and_then(|devices| devices.parse().ok());
    let sizes = one.map_or_else(|| vec![1_000, 14_000, 60_000], |devices| vec![devices]);
    for devices in sizes {
        let text = generated(devices);
        let megabytes = text.len() as f64 / 1e6;
        let start = Instant::now();
        let mut files = Files::new();
        let input = Input { name: "lab.yaml".to_owned(), bytes: text.into_bytes() };
        let tree = read_tree(&mut files, vec![input], &[]);
        let seconds = start.elapsed().as_secs_f64();
        writeln!(
            out,
            "{devices} devices, {megabytes:.1} MB: {:.0} ms, {:.1} MB/s, {} findings",
            seconds * 1e3,
            megabytes / seconds,
            tree.diagnostics.len()
        )?;
    }
    Ok(())
}
