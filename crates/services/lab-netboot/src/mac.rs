//! The 48-bit Ethernet address of a network card: parsing, printing and which vendors own it.
//!
//! Only the EUI-48 form is known; other hardware types are left to the client identifier.

use std::fmt;
use std::str::FromStr;

/// An Ethernet (EUI-48) address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

/// A text that is not six bytes in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an Ethernet address: six pairs of hexadecimal digits, as in 52:54:00:12:34:56")]
pub struct MacError(String);

/// Prefixes registered to Raspberry Pi. Their boot ROM claims to be an x86 BIOS (option 93 = 0), so the prefix decides.
const RASPBERRY_PI: [[u8; 3]; 6] = [
    [0xb8, 0x27, 0xeb],
    [0xdc, 0xa6, 0x32],
    [0xe4, 0x5f, 0x01],
    [0xd8, 0x3a, 0xdd],
    [0x2c, 0xcf, 0x67],
    [0x28, 0xcd, 0xc1],
];

impl Mac {
    /// Whether the address belongs to a Raspberry Pi's own network card.
    pub fn is_raspberry_pi(self) -> bool {
        RASPBERRY_PI.iter().any(|oui| self.0.starts_with(oui))
    }

    /// Whether the address can belong to one card: neither multicast nor all zero.
    pub fn is_unicast(self) -> bool {
        self.0[0] & 1 == 0 && self.0 != [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for Mac {
    type Err = MacError;

    /// Reads `52:54:00:12:34:56`, `52-54-00-12-34-56` and `525400123456`, in either case.
    fn from_str(text: &str) -> Result<Self, MacError> {
        let fail = || MacError(text.to_owned());
        let digits: String = match text.len() {
            12 => text.to_owned(),
            17 => {
                let separator = text.as_bytes()[2];
                let separated = text.bytes().enumerate().all(|(i, b)| (i % 3 == 2) == (b == separator));
                if !separated || !matches!(separator, b':' | b'-') {
                    return Err(fail());
                }
                text.split([':', '-']).collect()
            }
            _ => return Err(fail()),
        };
        let mut bytes = [0; 6];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| fail())?;
            if !pair.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(fail());
            }
            *byte = u8::from_str_radix(pair, 16).map_err(|_| fail())?;
        }
        Ok(Mac(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_three_spellings_and_refuses_the_rest() {
        let mac = Mac([0x52, 0x54, 0, 0x12, 0xab, 0xff]);
        for good in ["52:54:00:12:ab:ff", "52-54-00-12-AB-FF", "52540012abff"] {
            assert_eq!(good.parse(), Ok(mac), "{good}");
        }
        for bad in [
            "",
            "52:54:00:12:ab",
            "52:54-00:12:ab:ff",
            "5254.0012.abff",
            "52540012abfg",
            "+2:54:00:12:ab:ff",
            "é2:54:00:12:ab:f",
        ] {
            assert!(bad.parse::<Mac>().is_err(), "{bad}");
        }
        assert_eq!(mac.to_string(), "52:54:00:12:ab:ff");
    }

    #[test]
    fn knows_a_raspberry_pi() {
        assert!("dc:a6:32:01:36:c2".parse::<Mac>().is_ok_and(Mac::is_raspberry_pi));
        assert!(!"52:54:00:00:00:01".parse::<Mac>().is_ok_and(Mac::is_raspberry_pi));
    }
}
