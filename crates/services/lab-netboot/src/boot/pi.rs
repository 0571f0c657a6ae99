//! How a Raspberry Pi boots over the network: the words it waits for in DHCP, and the names it asks for by TFTP.
//!
//! The boot ROM of a Pi 3 and the EEPROM of later ones take only an offer whose option 43 says "Raspberry Pi Boot".
//! They then ask for files below a prefix that is the serial number (the default) or the card, and the ROM for
//! `bootcode.bin` without any. Booting from HTTP and signed images are not done here.

use super::choice::Part;
use crate::config::{Boot, Machine};
use crate::dhcp::options::code;
use crate::mac::Mac;

/// The boot menu of option 43: discovery control 3 (neither broadcast nor multicast), prompt `PXE`, one item.
///
/// The ROM of a Pi 3 B compares with three blanks at the end.
pub fn vendor_option(mac: Mac) -> Vec<u8> {
    let first_generation = mac.0.starts_with(&[0xb8, 0x27, 0xeb]);
    let text: &[u8] = if first_generation { b"Raspberry Pi Boot   " } else { b"Raspberry Pi Boot" };
    let length = u8::try_from(text.len()).expect("a short text");
    let mut bytes = vec![6, 1, 3, 10, 4, 0, b'P', b'X', b'E', 9, length + 3, 0, 0, length];
    bytes.extend_from_slice(text);
    bytes.push(code::END);
    bytes
}

/// The artefact that a name stands for when this machine asks for it by TFTP; none when it has no folder.
pub fn artefact(machine: &Machine, name: &str) -> Option<String> {
    let Boot::Folder(folder) = &machine.boot else { return None };
    let own = name.split_once('/').filter(|(prefix, _)| is_own(machine, prefix));
    Some(format!("{folder}/{}", own.map_or(name, |(_, rest)| rest)))
}

/// Whether a prefix is the machine's: its serial number's last eight digits, or one of its cards with dashes.
fn is_own(machine: &Machine, prefix: &str) -> bool {
    let serial = match &machine.serial {
        Some(serial) => {
            prefix.len() == 8 && serial.to_ascii_lowercase().ends_with(&prefix.to_ascii_lowercase())
        }
        // Not known: anything of that form is taken for it, since it leads into the machine's own folder all the same.
        None => prefix.len() == 8 && prefix.bytes().all(|b| b.is_ascii_hexdigit()),
    };
    serial || prefix.parse::<Mac>().is_ok_and(|mac| machine.macs.contains(&mac))
}

/// What a file of the folder is, by the names that the firmware uses.
pub(super) fn part(folder: &str, artefact: &str) -> Part {
    let name = artefact.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    let named = |start: &str, end: &str| name.starts_with(start) && name.ends_with(end);
    if name == "bootcode.bin" || named("start", ".elf") {
        Part::Loader
    } else if named("kernel", ".img") || name == "vmlinuz" {
        Part::Kernel
    } else if name.starts_with("initr") {
        Part::Initrd
    } else {
        Part::Other
    }
}
