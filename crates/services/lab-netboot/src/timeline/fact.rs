//! One thing that passed between a client and the service: a value, its words for people, and its line for the history.
//!
//! A line is the fact's name and its fields, parted by tabs; a line that cannot be read is left out by the reader.

use crate::dhcp::options::Kind;
use std::fmt;
use std::net::Ipv4Addr;

/// The protocol a file went by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// TFTP.
    Tftp,
    /// HTTP.
    Http,
}

/// One thing that happened between a client and the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A DHCP message came.
    Heard {
        /// Which.
        message: Kind,
        /// Its sender's address.
        from: Ipv4Addr,
        /// What the client says it is.
        client: String,
    },
    /// It was answered.
    Answered {
        /// With which message.
        message: Kind,
        /// Whether only with what to boot, beside another DHCP server.
        proxy: bool,
        /// The address it was given.
        address: Option<Ipv4Addr>,
        /// Boot file or URL.
        boot: Option<String>,
        /// Why there is nothing to boot; empty when the client did not ask for it.
        why: String,
    },
    /// It was refused an address (DHCPNAK).
    Denied {
        /// Why.
        reason: String,
    },
    /// It was not given what it asked for.
    Refused {
        /// Why.
        reason: String,
    },
    /// It took the offer of another server.
    ChoseOther {
        /// The other server.
        server: Ipv4Addr,
    },
    /// It began to fetch a file.
    Begun {
        /// How.
        by: By,
        /// The artefact.
        file: String,
        /// Its length in bytes.
        bytes: u64,
    },
    /// It has fetched a file, or a part of it.
    Fetched {
        /// How.
        by: By,
        /// The artefact.
        file: String,
        /// First byte.
        from: u64,
        /// The byte after the last.
        to: u64,
        /// The file's length in bytes.
        whole: u64,
    },
    /// It went silent in the middle of a file.
    Silent {
        /// How.
        by: By,
        /// The artefact.
        file: String,
    },
    /// It ended a transfer before the end, or the connection broke.
    Aborted {
        /// How.
        by: By,
        /// The artefact.
        file: String,
    },
    /// It asked for a file that it did not get.
    NotServed {
        /// How.
        by: By,
        /// What it asked for.
        file: String,
        /// Why.
        reason: String,
    },
    /// It fetched its script.
    Script {
        /// Whether the script installs it.
        install: bool,
    },
    /// It told a stage.
    Reported {
        /// The stage.
        stage: String,
        /// What it said, cut to 200 bytes.
        detail: String,
    },
    /// Its permit changed: `opened`, `handed out`, `closed`.
    Permit {
        /// How.
        change: String,
    },
    /// Another DHCP server answers on a segment.
    Rival {
        /// The segment.
        segment: String,
        /// The other server.
        address: Ipv4Addr,
    },
}

impl Fact {
    /// The line of the history, without its end.
    pub fn line(&self) -> String {
        let fields: Vec<String> = match self {
            Fact::Heard { message, from, client } => {
                vec!["heard".into(), message.name().into(), from.to_string(), client.clone()]
            }
            Fact::Answered { message, proxy, address, boot, why } => vec![
                "answered".into(),
                message.name().into(),
                proxy.to_string(),
                address.map_or_else(String::new, |address| address.to_string()),
                boot.clone().unwrap_or_default(),
                why.clone(),
            ],
            Fact::Denied { reason } => vec!["denied".into(), reason.clone()],
            Fact::Refused { reason } => vec!["refused".into(), reason.clone()],
            Fact::ChoseOther { server } => vec!["chose-other".into(), server.to_string()],
            Fact::Begun { by, file, bytes } => {
                vec!["begun".into(), by.to_string(), file.clone(), bytes.to_string()]
            }
            Fact::Fetched { by, file, from, to, whole } => vec![
                "fetched".into(),
                by.to_string(),
                file.clone(),
                from.to_string(),
                to.to_string(),
                whole.to_string(),
            ],
            Fact::Silent { by, file } => vec!["silent".into(), by.to_string(), file.clone()],
            Fact::Aborted { by, file } => vec!["aborted".into(), by.to_string(), file.clone()],
            Fact::NotServed { by, file, reason } => {
                vec!["not-served".into(), by.to_string(), file.clone(), reason.clone()]
            }
            Fact::Script { install } => vec!["script".into(), install.to_string()],
            Fact::Reported { stage, detail } => vec!["reported".into(), stage.clone(), detail.clone()],
            Fact::Permit { change } => vec!["permit".into(), change.clone()],
            Fact::Rival { segment, address } => {
                vec!["rival".into(), segment.clone(), address.to_string()]
            }
        };
        let plain = |field: String| field.replace(|c: char| c.is_control(), " ");
        fields.into_iter().map(plain).collect::<Vec<_>>().join("\t")
    }

    /// Reads a line; none when it is not one of ours.
    pub fn parse(line: &str) -> Option<Fact> {
        let fields: Vec<&str> = line.split('\t').collect();
        let text = |text: &str| text.to_owned();
        Some(match fields[..] {
            ["heard", message, from, client] => {
                Fact::Heard { message: kind(message)?, from: from.parse().ok()?, client: text(client) }
            }
            ["answered", message, proxy, address, boot, why] => Fact::Answered {
                message: kind(message)?,
                proxy: proxy.parse().ok()?,
                address: if address.is_empty() { None } else { Some(address.parse().ok()?) },
                boot: (!boot.is_empty()).then(|| text(boot)),
                why: text(why),
            },
            ["denied", reason] => Fact::Denied { reason: text(reason) },
            ["refused", reason] => Fact::Refused { reason: text(reason) },
            ["chose-other", server] => Fact::ChoseOther { server: server.parse().ok()? },
            ["begun", by, file, bytes] => {
                Fact::Begun { by: By::parse(by)?, file: text(file), bytes: bytes.parse().ok()? }
            }
            ["fetched", by, file, from, to, whole] => Fact::Fetched {
                by: By::parse(by)?,
                file: text(file),
                from: from.parse().ok()?,
                to: to.parse().ok()?,
                whole: whole.parse().ok()?,
            },
            ["silent", by, file] => Fact::Silent { by: By::parse(by)?, file: text(file) },
            ["aborted", by, file] => Fact::Aborted { by: By::parse(by)?, file: text(file) },
            ["not-served", by, file, reason] => {
                Fact::NotServed { by: By::parse(by)?, file: text(file), reason: text(reason) }
            }
            ["script", install] => Fact::Script { install: install.parse().ok()? },
            ["reported", stage, detail] => Fact::Reported { stage: text(stage), detail: text(detail) },
            ["permit", change] => Fact::Permit { change: text(change) },
            ["rival", segment, address] => {
                Fact::Rival { segment: text(segment), address: address.parse().ok()? }
            }
            _ => return None,
        })
    }
}

fn kind(name: &str) -> Option<Kind> {
    (1..=8).filter_map(Kind::of).find(|kind| kind.name() == name)
}

impl By {
    fn parse(text: &str) -> Option<By> {
        [By::Tftp, By::Http].into_iter().find(|by| by.to_string() == text)
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            By::Tftp => "TFTP",
            By::Http => "HTTP",
        })
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Heard { message, from, client } => write!(f, "{} from {from} ({client})", message.name()),
            Fact::Answered { message, proxy, address, boot, why } => {
                if *proxy {
                    f.write_str("proxy ")?;
                }
                f.write_str(message.name())?;
                if let Some(address) = address {
                    write!(f, " {address}")?;
                }
                match boot {
                    Some(boot) => write!(f, ", boot {boot}"),
                    None if why.is_empty() => Ok(()),
                    None => write!(f, ", nothing to boot: {why}"),
                }
            }
            Fact::Denied { reason } => write!(f, "NAK: {reason}"),
            Fact::Refused { reason } => write!(f, "refused: {reason}"),
            Fact::ChoseOther { server } => write!(f, "took the offer of {server}, not ours"),
            Fact::Begun { by, file, bytes } => write!(f, "{by} `{file}`, {bytes} bytes"),
            Fact::Fetched { by, file, from: 0, to, whole } if to == whole => {
                write!(f, "{by} `{file}` fetched, {whole} bytes")
            }
            Fact::Fetched { by, file, from, to, whole } => {
                write!(f, "{by} `{file}` fetched, bytes {from} to {to} of {whole}")
            }
            Fact::Silent { by, file } => write!(f, "{by} `{file}`: the client has gone silent"),
            Fact::Aborted { by, file } => write!(f, "{by} `{file}`: ended before the end"),
            Fact::NotServed { by, file, reason } => write!(f, "{by} `{file}` refused: {reason}"),
            Fact::Script { install: true } => f.write_str("script fetched: install"),
            Fact::Script { install: false } => f.write_str("script fetched: boot from disk"),
            Fact::Reported { stage, detail } if detail.is_empty() => write!(f, "reported {stage}"),
            Fact::Reported { stage, detail } => write!(f, "reported {stage}: {detail}"),
            Fact::Permit { change } => write!(f, "permit {change}"),
            Fact::Rival { segment, address } => {
                write!(f, "another DHCP server answers on `{segment}`: {address}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_whatever_the_client_says() {
        let at = Ipv4Addr::new(10, 0, 0, 5);
        let file = || "a b\u{fffd}/c".to_owned();
        for fact in [
            Fact::Heard { message: Kind::Discover, from: at, client: "x86 BIOS firmware".into() },
            Fact::Answered {
                message: Kind::Offer,
                proxy: false,
                address: Some(at),
                boot: None,
                why: "w".into(),
            },
            Fact::Answered {
                message: Kind::Ack,
                proxy: true,
                address: None,
                boot: Some("f".into()),
                why: String::new(),
            },
            Fact::Denied { reason: "r".into() },
            Fact::Refused { reason: String::new() },
            Fact::ChoseOther { server: at },
            Fact::Begun { by: By::Tftp, file: file(), bytes: 7 },
            Fact::Fetched { by: By::Http, file: file(), from: 1, to: 2, whole: 3 },
            Fact::Silent { by: By::Tftp, file: file() },
            Fact::Aborted { by: By::Http, file: file() },
            Fact::NotServed { by: By::Tftp, file: file(), reason: "r".into() },
            Fact::Script { install: true },
            Fact::Reported { stage: "installed".into(), detail: String::new() },
            Fact::Permit { change: "opened".into() },
            Fact::Rival { segment: "lan".into(), address: at },
        ] {
            assert_eq!(Fact::parse(&fact.line()), Some(fact.clone()), "{fact}");
        }
        let hostile = Fact::Refused { reason: "a\tb\nc".into() };
        assert_eq!(hostile.line(), "refused\ta b c");
        assert_eq!(Fact::parse("refused\ta\tb"), None);
        assert_eq!(Fact::parse(""), None);
    }
}
