//! Quantities with a unit: data, speed, power, energy, length, weight, share.
//!
//! Time is in `period.rs`, since it is compound; money in `money.rs`, since currencies do not convert.

use super::quantity::{Mistaken, Unit, none, quantity};

quantity! {
    /// An amount of data in bytes (IEC 80000-13): `kB` is 1000 bytes, `KiB` is 1024. At most 16 EiB less one byte.
    pub struct Bytes(from_bytes, bytes);
    what: "a size, such as `8 TB`", noun: "a size", plural: "sizes",
    pattern: r"^[0-9]+(\.[0-9]+)? *([kMGTP]?B|[KMGT]iB)$",
    examples: ["8 TB", "1.92 TB", "512 MiB", "900GB"],
    units: &[
        Unit::new("B", 1),
        Unit::new("kB", 1_000),
        Unit::new("MB", 1_000_000),
        Unit::new("GB", 1_000_000_000),
        Unit::new("TB", 1_000_000_000_000),
        Unit::new("PB", 1_000_000_000_000_000),
        Unit::new("KiB", 1 << 10),
        Unit::new("MiB", 1 << 20),
        Unit::new("GiB", 1 << 30),
        Unit::new("TiB", 1 << 40),
    ],
    mistaken: bits_for_bytes,
}

/// `Tb`, `Gbit`, `Mib` in place of bytes.
fn bits_for_bytes(number: &str, unit: &str) -> Option<Mistaken> {
    let prefix = unit.strip_suffix("bit").or_else(|| unit.strip_suffix('b'))?;
    let unit_in_bytes = match prefix {
        "" => "B",
        "k" | "K" => "kB",
        "M" => "MB",
        "G" => "GB",
        "T" => "TB",
        "P" => "PB",
        "Ki" => "KiB",
        "Mi" => "MiB",
        "Gi" => "GiB",
        "Ti" => "TiB",
        _ => return None,
    };
    Some(Mistaken {
        message: format!("`{unit}` is bits; sizes are in bytes"),
        write: format!("{number} {unit_in_bytes}"),
    })
}

quantity! {
    /// A speed of transmission in bits per second, decimal prefixes.
    pub struct BitRate(from_bits_per_second, bits_per_second);
    what: "a bit rate, such as `2.5 Gb/s`", noun: "a bit rate", plural: "bit rates",
    pattern: r"^[0-9]+(\.[0-9]+)? *[kMGT]?b/s$",
    examples: ["10 Gb/s", "2.5 Gb/s", "100 Mb/s", "10Gb/s"],
    units: &[
        Unit::new("b/s", 1),
        Unit::new("kb/s", 1_000),
        Unit::new("Mb/s", 1_000_000),
        Unit::new("Gb/s", 1_000_000_000),
        Unit::new("Tb/s", 1_000_000_000_000),
    ],
    mistaken: other_rates,
}

/// `Gbps`, `Gbit/s` and the bare `Gb` in place of `Gb/s`; bytes per second in place of bits.
fn other_rates(number: &str, unit: &str) -> Option<Mistaken> {
    let known = |prefix: &&str| matches!(*prefix, "" | "k" | "M" | "G" | "T");
    if let Some(prefix) = unit.strip_suffix("B/s").filter(known) {
        return Some(Mistaken {
            message: format!("`{unit}` is bytes; bit rates are in bits"),
            write: match number.parse::<u64>().ok().and_then(|n| n.checked_mul(8)) {
                Some(bits) => format!("{bits} {prefix}b/s"),
                None => format!("{number} {prefix}b/s"),
            },
        });
    }
    let spelt = ["bps", "bit/s", "bits/s", "Bps", "bit", "b"];
    let prefix = spelt.iter().find_map(|s| unit.strip_suffix(s).filter(known))?;
    Some(Mistaken { message: format!("unknown unit `{unit}`"), write: format!("{number} {prefix}b/s") })
}

quantity! {
    /// Real power in milliwatts.
    pub struct Watts(from_milliwatts, milliwatts);
    what: "a power, such as `65 W`", noun: "a power", plural: "powers",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mW|W|kW)$",
    examples: ["65 W", "4.5 W", "1.2 kW"],
    units: &[Unit::new("W", 1_000), Unit::new("mW", 1), Unit::new("kW", 1_000_000)],
    mistaken: |number, unit| (unit == "VA" || unit == "kVA").then(|| Mistaken {
        message: "apparent power does not stand for real power".into(),
        write: format!("{number} {}", if unit == "VA" { "W" } else { "kW" }),
    }),
}

impl Watts {
    /// From whole watts; stops at the largest value.
    pub const fn from_watts(watts: u64) -> Self {
        Self(watts.saturating_mul(1_000))
    }
}

quantity! {
    /// Apparent power in millivolt-amperes.
    pub struct VoltAmperes(from_millivolt_amperes, millivolt_amperes);
    what: "an apparent power, such as `1440 VA`", noun: "an apparent power", plural: "apparent powers",
    pattern: r"^[0-9]+(\.[0-9]+)? *(VA|kVA)$",
    examples: ["1440 VA", "1.5 kVA"],
    units: &[Unit::new("VA", 1_000), Unit::new("kVA", 1_000_000)],
    mistaken: |number, unit| (unit == "W" || unit == "kW").then(|| Mistaken {
        message: "real power does not stand for apparent power".into(),
        write: format!("{number} {}", if unit == "W" { "VA" } else { "kVA" }),
    }),
}

quantity! {
    /// A voltage in millivolts; whether it is direct or alternating stands beside it.
    pub struct Volts(from_millivolts, millivolts);
    what: "a voltage, such as `230 V`", noun: "a voltage", plural: "voltages",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mV|V|kV)$",
    examples: ["230 V", "3.3 V", "48V"],
    units: &[Unit::new("V", 1_000), Unit::new("mV", 1), Unit::new("kV", 1_000_000)],
    mistaken: none,
}

quantity! {
    /// A current in milliamperes.
    pub struct Amperes(from_milliamperes, milliamperes);
    what: "a current, such as `16 A`", noun: "a current", plural: "currents",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mA|A)$",
    examples: ["16 A", "0.5 A", "500 mA"],
    units: &[Unit::new("A", 1_000), Unit::new("mA", 1)],
    mistaken: |number, unit| unit.strip_prefix("mp").or_else(|| unit.strip_prefix("Amp")).map(|_| Mistaken {
        message: format!("unknown unit `{unit}`"),
        write: format!("{number} A"),
    }),
}

impl Amperes {
    /// The apparent power of this current at `voltage`; stops at the largest value.
    pub fn at(self, voltage: Volts) -> VoltAmperes {
        let microwatts = u128::from(self.0) * u128::from(voltage.0);
        VoltAmperes(u64::try_from(microwatts / 1_000).unwrap_or(u64::MAX))
    }
}

quantity! {
    /// An energy in milliwatt-hours.
    pub struct WattHours(from_milliwatt_hours, milliwatt_hours);
    what: "an energy, such as `120 Wh`", noun: "an energy", plural: "energies",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mWh|Wh|kWh)$",
    examples: ["120 Wh", "1.5 kWh"],
    units: &[Unit::new("Wh", 1_000), Unit::new("mWh", 1), Unit::new("kWh", 1_000_000)],
    mistaken: none,
}

quantity! {
    /// An electric charge, a battery's capacity at its own voltage, in milliampere-hours.
    pub struct AmpereHours(from_milliampere_hours, milliampere_hours);
    what: "a charge, such as `9 Ah`", noun: "a charge", plural: "charges",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mAh|Ah)$",
    examples: ["9 Ah", "220 mAh", "7.2 Ah"],
    units: &[Unit::new("Ah", 1_000), Unit::new("mAh", 1)],
    mistaken: none,
}

impl AmpereHours {
    /// The energy of this charge at `voltage`; stops at the largest value.
    pub fn at(self, voltage: Volts) -> WattHours {
        let micro = u128::from(self.0) * u128::from(voltage.0);
        WattHours(u64::try_from(micro / 1_000).unwrap_or(u64::MAX))
    }
}

quantity! {
    /// A length in micrometres, so that inches (25.4 mm) and rack units (44.45 mm) are exact.
    pub struct Length(from_micrometres, micrometres);
    what: "a length, such as `2 m`", noun: "a length", plural: "lengths",
    pattern: r"^[0-9]+(\.[0-9]+)? *(mm|cm|m|km|in|ft)$",
    examples: ["2 m", "482.6 mm", "30 cm", "6 ft"],
    units: &[
        Unit::new("m", 1_000_000),
        Unit::new("mm", 1_000),
        Unit::foreign("cm", 10_000, 1),
        Unit::new("km", 1_000_000_000),
        Unit::foreign("in", 25_400, 1),
        Unit::foreign("ft", 304_800, 1),
    ],
    mistaken: |number, unit| match unit {
        "\"" | "''" | "inch" | "inches" => Some("in"),
        "'" | "foot" | "feet" => Some("ft"),
        _ => None,
    }.map(|better| Mistaken { message: format!("unknown unit `{unit}`"), write: format!("{number} {better}") }),
}

impl Length {
    /// From whole millimetres; stops at the largest value.
    pub const fn from_millimetres(millimetres: u64) -> Self {
        Self(millimetres.saturating_mul(1_000))
    }

    /// In millimetres, rounded up: what must fit, fits.
    pub const fn millimetres(self) -> u64 {
        self.0.div_ceil(1_000)
    }
}

quantity! {
    /// A height in racks (IEC 60297, EIA-310: 44.45 mm each), in half units.
    pub struct RackUnits(from_half_units, half_units);
    what: "a height in rack units, such as `24 U`", noun: "a height", plural: "heights in a rack",
    pattern: r"^[0-9]+(\.[05]0*)? *U$",
    examples: ["24 U", "1.5 U", "2U"],
    units: &[Unit::new("U", 2)],
    mistaken: |number, unit| matches!(unit, "HE" | "RU" | "RMU").then(|| Mistaken {
        message: format!("unknown unit `{unit}`"),
        write: format!("{number} U"),
    }),
}

impl RackUnits {
    /// From whole units; stops at the largest value.
    pub const fn from_units(units: u64) -> Self {
        Self(units.saturating_mul(2))
    }

    /// In whole units, a half counted as one.
    pub const fn units(self) -> u64 {
        self.0.div_ceil(2)
    }
}

quantity! {
    /// A weight in grams; pounds are rounded to the gram.
    pub struct Weight(from_grams, grams);
    what: "a weight, such as `12.5 kg`", noun: "a weight", plural: "weights",
    pattern: r"^[0-9]+(\.[0-9]+)? *(kg|g|lb)$",
    examples: ["12.5 kg", "650 g", "28 lb"],
    units: &[Unit::new("kg", 1_000), Unit::new("g", 1), Unit::foreign("lb", 45_359_237, 100_000)],
    mistaken: |number, unit| matches!(unit, "lbs" | "pounds").then(|| Mistaken {
        message: format!("unknown unit `{unit}`"),
        write: format!("{number} lb"),
    }),
}

quantity! {
    /// A share in thousandths of a percent. It may pass 100 %, as an overcommitment does; rules decide where it may not.
    pub struct Percent(from_thousandths, thousandths);
    what: "a share, such as `80 %`", noun: "a share", plural: "shares",
    pattern: r"^[0-9]+(\.[0-9]+)? *%$",
    examples: ["80 %", "99.95 %", "5%"],
    units: &[Unit::new("%", 1_000)],
    mistaken: |number, unit| unit.eq_ignore_ascii_case("percent").then(|| Mistaken {
        message: format!("unknown unit `{unit}`"),
        write: format!("{number} %"),
    }),
}

impl Percent {
    /// This share of `whole`, rounded down; stops at the largest value.
    pub fn of(self, whole: u64) -> u64 {
        u64::try_from(u128::from(whole) * u128::from(self.0) / 100_000).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Grammar;
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn sizes() {
        check::<Bytes>(&[
            ("8 TB", Ok("8 TB")),
            ("8TB", Ok("8 TB")),
            ("8000 GB", Ok("8 TB")),
            ("1.920 TB", Ok("1.92 TB")),
            ("1024 MiB", Ok("1 GiB")),
            ("1536 MiB", Ok("1.5 GiB")),
            ("0 TB", Ok("0 B")),
            ("1234567 B", Ok("1234567 B")),
            ("18446744073709551615 B", Ok("18446744073709551615 B")),
            ("8 Tb", Err(("Tb", "`Tb` is bits; sizes are in bytes; write `8 TB`"))),
            ("8 Gbit", Err(("Gbit", "write `8 GB`"))),
            ("8 Mib", Err(("Mib", "write `8 MiB`"))),
            ("10G", Err(("G", "did you mean `GB` or `GiB`?"))),
            ("8 tb", Err(("tb", "write `8 TB`"))),
            ("8 KB", Err(("KB", "write `8 kB`"))),
            ("8 quux", Err(("quux", "sizes are in `B`, `kB`"))),
            ("8", Err(("8", "sizes are in `B`, `kB`"))),
            ("8 ", Err(("8 ", "lacks a unit"))),
            ("TB", Err(("T", "begins with a number"))),
            ("-8 TB", Err(("-8", "never negative"))),
            ("1,5 TB", Err((",", "with a point"))),
            ("1. TB", Err((" ", "digit is missing"))),
            (".5 TB", Err((".", "begins with a number"))),
            ("0.5 B", Err(("0.5", "smallest step is 1 B"))),
            ("99999 PB", Err(("99999 PB", "the most is 18446744073709551615 B"))),
            (
                "1000000000000000000000000000000000 B",
                Err(("1000000000000000000000000000000000", "too many digits")),
            ),
            ("8 TB free", Err(("free", "end it after `8 TB`"))),
            ("8 TB ", Err((" ", "blank at the end"))),
            (" 8 TB", Err((" ", "begins with a number"))),
            ("8\tTB", Err(("\tTB", "unknown unit"))),
            ("8 µB", Err(("µB", "unknown unit"))),
            ("", Err(("", "begins with a number"))),
        ]);
    }

    #[test]
    fn bit_rates() {
        check::<BitRate>(&[
            ("10Gb/s", Ok("10 Gb/s")),
            ("2.5 Gb/s", Ok("2.5 Gb/s")),
            ("2500 Mb/s", Ok("2.5 Gb/s")),
            ("10 Gbps", Err(("Gbps", "write `10 Gb/s`"))),
            ("10 Gbit/s", Err(("Gbit/s", "write `10 Gb/s`"))),
            ("10 GB/s", Err(("GB/s", "is bytes; bit rates are in bits; write `80 Gb/s`"))),
            ("10G", Err(("G", "write `10 Gb/s`"))),
            ("10", Err(("10", "bit rates are in"))),
        ]);
    }

    #[test]
    fn powers_and_charges() {
        check::<Watts>(&[
            ("65 W", Ok("65 W")),
            ("1500 W", Ok("1.5 kW")),
            ("500 mW", Ok("500 mW")),
            ("1440 VA", Err(("VA", "apparent power does not stand for real power"))),
            ("65 w", Err(("w", "write `65 W`"))),
        ]);
        check::<VoltAmperes>(&[("1440VA", Ok("1440 VA")), ("900 W", Err(("W", "write `900 VA`")))]);
        check::<Volts>(&[("230V", Ok("230 V")), ("3.3 V", Ok("3.3 V")), ("0 V", Ok("0 V"))]);
        check::<Amperes>(&[("0.5 A", Ok("500 mA")), ("16 Amps", Err(("Amps", "write `16 A`")))]);
        check::<WattHours>(&[("1500 Wh", Ok("1.5 kWh")), ("5 W", Err(("W", "write `5 Wh`")))]);
        check::<AmpereHours>(&[("7.2 Ah", Ok("7.2 Ah"))]);
        assert_eq!(Amperes::parse("16 A").unwrap().at(Volts::parse("230 V").unwrap()).to_string(), "3680 VA");
        assert_eq!(
            AmpereHours::parse("9 Ah").unwrap().at(Volts::parse("12 V").unwrap()).to_string(),
            "108 Wh"
        );
    }

    #[test]
    fn lengths_and_weights() {
        check::<Length>(&[
            ("0.5 m", Ok("500 mm")),
            ("1.75 in", Ok("44.45 mm")),
            ("3 ft", Ok("914.4 mm")),
            ("19\"", Err(("\"", "write `19 in`"))),
        ]);
        check::<RackUnits>(&[
            ("24U", Ok("24 U")),
            ("1.5 U", Ok("1.5 U")),
            ("0.5 U", Ok("0.5 U")),
            ("1.25 U", Err(("1.25", "smallest step is 0.5 U"))),
            ("2 HE", Err(("HE", "write `2 U`"))),
            ("2u", Err(("u", "write `2 U`"))),
        ]);
        check::<Weight>(&[
            ("12.5 kg", Ok("12.5 kg")),
            ("1 lb", Ok("454 g")),
            ("3 lbs", Err(("lbs", "write `3 lb`"))),
        ]);
        check::<Percent>(&[
            ("99.950%", Ok("99.95 %")),
            ("80", Err(("80", "shares are in `%`"))),
            ("0.0001 %", Err(("0.0001", "smallest step is 0.001 %"))),
        ]);
        assert_eq!(Length::parse("1 in").unwrap().millimetres(), 26, "rounded up");
        assert_eq!(Percent::parse("12.5 %").unwrap().of(800), 100);
    }

    #[test]
    fn sums() {
        let size = |text| Bytes::parse(text).unwrap();
        assert_eq!([size("1 TB"), size("500 GB")].into_iter().sum::<Bytes>(), size("1.5 TB"));
        assert_eq!(Bytes::from_bytes(u64::MAX) + size("1 B"), Bytes::from_bytes(u64::MAX));
        assert_eq!(Bytes::from_bytes(u64::MAX).checked_add(size("1 B")), None);
        assert_eq!(size("1 GB").saturating_sub(size("1 TB")), Bytes::ZERO);
        assert_eq!(size("8 TB").checked_mul(8), Some(size("64 TB")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Full range, and round numbers as people write them.
        #[test]
        fn round_trips(value in prop_oneof![any::<u64>(), (0u64..10_000, 0u32..15).prop_map(|(n, e)| n * 10u64.pow(e))]) {
            check_round_trip(&Bytes::from_bytes(value))?;
            check_round_trip(&BitRate::from_bits_per_second(value))?;
            check_round_trip(&Watts::from_milliwatts(value))?;
            check_round_trip(&VoltAmperes::from_millivolt_amperes(value))?;
            check_round_trip(&Volts::from_millivolts(value))?;
            check_round_trip(&Amperes::from_milliamperes(value))?;
            check_round_trip(&WattHours::from_milliwatt_hours(value))?;
            check_round_trip(&AmpereHours::from_milliampere_hours(value))?;
            check_round_trip(&Length::from_micrometres(value))?;
            check_round_trip(&RackUnits::from_half_units(value))?;
            check_round_trip(&Weight::from_grams(value))?;
            check_round_trip(&Percent::from_thousandths(value))?;
        }
    }
}
