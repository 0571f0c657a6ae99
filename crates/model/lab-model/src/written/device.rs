//! Physical devices with what is in them: cards, drives, transceivers, memory, power inlets.

use crate::grammar::words::words;
use crate::grammar::{
    BitRate, Bytes, Date, InterfaceAddress, Length, MacAddress, Money, Mtu, PcieLink, Percent, Period, Place,
    WattHours, Watts,
};
use crate::record;
use crate::record::{Addressed, Label, Named, Text};
use lab_source::Spanned;

words! {
    /// Whether a thing is in use.
    pub enum Status {
        /// In use (the default).
        Active = "active",
        /// Meant to come.
        Planned = "planned",
        /// On the shelf, ready to replace another.
        Spare = "spare",
        /// There, and not used.
        Unused = "unused",
        /// Broken or switched off for now.
        Offline = "offline",
    }
}

words! {
    /// What a device does in the lab.
    pub enum DeviceRole {
        /// Runs hosts or virtual machines.
        Server = "server",
        /// Forwards frames.
        Switch = "switch",
        /// Forwards packets between networks.
        Router = "router",
        /// Carries Wi-Fi.
        AccessPoint = "access-point",
        /// Stores files for others.
        Nas = "nas",
        /// Holds drives for a server.
        DiskShelf = "disk-shelf",
        /// Writes tapes.
        TapeLibrary = "tape-library",
        /// Keeps power up for a while.
        Ups = "ups",
        /// Distributes power.
        Pdu = "pdu",
        /// Switches between two feeds.
        TransferSwitch = "transfer-switch",
        /// Passes cables on.
        PatchPanel = "patch-panel",
        /// Keyboard, screen and mouse, or a serial console server.
        Console = "console",
        /// Changes one medium to another: a modem, an ONT, a converter.
        Modem = "modem",
        /// Prints.
        Printer = "printer",
        /// A small computer for one purpose.
        Appliance = "appliance",
        /// Belongs to a person: a laptop, a desktop, a phone.
        Endpoint = "endpoint",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What is done when power comes back.
    pub enum PowerRestore {
        /// Starts by itself.
        On = "on",
        /// Stays off until somebody comes.
        Off = "off",
        /// Does as it was before.
        Last = "last",
        /// Starts by itself after a random delay.
        OnDelayed = "on-delayed",
    }
}

record! {
    /// A physical device.
    Device {
        /// Its type: `manufacturer/model` in the catalogue, in a library named by `lab.device-types`, or a name in
        /// `device-types`.
        r#type: Option<Text>,
        /// What it does. Guessed from its type when nothing is said.
        role: Option<Spanned<DeviceRole>>,
        /// Whether it is in use. Default: active.
        status: Option<Spanned<Status>>,
        /// Where it is: `rack-1/U4`, `rack-1/shelf-1/2`, or a room.
        at: Option<Spanned<Place>>,
        /// What it is for.
        description: Option<Text>,
        /// The device whose bay or slot it sits in, as `device/bay`.
        inside: Option<Label>,
        /// Serial number.
        serial: Option<Label>,
        /// Power inlets and what each is plugged into: `psu-1: pdu-1:3`, or the name of a circuit.
        inlets: Named<Inlet>,
        /// Cards by slot.
        cards: Named<CardUse>,
        /// Drives and cartridges by bay.
        drives: Named<DriveUse>,
        /// Transceivers by interface.
        transceivers: Named<Transceiver>,
        /// Interfaces beside those of the type and the cards, and facts about those: MAC, speed, MTU.
        interfaces: Named<InterfaceFacts>,
        /// Addresses by interface, for devices without a host.
        addresses: Addressed<AddressUse>,
        /// The interface for management out of band: iDRAC, IPMI, vPro, a serial console.
        out_of_band: Option<OutOfBand>,
        /// Processor.
        cpu: Option<Cpu>,
        /// Main memory.
        memory: Option<Spanned<Bytes>>,
        /// The modules that make up the memory, such as `8 x 32 GB DDR4-2400 ECC`.
        memory_modules: Option<Text>,
        /// Watts drawn as it is fitted here, when measured or better known than from its type.
        watts: Option<WattFacts>,
        /// Its battery, when it has one.
        battery: Option<Battery>,
        /// What it does when power comes back.
        power_restore: Option<Spanned<PowerRestore>>,
        /// Firmware or operating system version, for devices without a host.
        firmware: Option<Text>,
        /// After this day nobody mends it any more.
        end_of_life: Option<Spanned<Date>>,
        /// What it cost or would cost.
        price: Option<Spanned<Money>>,
        /// Who feeds and controls it over the network for power on and off.
        power_control: Option<Text>,
        /// Ports that are set to be split, by port: `1/4: 4` makes `1/4/1` to `1/4/4`.
        split: Named<SplitPort>,
        /// Speeds this device is set or licensed to use, when that is less than its ports could.
        speeds: Vec<Spanned<BitRate>>,
        /// The largest frame payload the device passes on.
        mtu: Option<Spanned<Mtu>>,
        /// True when spanning tree, or another protection against loops, runs.
        spanning_tree: Option<Spanned<bool>>,
        /// How many of these stand together as one entry. Default: 1. Give names instead where you can.
        count: Option<Spanned<u32>>,
    }
}

record! {
    /// A port set to be split into several.
    SplitPort short into {
        /// How many ports it becomes.
        into (required): Option<Spanned<u32>>,
        /// The speed of each.
        speed: Option<Spanned<BitRate>>,
    }
}

record! {
    /// A power inlet and what it is plugged into.
    Inlet short from {
        /// A circuit, or an outlet `device:outlet`; only the device when the outlet is not known.
        from: Option<Label>,
        /// Length of the cord.
        cord: Option<Spanned<Length>>,
        /// The inlet's connector, when the type does not say: `C14`.
        connector: Option<Text>,
        /// What the supply behind it can give.
        rating: Option<Spanned<Watts>>,
    }
}

record! {
    /// A card in a slot.
    CardUse short r#type {
        /// Its type: `manufacturer/model` in the catalogue or a library, or a name in `card-types`.
        r#type: Option<Text>,
        /// Serial number.
        serial: Option<Label>,
        /// Prefix put before the names of its interfaces when two cards would collide. Default: none.
        prefix: Option<Text>,
        /// The address on the bus, such as `0000:59:00.0`.
        bus: Option<Text>,
        /// Whether it is in use.
        status: Option<Spanned<Status>>,
    }
}

words! {
    /// What a drive is used for.
    pub enum DriveUseKind {
        /// Operating system.
        Os = "os",
        /// A pool.
        Pool = "pool",
        /// A Ceph OSD.
        CephOsd = "ceph-osd",
        /// A local file system of one host.
        Local = "local",
        /// Ready to replace another.
        Spare = "spare",
        /// Booting only.
        Boot = "boot",
        /// Nothing.
        Nothing = "nothing",
    }
}

record! {
    /// A drive in a bay.
    DriveUse short model {
        /// Its model: a name in `drive-types` or the catalogue.
        model: Option<Text>,
        /// What it is used for, when no pool names it.
        holds: Option<Spanned<DriveUseKind>>,
        /// Serial number.
        serial: Option<Label>,
        /// World-wide name.
        wwn: Option<Text>,
        /// The address on the bus.
        bus: Option<Text>,
        /// Hours it has run, when known.
        age: Option<Spanned<Period>>,
        /// Whether it is in use.
        status: Option<Spanned<Status>>,
    }
}

record! {
    /// A transceiver in a cage.
    Transceiver short standard {
        /// What it speaks: `10gbase-sr`, `xgs-pon`, `8gfc-sw`.
        standard: Option<Text>,
        /// Maker.
        vendor: Option<Text>,
        /// Model.
        model: Option<Text>,
        /// Its connector: `lc-upc`, `sc-apc`, `mpo`.
        connector: Option<Text>,
        /// What it draws at most.
        watts: Option<Spanned<Watts>>,
    }
}

record! {
    /// Facts about an interface.
    InterfaceFacts short r#type {
        /// The community library's interface type, such as `10gbase-x-sfpp`; makes the interface when the device's
        /// type does not have it.
        r#type: Option<Text>,
        /// Its name in the operating system, such as `enp6s0f0np0`.
        os_name: Option<Text>,
        /// Its MAC address.
        mac: Option<Spanned<MacAddress>>,
        /// The speed it is set to.
        speed: Option<Spanned<BitRate>>,
        /// The largest payload of a frame it is set to.
        mtu: Option<Spanned<Mtu>>,
        /// False when it is switched off.
        enabled: Option<Spanned<bool>>,
        /// What it is for.
        description: Option<Text>,
    }
}

record! {
    /// An address on an interface.
    AddressUse short address {
        /// The address with its prefix length: `10.3.1.1/16`, `dhcp` for one from a pool, or `unknown`.
        address: Vec<Spanned<HostAddress>>,
        /// The MAC it is reserved for, when DHCP gives it.
        mac: Option<Spanned<MacAddress>>,
        /// True when a DHCP server hands it out as a reservation.
        reserved: Option<Spanned<bool>>,
    }
}

/// An address as hosts have it: fixed, from a pool, or not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HostAddress {
    /// Fixed.
    Fixed(InterfaceAddress),
    /// From a DHCP pool.
    Dhcp,
    /// Router advertisements.
    Slaac,
    /// Not known, or kept secret.
    Unknown,
}

impl std::fmt::Display for HostAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(address) => address.fmt(f),
            Self::Dhcp => f.write_str("dhcp"),
            Self::Slaac => f.write_str("slaac"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl crate::grammar::Grammar for HostAddress {
    const WHAT: &'static str = "an address such as `10.3.1.1/16`, or `dhcp`, `slaac`, `unknown`";
    const PATTERN: Option<&'static str> = None;
    const EXAMPLES: &'static [&'static str] = &["10.3.1.1/16", "dhcp", "unknown"];

    fn parse(text: &str) -> Result<Self, crate::grammar::GrammarError> {
        match text {
            "dhcp" => Ok(Self::Dhcp),
            "slaac" => Ok(Self::Slaac),
            "unknown" => Ok(Self::Unknown),
            _ => InterfaceAddress::parse(text).map(Self::Fixed),
        }
    }
}

words! {
    /// What manages a device out of band.
    pub enum OutOfBandKind {
        /// Dell iDRAC.
        Idrac = "idrac",
        /// Any IPMI controller.
        Ipmi = "ipmi",
        /// HPE iLO.
        Ilo = "ilo",
        /// Intel vPro / AMT.
        Vpro = "vpro",
        /// Redfish only.
        Redfish = "redfish",
        /// A serial console.
        Serial = "serial",
        /// A keyboard and screen over IP.
        Kvm = "kvm",
        /// A switched outlet.
        Outlet = "outlet",
    }
}

record! {
    /// How a device is managed out of band.
    OutOfBand short interface {
        /// The interface it is reached by.
        interface: Option<Text>,
        /// What it is.
        kind: Option<Spanned<OutOfBandKind>>,
        /// True when the host uses the same interface.
        shared: Option<Spanned<bool>>,
    }
}

record! {
    /// A processor.
    Cpu short model {
        /// Its model.
        model: Option<Text>,
        /// How many sockets hold one. Default: 1.
        sockets: Option<Spanned<u32>>,
        /// Cores of all sockets together.
        cores: Option<Spanned<u32>>,
        /// Threads of all sockets together.
        threads: Option<Spanned<u32>>,
        /// `x86-64` (the default) or `arm64`.
        architecture: Option<Spanned<Architecture>>,
        /// Thermal design power of all sockets together.
        tdp: Option<Spanned<Watts>>,
    }
}

words! {
    /// An instruction set.
    pub enum Architecture {
        /// 64-bit x86.
        X86_64 = "x86-64",
        /// 64-bit Arm.
        Arm64 = "arm64",
        /// 32-bit Arm.
        Armv7 = "armv7",
        /// RISC-V.
        Riscv64 = "riscv64",
    }
}

record! {
    /// Watts that a device draws.
    WattFacts short typical {
        /// In normal use.
        typical: Option<Spanned<Watts>>,
        /// At most.
        peak: Option<Spanned<Watts>>,
        /// Doing nothing.
        idle: Option<Spanned<Watts>>,
        /// What one more power supply costs in overhead when it is plugged in.
        supply_overhead: Option<Spanned<Watts>>,
    }
}

record! {
    /// A battery.
    Battery {
        /// Energy when new.
        capacity: Option<Spanned<WattHours>>,
        /// What share of it is left.
        health: Option<Spanned<Percent>>,
        /// When it was put in.
        installed: Option<Spanned<Date>>,
        /// How long it is expected to last.
        life: Option<Spanned<Period>>,
        /// Runtime at the present load, when measured.
        runtime: Option<Spanned<Period>>,
        /// What it is made of: `3 x 12 V 9 Ah SLA`.
        cells: Option<Text>,
        /// Who is told to shut down before it is empty, and by what.
        shuts_down: Option<Text>,
    }
}

words! {
    /// How a drive stores.
    pub enum DriveKind {
        /// Rotating.
        Hdd = "hdd",
        /// Flash.
        Ssd = "ssd",
        /// 3D XPoint.
        Optane = "optane",
        /// A tape cartridge.
        Tape = "tape",
        /// A memory stick or card.
        Stick = "stick",
    }
}

words! {
    /// How a drive is connected.
    pub enum DriveInterface {
        /// NVMe over PCIe.
        Nvme = "nvme",
        /// SAS.
        Sas = "sas",
        /// SATA.
        Sata = "sata",
        /// USB.
        Usb = "usb",
        /// A memory card slot.
        Sd = "sd",
        /// Fibre channel.
        FibreChannel = "fibre-channel",
    }
}

record! {
    /// A drive model.
    DriveType {
        /// Maker.
        manufacturer: Option<Text>,
        /// Model or part number.
        model: Option<Text>,
        /// How it stores.
        kind: Option<Spanned<DriveKind>>,
        /// How it is connected.
        interface: Option<Spanned<DriveInterface>>,
        /// What it holds.
        capacity: Option<Spanned<Bytes>>,
        /// `3.5 in`, `2.5 in`, `m.2 2280`, `u.2`.
        form_factor: Option<Text>,
        /// True when it keeps what it has confirmed, should power fail (power-loss protection).
        power_loss_protection: Option<Spanned<bool>>,
        /// Flash cells: `slc`, `mlc`, `tlc`, `qlc`.
        cells: Option<Text>,
        /// Rotations a minute.
        rpm: Option<Spanned<u32>>,
        /// Its link when it is on PCIe.
        pcie: Option<Spanned<PcieLink>>,
        /// Watts.
        watts: Option<WattFacts>,
        /// Shingled recording.
        shingled: Option<Spanned<bool>>,
        /// Drive writes a day it is warranted for, in hundredths.
        endurance: Option<Text>,
        /// After this day nobody mends it any more.
        end_of_life: Option<Spanned<Date>>,
    }
}
