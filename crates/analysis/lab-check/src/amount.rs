//! Amounts as findings show them: rounded to what a reader compares, never the exact bytes.

/// A size on drives: `5.4 TB`, `900 GB`. Decimal units, as drives are sold.
pub(crate) fn size(bytes: u64) -> String {
    let units = [("TB", 1_000_000_000_000u64), ("GB", 1_000_000_000), ("MB", 1_000_000)];
    let (unit, of) = units.into_iter().find(|(_, of)| bytes >= *of).unwrap_or(("MB", 1_000_000));
    tenths(bytes, of, unit)
}

/// An amount of memory: `64 GiB`, `1.5 GiB`, `512 MiB`.
pub(crate) fn memory(bytes: u64) -> String {
    if bytes >= 1 << 30 { tenths(bytes, 1 << 30, "GiB") } else { tenths(bytes, 1 << 20, "MiB") }
}

/// A share of a whole in whole percent; more than 100 is possible.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// `n things`, or `1 thing`.
pub(crate) fn count(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// Names in code marks: `a`, `b` and 3 more.
pub(crate) fn names<T: std::fmt::Display>(all: &[T]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => match shown.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
            None => String::new(),
        },
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn tenths(bytes: u64, of: u64, unit: &str) -> String {
    let tenths = (u128::from(bytes) * 10 + u128::from(of) / 2) / u128::from(of);
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        part => format!("{}.{part} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn amounts_are_rounded() {
        assert_eq!(super::size(5_400_000_000_000), "5.4 TB");
        assert_eq!(super::size(999_960_000_000), "1000 GB");
        assert_eq!(super::memory(1_536 << 20), "1.5 GiB");
        assert_eq!(super::percent(3, 2), 150);
        assert_eq!(super::names(&["a", "b"]), "`a` and `b`");
        assert_eq!(super::names(&["a", "b", "c", "d", "e"]), "`a`, `b`, `c`, `d` and 1 more");
    }
}
