//! Whether the OSDs of a Ceph serve a pool, by what their machines say of each other.
//!
//! A machine is called down when machines of two hosts miss it (`mon_osd_min_down_reporters` 2, `mon_osd_reporter_subtree_level` host). Of
//! two that miss each other and whom all others hear neither is, and what has copies on both waits. Nothing here says how long that takes.

use std::collections::{BTreeMap, BTreeSet};

/// Hosts that must miss a machine before it is called down.
const REPORTERS: usize = 2;

/// The word before the cluster in the name under which its OSDs hear each other.
const OSDS: &str = "osds-of-";

/// The name under which machines of OSDs hear each other.
pub fn osds_of(cluster: &str) -> String {
    format!("{OSDS}{cluster}")
}

/// Answers of machines, `hears MACHINE A,B`: whom each hears.
pub(super) fn heard(said: impl Iterator<Item = String>) -> BTreeMap<String, BTreeSet<String>> {
    let said = said.filter_map(|line| {
        let (who, whom) = line.strip_prefix("hears ")?.split_once(' ')?;
        Some((who.to_owned(), whom.split(',').map(str::to_owned).collect()))
    });
    said.collect()
}

/// Whether a pool is served: no two machines are torn, and of at most `spare` failure domains a machine is down. Else why not.
pub(super) fn serves(
    heard: &BTreeMap<String, BTreeSet<String>>,
    domains: &[Vec<String>],
    spare: u32,
) -> Result<(), String> {
    let misses = |who: &str, whom: &str| heard.get(who).is_some_and(|has| who != whom && !has.contains(whom));
    let is_down = |whom: &str| {
        let is_known = heard.values().any(|has| has.contains(whom));
        !is_known || heard.keys().filter(|who| misses(who, whom)).count() >= REPORTERS
    };
    let up: BTreeSet<&String> = domains.iter().flatten().filter(|machine| !is_down(machine)).collect();
    for who in &up {
        if let Some(whom) = up.iter().find(|whom| misses(who, whom)) {
            return Err(format!("{who} misses {whom}, which is not called down"));
        }
    }
    let n_gone = domains.iter().filter(|domain| domain.iter().any(|machine| !up.contains(machine))).count();
    if n_gone > spare as usize { Err(format!("{n_gone} failure domains are away")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers as `A: A B, B: ...`; domains are machines.
    fn check(said: &[&str], n_machines: usize, spare: u32, expect: bool) {
        let lines = said.iter().map(|line| format!("hears {line}"));
        let domains: Vec<Vec<String>> =
            ["a", "b", "c", "d"].iter().take(n_machines).map(|name| vec![(*name).to_owned()]).collect();
        let found = serves(&heard(lines), &domains, spare);
        assert_eq!(found.is_ok(), expect, "{said:?}: {found:?}");
    }

    #[test]
    fn all_hear_each_other() {
        check(&["a a,b,c", "b a,b,c", "c a,b,c"], 3, 1, true);
    }

    #[test]
    fn one_without_power_is_called_down_by_two() {
        check(&["a a,c", "c a,c"], 3, 1, true);
        check(&["a a,c", "c a,c"], 3, 0, false);
        check(&["a a"], 2, 1, true);
        check(&["c c"], 3, 1, false);
    }

    #[test]
    fn two_that_miss_each_other_are_not_called_down() {
        check(&["a a,c", "b b,c", "c a,b,c"], 3, 1, false);
        // Whoever asks may not reach all of them.
        check(&["a a,c", "c a,b,c"], 3, 1, false);
        check(&["a a", "b b"], 2, 1, false);
    }

    #[test]
    fn one_whom_nobody_hears_is_called_down_and_what_it_says_does_not_count() {
        check(&["a a", "b b,c", "c b,c"], 3, 1, true);
        // Asked from its side only, it is alone.
        check(&["a a"], 3, 1, false);
    }

    #[test]
    fn halves_have_too_few() {
        check(&["a a,b", "b a,b", "c c,d", "d c,d"], 4, 1, false);
    }
}
