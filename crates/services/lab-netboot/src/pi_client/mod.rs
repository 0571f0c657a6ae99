//! A Raspberry Pi's side of a network boot, as its boot ROM (Pi 3) and its EEPROM (Pi 4 and 5) are documented to behave:
//! what it says, which offer it takes, which files it asks for and in which order.
//!
//! For tests, and for a box that stands in for a Pi where no machine of that kind can be run. Pure; the sockets are in
//! [`network`]. Neither boot over HTTP nor signed boot is played, and of the second stage (`start.elf`) only what it fetches.
//! Sources: "Network booting" and "Boot EEPROM" in the Raspberry Pi documentation.

pub mod network;

use crate::dhcp::options::{Kind, Options, code};
use crate::dhcp::wire::Message;
use crate::mac::Mac;
use std::net::Ipv4Addr;

/// What every generation calls itself, which is also what an x86 BIOS does.
const CLASS: &[u8] = b"PXEClient:Arch:00000:UNDI:002001";
/// What an offer's option 43 must say; a Pi 3 B compares with three blanks at its end.
const MENU: &[u8] = b"Raspberry Pi Boot";
/// The item of the boot menu in option 43.
const MENU_ITEM: u8 = 9;

/// The generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Pi 3 B: boots from ROM, sends no REQUEST, is not served through a relay.
    Pi3,
    /// Pi 4: boots from EEPROM, its firmware comes by TFTP.
    Pi4,
    /// Pi 5: boots from EEPROM, which holds the firmware.
    Pi5,
}

/// What the EEPROM puts in front of the names of files (`TFTP_PREFIX`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// The serial number, the setting a Pi comes with and the only one of a Pi 3.
    Serial,
    /// The card, with dashes.
    Card,
}

/// A Pi.
#[derive(Clone, Debug)]
pub struct Pi {
    /// Which.
    pub model: Model,
    /// Its card.
    pub mac: Mac,
    /// The last eight digits of its serial number.
    pub serial: u32,
    /// Where it looks for its files.
    pub prefix: Prefix,
}

/// An offer that a Pi takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its own address from now on.
    pub address: Ipv4Addr,
    /// Length of the network's prefix, in bits.
    pub prefix_len: u8,
    /// Who offered (option 54).
    pub server: Ipv4Addr,
    /// Where its files are: option 66 when that is an address, else the next server, else who offered.
    pub tftp: Ipv4Addr,
}

/// Why a Pi does not take an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is no offer, or another client's.
    #[error("it is no offer to this Pi")]
    NotMine,
    /// No address or no server in it.
    #[error("it gives no address or does not say who gives it")]
    NoAddress,
    /// Option 43 has no boot menu item that says what this generation waits for.
    #[error("option 43 does not say \"Raspberry Pi Boot\"")]
    NoMenu,
    /// The relay counted too many hops (Pi 3).
    #[error("it came over more than one relay")]
    TooFar,
}

/// A file that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, without prefix.
    pub name: &'static str,
    /// Whether the Pi stops without it.
    pub is_needed: bool,
}

impl Pi {
    /// The DISCOVER. A Pi 3 repeats it five times, five seconds apart, and then sleeps for good.
    pub fn discover(&self, xid: u32) -> Message {
        let mut options = Options::default();
        options.set(code::MESSAGE_TYPE, [Kind::Discover.number()]);
        let asked = [code::SUBNET_MASK, code::ROUTERS, code::VENDOR, code::VENDOR_CLASS, code::TFTP_SERVER];
        options.set(code::PARAMETER_LIST, [&asked[..], &[code::BOOT_FILE, 128, 129, 130]].concat());
        options.set(code::VENDOR_CLASS, CLASS);
        options.set(code::ARCHITECTURE, [0, 0]);
        options.set(code::INTERFACE, [1, 2, 1]);
        options.set(code::GUID, [&[0][..], &self.guid()].concat());
        Message::from_client(self.mac, xid, options)
    }

    /// The REQUEST for an offer; none of a Pi 3, which uses what it was offered without asking for it.
    pub fn request(&self, offer: &Offer, xid: u32) -> Option<Message> {
        if self.model == Model::Pi3 {
            return None;
        }
        let mut message = self.discover(xid);
        message.options.set(code::MESSAGE_TYPE, [Kind::Request.number()]);
        message.options.set_addresses(code::REQUESTED_ADDRESS, &[offer.address]);
        message.options.set_addresses(code::SERVER_ID, &[offer.server]);
        Some(message)
    }

    /// Reads what came back.
    ///
    /// # Errors
    /// When this Pi would pass it over, and why.
    pub fn consider(&self, answer: &Message, xid: u32) -> Result<Offer, NotTaken> {
        let is_mine = answer.op == 2 && answer.xid == xid && answer.chaddr.starts_with(&self.mac.0);
        if !is_mine || answer.options.kind() != Some(Kind::Offer) {
            return Err(NotTaken::NotMine);
        }
        if self.model == Model::Pi3 && answer.hops > 1 {
            return Err(NotTaken::TooFar);
        }
        let server = answer.options.address(code::SERVER_ID).ok_or(NotTaken::NoAddress)?;
        if answer.yiaddr.is_unspecified() {
            return Err(NotTaken::NoAddress);
        }
        let is_menu = |(item, value): (u8, &[u8])| item == MENU_ITEM && self.is_menu(value);
        if !answer.options.inside(code::VENDOR).any(is_menu) {
            return Err(NotTaken::NoMenu);
        }
        let named = answer.options.get(code::TFTP_SERVER).and_then(|text| std::str::from_utf8(text).ok());
        let next = (!answer.siaddr.is_unspecified()).then_some(answer.siaddr);
        let tftp = named.and_then(|text| text.parse().ok()).or(next).unwrap_or(server);
        let mask = answer.options.address(code::SUBNET_MASK).unwrap_or(Ipv4Addr::BROADCAST);
        let prefix_len = u8::try_from(mask.to_bits().leading_ones()).expect("32 at most");
        Ok(Offer { address: answer.yiaddr, prefix_len, server, tftp })
    }

    /// The menu item is a type (two bytes), a length, and the words.
    fn is_menu(&self, value: &[u8]) -> bool {
        let words = value.get(3..).unwrap_or_default();
        match self.model {
            Model::Pi3 => words.starts_with(b"Raspberry Pi Boot   "),
            Model::Pi4 | Model::Pi5 => words.starts_with(MENU),
        }
    }

    /// What is asked for before anything else, without prefix. Only the ROM of a Pi 3 does; that its second file is
    /// missing is the ordinary case.
    pub fn first_files(&self) -> &'static [Wanted] {
        match self.model {
            Model::Pi3 => &FIRST_PI_3,
            Model::Pi4 | Model::Pi5 => &[],
        }
    }

    /// The files one of which must be below the prefix; without any, the Pi goes on without the prefix.
    pub fn prefix_files(&self) -> &'static [&'static str] {
        match self.model {
            Model::Pi3 => &["start.elf"],
            Model::Pi4 => &["start4.elf", "start.elf"],
            Model::Pi5 => &["config.txt"],
        }
    }

    /// What is asked for then, in this order; the last one is the kernel.
    pub fn boot_files(&self) -> &'static [Wanted] {
        match self.model {
            Model::Pi3 => &BOOT_PI_3,
            Model::Pi4 => &BOOT_PI_4,
            Model::Pi5 => &BOOT_PI_5,
        }
    }

    /// What stands in front of the names, with its `/`.
    pub fn prefix_text(&self) -> String {
        match (self.prefix, self.model) {
            (Prefix::Card, Model::Pi4 | Model::Pi5) => format!("{}/", self.mac.to_string().replace(':', "-")),
            (Prefix::Serial | Prefix::Card, _) => format!("{:08x}/", self.serial),
        }
    }

    /// Option 97: the EEPROM tells generation, revision of the board, end of the card's address and serial number; the ROM
    /// of a Pi 3 B always says the same.
    fn guid(&self) -> [u8; 16] {
        let (name, revision): (&[u8; 4], u32) = match self.model {
            Model::Pi3 => return *b"DDDDDDDDDDDDDDDD",
            Model::Pi4 => (b"RPi4", 0x00c0_3114),
            Model::Pi5 => (b"RPi5", 0x00d0_4170),
        };
        let parts = [&name[..], &revision.to_le_bytes(), &self.mac.0[2..], &self.serial.to_le_bytes()];
        parts.concat().try_into().expect("four times four bytes")
    }
}

const FIRST_PI_3: [Wanted; 2] = [needed("bootcode.bin"), wanted("bootsig.bin")];
const BOOT_PI_3: [Wanted; 6] = [
    wanted("config.txt"),
    needed("start.elf"),
    wanted("fixup.dat"),
    wanted("cmdline.txt"),
    wanted("bcm2710-rpi-3-b.dtb"),
    needed("kernel8.img"),
];
const BOOT_PI_4: [Wanted; 6] = [
    wanted("config.txt"),
    needed("start4.elf"),
    wanted("fixup4.dat"),
    wanted("cmdline.txt"),
    wanted("bcm2711-rpi-4-b.dtb"),
    needed("kernel8.img"),
];
const BOOT_PI_5: [Wanted; 4] =
    [needed("config.txt"), wanted("cmdline.txt"), wanted("bcm2712-rpi-5-b.dtb"), needed("kernel_2712.img")];

const fn needed(name: &'static str) -> Wanted {
    Wanted { name, is_needed: true }
}

const fn wanted(name: &'static str) -> Wanted {
    Wanted { name, is_needed: false }
}

#[cfg(test)]
mod tests;
