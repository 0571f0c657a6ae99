//! Money, the price of energy, and how often or how fast something happens.
//!
//! Currencies are three letters and never converted; every currency is kept in hundredths.

use super::hint::{help, unknown};
use super::measure::{Bytes, WattHours};
use super::scan::{Decimal, Scan, decimal_text, quoted};
use super::words::words;
use super::{Grammar, GrammarError};
use std::fmt;

/// Three capital letters (ISO 4217); which ones are in use is not checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("capital letters are ASCII")
    }

    /// Reads a code at the scan; `number` is what stands before it, for the hint.
    fn read(scan: &mut Scan<'_>, number: &str) -> Result<Self, GrammarError> {
        scan.blanks();
        let start = scan.at();
        let word = scan.take_while(|c| c != ' ' && c != '/');
        let at = start..scan.at();
        if let Ok(code) = <[u8; 3]>::try_from(word.as_bytes())
            && code.iter().all(u8::is_ascii_uppercase)
        {
            return Ok(Self(code));
        }
        let written = match word {
            "" => {
                let error = GrammarError::new(at, "the currency is missing");
                return Err(error.with_help(format!("write such as `{number} EUR`")));
            }
            "€" => "EUR".to_string(),
            "$" => "USD".to_string(),
            "£" => "GBP".to_string(),
            word if word.len() == 3 && word.bytes().all(|b| b.is_ascii_alphabetic()) => word.to_uppercase(),
            _ => "EUR".to_string(),
        };
        let error =
            GrammarError::new(at, format!("{} is no currency of three capital letters", quoted(word)));
        Err(error.with_help(format!("write such as `{number} {written}`")))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of money in hundredths of its currency.
///
/// There is no order between amounts, since currencies are not converted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    /// Hundredths of the currency, such as cents.
    pub minor: u64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// The sum; `None` when the currencies differ or it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then_some(())?;
        Some(Self { minor: self.minor.checked_add(other.minor)?, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, cents) = (self.minor / 100, self.minor % 100);
        match cents {
            0 => write!(f, "{whole} {}", self.currency),
            cents => write!(f, "{whole}.{cents:02} {}", self.currency),
        }
    }
}

/// Reads a number as a whole number of `10^-decimals`.
fn read_amount(scan: &mut Scan<'_>, noun: &str, decimals: u32) -> Result<u64, GrammarError> {
    if scan.rest().starts_with(|c: char| c.is_alphabetic() || matches!(c, '$' | '€' | '£')) {
        return Err(scan.error_here("the amount comes first").with_help("write such as `600 EUR`"));
    }
    let number = Decimal::read(scan, noun)?;
    if number.decimals > decimals {
        let message = format!("{noun} has at most {decimals} decimals");
        return Err(GrammarError::new(number.at, message));
    }
    let value = number.scaled(10u128.pow(decimals), 1).and_then(|value| u64::try_from(value).ok());
    value.ok_or_else(|| GrammarError::new(number.at, format!("{noun} this large is not possible")))
}

impl Grammar for Money {
    const WHAT: &'static str = "an amount of money, such as `600 EUR`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9]+(\.[0-9]+)? *[A-Z]{3}$");
    const EXAMPLES: &'static [&'static str] = &["600 USD", "12.50 EUR"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let minor = read_amount(&mut scan, "an amount of money", 2)?;
        let number = &text[..scan.at()];
        let currency = Currency::read(&mut scan, number)?;
        scan.finish()?;
        Ok(Self { minor, currency })
    }
}

/// What a kilowatt-hour costs, in millionths of its currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct EnergyPrice {
    /// Millionths of the currency for one kWh.
    pub millionths: u64,
    /// The currency.
    pub currency: Currency,
}

impl EnergyPrice {
    /// What this much energy costs, rounded to a hundredth; stops at the largest amount.
    pub fn cost(self, energy: WattHours) -> Money {
        // Millionths per kWh times mWh is 10^-12 of the currency; a hundredth is 10^10 of those.
        let fine = u128::from(self.millionths) * u128::from(energy.milliwatt_hours());
        let minor = (fine + 5_000_000_000) / 10_000_000_000;
        Money { minor: u64::try_from(minor).unwrap_or(u64::MAX), currency: self.currency }
    }
}

impl fmt::Display for EnergyPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/kWh", decimal_text(self.millionths.into(), 6), self.currency)
    }
}

impl Grammar for EnergyPrice {
    const WHAT: &'static str = "the price of energy, such as `0.31 EUR/kWh`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9]+(\.[0-9]+)? *[A-Z]{3}/kWh$");
    const EXAMPLES: &'static [&'static str] = &["0.31 EUR/kWh", "0.1274 USD/kWh"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let millionths = read_amount(&mut scan, "a price", 6)?;
        let number = &text[..scan.at()];
        let currency = Currency::read(&mut scan, number)?;
        if !scan.eat("/kWh") {
            let error = GrammarError::new(scan.at()..text.len(), "a price of energy is for one kWh");
            return Err(error.with_help(format!("write {}", quoted(&format!("{number} {currency}/kWh")))));
        }
        scan.finish()?;
        Ok(Self { millionths, currency })
    }
}

words! {
    /// What a rate is counted over.
    pub enum Per {
        /// A second.
        Second = "s",
        /// A minute.
        Minute = "min",
        /// An hour.
        Hour = "h",
        /// A day.
        Day = "d",
        /// Seven days.
        Week = "w",
        /// A twelfth of a year.
        Month = "month",
        /// A year of 365 days.
        Year = "y",
    }
}

impl Per {
    /// How many of these a year of 365 days has. Weeks are the only ones that are not whole.
    pub const fn per_year(self) -> f64 {
        match self {
            Self::Second => 31_536_000.0,
            Self::Minute => 525_600.0,
            Self::Hour => 8_760.0,
            Self::Day => 365.0,
            Self::Week => 365.0 / 7.0,
            Self::Month => 12.0,
            Self::Year => 1.0,
        }
    }

    /// Reads `/month`, up to the end. `before` is what the text says before the slash, for the hint.
    fn read(scan: &mut Scan<'_>, before: &str) -> Result<Self, GrammarError> {
        scan.blanks();
        if !scan.eat("/") {
            let error = scan.error_here("over what time is missing");
            return Err(error.with_help(format!("write such as {}", quoted(&format!("{before}/month")))));
        }
        let (word, at) = scan.word();
        let spelt = match word {
            "year" | "yr" | "a" => Some("y"),
            "mo" => Some("month"),
            "week" => Some("w"),
            "day" => Some("d"),
            "hour" => Some("h"),
            "m" | "minute" => Some("min"),
            "sec" | "second" => Some("s"),
            _ => None,
        };
        if let Some(spelt) = spelt {
            return Err(GrammarError::new(at, unknown("unit", word)).with_help(format!("write `{spelt}`")));
        }
        let per = Self::parse(word)
            .map_err(|_| GrammarError::new(at, unknown("unit", word)).with_help(help(word, Self::WORDS)))?;
        scan.finish()?;
        Ok(per)
    }
}

/// How often something happens: a number of times over a time. Kept as written; 12 /y is not 1 /month.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rate {
    /// Millionths of a time.
    pub millionths: u64,
    /// Over what.
    pub per: Per,
}

impl Rate {
    /// How often in a year, for estimates.
    #[expect(clippy::cast_precision_loss, reason = "an estimate; 53 bits are plenty")]
    pub fn per_year(self) -> f64 {
        self.millionths as f64 / 1e6 * self.per.per_year()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{}", decimal_text(self.millionths.into(), 6), self.per)
    }
}

impl Grammar for Rate {
    const WHAT: &'static str = "how often, such as `1 /y`";
    const PATTERN: Option<&'static str> = Some(r"^[0-9]+(\.[0-9]+)? */(s|min|h|d|w|month|y)$");
    const EXAMPLES: &'static [&'static str] = &["1 /y", "0.5 /month", "3/d"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let number = Decimal::read(&mut scan, "a rate")?;
        let before = format!("{} ", &text[..scan.at()]);
        if number.decimals > 6 {
            return Err(GrammarError::new(number.at, "a rate has at most 6 decimals"));
        }
        let millionths = number.scaled(1_000_000, 1).and_then(|value| u64::try_from(value).ok());
        let millionths =
            millionths.ok_or_else(|| GrammarError::new(number.at, "a rate this large is not possible"))?;
        Ok(Self { millionths, per: Per::read(&mut scan, &before)? })
    }
}

/// How fast data grows: a size over a time. Kept as written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Growth {
    /// How much.
    pub size: Bytes,
    /// Over what.
    pub per: Per,
}

impl Growth {
    /// Bytes in a year, for estimates.
    #[expect(clippy::cast_precision_loss, reason = "an estimate; 53 bits are plenty")]
    pub fn bytes_per_year(self) -> f64 {
        self.size.bytes() as f64 * self.per.per_year()
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.size, self.per)
    }
}

impl Grammar for Growth {
    const WHAT: &'static str = "a growth, such as `8 GB/month`";
    const PATTERN: Option<&'static str> =
        Some(r"^[0-9]+(\.[0-9]+)? *([kMGTP]?B|[KMGT]iB) */(s|min|h|d|w|month|y)$");
    const EXAMPLES: &'static [&'static str] = &["8 GB/month", "1.5 TB /y"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut scan = Scan::new(text);
        let size = scan.take_while(|c| c != '/').trim_end_matches(' ');
        let size_value = Bytes::parse(size)?;
        let per = Per::read(&mut scan, size)?;
        Ok(Self { size: size_value, per })
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, EnergyPrice, Grammar, Growth, Money, Per, Rate};
    use crate::grammar::tests::{check, check_round_trip};
    use crate::grammar::{Bytes, WattHours};
    use proptest::prelude::*;

    #[test]
    fn amounts() {
        check::<Money>(&[
            ("600 USD", Ok("600 USD")),
            ("12.5EUR", Ok("12.50 EUR")),
            ("0.05 EUR", Ok("0.05 EUR")),
            ("600", Err(("", "write such as `600 EUR`"))),
            ("600 usd", Err(("usd", "`600 USD`"))),
            ("600 $", Err(("$", "`600 USD`"))),
            ("$600", Err(("$", "amount comes first"))),
            ("1,200 EUR", Err((",", "no comma"))),
            ("1.234 EUR", Err(("1.234", "at most 2 decimals"))),
            ("-5 EUR", Err(("-5", "never negative"))),
            ("600 USD/month", Err(("/month", "left over"))),
            ("999999999999999999999 EUR", Err(("999999999999999999999", "this large"))),
        ]);
        let money = |text| Money::parse(text).unwrap();
        assert_eq!(money("1 EUR").checked_add(money("0.50 EUR")), Some(money("1.50 EUR")));
        assert_eq!(money("1 EUR").checked_add(money("1 USD")), None);
    }

    #[test]
    fn energy_prices() {
        check::<EnergyPrice>(&[
            ("0.310 EUR/kWh", Ok("0.31 EUR/kWh")),
            ("0.31 EUR", Err(("", "`0.31 EUR/kWh`"))),
            ("0.31 EUR/MWh", Err(("/MWh", "one kWh"))),
            ("0.31 EUR/kWh x", Err(("x", "left over"))),
        ]);
        let price = EnergyPrice::parse("0.31 EUR/kWh").unwrap();
        assert_eq!(price.cost(WattHours::parse("100 kWh").unwrap()).to_string(), "31 EUR");
        assert_eq!(price.cost(WattHours::parse("50 Wh").unwrap()).to_string(), "0.02 EUR");
    }

    #[test]
    fn rates() {
        check::<Rate>(&[
            ("1/y", Ok("1 /y")),
            ("0.50 /month", Ok("0.5 /month")),
            ("1", Err(("", "`1 /month`"))),
            ("1 /year", Err(("year", "write `y`"))),
            ("1 per year", Err(("p", "over what time"))),
            ("1 /q", Err(("q", "unknown unit"))),
        ]);
        check::<Growth>(&[
            ("8GB/month", Ok("8 GB/month")),
            ("8 Gb/month", Err(("Gb", "write `8 GB`"))),
            ("8 GB", Err(("", "`8 GB/month`"))),
            ("8 GB/mo", Err(("mo", "write `month`"))),
        ]);
        assert!((Rate::parse("0.5 /month").unwrap().per_year() - 6.0).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(value: u64, code in "[A-Z]{3}", per in prop::sample::select(Per::ALL)) {
            let currency = Currency(code.as_bytes().try_into().unwrap());
            check_round_trip(&Money { minor: value, currency })?;
            check_round_trip(&EnergyPrice { millionths: value, currency })?;
            check_round_trip(&Rate { millionths: value, per })?;
            check_round_trip(&Growth { size: Bytes::from_bytes(value), per })?;
        }
    }
}
