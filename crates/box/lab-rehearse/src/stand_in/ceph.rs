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

/// Whether a pool is served, by answers of its machines, `hears MACHINE A,B`. Those who are called down are not waited for: what is
/// asked over several steps must not wait for the dead at each.
pub(super) fn served(
    said: impl Iterator<Item = String>,
    domains: &[Vec<String>],
    spare: u32,
) -> Result<(), String> {
    let mut heard = Heard::new();
    for line in said {
        let words = line.strip_prefix("hears ").and_then(|words| words.split_once(' '));
        let Some((who, whom)) = words else { continue };
        heard.insert(who.to_owned(), whom.split(',').map(str::to_owned).collect());
        let is_settled =
            |machine: &String| heard.contains_key(machine) || n_missing(&heard, machine) >= REPORTERS;
        if domains.iter().flatten().all(is_settled) {
            let found = serves(&heard, domains, spare);
            if found.is_ok() {
                return found;
            }
        }
    }
    serves(&heard, domains, spare)
}

/// Whom each machine that answers hears.
type Heard = BTreeMap<String, BTreeSet<String>>;

fn misses(heard: &Heard, who: &str, whom: &str) -> bool {
    heard.get(who).is_some_and(|has| who != whom && !has.contains(whom))
}

fn n_missing(heard: &Heard, whom: &str) -> usize {
    heard.keys().filter(|who| misses(heard, who, whom)).count()
}

/// Machines that somebody hears and that too few miss.
fn up<'a>(heard: &Heard, domains: &'a [Vec<String>]) -> BTreeSet<&'a String> {
    let is_up = |whom: &&String| {
        let is_known = heard.values().any(|has| has.contains(*whom));
        is_known && n_missing(heard, whom) < REPORTERS
    };
    domains.iter().flatten().filter(is_up).collect()
}

/// No two machines are torn, and of at most `spare` failure domains a machine is down. Else why not.
fn serves(heard: &Heard, domains: &[Vec<String>], spare: u32) -> Result<(), String> {
    let up = up(heard, domains);
    for who in &up {
        if let Some(whom) = up.iter().find(|whom| misses(heard, who, whom)) {
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
        let found = served(lines, &domains, spare);
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
