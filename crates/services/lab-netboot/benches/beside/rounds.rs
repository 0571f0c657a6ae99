//! Several servers, measured in turns, so that whatever else the machine does falls on all of them; and the table.

use std::path::Path;

/// So often each is measured.
pub(crate) const ROUNDS: usize = 5;

/// What one turn gave.
#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    /// Things a second: leases, or bytes.
    pub(crate) rate: f64,
    /// Seconds of processor for one thing (a thousand leases, a GB).
    pub(crate) cpu: f64,
    /// Largest resident memory in MiB; none when the server's processes come and go.
    pub(crate) peak_mib: Option<f64>,
}

/// What a table is about.
pub(crate) struct Table<'a> {
    pub(crate) title: &'a str,
    /// Heading of the rate, and what it is divided by.
    pub(crate) rate: (&'a str, f64),
    /// Heading of the processor's time.
    pub(crate) cpu: &'a str,
}

/// Measures in turns and prints one line a server, each with ours divided by it. Ours is the first.
pub(crate) fn print(table: &Table<'_>, servers: &[&str], mut measure: impl FnMut(&str) -> Figures) {
    let mut turns: Vec<Vec<Figures>> = vec![Vec::new(); servers.len()];
    for _ in 0..ROUNDS {
        for (server, turns) in servers.iter().zip(&mut turns) {
            turns.push(measure(server));
        }
    }
    println!("\n{}", table.title);
    println!(
        "{:24} {:>12} {:>8} {:>8} {:>16} {:>10} {:>8}",
        "median of five", table.rate.0, "lowest", "highest", table.cpu, "peak MiB", "ours is"
    );
    let ours = median(&turns[0], |figures| figures.rate);
    for (server, turns) in servers.iter().zip(&turns) {
        let rate = median(turns, |figures| figures.rate);
        let by =
            |pick: fn(f64, f64) -> f64, start| turns.iter().map(|figures| figures.rate).fold(start, pick);
        let unit = table.rate.1;
        let peak = turns.last().and_then(|figures| figures.peak_mib);
        println!(
            "{server:24} {:12.0} {:8.0} {:8.0} {:16.3} {:>10} {:7.2}x",
            rate / unit,
            by(f64::min, f64::MAX) / unit,
            by(f64::max, 0.0) / unit,
            median(turns, |figures| figures.cpu),
            peak.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.1}")),
            ours / rate,
        );
    }
}

fn median(turns: &[Figures], of: impl Fn(&Figures) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Ours, and those of the others whose program is installed. Says which are not.
pub(crate) fn present<'a>(others: &[(&'a str, &str, &str)]) -> Vec<&'a str> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    let is_there = |program: &str| path.split(':').any(|folder| Path::new(folder).join(program).exists());
    let mut servers = vec![OURS];
    for (name, program, package) in others {
        match is_there(program) {
            true => servers.push(name),
            false => println!("{name} is left out: it needs the package {package}"),
        }
    }
    servers
}

/// The name of ours in the tables.
pub(crate) const OURS: &str = "labwright";
