//! An answer file for the automatic installation of Proxmox VE (its manual, chapter "Automated Installation").
//!
//! One disk with ext4, chosen by its serial number. Pools over several disks are not described here.

use super::{AnswerError, Disk, Network, System, proxmox_check};
use std::fmt::Write as _;

/// The answer as TOML, checked as the installer would.
///
/// # Errors
/// When a word cannot be given to the installer, nobody could log in afterwards, or the installer would refuse it.
pub fn answer(system: &System) -> Result<String, AnswerError> {
    system.plain()?;
    let keys = system.keys_of_admins();
    if keys.is_empty() {
        return Err(AnswerError::NoKeys);
    }
    let Disk::Serial(serial) = &system.disk else {
        let why = "its disk has no `serial` in the lab, and only that is certain";
        return Err(AnswerError::Refused(why.into()));
    };
    let domain = system.domain.as_ref().ok_or(AnswerError::NoDomain)?;
    let keyboard = if system.keyboard == "us" { "en-us" } else { &system.keyboard };
    let quoted: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("writing to a string");
    line("[global]".into());
    line(format!("country = \"{}\"", system.country));
    line(format!("fqdn = \"{}.{domain}\"", system.hostname));
    line(format!("keyboard = \"{keyboard}\""));
    line(format!("mailto = \"root@{domain}\""));
    line(format!("timezone = \"{}\"", system.timezone));
    // No password matches it: keys open the account.
    line("root-password-hashed = \"*\"".into());
    line(format!("root-ssh-keys = [{}]", quoted.join(", ")));
    line("\n[network]".into());
    match &system.network {
        Network::Dhcp => line("source = \"from-dhcp\"".into()),
        Network::Fixed { mac, address, gateway, dns } => {
            let (Some(gateway), Some(dns)) = (gateway, dns.first()) else {
                let why = "a fixed address needs a gateway and a name server";
                return Err(AnswerError::Refused(why.into()));
            };
            line("source = \"from-answer\"".into());
            line(format!("cidr = \"{address}\"\ndns = \"{dns}\"\ngateway = \"{gateway}\""));
            line(format!("filter.ID_NET_NAME_MAC = \"*{}\"", mac.replace(':', "")));
        }
    }
    line("\n[disk-setup]\nfilesystem = \"ext4\"".into());
    line(format!("filter.ID_SERIAL_SHORT = \"{serial}\""));
    line("\n[post-installation-webhook]\nurl = \"{report}installed\"".into());
    match proxmox_check::refusal(&text) {
        Some(why) => Err(AnswerError::Refused(why)),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn the_answer_is_what_the_installer_takes() {
        let text = answer(&example()).expect("an answer");
        for part in [
            "fqdn = \"node-1.home.example\"",
            "filter.ID_NET_NAME_MAC = \"*525400000001\"",
            "filter.ID_SERIAL_SHORT = \"ABCD1234\"",
            "url = \"{report}installed\"",
            "root-ssh-keys = [\"ssh-ed25519 AAAAC3Nzaada ada@home\"]",
        ] {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
        assert_eq!(proxmox_check::refusal(&text), None);
    }

    #[test]
    fn what_would_not_be_certain_is_refused() {
        let check = |change: fn(&mut System), part: &str| {
            let mut system = example();
            change(&mut system);
            let error = answer(&system).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        check(|s| s.disk = Disk::Only, "no `serial`");
        check(|s| s.domain = None, "domain");
        check(|s| s.users.truncate(0), "log in");
        check(
            |s| {
                if let Network::Fixed { gateway, .. } = &mut s.network {
                    *gateway = None;
                }
            },
            "a gateway",
        );
    }
}
