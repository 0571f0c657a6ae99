//! Which random labs are tried: so many, unless the environment says.

use std::ops::Range;

/// `VARIABLE=20000` tries so many; `7000..9000` tries those.
pub(crate) fn seeds(variable: &str, n_unless_said: u64) -> Range<u64> {
    let Ok(wanted) = std::env::var(variable) else { return 0..n_unless_said };
    let number = |text: &str| text.parse::<u64>().expect("a number of labs, or FIRST..END");
    match wanted.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => 0..number(&wanted),
    }
}
