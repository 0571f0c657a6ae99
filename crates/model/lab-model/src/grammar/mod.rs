//! Small grammars: every value of a lab that is written as one string has its type, its parser and its errors here.
//!
//! `8 TB`, `rack-1/U4`, `every 6 h`, `10.3.1.1/16`: each is one type that implements [`Grammar`]. Errors point inside
//! the string, so that the reader of the lab can show the one wrong letter in its file. Nothing here knows YAML, other
//! values of the lab or what the value is used for; names inside a value are not looked up.

mod hint;
mod quantity;
mod scan;

mod address;
mod address_range;
mod cron;
mod date;
mod measure;
mod money;
mod name;
mod number;
mod path_pattern;
mod period;
mod place;
mod port;
pub mod range;
mod retention;
mod schedule;
pub mod words;

#[cfg(test)]
mod tests;

pub use address::{Address, InterfaceAddress, MacAddress, Prefix};
pub use address_range::AddressRange;
pub use cron::Cron;
pub use date::Date;
pub use measure::{
    AmpereHours, Amperes, BitRate, Bytes, Length, Percent, RackUnits, VoltAmperes, Volts, WattHours, Watts,
    Weight,
};
pub use money::{Currency, EnergyPrice, Growth, Money, Per, Rate};
pub use name::{DnsName, Hostname, Url, UrlHost};
pub use number::{Asn, Mtu, PcieLink, VirtualRouterId, VlanId};
pub use path_pattern::path_matches;
pub use period::Period;
pub use place::{Endpoint, Face, Part, Place, Position};
pub use port::{Port, Transport};
pub use range::Pattern;
pub use retention::{Keep, Reach, Retention};
pub use schedule::{Clock, Schedule, Weekday};

use std::fmt;
use std::ops::Range;

/// A value with a small grammar of its own, written as one string.
///
/// `Display` gives the canonical text, and parsing that gives the same value again.
pub trait Grammar: Sized + Clone + fmt::Display {
    /// What it is, for messages and editors: "a size, such as `8 TB`".
    const WHAT: &'static str;
    /// A regular expression (ECMA 262, anchored) for the JSON Schema; `None` when any text may stand.
    ///
    /// It accepts every valid text and is allowed to accept some that `parse` refuses.
    const PATTERN: Option<&'static str>;
    /// A few valid examples; tests parse each and check that it matches PATTERN.
    const EXAMPLES: &'static [&'static str];
    /// For a closed list of words: each with what it means. Empty for everything else.
    const WORDS: &'static [(&'static str, &'static str)] = &[];

    /// Reads the whole text. Blanks at either end are not part of any grammar.
    ///
    /// # Errors
    /// When the text is not in the grammar, or its value out of range.
    fn parse(text: &str) -> Result<Self, GrammarError>;
}

/// Why a text is not in a grammar, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct GrammarError {
    /// A byte range of the text given to parse, on character boundaries. Empty at the end when something is missing.
    pub at: Range<usize>,
    /// One short phrase, lower case, no period.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl GrammarError {
    /// An error at these bytes of the text.
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    /// The same error with a hint on what to write.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error of a text that begins `offset` bytes into the one now spoken of.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.at = self.at.start + offset..self.at.end + offset;
        self
    }
}

/// One grammar as the manual lists it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of the type.
    pub name: &'static str,
    /// [`Grammar::WHAT`].
    pub what: &'static str,
    /// [`Grammar::PATTERN`].
    pub pattern: Option<&'static str>,
    /// [`Grammar::EXAMPLES`].
    pub examples: &'static [&'static str],
    /// Parses a text and gives the canonical one.
    pub canonical: fn(&str) -> Result<String, GrammarError>,
}

impl Entry {
    const fn of<T: Grammar>(name: &'static str) -> Self {
        Self {
            name,
            what: T::WHAT,
            pattern: T::PATTERN,
            examples: T::EXAMPLES,
            canonical: |text| T::parse(text).map(|value| value.to_string()),
        }
    }
}

macro_rules! entries {
    ($($name:ident),+ $(,)?) => {
        /// Every grammar but the closed lists of words, for the manual.
        pub const ALL: &[Entry] = &[$(Entry::of::<$name>(stringify!($name))),+];
    };
}

entries! {
    Bytes, BitRate, Watts, VoltAmperes, Volts, Amperes, WattHours, AmpereHours, Length, RackUnits, Weight, Percent,
    Period, Date, Schedule, Retention, Rate, Growth, Money, EnergyPrice,
    Mtu, VlanId, Asn, VirtualRouterId, PcieLink, Port,
    MacAddress, Address, InterfaceAddress, Prefix, AddressRange,
    Hostname, DnsName, Url,
    Place, Endpoint, Pattern,
}
