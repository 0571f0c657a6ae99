//! Addresses of hosts, of interfaces and of networks, and hardware addresses.
//!
//! IPv4 and IPv6 are read by the standard library; this file adds where in the text a fault lies. IPv6 zones
//! (`fe80::1%eth0`) are not part of any of them: a zone belongs to one machine, not to a lab.

use super::scan::{quoted, whole};
use super::{Grammar, GrammarError};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Reads an address that fills `text`, which stands `offset` bytes into the text that errors speak of.
pub(super) fn parse_ip(text: &str, offset: usize) -> Result<IpAddr, GrammarError> {
    let at = offset..offset + text.len();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if text.is_empty() {
        return Err(GrammarError::new(at, "an address is missing"));
    }
    if let Some(index) = text.find(|c: char| c.is_whitespace()) {
        return Err(GrammarError::new(at.start + index..at.end, "an address has no blanks"));
    }
    if text.contains(':') { Err(bad_v6(text, at)) } else { Err(bad_v4(text, at)) }
}

/// Says what is wrong with an IPv4 address that the standard library refused.
fn bad_v4(text: &str, at: Range<usize>) -> GrammarError {
    let mut start = at.start;
    let mut octets = 0;
    for octet in text.split('.') {
        let octet_at = start..start + octet.len();
        start = octet_at.end + 1;
        octets += 1;
        if octets > 4 {
            let extra = octet_at.start..at.end;
            return GrammarError::new(extra, "an IPv4 address has four parts");
        }
        if octet.is_empty() || !octet.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("{} is no address", quoted(text));
            let error =
                if octets == 1 { GrammarError::new(at, message) } else { part_error(octet, octet_at) };
            return error.with_help("write such as `10.3.1.1` or `fd00::1`");
        }
        if let Err(error) = whole(octet, octet_at, "a part of an IPv4 address", 0..=255) {
            return error;
        }
    }
    GrammarError::new(at.end..at.end, format!("an IPv4 address has four parts, this has {octets}"))
}

fn part_error(octet: &str, at: Range<usize>) -> GrammarError {
    match octet {
        "" => GrammarError::new(at, "a part of the address is missing"),
        _ => GrammarError::new(at, format!("{} is no part of an IPv4 address", quoted(octet))),
    }
}

/// Says what is wrong with an IPv6 address that the standard library refused.
fn bad_v6(text: &str, at: Range<usize>) -> GrammarError {
    if let Some(zone) = text.find('%') {
        return GrammarError::new(
            at.start + zone..at.end,
            "a zone belongs to one machine, not to an address",
        )
        .with_help(format!("write {}", quoted(&text[..zone])));
    }
    let foreign = text.char_indices().find(|(_, c)| !c.is_ascii_hexdigit() && *c != ':' && *c != '.');
    if let Some((index, c)) = foreign {
        let char_at = at.start + index..at.start + index + c.len_utf8();
        return GrammarError::new(char_at, format!("`{c}` is no part of an IPv6 address"));
    }
    let mut start = at.start;
    for group in text.split(':') {
        let group_at = start..start + group.len();
        start = group_at.end + 1;
        if group.len() > 4 && !group.contains('.') {
            return GrammarError::new(group_at, "a part of an IPv6 address has at most four digits");
        }
    }
    let pairs = text.matches("::").count();
    if pairs > 1 {
        return GrammarError::new(at, "`::` stands at most once in an IPv6 address");
    }
    GrammarError::new(at, "an IPv6 address has eight parts, or fewer with one `::`")
}

/// Splits `text` at its slash and reads the length of the prefix behind it.
fn split_length(text: &str) -> Result<(IpAddr, Option<u8>), GrammarError> {
    let Some((address, length)) = text.split_once('/') else {
        return Ok((parse_ip(text, 0)?, None));
    };
    let ip = parse_ip(address, 0)?;
    let length_at = address.len() + 1..text.len();
    let (noun, longest) = match ip {
        IpAddr::V4(_) => ("the length of an IPv4 prefix", 32),
        IpAddr::V6(_) => ("the length of an IPv6 prefix", 128),
    };
    if let Ok(mask) = length.parse::<Ipv4Addr>() {
        let error = GrammarError::new(length_at, "a netmask does not stand here");
        let bits = u32::from(mask);
        return Err(match bits.leading_ones() + bits.trailing_zeros() {
            32 => error.with_help(format!("write {}", quoted(&format!("{address}/{}", bits.leading_ones())))),
            _ => error.with_help("write the length of the prefix, such as `/24`"),
        });
    }
    let length = whole(length, length_at, noun, 0..=longest)?;
    Ok((ip, Some(u8::try_from(length).expect("at most 128"))))
}

fn net(address: IpAddr, length: u8) -> IpNet {
    IpNet::new(address, length).expect("the length was checked for this family")
}

/// The address of a host, IPv4 or IPv6, without a prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(pub IpAddr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Grammar for Address {
    const WHAT: &'static str = "an address, such as `10.3.1.1`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9A-Fa-f:.]+$");
    const EXAMPLES: &'static [&'static str] = &["10.3.1.1", "fd00:3::1"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        if let Some((address, _)) = text.split_once('/')
            && parse_ip(address, 0).is_ok()
        {
            let error =
                GrammarError::new(address.len()..text.len(), "an address without a prefix stands here");
            return Err(error.with_help(format!("write {}", quoted(address))));
        }
        parse_ip(text, 0).map(Self)
    }
}

/// The address of an interface; with its prefix when that is said, else the network it lies in gives it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InterfaceAddress {
    /// The address, host bits and all.
    pub address: IpAddr,
    /// The length of the prefix, at most 32 or 128.
    length: Option<u8>,
}

impl InterfaceAddress {
    /// The length of the prefix, when said.
    pub const fn length(self) -> Option<u8> {
        self.length
    }

    /// The network, when a prefix is said.
    pub fn network(self) -> Option<IpNet> {
        Some(net(self.address, self.length?).trunc())
    }
}

impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        match self.length {
            Some(length) => write!(f, "/{length}"),
            None => Ok(()),
        }
    }
}

impl Grammar for InterfaceAddress {
    const WHAT: &'static str = "the address of an interface, such as `10.3.1.1/16`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$");
    const EXAMPLES: &'static [&'static str] = &["10.3.1.1/16", "10.3.1.1", "fd00:3::1/64"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let (address, length) = split_length(text)?;
        Ok(Self { address, length })
    }
}

/// A network. The address is kept as written: host bits that are set are no error of the text, a rule reports them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Prefix {
    /// The address as written.
    pub address: IpAddr,
    /// The length, at most 32 or 128.
    length: u8,
}

impl Prefix {
    /// `None` when the length is too long for the family.
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        IpNet::new(address, length).ok().map(|_| Self { address, length })
    }

    /// The length.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The network, host bits cleared.
    pub fn network(self) -> IpNet {
        net(self.address, self.length).trunc()
    }

    /// Whether the address as written is not that of the network.
    pub fn has_host_bits(self) -> bool {
        self.network().addr() != self.address
    }

    /// Whether the address lies in the network; never across families.
    pub fn contains(self, address: IpAddr) -> bool {
        self.network().contains(&address)
    }

    /// Whether the networks share an address, that is, whether one holds the other.
    pub fn overlaps(self, other: Self) -> bool {
        let (a, b) = (self.network(), other.network());
        a.contains(&b) || b.contains(&a)
    }
}

impl From<IpNet> for Prefix {
    fn from(net: IpNet) -> Self {
        Self { address: net.addr(), length: net.prefix_len() }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl Grammar for Prefix {
    const WHAT: &'static str = "a prefix, such as `10.3.0.0/16`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9A-Fa-f:.]+/[0-9]{1,3}$");
    const EXAMPLES: &'static [&'static str] = &["10.3.0.0/16", "fd00:3::/64", "0.0.0.0/0"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let (address, length) = split_length(text)?;
        let Some(length) = length else {
            let error = GrammarError::new(text.len()..text.len(), "the length of the prefix is missing");
            return Err(
                error.with_help(format!("write such as {}", quoted(&format!("{text}/{}", usual(address)))))
            );
        };
        Ok(Self { address, length })
    }
}

fn usual(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 24,
        IpAddr::V6(address) if address == Ipv6Addr::UNSPECIFIED => 0,
        IpAddr::V6(_) => 64,
    }
}

/// A hardware address of 48 bits (IEEE 802). Written with `:`, `-` or in groups of four; shown with `:`, lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// Whether it names a group (IEEE 802, I/G bit).
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Whether it was given by hand or by a hypervisor and not by a maker (IEEE 802, U/L bit).
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 == 2
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Grammar for MacAddress {
    const WHAT: &'static str = "a MAC address, such as `52:54:00:12:34:56`";
    const PATTERN: Option<&'static str> = Some(
        r"^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}([.][0-9A-Fa-f]{4}){2})$",
    );
    const EXAMPLES: &'static [&'static str] = &["52:54:00:12:34:56", "52-54-00-12-34-56", "5254.0012.3456"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let separator = text.chars().find(|c| matches!(c, ':' | '-' | '.'));
        let (separator, digits, groups) = match separator {
            Some('.') => ('.', 4, 3),
            Some(separator) => (separator, 2, 6),
            None => {
                let message = format!("{} is no MAC address", quoted(text));
                return Err(
                    GrammarError::new(0..text.len(), message).with_help("write such as `52:54:00:12:34:56`")
                );
            }
        };
        let mut start = 0;
        let mut bytes = Vec::with_capacity(6);
        for (index, group) in text.split(separator).enumerate() {
            let at = start..start + group.len();
            start = at.end + 1;
            if index == groups {
                let message = format!("a MAC address has {groups} groups");
                return Err(GrammarError::new(at.start..text.len(), message));
            }
            if group.len() != digits || !group.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(GrammarError::new(at, format!("{digits} hexadecimal digits stand here")));
            }
            bytes.extend(
                (0..digits)
                    .step_by(2)
                    .map(|d| u8::from_str_radix(&group[d..d + 2], 16).expect("two hexadecimal digits")),
            );
        }
        <[u8; 6]>::try_from(bytes).map(Self).map_err(|_| {
            GrammarError::new(text.len()..text.len(), "a MAC address has six bytes, this is too short")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        check::<Address>(&[
            ("10.3.1.1", Ok("10.3.1.1")),
            ("FD00:3:0::1", Ok("fd00:3::1")),
            ("10.3.1.256", Err(("256", "between 0 and 255"))),
            ("10.3.01.1", Err(("01", "write `1`"))),
            ("10.3.1", Err(("", "four parts, this has 3"))),
            ("10.3.1.1.2", Err(("2", "four parts"))),
            ("10..1.1", Err(("", "is missing"))),
            ("10.3.x.1", Err(("x", "no part of an IPv4 address"))),
            ("nas-1", Err(("nas-1", "no address"))),
            ("10.3.1.1/16", Err(("/16", "write `10.3.1.1`"))),
            ("10.3.1.1 ", Err((" ", "no blanks"))),
            ("fe80::1%eth0", Err(("%eth0", "write `fe80::1`"))),
            ("fd00::g", Err(("g", "no part of an IPv6 address"))),
            ("fd00::12345", Err(("12345", "at most four digits"))),
            ("fd00::1::2", Err(("fd00::1::2", "at most once"))),
            ("fd00:1", Err(("fd00:1", "eight parts"))),
            ("", Err(("", "missing"))),
        ]);
        check::<InterfaceAddress>(&[
            ("10.3.1.1/16", Ok("10.3.1.1/16")),
            ("10.3.1.1", Ok("10.3.1.1")),
            ("10.3.1.1/33", Err(("33", "between 0 and 32"))),
            ("fd00::1/129", Err(("129", "between 0 and 128"))),
            ("10.3.1.1/", Err(("", "a number from 0 to 32"))),
            ("10.3.1.1/255.255.0.0", Err(("255.255.0.0", "write `10.3.1.1/16`"))),
            ("10.3.1.1/0.0.255.255", Err(("0.0.255.255", "length of the prefix"))),
            ("10.3.1.300/16", Err(("300", "between 0 and 255"))),
        ]);
        let address = InterfaceAddress::parse("10.3.1.1/16").unwrap();
        assert_eq!(address.network().unwrap().to_string(), "10.3.0.0/16");
    }

    #[test]
    fn prefixes() {
        check::<Prefix>(&[
            ("10.3.0.0/16", Ok("10.3.0.0/16")),
            ("10.3.1.1/16", Ok("10.3.1.1/16")),
            ("10.3.0.0", Err(("", "`10.3.0.0/24`"))),
            ("10.3.0.0/16/2", Err(("16/2", "a number from 0"))),
        ]);
        let prefix = |text| Prefix::parse(text).unwrap();
        assert!(prefix("10.3.1.1/16").has_host_bits() && !prefix("10.3.0.0/16").has_host_bits());
        assert_eq!(prefix("10.3.1.1/16").network().to_string(), "10.3.0.0/16");
        assert!(prefix("10.3.0.0/16").overlaps(prefix("10.3.9.0/24")));
        assert!(!prefix("0.0.0.0/0").overlaps(prefix("::/0")));
        assert!(prefix("::/0").contains("fd00::1".parse().unwrap()));
    }

    #[test]
    fn mac_addresses() {
        check::<MacAddress>(&[
            ("52:54:00:AB:cd:ef", Ok("52:54:00:ab:cd:ef")),
            ("52-54-00-12-34-56", Ok("52:54:00:12:34:56")),
            ("5254.0012.3456", Ok("52:54:00:12:34:56")),
            ("52:54:00:12:34", Err(("", "too short"))),
            ("52:54:00:12:34:56:78", Err(("78", "6 groups"))),
            ("52:54:0:12:34:56", Err(("0", "2 hexadecimal digits"))),
            ("52:54:00-12:34:56", Err(("00-12", "2 hexadecimal digits"))),
            ("5254.0012.34g6", Err(("34g6", "4 hexadecimal digits"))),
            ("525400123456", Err(("525400123456", "no MAC address"))),
            ("52:ä:00:12:34:56", Err(("ä", "2 hexadecimal digits"))),
        ]);
        let mac = |text| MacAddress::parse(text).unwrap();
        assert!(mac("52:54:00:12:34:56").is_local() && !mac("52:54:00:12:34:56").is_multicast());
        assert!(mac("01:00:5e:00:00:01").is_multicast() && !mac("01:00:5e:00:00:01").is_local());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(ip: IpAddr, length: u8, mac: [u8; 6]) {
            let length = length % if ip.is_ipv4() { 33 } else { 129 };
            check_round_trip(&Address(ip))?;
            check_round_trip(&InterfaceAddress { address: ip, length: Some(length) })?;
            check_round_trip(&InterfaceAddress { address: ip, length: None })?;
            check_round_trip(&Prefix::new(ip, length).unwrap())?;
            check_round_trip(&MacAddress(mac))?;
        }
    }
}
