//! Names of hosts and of DNS, and addresses of web pages.
//!
//! Only the form is checked; whether a name exists is asked elsewhere. Names are kept in lower case, since DNS does not
//! tell case apart (RFC 4343).

use super::address::parse_ip;
use super::scan::{quoted, whole};
use super::{Grammar, GrammarError};
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

/// Most bytes of a label (RFC 1035 §2.3.4).
const LABEL_MAX: usize = 63;
/// Most bytes of a name as text, without the last dot; 255 on the wire (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// The name of a host (RFC 952, RFC 1123 §2.1): one label or several, in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hostname(String);

impl Hostname {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first dot.
    pub fn label(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

/// A name in DNS, in lower case without the last dot. The first label may be `*` (RFC 4592); labels may hold
/// underscores, as those of services do (RFC 8552).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DnsName(String);

impl DnsName {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the first label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// The labels from left to right.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether this is `zone` or lies below it.
    pub fn is_within(&self, zone: &Self) -> bool {
        self.0.strip_suffix(&zone.0).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks the labels of a name; `with_underscores` for DNS beyond hosts.
fn check_labels(text: &str, offset: usize, with_underscores: bool) -> Result<(), GrammarError> {
    if text.is_empty() {
        return Err(GrammarError::new(offset..offset, "a name is missing"));
    }
    let mut start = offset;
    for label in text.split('.') {
        let at = start..start + label.len();
        start = at.end + 1;
        check_label(label, at, with_underscores)?;
    }
    if text.len() > NAME_MAX {
        let at = offset + NAME_MAX..offset + text.len();
        return Err(GrammarError::new(at, format!("a name has at most {NAME_MAX} letters")));
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        let end = offset + text.len();
        return Err(GrammarError::new(end - last.len()..end, "the last label of a name is not a number"));
    }
    Ok(())
}

fn check_label(label: &str, at: Range<usize>, with_underscores: bool) -> Result<(), GrammarError> {
    if label.is_empty() {
        return Err(GrammarError::new(at, "a label between the dots is missing"));
    }
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || (with_underscores && c == '_');
    if let Some((index, c)) = label.char_indices().find(|(_, c)| !is_good(*c)) {
        let char_at = at.start + index..at.start + index + c.len_utf8();
        let error = GrammarError::new(char_at, format!("`{}` is not allowed in a name", c.escape_debug()));
        return Err(match c {
            '_' => error.with_help("write `-`"),
            '*' => error.with_help("`*` stands alone before the first dot, and only in names of DNS"),
            c if !c.is_ascii() => {
                error.with_help("write the label in its ASCII form, `xn--` and what follows")
            }
            _ => error.with_help("letters, digits and `-` are"),
        });
    }
    if label.starts_with('-') || label.ends_with('-') {
        let hyphen = if label.starts_with('-') { at.start } else { at.end - 1 };
        return Err(GrammarError::new(hyphen..hyphen + 1, "a label neither begins nor ends with `-`"));
    }
    if label.len() > LABEL_MAX {
        let message = format!("a label has at most {LABEL_MAX} letters");
        return Err(GrammarError::new(at.start + LABEL_MAX..at.end, message));
    }
    Ok(())
}

impl Grammar for Hostname {
    const WHAT: &'static str = "a host name, such as `talos-1`";
    const PATTERN: Option<&'static str> = Some(r"^[A-Za-z0-9-]{1,63}([.][A-Za-z0-9-]{1,63})*$");
    const EXAMPLES: &'static [&'static str] = &["talos-1", "nas-1.home.example.net"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        check_labels(text, 0, false)?;
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl Grammar for DnsName {
    const WHAT: &'static str = "a name in DNS, such as `photos.home.example.net`";
    const PATTERN: Option<&'static str> =
        Some(r"^([*][.])?[A-Za-z0-9_-]{1,63}([.][A-Za-z0-9_-]{1,63})*[.]?$");
    const EXAMPLES: &'static [&'static str] =
        &["photos.home.example.net", "*.home.example.net", "_ldap._tcp.home.example.net"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let absolute = text.strip_suffix('.').unwrap_or(text);
        match absolute.strip_prefix("*.") {
            Some(rest) => check_labels(rest, 2, true)?,
            None => check_labels(absolute, 0, true)?,
        }
        if absolute.len() > NAME_MAX {
            return Err(GrammarError::new(
                NAME_MAX..text.len(),
                format!("a name has at most {NAME_MAX} letters"),
            ));
        }
        Ok(Self(absolute.to_ascii_lowercase()))
    }
}

/// Where a service is reached: scheme, host, port and path (RFC 3986), without user or password.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Url {
    scheme: String,
    host: UrlHost,
    port: Option<u16>,
    path: String,
}

/// The host of a URL.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UrlHost {
    /// A name.
    Name(Hostname),
    /// An address.
    Address(IpAddr),
}

impl Url {
    /// In lower case: `https`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host.
    pub const fn host(&self) -> &UrlHost {
        &self.host
    }

    /// The port as written, else the usual one of the scheme where that is known.
    pub fn port(&self) -> Option<u16> {
        self.port.or(match self.scheme.as_str() {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            "ssh" | "sftp" => Some(22),
            "ftp" => Some(21),
            "smb" => Some(445),
            "nfs" => Some(2049),
            _ => None,
        })
    }

    /// What follows the host: empty, or from the first `/`, `?` or `#` on.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for UrlHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

impl Grammar for Url {
    const WHAT: &'static str = "a URL, such as `https://photos.home.example.net/`";
    const PATTERN: Option<&'static str> = Some(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?# ]+([/?#][^ ]*)?$");
    const EXAMPLES: &'static [&'static str] =
        &["https://photos.home.example.net/x", "http://10.3.1.1:8080", "https://[fd00::1]:8443/"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let error = GrammarError::new(0..text.len(), "a URL begins with its scheme");
            // `https//x`, `https:/x`: the scheme is there, what parts it from the host is not whole.
            let begun =
                ["https", "http"].iter().find_map(|scheme| Some((scheme, text.strip_prefix(scheme)?)));
            let meant = match begun {
                Some((scheme, rest)) => format!("{scheme}://{}", rest.trim_start_matches([':', '/'])),
                None => format!("https://{text}"),
            };
            return Err(error.with_help(format!("write {}", quoted(&meant))));
        };
        check_scheme(scheme)?;
        let start = scheme.len() + 3;
        let host_len = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(host_len);
        let foreign = path.char_indices().find(|(_, c)| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(*c));
        if let Some((index, c)) = foreign {
            let at = start + host_len + index;
            let message = format!("`{}` is not allowed in a URL", c.escape_debug());
            return Err(
                GrammarError::new(at..at + c.len_utf8(), message).with_help("write it percent-encoded")
            );
        }
        let (host, port) = parse_authority(authority, start)?;
        Ok(Self { scheme: scheme.to_ascii_lowercase(), host, port, path: path.to_string() })
    }
}

fn check_scheme(scheme: &str) -> Result<(), GrammarError> {
    let is_good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_good.then_some(()).ok_or_else(|| {
        let message = format!("{} is no scheme", quoted(scheme));
        GrammarError::new(0..scheme.len(), message).with_help("write such as `https`")
    })
}

/// Host and port, standing at byte `start`.
fn parse_authority(text: &str, start: usize) -> Result<(UrlHost, Option<u16>), GrammarError> {
    if let Some(user) = text.find('@') {
        let at = start..start + user + 1;
        return Err(GrammarError::new(at, "a URL names no user and holds no password").with_help("remove it"));
    }
    let (host, port_start) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some(len) = rest.find(']') else {
                return Err(GrammarError::new(start..start + 1, "this bracket is not closed"));
            };
            let address = parse_ip(&rest[..len], start + 1)?;
            (UrlHost::Address(address), len + 2)
        }
        None => {
            let len = text.find(':').unwrap_or(text.len());
            (parse_host(&text[..len], start)?, len)
        }
    };
    let port = match text[port_start..].strip_prefix(':') {
        Some(port) => {
            let at = start + port_start + 1..start + text.len();
            Some(u16::try_from(whole(port, at, "a port", 1..=65_535)?).expect("at most 65535"))
        }
        None if port_start < text.len() => {
            let at = start + port_start..start + text.len();
            return Err(GrammarError::new(at, "a path begins with `/`, a port with `:`"));
        }
        None => None,
    };
    Ok((host, port))
}

fn parse_host(text: &str, start: usize) -> Result<UrlHost, GrammarError> {
    if text.is_empty() {
        return Err(GrammarError::new(start..start, "the host is missing"));
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return parse_ip(text, start).map(UrlHost::Address);
    }
    Hostname::parse(text).map(UrlHost::Name).map_err(|error| error.shifted(start))
}

#[cfg(test)]
mod tests {
    use super::{DnsName, Grammar, Hostname, Url};
    use crate::grammar::tests::check;

    #[test]
    fn hostnames() {
        let long = "a".repeat(64);
        check::<Hostname>(&[
            ("NAS-1", Ok("nas-1")),
            ("3com", Ok("3com")),
            ("nas_1", Err(("_", "write `-`"))),
            ("nas-1.", Err(("", "missing"))),
            ("a..b", Err(("", "missing"))),
            ("-nas", Err(("-", "neither begins"))),
            ("nas-", Err(("-", "nor ends"))),
            ("büro", Err(("ü", "xn--"))),
            ("nas 1", Err((" ", "not allowed"))),
            ("10.0.0.1", Err(("1", "not a number"))),
            (&long, Err(("a", "at most 63"))),
            ("*.example", Err(("*", "only in names of DNS"))),
            ("", Err(("", "missing"))),
        ]);
        let name = ["abcdefg"; 32].join(".");
        assert_eq!(Hostname::parse(&name).unwrap_err().at, 253..255);
    }

    #[test]
    fn dns_names() {
        check::<DnsName>(&[
            ("*.Home.example.", Ok("*.home.example")),
            ("_ldap._tcp.home.example", Ok("_ldap._tcp.home.example")),
            ("a.*.example", Err(("*", "before the first dot"))),
            ("*", Err(("*", "before the first dot"))),
            ("*.", Err(("*", "before the first dot"))),
            (".", Err(("", "missing"))),
        ]);
        let name = |text| DnsName::parse(text).unwrap();
        assert!(name("a.home.example").is_within(&name("home.example")));
        assert!(name("home.example").is_within(&name("home.example")));
        assert!(!name("ahome.example").is_within(&name("home.example")));
        assert!(name("*.x.example").is_wildcard());
    }

    #[test]
    fn urls() {
        check::<Url>(&[
            ("HTTPS://Photos.home.example.net/X?y#z", Ok("https://photos.home.example.net/X?y#z")),
            ("http://10.3.1.1:8080", Ok("http://10.3.1.1:8080")),
            ("https://[FD00::1]:8443/", Ok("https://[fd00::1]:8443/")),
            ("photos.home.example", Err(("photos.home.example", "`https://photos.home.example`"))),
            ("https://", Err(("", "host is missing"))),
            ("ht tp://x", Err(("ht tp", "no scheme"))),
            ("https://me:secret@x/", Err(("me:secret@", "no password"))),
            ("https://photos_x/", Err(("_", "write `-`"))),
            ("https://x:0/", Err(("0", "between 1"))),
            ("https://x:/", Err(("", "a number from 1"))),
            ("https://10.3.1.300/", Err(("300", "between 0 and 255"))),
            ("https://[fd00::1/", Err(("[", "not closed"))),
            ("https://[fd00::1]x", Err(("x", "a port with"))),
            ("https://x/a b", Err((" ", "percent-encoded"))),
        ]);
        assert_eq!(Url::parse("https://x").unwrap().port(), Some(443));
        assert_eq!(Url::parse("gopher://x").unwrap().port(), None);
    }
}
