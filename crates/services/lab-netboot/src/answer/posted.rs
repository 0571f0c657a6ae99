//! What a Proxmox installer posts to ask for its answer: which machine is it?
//!
//! The document's outer form has changed between releases, so cards and serial numbers are looked for by their names
//! wherever they stand.

use crate::config::Machine;
use crate::mac::Mac;
use serde_json::Value;
use std::collections::BTreeSet;

/// Deeper than any document of the installer.
const DEPTH: usize = 12;

/// What a posted document says of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// Its cards.
    pub macs: BTreeSet<Mac>,
    /// Serial numbers of system, board and chassis.
    pub serials: BTreeSet<String>,
}

/// Reads a posted document; none when it is no JSON.
pub fn read(body: &[u8]) -> Option<Posted> {
    let mut posted = Posted::default();
    collect(&serde_json::from_slice(body).ok()?, &mut posted, DEPTH);
    Some(posted)
}

fn collect(value: &Value, posted: &mut Posted, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, posted, depth)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_str()) {
                    ("mac", Some(text)) => posted.macs.extend(text.parse::<Mac>().ok()),
                    ("serial" | "serial_number", Some(text)) if is_serial(text) => {
                        posted.serials.insert(text.trim().to_owned());
                    }
                    _ => collect(value, posted, depth),
                }
            }
        }
        _ => {}
    }
}

/// Boards without a serial number fill the field with words.
fn is_serial(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let empty = [
        "default string",
        "to be filled by o.e.m.",
        "not specified",
        "none",
        "0123456789",
        "system serial number",
    ];
    text.len() >= 4 && !empty.contains(&text.as_str())
}

/// The one machine that a document is about. Two that fit are none: an answer for another machine wipes a disk.
pub fn machine<'a>(posted: &Posted, machines: &'a [Machine]) -> Option<&'a Machine> {
    let by_card = |machine: &&Machine| machine.macs.iter().any(|mac| posted.macs.contains(mac));
    let by_serial =
        |machine: &&Machine| machine.serial.as_ref().is_some_and(|serial| posted.serials.contains(serial));
    let mut found = machines.iter().filter(|machine| by_card(machine) || by_serial(machine));
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Boot;

    fn named(name: &str, last: u8, serial: Option<&str>) -> Machine {
        let macs = vec![Mac([0x52, 0x54, 0, 0, 0, last])];
        Machine {
            name: name.into(),
            macs,
            answer: None,
            serial: serial.map(str::to_owned),
            arch: None,
            boot: Boot::Disk,
        }
    }

    #[test]
    fn one_machine_is_found_by_card_or_serial_in_any_form() {
        let machines = [named("a", 1, Some("SN-0001")), named("b", 2, Some("SN-0002")), named("c", 3, None)];
        let flat = r#"{"product":{},"dmi":{"system":{"serial":"SN-0002"}},"network_interfaces":[{"link":"eno1","mac":"aa:bb:cc:dd:ee:ff"}]}"#;
        let nested =
            r#"{"$schema":{"version":"1"},"sysinfo":{"network_interfaces":[{"mac":"52:54:00:00:00:01"}]}}"#;
        let both = r#"{"network_interfaces":[{"mac":"52:54:00:00:00:01"},{"mac":"52:54:00:00:00:02"}]}"#;
        let empty = r#"{"dmi":{"system":{"serial":"Default string"}}}"#;
        for (body, expect) in
            [(flat, Some("b")), (nested, Some("a")), (both, None), (empty, None), ("{}", None)]
        {
            let posted = read(body.as_bytes()).expect("JSON");
            assert_eq!(machine(&posted, &machines).map(|m| m.name.as_str()), expect, "{body}");
        }
        assert_eq!(read(b"mac=1"), None);
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(read(deep.as_bytes()), Some(Posted::default()));
    }
}
