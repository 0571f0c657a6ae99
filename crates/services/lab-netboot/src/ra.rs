//! Router advertisements (RFC 4861) on the wire: just enough that a boot loader stops waiting for one.
//!
//! The advertised lifetime is 0, so nobody takes us for a router. No routes, no name servers, no DHCPv6.

use crate::config::Advertise;

const SOLICITATION: u8 = 133;
const ADVERTISEMENT: u8 = 134;
const PREFIX_INFORMATION: u8 = 3;
const LIFETIME: u32 = 3600;

/// Whether an ICMPv6 message is a router solicitation (RFC 4861 §6.1.1, as far as the message itself shows).
pub fn is_solicitation(message: &[u8]) -> bool {
    message.len() >= 8 && message[0] == SOLICITATION && message[1] == 0
}

/// The advertisement. Its checksum is left 0: a raw ICMPv6 socket fills it in.
pub fn advertisement(advertise: &Advertise) -> Vec<u8> {
    // Hop limit unspecified, no flags, router lifetime 0, no timers.
    let mut bytes = vec![0; 16];
    bytes[0] = ADVERTISEMENT;
    if let Some(prefix) = advertise.prefix {
        // On-link, and good for addresses that the client makes itself.
        bytes.extend([PREFIX_INFORMATION, 4, prefix.prefix_len(), 0xc0]);
        bytes.extend(LIFETIME.to_be_bytes());
        bytes.extend(LIFETIME.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(prefix.network().octets());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advertisement_with_and_without_prefix() {
        let bare = advertisement(&Advertise { prefix: None });
        assert_eq!(bare, [134, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let prefix = Some("fd77::1/64".parse().expect("a prefix"));
        let full = advertisement(&Advertise { prefix });
        assert_eq!(full.len(), 48);
        assert_eq!(full[16..20], [3, 4, 64, 0xc0]);
        assert_eq!(full[32..], [0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn knows_a_solicitation() {
        assert!(is_solicitation(&[133, 0, 1, 2, 0, 0, 0, 0]));
        for bad in [&[133, 0, 1, 2][..], &[133, 1, 0, 0, 0, 0, 0, 0], &[134, 0, 0, 0, 0, 0, 0, 0], &[]] {
            assert!(!is_solicitation(bad));
        }
    }
}
