//! "Did you mean": the known name nearest to one that is not known. Knows nothing of what the names stand for.

/// After this many findings nothing is suggested: every suggestion looks through all names, and who has hundreds of
/// unknown names has one mistake, not hundreds of slips.
pub const FEW: usize = 100;

/// As [`nearest`], while there are only [`FEW`] findings.
pub fn nearest_while_few<'a>(
    found: usize,
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if found > FEW { None } else { nearest(name, candidates) }
}

/// The candidate nearest to `name`, if one is near enough to have been meant: at most one edit in a short name, one in
/// three characters of a longer one. An edit inserts, removes, replaces or swaps; upper and lower case are the same.
/// The first of equally near ones.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = lower(name);
    // A very long name is a pasted text, and the distance costs length times length.
    if wanted.is_empty() || wanted.len() > 128 {
        return None;
    }
    let mut limit = (wanted.len() / 3).max(1);
    let mut best = None;
    for candidate in candidates {
        // Bytes are at most four times the characters, so this rules out without looking closer.
        if candidate.len() > 4 * (wanted.len() + limit) {
            continue;
        }
        let other = lower(candidate);
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        if let Some(distance) = distance_within(&wanted, &other, limit) {
            if distance == 0 {
                return Some(candidate);
            }
            best = Some(candidate);
            limit = distance - 1;
            if limit == 0 && best.is_some() {
                // Only a name that differs in case alone can still be nearer; keep looking for it.
                continue;
            }
        }
    }
    best
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The optimal string alignment distance, or `None` when it is above `limit`.
fn distance_within(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, to) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(from != to)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *to && *from == b[j - 1] {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        if row.iter().min().is_some_and(|&least| least > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found() {
        let known = ["node-1", "node-12", "nas-1", "switch-1", "opnsense-router-01", "OS", "bay-0"];
        for (name, expect) in [
            ("node1", Some("node-1")),
            ("Node-1", Some("node-1")),
            ("ndoe-1", Some("node-1")),
            ("swicth-1", Some("switch-1")),
            ("opnsense-ruoter-1", Some("opnsense-router-01")),
            ("nsa-1", Some("nas-1")),
            ("os", Some("OS")),
            ("printer", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expect, "{name}");
        }
    }

    #[test]
    fn the_nearer_wins_whatever_the_order() {
        assert_eq!(nearest("vlan-10", ["vlan-20", "vlan-10x", "VLAN-10"]), Some("VLAN-10"));
        assert_eq!(nearest("vlan-10", ["VLAN-10", "vlan-20"]), Some("VLAN-10"));
        assert_eq!(nearest("abc", ["abd", "abe"]), Some("abd"));
    }
}
