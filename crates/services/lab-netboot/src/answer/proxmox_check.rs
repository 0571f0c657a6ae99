//! Whether the automatic installer of Proxmox VE takes an answer, found out before a machine is wiped for it.
//!
//! The rules and their words are the installer's (`proxmox-auto-installer`, release 9); its test vectors are ours. What
//! depends on the machine's hardware (whether a filter finds a disk) is not known here.

use std::collections::BTreeSet;
use toml::{Table, Value};

/// The keys of each section, in the spelling of today; the older one with `_` is taken as well.
const SECTIONS: [(&str, &[&str]); 5] = [
    (
        "global",
        &[
            "country",
            "fqdn",
            "keyboard",
            "mailto",
            "timezone",
            "root-password",
            "root-password-hashed",
            "reboot-on-error",
            "reboot-mode",
            "root-ssh-keys",
        ],
    ),
    ("network", &["source", "cidr", "dns", "gateway", "filter", "interface-name-pinning"]),
    ("disk-setup", &["filesystem", "disk-list", "filter", "filter-match", "zfs", "lvm", "btrfs"]),
    ("post-installation-webhook", &["url", "cert-fingerprint"]),
    ("first-boot", &["source", "ordering", "url", "cert-fingerprint"]),
];
const REQUIRED: [&str; 5] = ["country", "fqdn", "keyboard", "mailto", "timezone"];
const SHORTEST_PASSWORD: usize = 8;

/// Why the installer would refuse the answer; none when it takes it.
pub fn refusal(text: &str) -> Option<String> {
    let parse = |why: String| format!("error parsing answer.toml: {why}");
    let table: Table = match text.parse() {
        Ok(table) => modern(table),
        Err(error) => return Some(parse(error.to_string())),
    };
    shape(&table).or_else(|| fqdn(&table)).map(parse).or_else(|| password(&table)).or_else(|| disks(&table))
}

/// The answer with the keys of today.
fn modern(table: Table) -> Table {
    let inner = |(key, value): (String, Value)| match value {
        // Filters hold names of udev, which have `_` by themselves.
        Value::Table(inner) if key != "filter" => (key.replace('_', "-"), Value::Table(modern(inner))),
        value => (key.replace('_', "-"), value),
    };
    table.into_iter().map(inner).collect()
}

fn section<'a>(table: &'a Table, name: &str) -> Option<&'a Table> {
    table.get(name).and_then(Value::as_table)
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Value::as_str)
}

/// Sections and keys that must be there or must not.
fn shape(table: &Table) -> Option<String> {
    for (name, value) in table {
        let Some((_, keys)) = SECTIONS.iter().find(|(section, _)| section == name) else {
            return Some(format!("unknown field `{name}`"));
        };
        let Some(section) = value.as_table() else { return Some(format!("`{name}` is no section")) };
        if let Some(key) = section.keys().find(|key| !keys.contains(&key.as_str())) {
            return Some(format!("unknown field `{key}`"));
        }
    }
    for name in ["global", "network", "disk-setup"] {
        if section(table, name).is_none() {
            return Some(format!("missing field `{name}`"));
        }
    }
    let global = section(table, "global")?;
    if let Some(key) = REQUIRED.iter().find(|key| !global.contains_key(**key)) {
        return Some(format!("missing field `{key}`"));
    }
    network(section(table, "network")?).or_else(|| setup(section(table, "disk-setup")?))
}

fn network(network: &Table) -> Option<String> {
    let fixed = ["cidr", "dns", "gateway", "filter"];
    match text(network, "source") {
        Some("from-dhcp") => {
            let extra = fixed.iter().find(|key| network.contains_key(**key))?;
            Some(format!("`{extra}` has no place beside `from-dhcp`"))
        }
        Some("from-answer") => {
            let missing = fixed.iter().find(|key| !network.contains_key(**key))?;
            Some(format!("missing field `{missing}`"))
        }
        other => Some(format!("unknown variant `{}` of `source`", other.unwrap_or_default())),
    }
}

fn setup(setup: &Table) -> Option<String> {
    match (setup.contains_key("disk-list"), setup.contains_key("filter")) {
        (true, true) => return Some("`disk-list` and `filter` have no place beside each other".into()),
        (false, false) => return Some("either `disk-list` or `filter` must be there".into()),
        _ => {}
    }
    let filesystem = text(setup, "filesystem").unwrap_or_default();
    match filesystem {
        "zfs" | "btrfs" => match section(setup, filesystem).and_then(|options| text(options, "raid")) {
            Some(_) => None,
            None => Some(format!("`{filesystem}` needs a `raid`")),
        },
        "ext4" | "xfs" => None,
        other => Some(format!("unknown variant `{other}` of `filesystem`")),
    }
}

/// A name with a domain, or the table that takes the domain from DHCP.
fn fqdn(table: &Table) -> Option<String> {
    let whole = match section(table, "global")?.get("fqdn")? {
        Value::Table(from) => text(from, "source") == Some("from-dhcp"),
        value => value.as_str().is_some_and(is_fqdn),
    };
    (!whole).then(|| {
        "either a fully-qualified domain name or extendend configuration for usage with DHCP must be specified"
            .into()
    })
}

fn is_fqdn(name: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(label)
}

fn password(table: &Table) -> Option<String> {
    let global = section(table, "global")?;
    match (text(global, "root-password"), text(global, "root-password-hashed")) {
        (Some(_), Some(_)) => Some(
            "`global.root-password` and `global.root-password-hashed` cannot be set at the same time".into(),
        ),
        (None, None) => {
            Some("One of `global.root-password` or `global.root-password-hashed` must be set".into())
        }
        (Some(plain), None) if plain.chars().count() < SHORTEST_PASSWORD => {
            Some(format!("`global.root-password` must be at least {SHORTEST_PASSWORD} characters long"))
        }
        _ => None,
    }
}

/// Disks by name: each once, and as many as the RAID level needs.
fn disks(table: &Table) -> Option<String> {
    let setup = section(table, "disk-setup")?;
    let names: Vec<&str> = setup.get("disk-list")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        return Some(format!("List of disks contains duplicate device {twice}"));
    }
    let filesystem = text(setup, "filesystem")?;
    let Some(raid) = section(setup, filesystem).and_then(|options| text(options, "raid")) else {
        return (names.len() != 1).then(|| format!("{filesystem} takes one disk, got {}", names.len()));
    };
    let least = match raid {
        "raid1" => 2,
        "raid10" | "raidz-2" => 4,
        "raidz-1" => 3,
        "raidz-3" => 5,
        _ => 1,
    };
    (names.len() < least).then(|| {
        let (filesystem, raid) = (filesystem.to_uppercase(), raid.to_uppercase());
        format!("{filesystem} {raid} needs at least {least} disks, got {}", names.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every answer of a folder with what the installer made of it.
    fn check_folder(folder: &Path) -> usize {
        let mut count = 0;
        for verdict in ["accepted", "refused"] {
            for entry in std::fs::read_dir(folder.join(verdict)).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.extension().is_some_and(|ending| ending == "toml") {
                    check_file(&path, verdict == "accepted");
                    count += 1;
                }
            }
        }
        count
    }

    fn check_file(path: &Path, accepted: bool) {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file");
        let answer = read(path);
        let beside: serde_json::Value =
            serde_json::from_str(&read(&path.with_extension("json"))).expect("JSON");
        let expect = ["error", "parse-error"].iter().find_map(|key| beside[key].as_str());
        let found = refusal(&answer);
        assert_eq!(found.as_deref(), expect, "{}", path.display());
        assert_eq!(found.is_none(), accepted, "{}", path.display());
        if accepted {
            let table: Table = answer.parse().expect("TOML");
            let global = section(&table, "global").expect("a section");
            let fqdn = format!(
                "{}.{}",
                beside["hostname"].as_str().unwrap_or(""),
                beside["domain"].as_str().unwrap_or("")
            );
            assert_eq!(text(global, "fqdn"), Some(fqdn.as_str()));
        }
    }

    #[test]
    fn a_few_of_the_installers_own_vectors() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxmox-answers");
        assert_eq!(check_folder(&folder), 8);
    }

    #[test]
    fn all_of_the_installers_own_vectors() {
        let Some(schemas) = std::env::var_os("LABWRIGHT_SCHEMAS") else {
            eprintln!("skipped: LABWRIGHT_SCHEMAS names no folder with `proxmox-answers`");
            return;
        };
        assert!(check_folder(&Path::new(&schemas).join("proxmox-answers")) >= 15);
    }

    #[test]
    fn what_no_vector_holds() {
        let whole = "[global]\ncountry='at'\nfqdn='a.b'\nkeyboard='de'\nmailto='a@b'\ntimezone='UTC'\nroot-password='12345678'\n\
                     [network]\nsource='from-dhcp'\n[disk-setup]\nfilesystem='ext4'\ndisk-list=['sda']\n";
        assert_eq!(refusal(whole), None);
        for (from, to, part) in [
            ("keyboard='de'\n", "", "missing field `keyboard`"),
            ("country=", "colour=", "unknown field `colour`"),
            ("root-password=", "root_password=", ""),
            ("'from-dhcp'", "'from-dhcp'\ncidr='10.0.0.1/8'", "`cidr` has no place"),
            ("'from-dhcp'", "'from-answer'\ncidr='10.0.0.1/8'", "missing field `dns`"),
            ("disk-list=['sda']", "disk-list=['sda','sdb']", "takes one disk"),
            ("disk-list=['sda']", "", "either `disk-list` or `filter`"),
            ("'ext4'", "'zfs'", "needs a `raid`"),
            ("'ext4'", "'ntfs'", "unknown variant `ntfs`"),
            ("'a.b'", "'-a.b'", "fully-qualified"),
            ("'a.b'", "{source='from-dhcp'}", ""),
            ("[network]", "[network", "error parsing answer.toml"),
        ] {
            let found = refusal(&whole.replace(from, to)).unwrap_or_default();
            assert!(found.contains(part), "{to}: {found}");
            assert_eq!(found.is_empty(), part.is_empty(), "{to}: {found}");
        }
    }
}
