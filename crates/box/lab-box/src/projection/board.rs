//! Raspberry Pis of the lab: which generation, which serial number, who serves them.

use super::{Work, derived_mac};
use crate::plan::{Board, Interface};
use lab_model::Lab;
use lab_model::lab::{Entry, HostId};
use lab_model::written::{BootFrom, Firmware, Host};
use lab_netboot::Mac;

/// The first half of a card address, by which a service knows a Pi from a PC's BIOS and a Pi 3 from later ones: those of
/// the Raspberry Pi Foundation and of Raspberry Pi Trading.
fn card_of(generation: u8) -> [u8; 3] {
    match generation {
        3 => [0xb8, 0x27, 0xeb],
        5 => [0x2c, 0xcf, 0x67],
        _ => [0xdc, 0xa6, 0x32],
    }
}

/// The board of a host with a Raspberry Pi's own firmware, none for all others.
///
/// # Errors
/// Why a Pi has no place in the box.
pub(super) fn of(lab: &Lab, name: &str, host: &Host) -> Result<Option<Board>, String> {
    if host.firmware.as_ref().map(|firmware| firmware.value) != Some(Firmware::RaspberryPi) {
        return Ok(None);
    }
    if host.boots_from.as_ref().map(|from| from.value) != Some(BootFrom::Network) {
        return Err("a Raspberry Pi that does not boot from the network".into());
    }
    let device = host.on.as_ref().and_then(|on| on.id).map(|device| &lab.devices[device]);
    let ty = device.and_then(|device| device.r#type.as_ref()).map_or("", |ty| &ty.text);
    let said = device.and_then(|device| device.serial.as_ref()).and_then(|serial| serial_of(&serial.text));
    let [_, _, a, b, c, d] = derived_mac(name).0;
    let serial = said.unwrap_or(u32::from_be_bytes([a, b, c, d]));
    Ok(Some(Board { generation: generation(ty), serial }))
}

/// The last eight hexadecimal digits.
fn serial_of(text: &str) -> Option<u32> {
    let digits = text.get(text.len().checked_sub(8)?..)?;
    u32::from_str_radix(digits, 16).ok()
}

/// The digit after the family's name in a device type such as `raspberry-pi/rpi4-modb-4gb`; 4 when there is none.
fn generation(ty: &str) -> u8 {
    let after = ["rpi", "raspberry-pi-"].iter().filter_map(|name| ty.rsplit_once(name)).map(|(_, rest)| rest);
    let digit = after.filter_map(|rest| rest.chars().find(char::is_ascii_digit)).next();
    digit
        .and_then(|digit| digit.to_digit(10))
        .and_then(|n| u8::try_from(n).ok())
        .filter(|n| (3..=5).contains(n))
        .unwrap_or(4)
}

/// Gives the card that boots an address of a Pi, unless the lab tells one.
pub(super) fn give_card(board: Board, host: &str, card: &mut Interface) {
    if card.mac == derived_mac(&format!("{host}:{}", card.name)) {
        let ([x, y, z], [.., a, b, c]) = (card_of(board.generation), card.mac.0);
        card.mac = Mac([x, y, z, a, b, c]);
    }
}

impl Work<'_> {
    /// The host that serves it, which must be up before it.
    pub(super) fn boot_server(&self, host: &Entry<Host>) -> Option<String> {
        let server = HostId::try_from(host.boot_server.as_ref()?.id?).ok()?;
        Some(self.lab.hosts[server].name.text.to_string())
    }

    /// Who is not in the box is not waited for, and nobody waits for himself.
    pub(super) fn forget_absent_leaders(&mut self) {
        let names: Vec<String> = self.machines.iter().map(|machine| machine.name.clone()).collect();
        for machine in &mut self.machines {
            machine.after =
                machine.after.take().filter(|leader| names.contains(leader) && *leader != machine.name);
        }
    }

    /// What stands in for Pis and their boot servers, in words.
    pub(super) fn board_words(&self) -> Vec<String> {
        let names = |list: Vec<&str>| list.join(", ");
        let boards = self.machines.iter().filter(|machine| machine.firmware.board().is_some());
        let boards: Vec<&str> = boards.map(|machine| machine.name.as_str()).collect();
        let mut words = Vec::new();
        if !boards.is_empty() {
            words.push(format!(
                "{}: an x86 machine without a disk in place of the Raspberry Pi; what its boot ROM asks for is asked for \
                 in its name, and it is started with what came",
                names(boards)
            ));
        }
        let mut leaders: Vec<&str> =
            self.machines.iter().filter_map(|machine| machine.after.as_deref()).collect();
        leaders.sort_unstable();
        leaders.dedup();
        for leader in leaders {
            let served = self.machines.iter().filter(|machine| machine.after.as_deref() == Some(leader));
            let served = names(served.map(|machine| machine.name.as_str()).collect());
            words.push(format!("{served}: served by the box in place of {leader}, once {leader} is up"));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::projected_from;
    use super::*;

    const LAB: &str = "
lab: { name: Home Lab }
prefixes: { 10.0.20.0/24: {} }
devices:
  server: { memory: 8 GiB }
  pi-(a,b): { type: raspberry-pi/rpi4-modb-4gb }
  pi-c: { type: raspberry-pi/rpi4-modb-4gb, serial: 100000009ffefdef }
hosts:
  server: { on: device/server, addresses: { eth0: 10.0.20.11/24 } }
  pi-a: { on: pi-a, firmware: raspberry-pi, addresses: { eth0: 10.0.20.12/24 } }
  pi-b: { on: pi-b, firmware: raspberry-pi, boots-from: network, boot-server: host/server, addresses: { eth0: 10.0.20.13/24 } }
  pi-c: { on: pi-c, firmware: raspberry-pi, boots-from: network, boot-server: host/absent, addresses: { eth0: 10.0.20.14/24 } }
";

    #[test]
    fn a_pi_that_boots_from_the_network_follows_its_server() {
        let projection = projected_from(LAB, &[]);
        let plan = &projection.plan;
        assert_eq!(plan.faults(), []);
        let names: Vec<&str> = plan.machines.iter().map(|machine| machine.name.as_str()).collect();
        assert_eq!(names, ["server", "pi-b", "pi-c"]);
        assert_eq!(projection.left_out[0].0, "pi-a");
        let after: Vec<Option<&str>> = plan.machines.iter().map(|machine| machine.after.as_deref()).collect();
        assert_eq!(after, [None, Some("server"), None]);
        assert_eq!(plan.machines[2].firmware.board(), Some(Board { generation: 4, serial: 0x9ffe_fdef }));
        assert!(plan.machines[1].disks.is_empty() && plan.machines[1].interfaces[0].mac.is_raspberry_pi());
        assert!(
            plan.stand_ins
                .iter()
                .any(|text| text == "pi-b: served by the box in place of server, once server is up")
        );
    }

    #[test]
    fn the_generation_is_read_from_the_type() {
        for (ty, expect) in [
            ("raspberry-pi/rpi4-modb-4gb", 4),
            ("raspberry-pi/raspberry-pi-5", 5),
            ("raspberry-pi/rpi3b", 3),
            ("x", 4),
            ("", 4),
        ] {
            assert_eq!(generation(ty), expect, "{ty}");
        }
    }
}
