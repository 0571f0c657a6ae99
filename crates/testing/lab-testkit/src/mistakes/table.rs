//! Adds verdicts up, family by family and list by list.

use super::judge::{Outcome, Verdict};
use super::mistake::Mistake;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many mistakes of each family and of each list were found, as a table with a sum.
pub fn table<'a>(judged: impl IntoIterator<Item = (&'a Mistake, &'a Verdict)>) -> String {
    let mut families: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    let mut lists: Vec<(&str, [usize; 5])> = Vec::new();
    let mut sum = [0; 5];
    for (mistake, verdict) in judged {
        let column = match verdict.outcome {
            Outcome::Here => 0,
            Outcome::Read => 1,
            Outcome::Elsewhere => 2,
            Outcome::Missed => 3,
            Outcome::Stale => 4,
        };
        families.entry(&mistake.family).or_default()[column] += 1;
        if lists.last().is_none_or(|(list, _)| *list != mistake.list) {
            lists.push((mistake.list, [0; 5]));
        }
        if let Some((_, row)) = lists.last_mut() {
            row[column] += 1;
        }
        sum[column] += 1;
    }
    let mut out = format!(
        "{:<12}{:>7}{:>7}{:>7}{:>11}{:>8}{:>7}\n",
        "family", "found", "rule", "read", "elsewhere", "missed", "stale"
    );
    let rows = families.into_iter().chain(lists).chain([("all", sum)]);
    for (name, [here, read, elsewhere, missed, stale]) in rows {
        let planted = here + read + elsewhere + missed;
        let percent = ((here + read) * 100).checked_div(planted).unwrap_or(0);
        let _ =
            writeln!(out, "{name:<12}{percent:>5} %{here:>7}{read:>7}{elsewhere:>11}{missed:>8}{stale:>7}");
    }
    out
}
