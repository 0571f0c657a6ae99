//! Ports of TCP and UDP: `443`, `443/tcp`, `60000-61000/udp`, or the name of a service.
//!
//! The names are a small list that home labs use, not the registry: a name that is not here is written as a number.

use super::hint::{nearest, unknown};
use super::scan::{quoted, whole};
use super::words::words;
use super::{Grammar, GrammarError};
use std::fmt;

words! {
    /// What carries a port.
    pub enum Transport {
        /// TCP (RFC 9293).
        Tcp = "tcp",
        /// UDP (RFC 768).
        Udp = "udp",
    }
}

/// One port or a run of ports, on one transport or on both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Port {
    first: u16,
    last: u16,
    transport: Option<Transport>,
    name: Option<&'static str>,
}

use Transport::{Tcp, Udp};

/// Names, first and last port, transport (`None`: both), after the IANA registry or the usual port of the program.
const SERVICES: &[(&str, u16, u16, Option<Transport>)] = &[
    ("amqp", 5672, 5672, Some(Tcp)),
    ("bgp", 179, 179, Some(Tcp)),
    ("dhcp", 67, 68, Some(Udp)),
    ("dhcpv6", 546, 547, Some(Udp)),
    ("dns", 53, 53, None),
    ("dns-over-tls", 853, 853, Some(Tcp)),
    ("etcd", 2379, 2380, Some(Tcp)),
    ("ftp", 21, 21, Some(Tcp)),
    ("grpc-talos", 50000, 50001, Some(Tcp)),
    ("http", 80, 80, Some(Tcp)),
    ("http-alt", 8080, 8080, Some(Tcp)),
    ("http3", 443, 443, Some(Udp)),
    ("https", 443, 443, Some(Tcp)),
    ("https-alt", 8443, 8443, Some(Tcp)),
    ("imap", 143, 143, Some(Tcp)),
    ("imaps", 993, 993, Some(Tcp)),
    ("ipmi", 623, 623, Some(Udp)),
    ("iscsi", 3260, 3260, Some(Tcp)),
    ("kerberos", 88, 88, None),
    ("kubernetes-api", 6443, 6443, Some(Tcp)),
    ("ldap", 389, 389, None),
    ("ldaps", 636, 636, Some(Tcp)),
    ("mariadb", 3306, 3306, Some(Tcp)),
    ("mdns", 5353, 5353, Some(Udp)),
    ("mqtt", 1883, 1883, Some(Tcp)),
    ("mqtts", 8883, 8883, Some(Tcp)),
    ("nfs", 2049, 2049, None),
    ("ntp", 123, 123, Some(Udp)),
    ("nut", 3493, 3493, Some(Tcp)),
    ("openvpn", 1194, 1194, None),
    ("postgres", 5432, 5432, Some(Tcp)),
    ("prometheus", 9090, 9090, Some(Tcp)),
    ("radius", 1812, 1813, Some(Udp)),
    ("rdp", 3389, 3389, None),
    ("redis", 6379, 6379, Some(Tcp)),
    ("rsync", 873, 873, Some(Tcp)),
    ("smb", 445, 445, Some(Tcp)),
    ("smtp", 25, 25, Some(Tcp)),
    ("snmp", 161, 161, Some(Udp)),
    ("snmp-trap", 162, 162, Some(Udp)),
    ("ssh", 22, 22, Some(Tcp)),
    ("submission", 587, 587, Some(Tcp)),
    ("syslog", 514, 514, Some(Udp)),
    ("telnet", 23, 23, Some(Tcp)),
    ("tftp", 69, 69, Some(Udp)),
    ("vnc", 5900, 5900, Some(Tcp)),
    ("wireguard", 51820, 51820, Some(Udp)),
];

impl Port {
    /// The first port.
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The last port; the first when there is one.
    pub const fn last(self) -> u16 {
        self.last
    }

    /// The transport; `None` means TCP and UDP alike.
    pub const fn transport(self) -> Option<Transport> {
        self.transport
    }

    /// The name of the service, when one was written.
    pub const fn name(self) -> Option<&'static str> {
        self.name
    }

    /// Whether a port on a transport is among these.
    pub fn contains(self, port: u16, transport: Transport) -> bool {
        (self.first..=self.last).contains(&port) && self.transport.is_none_or(|own| own == transport)
    }

    /// Whether some port on some transport is among both.
    pub fn overlaps(self, other: Self) -> bool {
        let same_transport = match (self.transport, other.transport) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        same_transport && self.first <= other.last && other.first <= self.last
    }
}

/// As written: the name where there is one, else the numbers; the transport where the name does not say it.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self.name {
            Some(name) => {
                f.write_str(name)?;
                find(name).and_then(|(.., transport)| *transport)
            }
            None if self.first == self.last => {
                write!(f, "{}", self.first)?;
                None
            }
            None => {
                write!(f, "{}-{}", self.first, self.last)?;
                None
            }
        };
        match self.transport {
            Some(transport) if said.is_none() => write!(f, "/{transport}"),
            _ => Ok(()),
        }
    }
}

fn find(name: &str) -> Option<&'static (&'static str, u16, u16, Option<Transport>)> {
    SERVICES.iter().find(|(known, ..)| *known == name)
}

impl Grammar for Port {
    const WHAT: &'static str = "a port, such as `443/tcp` or `https`";
    const PATTERN: Option<&'static str> = Some(r"^([0-9]{1,5}(-[0-9]{1,5})?|[a-z][a-z0-9-]*)(/(tcp|udp))?$");
    const EXAMPLES: &'static [&'static str] =
        &["443", "443/tcp", "60000-61000/udp", "https", "dns", "dns/udp"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let (ports, transport) = match text.split_once('/') {
            Some((ports, transport)) => {
                let offset = ports.len() + 1;
                (ports, Some(Transport::parse(transport).map_err(|error| error.shifted(offset))?))
            }
            None => (text, None),
        };
        if ports.starts_with(|c: char| c.is_ascii_digit()) {
            let (first, last) = parse_numbers(ports)?;
            return Ok(Self { first, last, transport, name: None });
        }
        let Some(&(name, first, last, own)) = find(ports) else {
            return Err(bad_service(ports));
        };
        if let (Some(transport), Some(own)) = (transport, own)
            && transport != own
        {
            let error = GrammarError::new(ports.len() + 1..text.len(), format!("`{name}` is over {own}"));
            return Err(error.with_help(format!("write the number: `{first}/{transport}`")));
        }
        Ok(Self { first, last, transport: transport.or(own), name: Some(name) })
    }
}

fn parse_numbers(text: &str) -> Result<(u16, u16), GrammarError> {
    let parse = |text: &str, start: usize| {
        let number = whole(text, start..start + text.len(), "a port", 1..=65_535)?;
        Ok(u16::try_from(number).expect("at most 65535"))
    };
    let Some((first, last)) = text.split_once('-') else {
        let port = parse(text, 0)?;
        return Ok((port, port));
    };
    let (first, last) = (parse(first, 0)?, parse(last, first.len() + 1)?);
    if first > last {
        let error = GrammarError::new(0..text.len(), "the range runs backwards");
        return Err(error.with_help(format!("write `{last}-{first}`")));
    }
    Ok((first, last))
}

fn bad_service(text: &str) -> GrammarError {
    let at = 0..text.len();
    if text.is_empty() {
        return GrammarError::new(at, "a port is missing").with_help("write such as `443/tcp` or `https`");
    }
    if matches!(text, "tcp" | "udp") {
        return GrammarError::new(at, format!("{} says no port", quoted(text)))
            .with_help(format!("write such as `443/{text}`"));
    }
    let names: Vec<&str> = SERVICES.iter().map(|(name, ..)| *name).collect();
    let help = match nearest(text, &names) {
        None => "write its number, such as `443/tcp`".to_string(),
        Some(near) => format!("did you mean `{near}`?"),
    };
    GrammarError::new(at, unknown("service", text)).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::{Grammar, Port, SERVICES, Transport};
    use crate::grammar::tests::{check, check_round_trip};
    use proptest::prelude::*;

    #[test]
    fn ports() {
        check::<Port>(&[
            ("443", Ok("443")),
            ("443/tcp", Ok("443/tcp")),
            ("60000-61000/udp", Ok("60000-61000/udp")),
            ("5-5", Ok("5")),
            ("ssh/tcp", Ok("ssh")),
            ("dns/udp", Ok("dns/udp")),
            ("0", Err(("0", "between 1 and 65535"))),
            ("70000", Err(("70000", "between"))),
            ("443/sctp", Err(("sctp", "`tcp` or `udp`"))),
            ("61000-60000", Err(("61000-60000", "write `60000-61000`"))),
            ("htps", Err(("htps", "`https`"))),
            ("ssh/udp", Err(("udp", "`22/udp`"))),
            ("80,443", Err(("80,443", "a number from 1"))),
            ("tcp", Err(("tcp", "`443/tcp`"))),
            ("", Err(("", "missing"))),
            ("443/", Err(("", "unknown word"))),
        ]);
    }

    #[test]
    fn services_are_sorted_and_stable() {
        assert!(SERVICES.is_sorted_by(|a, b| a.0 < b.0), "sorted by name, each once");
        for (name, first, last, transport) in SERVICES {
            let port = Port::parse(name).unwrap();
            assert_eq!((port.first(), port.last(), port.transport()), (*first, *last, *transport));
            check_round_trip(&port).unwrap();
        }
    }

    #[test]
    fn overlaps() {
        let port = |text| Port::parse(text).unwrap();
        assert!(port("dns").contains(53, Transport::Udp));
        assert!(!port("https").contains(443, Transport::Udp));
        assert!(port("443").overlaps(port("http3")));
        assert!(!port("https").overlaps(port("http3")));
        assert!(port("1-100/tcp").overlaps(port("ssh")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn round_trips(a in 1u16.., b in 1u16.., transport in prop::option::of(prop::sample::select(Transport::ALL))) {
            check_round_trip(&Port { first: a.min(b), last: a.max(b), transport, name: None })?;
        }
    }
}
