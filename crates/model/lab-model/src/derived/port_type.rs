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

fn connector(word: &str) -> Connector {
    let ends = |suffix: &str| word.ends_with(suffix);
    let cage = match word {
        _ if ends("-sfpp") || ends("-sfp-plus") => Some(Cage::SfpPlus),
        _ if ends("-sfp28") => Some(Cage::Sfp28),
        _ if ends("-sfp56") || ends("-sfpdd") || ends("-sfp112") => Some(Cage::Sfp56),
        _ if ends("-sfp") => Some(Cage::Sfp),
        _ if ends("-qsfpp") || ends("-qsfp-plus") => Some(Cage::QsfpPlus),
        _ if ends("-qsfp28") => Some(Cage::Qsfp28),
        _ if ends("-qsfp56") || ends("-qsfpdd") || ends("-osfp") || ends("-qsfp112") || ends("-osfp-rhs") => {
            Some(Cage::QsfpDd)
        }
        _ if ends("-xfp") || ends("-x2") || ends("-xenpak") || ends("-gbic") || word.contains("-cfp") => {
            Some(Cage::Old)
        }
        _ => None,
    };
    if let Some(cage) = cage {
        return Connector::Cage(cage);
    }
    match word {
        _ if word.starts_with("sff-") || word.starts_with("sas") => Connector::Sas,
        _ if word.starts_with("ieee802.11")
            || word.starts_with("other-wireless")
            || word == "lte"
            || word == "5g" =>
        {
            Connector::Radio
        }
        "virtual" | "lag" | "bridge" => Connector::Virtual,
        _ if word.contains("pon") => Connector::Fibre,
        _ if ends("-t") || ends("-tx") || ends("-t1") => Connector::Rj45,
        _ if word.contains("base-") => Connector::Fibre,
        _ => Connector::Other,
    }
}

const fn megabits(number: u64) -> BitRate {
    BitRate::from_bits_per_second(number * 1_000_000)
}

fn speed(word: &str) -> Option<BitRate> {
    let pon = [
        ("xgs-pon", 9_953),
        ("ng-pon2", 9_953),
        ("25g-pon", 25_000),
        ("50g-pon", 50_000),
        ("gpon", 2_488),
        ("epon", 1_250),
        ("10g-epon", 10_000),
    ];
    let sas = [("sff-8088", 24_000), ("sff-8436", 24_000), ("sff-8644", 48_000), ("sff-8643", 48_000)];
    let fixed = pon.iter().chain(&sas).find(|(name, _)| *name == word);
    if let Some((_, speed)) = fixed {
        return Some(megabits(*speed));
    }
    if let Some(rest) = word.split_once("gfc").map(|(number, _)| number) {
        return rest.parse::<u64>().ok().map(|gigabits| megabits(gigabits * 1000));
    }
    let number = word.split_once("base").map(|(number, _)| number)?;
    let (number, factor) = match number.strip_suffix('g') {
        Some(gigabits) => (gigabits, 1000),
        None => (number, 1),
    };
    match number.split_once('.') {
        Some((whole, tenth)) => {
            let whole: u64 = whole.parse().ok()?;
            let tenth: u64 = tenth.parse().ok().filter(|digit| *digit < 10)?;
            Some(megabits(whole * factor + tenth * factor / 10))
        }
        None => number.parse::<u64>().ok().map(|value| megabits(value * factor)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_library_mean_speed_and_shape() {
        let cases = [
            ("1000base-t", Some(1_000), Connector::Rj45),
            ("100base-tx", Some(100), Connector::Rj45),
            ("2.5gbase-t", Some(2_500), Connector::Rj45),
            ("10gbase-x-sfpp", Some(10_000), Connector::Cage(Cage::SfpPlus)),
            ("40gbase-x-qsfpp", Some(40_000), Connector::Cage(Cage::QsfpPlus)),
            ("25gbase-x-sfp28", Some(25_000), Connector::Cage(Cage::Sfp28)),
            ("8gfc-sfpp", Some(8_000), Connector::Cage(Cage::SfpPlus)),
            ("xgs-pon", Some(9_953), Connector::Fibre),
            ("ieee802.11ax", None, Connector::Radio),
            ("sff-8088", Some(24_000), Connector::Sas),
            ("virtual", None, Connector::Virtual),
            ("other", None, Connector::Other),
        ];
        for (word, expected, connector) in cases {
            let ty = port_type(word);
            assert_eq!(ty.speed, expected.map(megabits), "{word}");
            assert_eq!(ty.connector, connector, "{word}");
        }
    }
}
