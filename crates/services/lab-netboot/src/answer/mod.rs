//! Answers to the questions of installers: rendered from plain values, and checked before they are handed out.
//!
//! Nothing here knows a lab description or decides who may install. An answer may hold the placeholders of
//! [`crate::boot::script`] (`{report}` and the like), which are filled when it is handed out.

pub mod debian;
pub mod posted;
pub mod proxmox;
pub mod proxmox_check;

use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The disk that is wiped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// The one with this serial number: letters, digits, `-`, `_` and `.`.
    Serial(String),
    /// The only one; the installer stops when there is another.
    Only,
}

/// How the machine reaches the network once it is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// By DHCP.
    Dhcp,
    /// With a fixed address on the card it boots from.
    Fixed {
        /// The card, in lower case with colons.
        mac: String,
        /// Address and length of the network's prefix.
        address: Ipv4Net,
        /// The router.
        gateway: Option<Ipv4Addr>,
        /// Name servers.
        dns: Vec<Ipv4Addr>,
    },
}

/// Somebody who logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Public SSH keys.
    pub keys: Vec<String>,
    /// Whether they may become root.
    pub admin: bool,
}

/// What an installer is told of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Host name, without a domain.
    pub hostname: String,
    /// Domain.
    pub domain: Option<String>,
    /// Network.
    pub network: Network,
    /// The disk that is wiped.
    pub disk: Disk,
    /// Who logs in.
    pub users: Vec<User>,
    /// Country, as in ISO 3166, in lower case.
    pub country: String,
    /// Keyboard layout.
    pub keyboard: String,
    /// Time zone, as in the tz database.
    pub timezone: String,
}

/// Why a machine cannot be described to an installer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// A word that would be read as something else by the installer.
    #[error("the {what} `{word}` cannot be given to an installer")]
    Word {
        /// What it is.
        what: &'static str,
        /// The word.
        word: String,
    },
    /// Nobody could log in.
    #[error("nobody could log in: no user has an SSH key")]
    NoKeys,
    /// A domain is needed.
    #[error("it needs a domain (`lab.domain`)")]
    NoDomain,
    /// The installer would refuse the answer.
    #[error("the installer would refuse the answer: {0}")]
    Refused(String),
}

impl System {
    /// Every word goes into a shell or a file of another program: only what means nothing there is let through.
    ///
    /// # Errors
    /// With the first word that may mean something.
    fn plain(&self) -> Result<(), AnswerError> {
        let is_plain = |word: &str, more: &[u8]| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
        };
        let hold = |what, word: &str, more: &[u8]| match is_plain(word, more) {
            true => Ok(()),
            false => Err(AnswerError::Word { what, word: word.to_owned() }),
        };
        hold("host name", &self.hostname, b"-")?;
        self.domain.iter().try_for_each(|domain| hold("domain", domain, b"-."))?;
        hold("country", &self.country, b"")?;
        hold("keyboard layout", &self.keyboard, b"-_")?;
        hold("time zone", &self.timezone, b"/_+-")?;
        if let Disk::Serial(serial) = &self.disk {
            hold("serial number", serial, b"-_.")?;
        }
        for user in &self.users {
            hold("user name", &user.name, b"-_")?;
            user.keys.iter().try_for_each(|key| hold("SSH key", key, b"+/= @.:_-"))?;
        }
        Ok(())
    }

    fn keys_of_admins(&self) -> Vec<&str> {
        let admins = self.users.iter().filter(|user| user.admin || user.name == "root");
        admins.flat_map(|user| user.keys.iter().map(String::as_str)).collect()
    }
}

#[cfg(test)]
pub(crate) fn example() -> System {
    let user = |name: &str, admin| User {
        name: name.into(),
        keys: vec![format!("ssh-ed25519 AAAAC3Nza{name} {name}@home")],
        admin,
    };
    System {
        hostname: "node-1".into(),
        domain: Some("home.example".into()),
        network: Network::Fixed {
            mac: "52:54:00:00:00:01".into(),
            address: "10.0.20.11/24".parse().expect("an address"),
            gateway: Some(Ipv4Addr::new(10, 0, 20, 1)),
            dns: vec![Ipv4Addr::new(10, 0, 20, 2)],
        },
        disk: Disk::Serial("ABCD1234".into()),
        users: vec![user("ada", true), user("bob", false)],
        country: "at".into(),
        keyboard: "de".into(),
        timezone: "Europe/Vienna".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_something_to_a_shell_are_refused() {
        assert_eq!(example().plain(), Ok(()));
        let check = |change: fn(&mut System), what: &str| {
            let mut system = example();
            change(&mut system);
            let Err(AnswerError::Word { what: found, .. }) = system.plain() else { panic!("{what}") };
            assert_eq!(found, what);
        };
        check(|s| s.hostname = "a;reboot".into(), "host name");
        check(|s| s.domain = Some("a b".into()), "domain");
        check(|s| s.disk = Disk::Serial("*".into()), "serial number");
        check(|s| s.users[0].name = "a'b".into(), "user name");
        check(|s| s.users[0].keys[0] = "ssh-rsa $(x)".into(), "SSH key");
        check(|s| s.timezone = String::new(), "time zone");
        check(|s| s.keyboard = "us\nd-i x".into(), "keyboard layout");
    }
}
