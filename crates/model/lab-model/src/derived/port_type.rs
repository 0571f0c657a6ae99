//! What a port type of the community library means: how fast it is, which connector it has, whether it is a cage.
//!
//! The words are the library's (NetBox's interface types); those of storage ports are ours, since the library has none.

use crate::grammar::BitRate;

/// The shape of a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connector {
    /// Twisted pair, 8P8C.
    Rj45,
    /// A cage for a transceiver or direct-attach cable; the number is its size in lanes of the family.
    Cage(Cage),
    /// Through the air.
    Radio,
    /// Fibre, fixed.
    Fibre,
    /// SAS, outside a case.
    Sas,
    /// Inside a machine: a virtual port.
    Virtual,
    /// Not known.
    Other,
}

/// Families of cages. A cage takes what fits its family and is not faster than it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cage {
    /// SFP, 1 Gb/s.
    Sfp,
    /// SFP+, 10 Gb/s.
    SfpPlus,
    /// SFP28, 25 Gb/s.
    Sfp28,
    /// SFP56 or SFP-DD.
    Sfp56,
    /// QSFP+, 40 Gb/s in four lanes.
    QsfpPlus,
    /// QSFP28, 100 Gb/s in four lanes.
    Qsfp28,
    /// QSFP56, QSFP-DD, OSFP.
    QsfpDd,
    /// XFP, X2, XENPAK, GBIC, CFP.
    Old,
}

impl Cage {
    /// True for cages with four or more lanes, which can be split.
    pub fn is_quad(self) -> bool {
        matches!(self, Self::QsfpPlus | Self::Qsfp28 | Self::QsfpDd)
    }
}

/// What a port type means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortType {
    /// The fastest it goes; `None` when the type does not tell.
    pub speed: Option<BitRate>,
    /// Its shape.
    pub connector: Connector,
}

/// Reads a port type such as `10gbase-x-sfpp`. A word that is not known gives a port of unknown speed and shape.
pub fn port_type(word: &str) -> PortType {
    PortType { speed: speed(word), connector: connector(word) }
}

/// Ends of words that name a cage. Longer ends stand before the shorter ones they end in.
const CAGES: &[(&str, Cage)] = &[
    ("-sfpp", Cage::SfpPlus),
    ("-sfp-plus", Cage::SfpPlus),
    ("-sfp28", Cage::Sfp28),
    ("-sfp56", Cage::Sfp56),
    ("-sfpdd", Cage::Sfp56),
    ("-sfp112", Cage::Sfp56),
    ("-dsfp", Cage::Sfp56),
    ("-sfp", Cage::Sfp),
    ("-qsfpp", Cage::QsfpPlus),
    ("-qsfp-plus", Cage::QsfpPlus),
    ("-qsfp28", Cage::Qsfp28),
    ("-qsfp56", Cage::QsfpDd),
    ("-qsfp112", Cage::QsfpDd),
    ("-qsfpdd", Cage::QsfpDd),
    ("-qsfpdd1600", Cage::QsfpDd),
    ("-osfp", Cage::QsfpDd),
    ("-osfp-rhs", Cage::QsfpDd),
    ("-osfp1600", Cage::QsfpDd),
    ("-osfp1600-rhs", Cage::QsfpDd),
    ("-gbic", Cage::Old),
    ("-xfp", Cage::Old),
    ("-x2", Cage::Old),
    ("-xenpak", Cage::Old),
    ("-cfp", Cage::Old),
    ("-cfp2", Cage::Old),
    ("-cfp4", Cage::Old),
    ("-cfp8", Cage::Old),
    ("-cdfp", Cage::Old),
    ("-cxp", Cage::Old),
    ("-cpak", Cage::Old),
    ("infiniband-qdr", Cage::QsfpPlus),
    ("infiniband-fdr10", Cage::QsfpPlus),
    ("infiniband-fdr", Cage::QsfpPlus),
    ("infiniband-edr", Cage::Qsfp28),
    ("infiniband-hdr", Cage::QsfpDd),
    ("infiniband-ndr", Cage::QsfpDd),
    ("infiniband-xdr", Cage::QsfpDd),
];

/// Twisted pair with 8P8C, beside what ends in `base-t`.
const PAIRS: &[&str] = &["100base-tx", "1000base-tx", "100base-t4", "t1", "e1"];

const RADIO: &[&str] = &["gsm", "cdma", "lte", "3g", "4g", "5g", "other-wireless"];

/// Copper of the Ethernet family that is no twisted pair: backplanes (`-k..`), twinax (`-c..`), single pair (`-t1..`).
fn is_other_copper(medium: &str) -> bool {
    medium.starts_with('k') || medium.starts_with('c') || medium.starts_with("t1")
}

fn connector(word: &str) -> Connector {
    if let Some((_, cage)) = CAGES.iter().find(|(end, _)| word.ends_with(end)) {
        return Connector::Cage(*cage);
    }
    match word {
        "virtual" | "lag" | "bridge" => Connector::Virtual,
        _ if PAIRS.contains(&word) || word.ends_with("base-t") => Connector::Rj45,
        _ if word.starts_with("sff-") || word.starts_with("sas") => Connector::Sas,
        _ if RADIO.contains(&word) || word.starts_with("ieee802.1") => Connector::Radio,
        _ if word.contains("pon") || word.starts_with("sonet-") => Connector::Fibre,
        _ => match word.split_once("base-") {
            Some((_, medium)) if !is_other_copper(medium) => Connector::Fibre,
            _ => Connector::Other,
        },
    }
}

const fn kilobits(number: u64) -> BitRate {
    BitRate::from_bits_per_second(number * 1000)
}

/// Speeds of words that do not begin with one, in kbit/s. Passive optical networks: downstream. SAS: a connector of
/// four lanes. InfiniBand: four lanes, as products are sold (`FDR` 56 Gb/s). Telephone carriers: ITU-T G.703.
const FIXED: &[(&str, u64)] = &[
    ("bpon", 622_000),
    ("gpon", 2_488_000),
    ("xg-pon", 9_953_000),
    ("xgs-pon", 9_953_000),
    ("ng-pon2", 9_953_000),
    ("25g-pon", 25_000_000),
    ("50g-pon", 50_000_000),
    ("epon", 1_250_000),
    ("10g-epon", 10_000_000),
    ("sff-8088", 24_000_000),
    ("sff-8436", 24_000_000),
    ("sff-8643", 48_000_000),
    ("sff-8644", 48_000_000),
    ("infiniband-sdr", 10_000_000),
    ("infiniband-ddr", 20_000_000),
    ("infiniband-qdr", 40_000_000),
    ("infiniband-fdr10", 40_000_000),
    ("infiniband-fdr", 56_000_000),
    ("infiniband-edr", 100_000_000),
    ("infiniband-hdr", 200_000_000),
    ("infiniband-ndr", 400_000_000),
    ("infiniband-xdr", 800_000_000),
    ("t1", 1_544),
    ("e1", 2_048),
    ("t3", 44_736),
    ("e3", 34_368),
    ("cisco-stackwise-80", 80_000_000),
    ("cisco-stackwise-160", 160_000_000),
    ("cisco-stackwise-320", 320_000_000),
    ("cisco-stackwise-480", 480_000_000),
    ("cisco-stackwise-1t", 1_000_000_000),
    ("extreme-summitstack-128", 128_000_000),
    ("extreme-summitstack-256", 256_000_000),
    ("extreme-summitstack-512", 512_000_000),
];

/// SONET's unit, OC-1, in kbit/s.
const OC_1: u64 = 51_840;

fn speed(word: &str) -> Option<BitRate> {
    if let Some((_, speed)) = FIXED.iter().find(|(name, _)| *name == word) {
        return Some(kilobits(*speed));
    }
    if let Some(times) = word.strip_prefix("sonet-oc") {
        return times.parse::<u64>().ok().filter(|times| *times <= 3840).map(|times| kilobits(times * OC_1));
    }
    if let Some((number, _)) = word.split_once("gfc-") {
        return scaled(number, 1_000_000);
    }
    let (number, _) = word.split_once("base-")?;
    match number.as_bytes().last()? {
        b't' => scaled(&number[..number.len() - 1], 1_000_000_000),
        b'g' => scaled(&number[..number.len() - 1], 1_000_000),
        _ => scaled(number, 1000),
    }
}

/// `2.5` of a unit given in kbit/s. One digit after the point; at most five before it.
fn scaled(number: &str, unit: u64) -> Option<BitRate> {
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || whole.len() > 5 || tenth.len() != 1 {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let tenth: u64 = tenth.parse().ok()?;
    Some(kilobits(whole * unit + tenth * unit / 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn types_of_the_library_mean_speed_and_shape() {
        let cases = [
            ("1000base-t", Some(1_000_000), Connector::Rj45),
            ("100base-tx", Some(100_000), Connector::Rj45),
            ("100base-t1", Some(100_000), Connector::Other),
            ("2.5gbase-t", Some(2_500_000), Connector::Rj45),
            ("1000base-lx", Some(1_000_000), Connector::Fibre),
            ("10gbase-kr", Some(10_000_000), Connector::Other),
            ("10gbase-cx4", Some(10_000_000), Connector::Other),
            ("1000base-x-gbic", Some(1_000_000), Connector::Cage(Cage::Old)),
            ("10gbase-x-sfpp", Some(10_000_000), Connector::Cage(Cage::SfpPlus)),
            ("40gbase-x-qsfpp", Some(40_000_000), Connector::Cage(Cage::QsfpPlus)),
            ("25gbase-x-sfp28", Some(25_000_000), Connector::Cage(Cage::Sfp28)),
            ("100gbase-x-qsfp28", Some(100_000_000), Connector::Cage(Cage::Qsfp28)),
            ("1.6tbase-x-osfp1600", Some(1_600_000_000), Connector::Cage(Cage::QsfpDd)),
            ("8gfc-sfpp", Some(8_000_000), Connector::Cage(Cage::SfpPlus)),
            ("infiniband-fdr", Some(56_000_000), Connector::Cage(Cage::QsfpPlus)),
            ("infiniband-sdr", Some(10_000_000), Connector::Other),
            ("sonet-oc3", Some(155_520), Connector::Fibre),
            ("e1", Some(2_048), Connector::Rj45),
            ("xgs-pon", Some(9_953_000), Connector::Fibre),
            ("ieee802.11ax", None, Connector::Radio),
            ("lte", None, Connector::Radio),
            ("sff-8088", Some(24_000_000), Connector::Sas),
            ("virtual", None, Connector::Virtual),
            ("other", None, Connector::Other),
            ("", None, Connector::Other),
            ("base-", None, Connector::Fibre),
            ("99999999999999gbase-t", None, Connector::Rj45),
            ("1.5.5gbase-t", None, Connector::Rj45),
            ("sonet-oc99999999999999999999", None, Connector::Fibre),
        ];
        for (word, expected, connector) in cases {
            let ty = port_type(word);
            assert_eq!(ty.speed, expected.map(kilobits), "{word}");
            assert_eq!(ty.connector, connector, "{word}");
        }
    }

    /// The words of the library's schema that mean no speed, so that a new one is noticed: virtual ports, radio, lines
    /// whose speed is that of the contract, and stacking ports whose makers name no speed.
    #[test]
    fn every_type_of_the_schema_has_a_speed_or_none_on_purpose() {
        let schema = include_str!("../../testdata/schema/generated_schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let words = schema["definitions"]["interface"]["properties"]["type"]["enum"].as_array().unwrap();
        let without: BTreeSet<&str> = words
            .iter()
            .map(|word| word.as_str().unwrap())
            .filter(|word| port_type(word).speed.is_none() && port_type(word).connector != Connector::Radio)
            .collect();
        let expected = BTreeSet::from([
            "bridge",
            "cisco-flexstack",
            "cisco-flexstack-plus",
            "cisco-stackwise",
            "cisco-stackwise-plus",
            "docsis",
            "extreme-summitstack",
            "juniper-vcp",
            "lag",
            "other",
            "virtual",
            "xdsl",
        ]);
        assert_eq!(without, expected);
        let other: BTreeSet<&str> = words
            .iter()
            .map(|word| word.as_str().unwrap())
            .filter(|word| word.contains("gbase-x") && port_type(word).connector == Connector::Fibre)
            .collect();
        assert_eq!(other, BTreeSet::new(), "cages that are not known");
        assert!(words.len() > 100, "the schema was read");
    }
}
