//! What a DHCP client is: which firmware, which processor, whether already iPXE.
//!
//! Read from options 60, 77, 93, 97 and 175. A Raspberry Pi's boot ROM says it is an x86 BIOS; its card or option 97 tells better.

use crate::config::Processor;
use crate::dhcp::options::{Options, code};
use crate::mac::Mac;
use std::fmt;

/// How the client boots, as far as answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// It does not boot: a running system, or a device that wants an address only.
    None,
    /// x86 BIOS (architecture 0).
    Bios,
    /// UEFI with PXE.
    Efi(Processor),
    /// UEFI that fetches by HTTP.
    EfiHttp(Processor),
    /// The boot ROM or EEPROM of a Raspberry Pi.
    RaspberryPi,
    /// An architecture we have nothing for.
    Other(u16),
}

/// A client as it presents itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its firmware.
    pub firmware: Firmware,
    /// Whether the program that asks is iPXE.
    pub ipxe: bool,
    /// The UUID in option 97, type byte taken off.
    pub guid: Option<[u8; 16]>,
}

impl Client {
    /// Reads what a client says of itself.
    pub fn read(mac: Option<Mac>, options: &Options) -> Client {
        let class = options.get(code::VENDOR_CLASS).unwrap_or_default();
        let http = class.starts_with(b"HTTPClient");
        let ipxe = is_ipxe(options);
        let boots = http || class.starts_with(b"PXEClient") || ipxe;
        let guid = match options.get(code::GUID) {
            Some([0, guid @ ..]) => <[u8; 16]>::try_from(guid).ok(),
            _ => None,
        };
        // The EEPROM of a Pi 4 and later says so in option 97; of a Pi 3 only the card tells.
        let is_pi =
            mac.is_some_and(Mac::is_raspberry_pi) || guid.is_some_and(|guid| guid.starts_with(b"RPi"));
        let firmware = match options.architectures().next() {
            _ if !boots => Firmware::None,
            Some(0) | None if !ipxe && is_pi => Firmware::RaspberryPi,
            // A PXE client older than RFC 4578 is a BIOS.
            Some(0) | None => Firmware::Bios,
            Some(architecture) => of_architecture(architecture, http),
        };
        Client { firmware, ipxe, guid }
    }

    /// The processor it claims; none when it does not tell.
    pub fn processor(&self) -> Option<Processor> {
        match self.firmware {
            Firmware::Bios => Some(Processor::X86_64),
            Firmware::Efi(processor) | Firmware::EfiHttp(processor) => Some(processor),
            Firmware::RaspberryPi => Some(Processor::Arm64),
            Firmware::None | Firmware::Other(_) => None,
        }
    }

    /// Whether it is asking for something to boot.
    pub fn boots(&self) -> bool {
        self.firmware != Firmware::None
    }
}

/// The registry says 7 is x86-64 and 9 is EBC, RFC 4578 says it the other way round; firmware does either.
fn of_architecture(architecture: u16, http: bool) -> Firmware {
    match architecture {
        7 | 9 if http => Firmware::EfiHttp(Processor::X86_64),
        7 | 9 => Firmware::Efi(Processor::X86_64),
        11 => Firmware::Efi(Processor::Arm64),
        16 => Firmware::EfiHttp(Processor::X86_64),
        19 => Firmware::EfiHttp(Processor::Arm64),
        other => Firmware::Other(other),
    }
}

/// iPXE says so in option 77, either as plain text or length-coded (RFC 3004), and sends its own options in 175.
fn is_ipxe(options: &Options) -> bool {
    let class = options.get(code::USER_CLASS).unwrap_or_default();
    class == b"iPXE" || class == b"\x04iPXE" || options.has(code::IPXE)
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let firmware = match self.firmware {
            Firmware::None => return f.write_str("running system"),
            Firmware::Bios => "x86 BIOS".to_owned(),
            Firmware::Efi(Processor::X86_64) => "x86-64 UEFI".to_owned(),
            Firmware::Efi(Processor::Arm64) => "arm64 UEFI".to_owned(),
            Firmware::EfiHttp(Processor::X86_64) => "x86-64 UEFI HTTP boot".to_owned(),
            Firmware::EfiHttp(Processor::Arm64) => "arm64 UEFI HTTP boot".to_owned(),
            Firmware::RaspberryPi => "Raspberry Pi".to_owned(),
            Firmware::Other(number) => format!("unknown architecture {number}"),
        };
        if self.ipxe { write!(f, "iPXE on {firmware}") } else { write!(f, "{firmware} firmware") }
    }
}
