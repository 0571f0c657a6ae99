//! Sites, rooms, racks, providers, lines, and the power upstream of the first plug.

use crate::grammar::words::words;
use crate::grammar::{
    Amperes, BitRate, Length, Percent, Period, Prefix, RackUnits, Rate, VoltAmperes, Volts, Watts, Weight,
};
use crate::lab::{PowerId, ProviderId, RoomId, SiteId};
use crate::record;
use crate::record::{Named, Ref, Text};
use lab_source::Spanned;

words! {
    /// Who decides over a place or a copy.
    pub enum Controller {
        /// The lab's owner.
        Owner = "owner",
        /// Family or friends.
        Family = "family",
        /// A company that sells it as a service.
        Vendor = "vendor",
    }
}

record! {
    /// A place where parts of the lab, or copies of its data, are.
    Site short description {
        /// What the place is.
        description: Option<Text>,
        /// Who decides over it. Default: the owner.
        controller: Option<Spanned<Controller>>,
    }
}

record! {
    /// A room or closet.
    Room short site {
        /// The site it belongs to.
        site: Option<Ref<SiteId>>,
        /// What is to be known of it.
        description: Option<Text>,
    }
}

words! {
    /// Where the first unit of a rack is.
    pub enum Numbering {
        /// U1 is at the bottom (EIA-310 practice, the default).
        Bottom = "from-bottom",
        /// U1 is at the top.
        Top = "from-top",
    }
}

record! {
    /// A cabinet or open frame that devices are mounted in.
    Rack {
        /// The site it stands at.
        site: Option<Ref<SiteId>>,
        /// The room it stands in.
        room: Option<Ref<RoomId>>,
        /// Height in rack units.
        height (required): Option<Spanned<RackUnits>>,
        /// Where U1 is.
        numbering: Option<Spanned<Numbering>>,
        /// The usable depth, front rail to back rail.
        depth: Option<Spanned<Length>>,
        /// What it can carry.
        max_weight: Option<Spanned<Weight>>,
        /// Maker and model.
        model: Option<Text>,
        /// What is to be known of it, such as `enclosed`.
        description: Option<Text>,
        /// Shelves in it, which several small devices can share.
        shelves: Named<Shelf>,
    }
}

record! {
    /// A shelf in a rack.
    Shelf {
        /// The lowest unit it takes, `U10`; somewhere in the rack when nothing is said.
        at: Option<Text>,
        /// The units it takes together with what stands on it. Default: 1 U.
        height: Option<Spanned<RackUnits>>,
        /// How many devices stand side by side on it.
        places: Option<Spanned<u32>>,
    }
}

record! {
    /// A company that something comes from.
    Provider short description {
        /// What it does for the lab.
        description: Option<Text>,
        /// Where to call or log in when it fails.
        contact: Option<Text>,
    }
}

words! {
    /// How addresses of a line are given out.
    pub enum LineAddressing {
        /// One address that may change, by DHCP.
        OneDynamic = "one-dynamic",
        /// One fixed address.
        OneStatic = "one-static",
        /// A block of addresses.
        Block = "block",
        /// PPPoE.
        Pppoe = "pppoe",
        /// Behind the provider's own translation.
        CarrierNat = "carrier-nat",
    }
}

record! {
    /// A line that a provider brings to a site.
    Circuit {
        /// Who provides it.
        provider: Option<Ref<ProviderId>>,
        /// The site it comes to.
        site: Option<Ref<SiteId>>,
        /// What it is: `xgs-pon`, `dsl`, `cable`, `lte`, `tunnel`.
        kind: Option<Text>,
        /// Where it ends, as `device:interface`.
        ends_at: Option<Spanned<crate::grammar::Endpoint>>,
        /// Speed towards the lab.
        down: Option<Spanned<BitRate>>,
        /// Speed from the lab.
        up: Option<Spanned<BitRate>>,
        /// How addresses are given out.
        addresses: Option<Spanned<LineAddressing>>,
        /// The prefix of the line, when it is known.
        prefix: Option<Spanned<Prefix>>,
        /// How many machines may hold an address at once, when the provider limits it (by MAC).
        holders: Option<Spanned<u32>>,
        /// The provider's own box or transceiver at the end, when it is not a device of the lab.
        terminates_in: Option<Text>,
        /// How many connections the device at the end can track.
        connections: Option<Spanned<u32>>,
        /// How often it fails.
        outages: Option<Spanned<Rate>>,
        /// How long a failure lasts.
        typical_outage: Option<Spanned<Period>>,
    }
}

words! {
    /// What an outside service is for.
    pub enum ExternalKind {
        /// Name service, public or resolving.
        Dns = "dns",
        /// Source code hosting.
        Git = "git",
        /// Certificates.
        Certificates = "certificates",
        /// Storage of objects or files.
        Storage = "storage",
        /// Messages and alerts to people.
        Notification = "notification",
        /// Mail delivery.
        Mail = "mail",
        /// Keeping of secrets.
        Secrets = "secrets",
        /// A tunnel from outside to the lab, or a private network.
        Tunnel = "tunnel",
        /// Images and packages.
        Registry = "registry",
        /// Sign-on.
        Identity = "identity",
        /// Time.
        Time = "time",
        /// Monitoring from outside.
        Monitoring = "monitoring",
        /// Anything else.
        Other = "other",
    }
}

record! {
    /// A service outside the lab that it uses.
    External {
        /// Who provides it.
        provider: Option<Ref<ProviderId>>,
        /// What kind it is.
        kind: Option<Spanned<ExternalKind>>,
        /// What the lab uses it for.
        purpose: Option<Text>,
        /// Who decides over it. Default: vendor.
        controller: Option<Spanned<Controller>>,
        /// The lines it is reached by, in order of preference; any line when nothing is said.
        by: crate::record::Refs<crate::lab::CircuitId>,
    }
}

words! {
    /// What a part of the power supply is.
    pub enum PowerKind {
        /// The company's grid.
        Utility = "utility",
        /// A generator.
        Generator = "generator",
        /// Solar or another own source.
        Solar = "solar",
        /// A panel with breakers.
        Panel = "panel",
        /// One breaker with its wiring and sockets.
        Circuit = "circuit",
        /// A transfer switch built into the house.
        TransferSwitch = "transfer-switch",
    }
}

record! {
    /// A part of the power supply upstream of the first plug.
    PowerNode {
        /// What it is. Default: `circuit` when `from` is given, else `utility`.
        kind: Option<Spanned<PowerKind>>,
        /// What feeds it; several for a transfer switch, the preferred one first.
        from: crate::record::Refs<PowerId>,
        /// The site it is at.
        site: Option<Ref<SiteId>>,
        /// Rating of the breaker.
        breaker: Option<Spanned<Amperes>>,
        /// Voltage between live and neutral.
        voltage: Option<Spanned<Volts>>,
        /// Which phase it is on, when there are several.
        phase: Option<Text>,
        /// How much of the breaker may be used without end. Default: 80 % at 100 to 127 V (NEC 210.20), else 100 %.
        continuous: Option<Spanned<Percent>>,
        /// The socket at its end: `CEE 7/3`, `NEMA 5-20R`.
        socket: Option<Text>,
        /// What it can give at most, when that is not the breaker.
        power: Option<Spanned<Watts>>,
        /// The same as apparent power.
        apparent_power: Option<Spanned<VoltAmperes>>,
        /// How often it fails.
        outages: Option<Spanned<Rate>>,
        /// How long a failure lasts.
        typical_outage: Option<Spanned<Period>>,
    }
}
