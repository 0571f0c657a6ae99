//! The iPXE script of one machine: install, or boot from the disk, and what the screen says when it fails.
//!
//! A failed step waits five seconds, so that a person can read it, and reboots: the firmware then asks again, and the
//! number of attempts is limited by the permit.

use super::choice::Why;
use crate::config::{Image, Install, Machine};
use crate::mac::Mac;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// What the placeholders of a command line stand for.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// Base URL, without a last `/`.
    pub http: &'a str,
    /// The card that asked.
    pub mac: Mac,
    /// The address it asked from.
    pub address: Option<Ipv4Addr>,
}

/// The script that installs a machine.
pub fn install(machine: &Machine, install: &Install, place: &Place<'_>) -> String {
    let http = place.http;
    let mut script = format!(
        "#!ipxe\necho Labwright: installing {}\nimgfree\nkernel {http}/{}",
        word(&machine.name),
        install.kernel
    );
    for (i, _) in install.initrds.iter().enumerate() {
        // The kernel's EFI stub finds its initramfs by this name only.
        write!(script, " initrd=initrd{i}").expect("writing to a string");
    }
    let cmdline = cmdline(machine, install, place);
    writeln!(script, " {cmdline} || goto failed").expect("writing to a string");
    for (i, initrd) in install.initrds.iter().enumerate() {
        writeln!(script, "initrd --name initrd{i} {http}/{initrd} || goto failed")
            .expect("writing to a string");
    }
    script.push_str("boot || goto failed\n\n:failed\necho Labwright: loading failed, trying again in 5 s\nsleep 5\nreboot\n");
    script
}

/// The script for a machine that is not to be installed now.
pub fn no_install(machine: Option<&Machine>, why: &Why) -> String {
    let name = machine.map_or("unknown machine", |m| &m.name);
    let reason = reason(why);
    // A BIOS can start its first disk from here; UEFI and anything else goes on with the next boot entry.
    format!(
        "#!ipxe\necho Labwright: {}: {}\niseq ${{platform}} pcbios && sanboot --no-describe --drive 0x80 ||\nexit\n",
        word(name),
        word(&reason)
    )
}

/// Path of a machine's answers, with the card it is asked for.
pub fn answer_path(mac: Mac) -> String {
    format!("answer/{mac}")
}

/// Why there is no installation, in words.
pub fn reason(why: &Why) -> String {
    match why {
        Why::OwnDisk | Why::NotBooting => "booting from the disk".to_owned(),
        Why::Unknown => "this machine is not in the lab".to_owned(),
        Why::Refused(reason) => format!("refused: {reason}"),
    }
}

/// The command line with its placeholders replaced.
pub fn cmdline(machine: &Machine, install: &Install, place: &Place<'_>) -> String {
    word(&fill(&install.cmdline, machine, install.image.as_ref(), place))
}

/// A text with its placeholders replaced.
pub fn fill(text: &str, machine: &Machine, image: Option<&Image>, place: &Place<'_>) -> String {
    let http = place.http;
    let address = place.address.map(|a| a.to_string()).unwrap_or_default();
    let url = image.map(|image| format!("{http}/{}", image.artefact)).unwrap_or_default();
    let report = format!("{http}/report/{}/", place.mac);
    let mac = place.mac.to_string();
    let answer = format!("{http}/{}", answer_path(place.mac));
    let values = [
        ("{http}", http),
        ("{name}", machine.name.as_str()),
        ("{mac}", &mac),
        ("{address}", &address),
        ("{image}", &url),
        ("{sha256}", image.map_or("", |image| &image.sha256)),
        ("{report}", &report),
        ("{answer}", &answer),
    ];
    values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(key, value))
}

/// One line of a script: no control characters, which would begin another command.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
