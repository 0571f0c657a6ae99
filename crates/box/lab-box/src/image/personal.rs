//! What makes an installed machine that one machine: name, card names, addresses, keys, users. Written as a second
//! archive that the boot loader adds to the initial file system; the installer puts its files into the new root.

use super::cpio::{Cpio, Kind};
use crate::listen;
use crate::plan::{Interface, Machine};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;

/// An SSH host key pair, as `ssh-keygen` writes it.
pub(crate) struct HostKey {
    /// The secret part.
    pub(crate) secret: String,
    /// The public part, one line.
    pub(crate) public: String,
}

/// The archive of `machine`. `hosts` are the lines of `/etc/hosts` for the other machines; `box_key` may log in as root
/// and as every user.
pub(crate) fn archive(machine: &Machine, hosts: &str, host_key: &HostKey, box_key: &str) -> Vec<u8> {
    let short = machine.hostname.split('.').next().unwrap_or_default();
    let own =
        format!("127.0.0.1 localhost\n127.0.1.1 {} {short}\n::1 localhost ip6-localhost\n", machine.hostname);
    let files: [(&str, u32, String); 11] = [
        ("etc/hostname", 0o644, format!("{}\n", machine.hostname)),
        ("etc/hosts", 0o644, format!("{own}{hosts}")),
        ("etc/inittab", 0o644, format!("{}ttyS0::respawn:-/bin/bash\n", super::INITTAB)),
        ("etc/labwright/listen", 0o755, listen::PROGRAM.to_owned()),
        ("etc/labwright/services", 0o644, listen::list(machine)),
        ("etc/mactab", 0o644, mactab(machine)),
        ("etc/network/interfaces", 0o644, interfaces(machine)),
        ("etc/resolv.conf", 0o644, resolver(machine)),
        ("etc/ssh/ssh_host_ed25519_key", 0o600, host_key.secret.clone()),
        ("etc/ssh/ssh_host_ed25519_key.pub", 0o644, host_key.public.clone()),
        ("root/.ssh/authorized_keys", 0o600, keys(&machine.root_keys, box_key)),
    ];
    let mut folders = BTreeSet::from(["personal".to_owned(), "personal/files".to_owned()]);
    for (path, ..) in &files {
        folders.extend(path.match_indices('/').map(|(end, _)| format!("personal/files/{}", &path[..end])));
    }
    let mut cpio = Cpio::new();
    for folder in &folders {
        let private = ["root", ".ssh"].iter().any(|name| folder.ends_with(name));
        cpio.add(folder, if private { 0o700 } else { 0o755 }, &Kind::Folder);
    }
    for (path, permissions, text) in &files {
        cpio.add(&format!("personal/files/{path}"), *permissions, &Kind::File(text.as_bytes()));
    }
    cpio.add("personal/setup.sh", 0o755, &Kind::File(setup(machine, box_key).as_bytes()));
    cpio.finish()
}

/// nameif(8)'s table, which the start script reads.
fn mactab(machine: &Machine) -> String {
    machine.interfaces.iter().fold(String::new(), |mut text, interface| {
        writeln!(text, "{} {}", interface.name, interface.mac).expect("a string takes all");
        text
    })
}

/// interfaces(5). The default router stands with the address whose network it is in.
fn interfaces(machine: &Machine) -> String {
    let mut text = "auto lo\niface lo inet loopback\n".to_owned();
    for interface in &machine.interfaces {
        write!(text, "\nauto {}\n", interface.name).expect("a string takes all");
        if interface.addresses.is_empty() {
            writeln!(text, "iface {} inet manual\n    up ip link set dev $IFACE up", interface.name)
                .expect("a string takes all");
        }
        stanzas(&mut text, interface, machine.gateway);
        for address in &interface.held {
            // Of one address only, so that the machine goes on speaking from its own.
            writeln!(text, "    up ip address add {} dev $IFACE || true", IpNet::from(*address))
                .expect("a string takes all");
        }
    }
    text
}

fn stanzas(text: &mut String, interface: &Interface, gateway: Option<IpAddr>) {
    for address in &interface.addresses {
        let family = if address.addr().is_ipv4() { "inet" } else { "inet6" };
        writeln!(text, "iface {} {family} static\n    address {address}", interface.name)
            .expect("a string takes all");
        if family == "inet6" {
            text.push_str("    dad-attempts 0\n");
        }
        if let Some(gateway) = gateway.filter(|gateway| address.contains(gateway)) {
            writeln!(text, "    gateway {gateway}").expect("a string takes all");
        }
    }
}

fn resolver(machine: &Machine) -> String {
    let mut text = String::new();
    if let Some((_, domain)) = machine.hostname.split_once('.') {
        writeln!(text, "search {domain}").expect("a string takes all");
    }
    for server in &machine.dns {
        writeln!(text, "nameserver {server}").expect("a string takes all");
    }
    text
}

fn keys(own: &[String], box_key: &str) -> String {
    own.iter().map(String::as_str).chain([box_key.trim()]).fold(String::new(), |text, key| text + key + "\n")
}

/// Run inside the new root. Names and keys have passed the plan's checks; a quote in a key's comment is the one
/// character that could end the quoting, so it is dropped.
fn setup(machine: &Machine, box_key: &str) -> String {
    let mut text = "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\n".to_owned();
    for user in &machine.users {
        let name = &user.name;
        let keys = keys(&user.keys, box_key).replace('\'', "");
        write!(
            text,
            "id {name} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --password '*' {name}\n\
             install -d -m 700 -o {name} -g {name} ~{name}/.ssh\n\
             printf '%s' '{keys}' >~{name}/.ssh/authorized_keys\n\
             chown {name}:{name} ~{name}/.ssh/authorized_keys\n\
             chmod 600 ~{name}/.ssh/authorized_keys\n"
        )
        .expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::cpio;
    use super::*;
    use crate::plan::tests::machine;

    fn files() -> Vec<(String, u32, Vec<u8>)> {
        let key = HostKey { secret: "SECRET".into(), public: "ssh-ed25519 AAAAhost".into() };
        cpio::tests::read(&archive(&machine("node1", 1), "10.77.0.12 node2\n", &key, "ssh-ed25519 AAAAbox\n"))
    }

    fn text(name: &str) -> String {
        let entry = files().into_iter().find(|entry| entry.0 == format!("personal/{name}"));
        String::from_utf8(entry.expect(name).2).unwrap()
    }

    #[test]
    fn the_network_is_as_described() {
        assert_eq!(
            text("files/etc/network/interfaces"),
            "auto lo\niface lo inet loopback\n\nauto lan0\niface lan0 inet static\n    address 10.77.0.11/24\n    \
             gateway 10.77.0.1\niface lan0 inet6 static\n    address fd77::11/64\n    dad-attempts 0\n"
        );
        assert_eq!(text("files/etc/mactab"), "lan0 52:54:00:77:00:01\n");
        assert_eq!(text("files/etc/resolv.conf"), "search lab.example\nnameserver 10.77.0.1\n");
    }

    #[test]
    fn names_and_keys_are_as_described() {
        assert_eq!(text("files/etc/hostname"), "node1.lab.example\n");
        assert!(text("files/etc/hosts").contains("127.0.1.1 node1.lab.example node1\n"));
        assert_eq!(text("files/root/.ssh/authorized_keys"), "ssh-ed25519 AAAAroot me\nssh-ed25519 AAAAbox\n");
        assert!(text("setup.sh").contains("useradd --create-home --shell /bin/bash --password '*' ada\n"));
    }

    #[test]
    fn secrets_are_closed_to_others() {
        let mode = |name: &str| files().into_iter().find(|entry| entry.0.ends_with(name)).unwrap().1;
        assert_eq!(mode("ssh_host_ed25519_key"), 0o100_600);
        assert_eq!(mode("root/.ssh"), 0o040_700);
        assert_eq!(mode("files/root"), 0o040_700);
    }
}
