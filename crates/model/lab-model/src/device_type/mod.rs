//! Types of devices and cards, in the format of the community's device-type library, with the extra facts that
//! Labwright needs as optional keys of their own.
//!
//! The library's own keys are written with `_` or `-` as the library has them, so that its files read as they are.

mod catalogue;
mod slug;
#[cfg(test)]
mod tests;

pub use catalogue::{Found, TypeCatalogue, TypeFile, TypeKind, TypeSource, read_type_file};
pub use slug::slugify;

use crate::grammar::words::words;
use crate::grammar::{Amperes, BitRate, Bytes, Date, Length, PcieLink, Percent, VoltAmperes, Volts, Watts};
use crate::record;
use crate::record::{Named, Text};
use crate::written::{Architecture, Battery, Cpu, DeviceRole, DriveInterface, WattFacts};
use lab_source::Spanned;

record! {
    /// A type of device or card: what every one of them has.
    DeviceType {
        /// Maker.
        manufacturer: Option<Text>,
        /// Model.
        model: Option<Text>,
        /// The library's short name.
        slug: Option<Text>,
        /// Part number.
        part_number @ "part_number": Option<Text>,
        /// Height in rack units, such as `1` or `2.5`; `0` for what is not mounted by itself.
        u_height @ "u_height": Option<Text>,
        /// True when it takes the front and the back of its units.
        is_full_depth @ "is_full_depth": Option<Spanned<bool>>,
        /// Which way air goes through it.
        airflow: Option<Text>,
        /// Weight, in `weight_unit`.
        weight: Option<Text>,
        /// Unit of the weight.
        weight_unit @ "weight_unit": Option<Text>,
        /// The library has a picture of its front.
        front_image @ "front_image": Option<Spanned<bool>>,
        /// The library has a picture of its back.
        rear_image @ "rear_image": Option<Spanned<bool>>,
        /// Whether it holds other devices or sits in one.
        subdevice_role @ "subdevice_role": Option<Text>,
        /// False for what needs no power.
        is_powered @ "is_powered": Option<Spanned<bool>>,
        /// Console ports.
        console_ports: Vec<Component>,
        /// Console server ports.
        console_server_ports: Vec<Component>,
        /// Power inlets.
        power_ports: Vec<PowerPort>,
        /// Power outlets.
        power_outlets: Vec<PowerOutlet>,
        /// Network interfaces.
        interfaces: Vec<InterfaceTemplate>,
        /// Ports at the front of a patch panel or cassette.
        front_ports: Vec<FrontPort>,
        /// Ports at its back.
        rear_ports: Vec<RearPort>,
        /// Which front port leads to which rear port, as the library says it since 2026.
        port_mappings: Vec<PortMapping>,
        /// Bays for modules.
        module_bays: Vec<Component>,
        /// Bays for devices.
        device_bays: Vec<Component>,
        /// Parts without a function in the model.
        inventory_items: Vec<InventoryItem>,
        /// What it is.
        description: Option<Text>,
        /// What else is to be known.
        comments: Option<Text>,
        /// The library's profile of a module.
        profile: Option<Text>,
        /// Attributes of the library's profile.
        attribute_data @ "attribute_data": Option<Opaque>,
        /// Attributes of the library's profile.
        attributes: Option<Opaque>,
        /// True when the library leaves it out of how full a rack is.
        exclude_from_utilization @ "exclude_from_utilization": Option<Spanned<bool>>,

        /// What it does.
        role: Option<Spanned<DeviceRole>>,
        /// Watts drawn, without what is plugged into its outlets.
        watts: Option<WattFacts>,
        /// Bays for drives.
        drive_bays: Vec<DriveBay>,
        /// Slots for cards.
        slots: Vec<Slot>,
        /// What a UPS, PDU or power supply can pass on.
        rating: Option<Rating>,
        /// Its battery.
        battery: Option<Battery>,
        /// What all powered ports together may draw.
        poe_budget: Option<Spanned<Watts>>,
        /// Ports that can be split into several.
        breakouts: Vec<Breakout>,
        /// The processor it always has.
        cpu: Option<Cpu>,
        /// Instruction set.
        architecture: Option<Spanned<Architecture>>,
        /// The memory it always has.
        memory: Option<Spanned<Bytes>>,
        /// The most memory it takes.
        memory_max: Option<Spanned<Bytes>>,
        /// After this day nobody mends it any more.
        end_of_life: Option<Spanned<Date>>,
        /// Usable depth it needs in a rack.
        depth: Option<Spanned<Length>>,
        /// A card's link to its slot.
        pcie: Option<Spanned<PcieLink>>,
        /// A card's length class: `full-height`, `low-profile`, `mezzanine`.
        card_height: Option<Text>,
        /// Words that services can ask for: `gpu`, `coral`, `quick-sync`.
        provides: Vec<Text>,
        /// Memory of a graphics card.
        gpu_memory: Option<Spanned<Bytes>>,
        /// Where the extra facts are from.
        reference: Option<Text>,
    }
}

/// Anything; kept out of the model.
#[derive(Clone, Debug)]
pub struct Opaque;

impl crate::record::Read for Opaque {
    fn read(_: &lab_source::Node, _: &mut crate::record::Reader<'_>) -> Option<Self> {
        Some(Self)
    }

    fn schema(_: &mut crate::schema::Schemas) -> serde_json::Value {
        serde_json::Value::Bool(true)
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn crate::record::AnyRef)) {}
}

record! {
    /// A part with a name and perhaps a type.
    Component short name {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range: `1..24`.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// Its type in the library's words.
        r#type: Option<Text>,
        /// Its place among its kind.
        position: Option<Text>,
        /// What it is.
        description: Option<Text>,
        /// The library says so of some console ports.
        poe: Option<Spanned<bool>>,
        /// The library says so of some console ports.
        mgmt_only @ "mgmt_only": Option<Spanned<bool>>,
        /// The library's mark of ports that can feed what is plugged in.
        is_power_source @ "_is_power_source": Option<Spanned<bool>>,
        /// Whether it is in use from the factory.
        enabled: Option<Spanned<bool>>,
    }
}

record! {
    /// A power inlet.
    PowerPort {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// The connector: `iec-60320-c14`.
        r#type: Option<Text>,
        /// The most it draws, in watts.
        maximum_draw @ "maximum_draw": Option<Text>,
        /// What is set aside for it, in watts.
        allocated_draw @ "allocated_draw": Option<Text>,
        /// What it is.
        description: Option<Text>,
        /// What the power supply behind it can give.
        rating: Option<Spanned<Watts>>,
        /// The current the inlet is made for.
        current: Option<Spanned<Amperes>>,
    }
}

record! {
    /// A power outlet.
    PowerOutlet {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// The connector: `iec-60320-c13`.
        r#type: Option<Text>,
        /// The inlet that feeds it.
        power_port @ "power_port": Option<Text>,
        /// The phase it is on.
        feed_leg @ "feed_leg": Option<Text>,
        /// What it is.
        description: Option<Text>,
        /// The current it is made for.
        current: Option<Spanned<Amperes>>,
        /// False for outlets of a UPS without battery behind them.
        battery: Option<Spanned<bool>>,
        /// True when it can be switched over the network.
        switched: Option<Spanned<bool>>,
        /// True when what it delivers is measured.
        metered: Option<Spanned<bool>>,
    }
}

record! {
    /// A network interface, or the port of a storage card.
    InterfaceTemplate {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range: `1/1/1..24`.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// Its type in the library's words: `1000base-t`, `10gbase-x-sfpp`.
        r#type: Option<Text>,
        /// True when it is for management only.
        mgmt_only @ "mgmt_only": Option<Spanned<bool>>,
        /// Whether it gives power (`pse`) or takes it (`pd`).
        poe_mode @ "poe_mode": Option<Text>,
        /// The power standard: `type2-ieee802.3at`.
        poe_type @ "poe_type": Option<Text>,
        /// What it is.
        description: Option<Text>,
        /// Whether it is in use from the factory.
        enabled: Option<Spanned<bool>>,
        /// The interface it is bridged with.
        bridge: Option<Text>,
        /// The role of a radio.
        rf_role @ "rf_role": Option<Text>,
        /// The speeds it can be set to, when not only its type's.
        speeds: Vec<Spanned<BitRate>>,
        /// The makers whose cables and far ends some of those speeds need: `56 Gb/s: mellanox`.
        speeds_with: Named<Text>,
    }
}

record! {
    /// A port at the front of a panel.
    FrontPort {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// The connector: `lc-upc`, `8p8c`.
        r#type: Option<Text>,
        /// Its colour.
        color: Option<Text>,
        /// The port at the back that it leads to; with `names` a range in step, or one port with several positions.
        rear_port @ "rear_port": Option<Text>,
        /// Which position of that port.
        rear_port_position @ "rear_port_position": Option<Text>,
        /// How many fibres or pairs it has, when several.
        positions: Option<Text>,
        /// What it is.
        description: Option<Text>,
    }
}

record! {
    /// A front port and the rear port behind it.
    PortMapping {
        /// The front port.
        front_port @ "front_port": Option<Text>,
        /// Which position of it.
        front_port_position @ "front_port_position": Option<Text>,
        /// The rear port.
        rear_port @ "rear_port": Option<Text>,
        /// Which position of it.
        rear_port_position @ "rear_port_position": Option<Text>,
    }
}

record! {
    /// A port at the back of a panel.
    RearPort {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range.
        names: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// The connector: `mpo`, `8p8c`.
        r#type: Option<Text>,
        /// Its colour.
        color: Option<Text>,
        /// How many fibres or pairs it has.
        positions: Option<Text>,
        /// The library says so of some.
        poe: Option<Spanned<bool>>,
        /// The library's mark of ports that can feed what is plugged in.
        is_power_source @ "_is_power_source": Option<Spanned<bool>>,
        /// What it is.
        description: Option<Text>,
    }
}

record! {
    /// A part without a function in the model.
    InventoryItem {
        /// Its name.
        name: Option<Text>,
        /// What is printed beside it.
        label: Option<Text>,
        /// Maker.
        manufacturer: Option<Text>,
        /// Part number.
        part_id @ "part_id": Option<Text>,
        /// What it is.
        description: Option<Text>,
    }
}

record! {
    /// A bay for a drive.
    DriveBay {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range: `bay-0..23`.
        names: Option<Text>,
        /// What fits: `3.5 in`, `2.5 in`, `u.2`, `m.2 2280`.
        form_factor: Option<Text>,
        /// How drives in it are connected.
        interfaces: Vec<Spanned<DriveInterface>>,
        /// Its link when it is on PCIe.
        pcie: Option<Spanned<PcieLink>>,
        /// The card that must be there for the bay to work: a slot's name.
        needs_card: Option<Text>,
    }
}

words! {
    /// Kinds of slots.
    pub enum SlotKind {
        /// PCI Express.
        Pcie = "pcie",
        /// A maker's own mezzanine.
        Mezzanine = "mezzanine",
        /// OCP.
        Ocp = "ocp",
        /// M.2.
        M2 = "m.2",
    }
}

record! {
    /// A slot for a card.
    Slot {
        /// Its name.
        name: Option<Text>,
        /// Several of a kind by a range.
        names: Option<Text>,
        /// What kind. Default: pcie.
        kind: Option<Spanned<SlotKind>>,
        /// Its link: generation and lanes that are wired.
        pcie: Option<Spanned<PcieLink>>,
        /// What fits: `full-height`, `low-profile`.
        height: Option<Text>,
        /// True when its lanes can be split into several links.
        bifurcates: Option<Spanned<bool>>,
        /// What it can power.
        power: Option<Spanned<Watts>>,
    }
}

record! {
    /// What a UPS, PDU or transfer switch can pass on.
    Rating {
        /// Apparent power.
        apparent: Option<Spanned<VoltAmperes>>,
        /// Real power.
        real: Option<Spanned<Watts>>,
        /// Current at its inlet.
        input: Option<Spanned<Amperes>>,
        /// Voltage it is made for.
        voltage: Option<Spanned<Volts>>,
        /// Share of its input that comes out on mains.
        efficiency: Option<Spanned<Percent>>,
    }
}

record! {
    /// A port that can be split.
    Breakout {
        /// The ports, by a range of their names.
        ports (required): Option<Text>,
        /// Into how many.
        into (required): Option<Spanned<u32>>,
        /// The port that is switched off by splitting it: `1/10: 1/7`.
        disables: Named<Text>,
    }
}
