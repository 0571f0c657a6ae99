//! The labwright command: wiring only.

fn main() {}
