//! What the interfaces of a node do to frames that leave: lose some, hold all back.
//!
//! Frames are dropped and held back where they leave, at both ends of a cable: what comes in has been seen by programs that look at the
//! interface itself before any rule applies to it. Where the kernel has netem it holds frames back; else a program of the box does
//! (`delay.pl`), to which a rule hands them.

use super::FaultError;
use crate::net::Namespace;
use crate::wired::end_named;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const DELAY: &str = include_str!("delay.pl");
/// The name of its processes.
const PROCESS: &str = "lw-delay";
/// The mark of frames that were held back already.
const MARK: u32 = 0x6c77_0001;
const TAKES_ALL: &str = "a string takes all";

/// Makes the interfaces of a node lose (of a hundred frames) and hold back (milliseconds) what these say, and nothing else. `folder` is the
/// node's own.
pub(super) fn set(
    namespace: &Namespace,
    folder: &Path,
    drops: &BTreeMap<String, u8>,
    delays: &BTreeMap<String, u16>,
) -> Result<(), FaultError> {
    end_named(namespace, &[PROCESS.to_owned()]);
    let tc = |words: &[&str]| namespace.tool("tc").args(words).run();
    let held = folder.join("delayed");
    for device in fs::read_to_string(&held).unwrap_or_default().lines() {
        // It may be that nothing is set there.
        drop(tc(&["qdisc", "delete", "dev", device, "root"]));
    }
    drop(fs::remove_file(&held));
    let mut taps: BTreeMap<&str, String> = BTreeMap::new();
    for (index, (device, ms)) in delays.iter().enumerate() {
        let delay = format!("{ms}ms");
        // A queue for as many frames as come within the time at ten thousand a second.
        let room = (u32::from(*ms) * 10).max(1000).to_string();
        if tc(&["qdisc", "replace", "dev", device, "root", "netem", "limit", &room, "delay", &delay]).is_ok()
        {
            continue;
        }
        let tap = format!("lw-delay{index}");
        let program = folder.join("delay.pl");
        fs::write(&program, DELAY).map_err(crate::state::StateError::file("write", &program))?;
        let program = program.display().to_string();
        namespace.tool("perl").args([&program, &ms.to_string(), device, &tap, &MARK.to_string()]).run()?;
        taps.insert(device, tap);
    }
    if !delays.is_empty() {
        let names: String = delays.keys().map(|device| format!("{device}\n")).collect();
        fs::write(&held, names).map_err(crate::state::StateError::file("write", &held))?;
    }
    namespace.tool("nft").args(["-f", "-"]).input(rules(drops, &taps)).run()?;
    Ok(())
}

fn rules(drops: &BTreeMap<String, u8>, taps: &BTreeMap<&str, String>) -> String {
    let mut text = "add table netdev labwright_faults\ndelete table netdev labwright_faults\n".to_owned();
    let devices: BTreeSet<&str> = drops.keys().map(String::as_str).chain(taps.keys().copied()).collect();
    if !devices.is_empty() {
        text.push_str("add table netdev labwright_faults\n");
    }
    for (index, device) in devices.into_iter().enumerate() {
        let chain = format!("netdev labwright_faults c{index}");
        writeln!(text, "add chain {chain} {{ type filter hook egress device \"{device}\" priority 0; }}")
            .expect(TAKES_ALL);
        let lost = drops.get(device).map(|percent| match percent {
            100 => "drop".to_owned(),
            percent => format!("numgen random mod 100 < {percent} drop"),
        });
        // What was held back has been lost or not before that.
        let passed = taps.get(device).map(|_| format!("meta mark {MARK} accept"));
        let held = taps.get(device).map(|tap| format!("fwd to \"{tap}\""));
        for rule in [passed, lost, held].into_iter().flatten() {
            writeln!(text, "add rule {chain} {rule}").expect(TAKES_ALL);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_lost_or_held_back_and_then_let_pass() {
        let drops = BTreeMap::from([("eth0".to_owned(), 5), ("eth1".to_owned(), 100)]);
        let taps = BTreeMap::from([("eth0", "lw-delay0".to_owned())]);
        let text = rules(&drops, &taps);
        let of = |chain: &str| -> Vec<String> {
            let start = format!("add rule netdev labwright_faults {chain} ");
            text.lines().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
        };
        assert_eq!(
            of("c0"),
            ["meta mark 1819738113 accept", "numgen random mod 100 < 5 drop", "fwd to \"lw-delay0\""]
        );
        assert_eq!(of("c1"), ["drop"]);
        assert_eq!(rules(&BTreeMap::new(), &BTreeMap::new()).lines().count(), 2, "the table goes");
    }
}
