//! A run of addresses: `10.1.4.1-10.1.4.254`, `10.1.4.1-254`, one address, or a whole prefix.
//!
//! Ranges are never walked: everything is arithmetic on the two ends, so a range over all of IPv6 costs nothing.

use super::address::{Prefix, parse_ip};
use super::scan::quoted;
use super::{Grammar, GrammarError};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Addresses of one family from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

impl AddressRange {
    /// `None` when the ends are of two families or the wrong way around.
    pub fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// The first address.
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// The last address.
    pub const fn last(self) -> IpAddr {
        self.last
    }

    /// How many addresses; `None` only for all of IPv6, whose count is one more than fits.
    pub fn count(self) -> Option<u128> {
        (number(self.last) - number(self.first)).checked_add(1)
    }

    /// Whether the address is one of them; never across families.
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    /// Whether all of `other` lies in this.
    pub fn contains_range(self, other: Self) -> bool {
        self.contains(other.first) && self.contains(other.last)
    }

    /// Whether an address lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.last && other.first <= self.last
    }

    /// The addresses in both.
    pub fn intersection(self, other: Self) -> Option<Self> {
        self.overlaps(other)
            .then(|| Self { first: self.first.max(other.first), last: self.last.min(other.last) })
    }

    /// The length of the prefix that is exactly this range, when there is one.
    fn prefix_length(self) -> Option<u32> {
        let bits = if self.first.is_ipv4() { 32 } else { 128 };
        let host_bits = match self.count() {
            None => 128,
            Some(count) if count.is_power_of_two() => count.trailing_zeros(),
            Some(_) => return None,
        };
        (host_bits == 128 || number(self.first).trailing_zeros() >= host_bits).then_some(bits - host_bits)
    }
}

impl From<Prefix> for AddressRange {
    fn from(prefix: Prefix) -> Self {
        let network = prefix.network();
        Self { first: network.network(), last: network.broadcast() }
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// One address, a prefix where the range is exactly one, else both ends in full.
impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        match self.prefix_length() {
            Some(length) => write!(f, "{}/{length}", self.first),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl Grammar for AddressRange {
    const WHAT: &'static str = "a range of addresses, such as `10.1.4.1-254`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9A-Fa-f:.]+(-[0-9A-Fa-f:.]+|/[0-9]{1,3})?$");
    const EXAMPLES: &'static [&'static str] =
        &["10.1.4.1-254", "10.1.4.1-10.1.5.254", "10.1.4.7", "10.1.4.0/24", "fd00:3::10-fd00:3::ff"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        if text.contains('/') {
            return parse_prefix(text);
        }
        let Some((first_text, last_text)) = text.split_once('-') else {
            return parse_ip(text, 0).map(Self::from);
        };
        let first = parse_ip(first_text, 0)?;
        let last_at = first_text.len() + 1..text.len();
        let last = parse_last(first, last_text, last_at.clone())?;
        if first.is_ipv4() != last.is_ipv4() {
            return Err(GrammarError::new(last_at, "both ends of a range are IPv4, or both are IPv6"));
        }
        Self::new(first, last).ok_or_else(|| {
            let error = GrammarError::new(last_at, format!("the range ends before it begins, at {first}"));
            error.with_help(format!("write {}", quoted(&format!("{last}-{first}"))))
        })
    }
}

fn parse_prefix(text: &str) -> Result<AddressRange, GrammarError> {
    let prefix = Prefix::parse(text)?;
    if prefix.has_host_bits() {
        let at = 0..text.find('/').unwrap_or(text.len());
        let message = "host bits are set, so it is unclear which addresses are meant";
        return Err(GrammarError::new(at, message).with_help(format!("write `{}`", prefix.network())));
    }
    Ok(prefix.into())
}

/// The last address, in full or only its last part.
fn parse_last(first: IpAddr, text: &str, at: Range<usize>) -> Result<IpAddr, GrammarError> {
    match first {
        IpAddr::V4(first) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            let last = super::scan::whole(text, at, "the last part of an IPv4 address", 0..=255)?;
            let [a, b, c, _] = first.octets();
            Ok(Ipv4Addr::new(a, b, c, u8::try_from(last).expect("at most 255")).into())
        }
        IpAddr::V6(first) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            let last = u16::from_str_radix(text, 16).map_err(|_| {
                GrammarError::new(at, "the last part of an IPv6 address has at most four digits")
            })?;
            let [a, b, c, d, e, f, g, _] = first.segments();
            Ok(Ipv6Addr::new(a, b, c, d, e, f, g, last).into())
        }
        _ => parse_ip(text, at.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn ranges() {
        check::<AddressRange>(&[
            ("10.1.4.1-254", Ok("10.1.4.1-10.1.4.254")),
            ("10.1.4.1-10.1.5.254", Ok("10.1.4.1-10.1.5.254")),
            ("10.1.4.7-7", Ok("10.1.4.7")),
            ("10.1.4.0-10.1.4.255", Ok("10.1.4.0/24")),
            ("10.1.4.7/32", Ok("10.1.4.7")),
            ("::/0", Ok("::/0")),
            ("fd00::10-ff", Ok("fd00::10-fd00::ff")),
            ("10.1.4.9-3", Err(("3", "ends before it begins"))),
            ("10.1.4.9-10.1.4.3", Err(("10.1.4.3", "write `10.1.4.3-10.1.4.9`"))),
            ("10.1.4.1-fd00::1", Err(("fd00::1", "both are IPv6"))),
            ("10.1.4.1-256", Err(("256", "between 0 and 255"))),
            ("10.1.4.1-10.1.4.256", Err(("256", "between 0 and 255"))),
            ("10.1.4.1-", Err(("", "missing"))),
            ("-10.1.4.1", Err(("", "missing"))),
            ("10.1.4.1-5.254", Err(("", "four parts"))),
            ("10.1.4.7/24", Err(("10.1.4.7", "write `10.1.4.0/24`"))),
            ("fd00::1-12345", Err(("12345", "at most four digits"))),
        ]);
    }

    #[test]
    fn arithmetic() {
        let range = |text| AddressRange::parse(text).unwrap();
        assert_eq!(range("10.1.4.1-254").count(), Some(254));
        assert_eq!(range("::/0").count(), None);
        assert_eq!(range("::/1").count(), Some(1 << 127));
        assert!(range("10.1.4.1-254").contains("10.1.4.254".parse().unwrap()));
        assert!(!range("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert_eq!(range("10.1.4.1-9").intersection(range("10.1.4.9-20")), Some(range("10.1.4.9")));
        assert_eq!(range("10.1.4.1-9").intersection(range("10.1.4.10-20")), None);
        assert!(range("10.1.0.0/16").contains_range(range("10.1.4.1-254")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(a: u128, b: u128, len in 0u32..=128) {
            let v6 = |a: u128, b: u128| AddressRange::new(Ipv6Addr::from(a.min(b)).into(), Ipv6Addr::from(a.max(b)).into());
            check_round_trip(&v6(a, b).unwrap())?;
            let mask = u128::MAX.checked_shr(len).unwrap_or(0);
            check_round_trip(&v6(a & !mask, a | mask).unwrap())?;
            let [a, b] = [a, b].map(|bits| u32::try_from(bits >> 96).unwrap());
            let v4 = AddressRange::new(Ipv4Addr::from(a.min(b)).into(), Ipv4Addr::from(a.max(b)).into());
            check_round_trip(&v4.unwrap())?;
        }
    }
}
