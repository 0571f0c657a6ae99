//! Cards that differ from one of the lab's by a slip of the pen: one digit, or two that stand the wrong way around.

use crate::config::Machine;
use crate::mac::Mac;

/// Whether two cards differ by one hexadecimal digit, or by two neighbouring digits swapped.
pub fn near(one: Mac, other: Mac) -> bool {
    let digits = |mac: Mac| mac.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect::<Vec<u8>>();
    let (one, other) = (digits(one), digits(other));
    let differ: Vec<usize> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
    match differ[..] {
        [_] => true,
        [a, b] => b == a + 1 && one[a] == other[b] && one[b] == other[a],
        _ => false,
    }
}

/// The machine of the lab whose card a stranger nearly has. None when there are several: then it is a row of machines
/// with numbers in a row, and no slip.
pub(super) fn nearest<'a>(
    stranger: Mac,
    lab: impl Iterator<Item = (Mac, &'a Machine)>,
) -> Option<(Mac, &'a Machine)> {
    let mut close = lab.filter(|(mac, _)| near(stranger, *mac));
    let first = close.next();
    if close.next().is_some() { None } else { first }
}

/// The stranger that is nearly one of a machine's cards.
pub(super) fn among(machine: &Machine, strangers: &[Mac]) -> Option<Mac> {
    strangers.iter().copied().find(|stranger| machine.macs.iter().any(|mac| near(*stranger, *mac)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_or_a_swap_is_near() {
        for (one, other, expect) in [
            ("52:54:00:00:00:01", "52:54:00:00:00:01", false),
            ("52:54:00:00:00:01", "52:54:00:00:00:0f", true),
            ("52:54:00:00:00:12", "52:54:00:00:00:21", true),
            ("52:54:00:00:01:20", "52:54:00:00:02:10", true),
            ("52:54:00:00:00:12", "52:54:00:00:00:43", false),
            ("52:54:00:12:34:56", "25:54:00:12:34:56", true),
        ] {
            let parse = |text: &str| text.parse::<Mac>().expect("a card");
            assert_eq!(near(parse(one), parse(other)), expect, "{one} {other}");
        }
    }
}
