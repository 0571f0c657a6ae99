//! Plain numbers with a range of their own, and PCIe links.
//!
//! Each number is a type, so that a VLAN id never stands where an MTU belongs.

use super::measure::BitRate;
use super::scan::{Scan, quoted, whole};
use super::{Grammar, GrammarError};
use std::fmt;

macro_rules! number {
    (
        $(#[$meta:meta])*
        pub struct $name:ident($int:ty) in $low:literal..=$high:literal;
        what: $what:literal, noun: $noun:literal, pattern: $pattern:literal, examples: $examples:expr
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name($int);

        impl $name {
            /// The smallest.
            pub const MIN: Self = Self($low);
            /// The largest.
            pub const MAX: Self = Self($high);

            /// `None` outside of the range.
            pub const fn new(value: $int) -> Option<Self> {
                if value >= Self::MIN.0 && value <= Self::MAX.0 { Some(Self(value)) } else { None }
            }

            /// The number.
            pub const fn get(self) -> $int {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Grammar for $name {
            const WHAT: &'static str = $what;
            const PATTERN: Option<&'static str> = Some($pattern);
            const EXAMPLES: &'static [&'static str] = &$examples;

            fn parse(text: &str) -> Result<Self, GrammarError> {
                let value = whole(text, 0..text.len(), $noun, $low..=$high)?;
                Ok(Self(<$int>::try_from(value).expect("the bounds fit the type")))
            }
        }
    };
}

number! {
    /// The largest packet of a link in bytes, without the Ethernet header. At least 68 (RFC 791 §3.2).
    pub struct Mtu(u16) in 68..=65_535;
    what: "an MTU in bytes, such as `9000`", noun: "an MTU", pattern: r"^[1-9][0-9]{1,4}$", examples: ["1500", "9000"]
}

number! {
    /// A VLAN id; 0 and 4095 are reserved (IEEE 802.1Q table 9-2).
    pub struct VlanId(u16) in 1..=4_094;
    what: "a VLAN id, such as `20`", noun: "a VLAN id", pattern: r"^[1-9][0-9]{0,3}$", examples: ["20", "4094"]
}

number! {
    /// The number of an autonomous system, four octets (RFC 6793). 0 names none (RFC 7607).
    pub struct Asn(u32) in 1..=4_294_967_295;
    what: "an AS number, such as `64512`", noun: "an AS number", pattern: r"^[1-9][0-9]{0,9}$",
    examples: ["64512", "4200000000"]
}

impl Asn {
    /// Whether it is set aside for private use (RFC 6996).
    pub const fn is_private(self) -> bool {
        matches!(self.0, 64_512..=65_534 | 4_200_000_000..=4_294_967_294)
    }
}

number! {
    /// The id of a virtual router in VRRP (RFC 9568 §5.2.3) or of a CARP group.
    pub struct VirtualRouterId(u8) in 1..=255;
    what: "a virtual router id, such as `20`", noun: "a virtual router id", pattern: r"^[1-9][0-9]{0,2}$",
    examples: ["20", "255"]
}

/// A PCIe link: generation 1 to 7 and its number of lanes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PcieLink {
    generation: u8,
    lanes: u8,
}

impl PcieLink {
    const LANES: [u64; 5] = [1, 2, 4, 8, 16];

    /// 1 to 7.
    pub const fn generation(self) -> u8 {
        self.generation
    }

    /// 1, 2, 4, 8 or 16.
    pub const fn lanes(self) -> u8 {
        self.lanes
    }

    /// What the link carries in one direction after line encoding (8b/10b, 128b/130b) and before packet headers;
    /// from generation 6 on after the FLIT's own overhead (236 of 256 bytes).
    pub const fn bandwidth(self) -> BitRate {
        let lane = match self.generation {
            1 => 2_000_000_000,
            2 => 4_000_000_000,
            3 => 8_000_000_000 * 128 / 130,
            4 => 16_000_000_000 * 128 / 130,
            5 => 32_000_000_000 * 128 / 130,
            6 => 64_000_000_000 * 236 / 256,
            _ => 128_000_000_000 * 236 / 256,
        };
        BitRate::from_bits_per_second(lane * self.lanes as u64)
    }

    /// The link that two ends agree on: the lower generation and the fewer lanes.
    #[must_use]
    pub fn negotiated(self, other: Self) -> Self {
        Self { generation: self.generation.min(other.generation), lanes: self.lanes.min(other.lanes) }
    }
}

impl fmt::Display for PcieLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gen{} x{}", self.generation, self.lanes)
    }
}

impl Grammar for PcieLink {
    const WHAT: &'static str = "a PCIe link, such as `gen4 x4`";
    const PATTERN: Option<&'static str> = Some(r"^gen[1-7] +x(1|2|4|8|16)$");
    const EXAMPLES: &'static [&'static str] = &["gen4 x4", "gen3 x16"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let (generation, at) = scan.word();
        let Some(number) = generation.strip_prefix("gen") else {
            let error = GrammarError::new(at, "a PCIe link begins with its generation");
            return Err(error.with_help("write such as `gen4 x4`"));
        };
        let generation = whole(number, at.start + 3..at.end, "a PCIe generation", 1..=7)
            .map_err(|error| error.with_help("write such as `gen4 x4`"))?;
        scan.blanks();
        let (width, at) = scan.word();
        let Some(number) = width.strip_prefix('x') else {
            let error = GrammarError::new(at, "the number of lanes is missing");
            return Err(error.with_help(format!("write such as `gen{generation} x4`")));
        };
        let lanes_at = at.start + 1..at.end;
        let lanes = whole(number, lanes_at.clone(), "a number of lanes", 1..=16)?;
        if !Self::LANES.contains(&lanes) {
            let message = format!("no link has {} lanes", quoted(number));
            return Err(GrammarError::new(lanes_at, message).with_help("links have 1, 2, 4, 8 or 16"));
        }
        scan.finish()?;
        let small = |value: u64| u8::try_from(value).expect("at most 16");
        Ok(Self { generation: small(generation), lanes: small(lanes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::tests::check;

    #[test]
    fn numbers() {
        check::<Mtu>(&[
            ("68", Ok("68")),
            ("65535", Ok("65535")),
            ("67", Err(("67", "between 68 and 65535"))),
            ("65536", Err(("65536", "between 68 and 65535"))),
            ("9k", Err(("9k", "a number from 68"))),
        ]);
        check::<VlanId>(&[
            ("4094", Ok("4094")),
            ("0", Err(("0", "between 1 and 4094"))),
            ("4095", Err(("4095", "between 1 and 4094"))),
            ("-1", Err(("-1", "a number from 1"))),
            ("010", Err(("010", "write `10`"))),
            ("", Err(("", "a number from 1"))),
            ("99999999999999999999999", Err(("99999999999999999999999", "between 1 and 4094"))),
        ]);
        check::<Asn>(&[("4294967295", Ok("4294967295")), ("4294967296", Err(("4294967296", "between")))]);
        check::<VirtualRouterId>(&[("255", Ok("255")), ("256", Err(("256", "between 1 and 255")))]);
        assert!(Asn::new(64_512).unwrap().is_private() && !Asn::new(13_335).unwrap().is_private());
        assert_eq!(VlanId::new(0), None);
    }

    #[test]
    fn pcie_links() {
        check::<PcieLink>(&[
            ("gen4 x4", Ok("gen4 x4")),
            ("gen4  x16", Ok("gen4 x16")),
            ("gen8 x4", Err(("8", "between 1 and 7"))),
            ("gen4 x3", Err(("3", "1, 2, 4, 8 or 16"))),
            ("gen4x4", Err(("4x4", "`gen4 x4`"))),
            ("gen4", Err(("", "`gen4 x4`"))),
            ("gen4 4", Err(("4", "lanes is missing"))),
            ("4 x4", Err(("4", "begins with its generation"))),
            ("gen4 x4 x4", Err(("x4", "left over"))),
        ]);
        let link = |text| PcieLink::parse(text).unwrap();
        assert_eq!(link("gen4 x4").negotiated(link("gen3 x16")), link("gen3 x4"));
        assert_eq!(link("gen3 x4").bandwidth().bits_per_second(), 31_507_692_304);
    }
}
