//! Cables, aggregated links, bridges and what switch ports carry.

use crate::grammar::words::words;
use crate::grammar::{BitRate, Endpoint, Grammar, Length, Mtu};
use crate::lab::VlanIdOf;
use crate::record;
use crate::record::{AnyRef, Field, Reader, Ref, Refs, Text};
use crate::schema::Schemas;
use crate::written::BridgeHost;
use lab_source::{Node, Span, Spanned};
use serde_json::{Value, json};

words! {
    /// What a cable is.
    pub enum CableKind {
        /// Copper, two connectors fixed to it.
        Dac = "dac",
        /// Copper, one connector split into several.
        DacBreakout = "dac-breakout",
        /// Fibre with two transceivers fixed to it.
        Aoc = "aoc",
        /// The same, split into several.
        AocBreakout = "aoc-breakout",
        /// Twisted pair, category 5.
        Cat5 = "cat5",
        /// Twisted pair, category 5e.
        Cat5e = "cat5e",
        /// Twisted pair, category 6.
        Cat6 = "cat6",
        /// Twisted pair, category 6A.
        Cat6a = "cat6a",
        /// Twisted pair, category 7.
        Cat7 = "cat7",
        /// Twisted pair, category 8.
        Cat8 = "cat8",
        /// Twisted pair of unknown category.
        TwistedPair = "twisted-pair",
        /// Multimode fibre 62.5/125.
        Om1 = "om1",
        /// Multimode fibre 50/125.
        Om2 = "om2",
        /// Laser-optimised multimode fibre.
        Om3 = "om3",
        /// The better of the usual multimode fibres.
        Om4 = "om4",
        /// Wideband multimode fibre.
        Om5 = "om5",
        /// Single-mode fibre, indoor.
        Os1 = "os1",
        /// Single-mode fibre.
        Os2 = "os2",
        /// Multimode fibre with one multi-fibre connector split into several.
        FibreBreakout = "fibre-breakout",
        /// SAS, outside a case.
        SasExternal = "sas",
        /// Coaxial.
        Coax = "coax",
        /// USB.
        Usb = "usb",
        /// Serial.
        Serial = "serial",
        /// Thunderbolt.
        Thunderbolt = "thunderbolt",
        /// InfiniBand copper.
        Infiniband = "infiniband",
        /// Through the air.
        Wireless = "wireless",
        /// Not known.
        Unknown = "unknown",
    }
}

record! {
    /// Cables of one kind.
    CableGroup {
        /// What the cables are.
        kind (required): Option<Spanned<CableKind>>,
        /// What they connect: `"switch-1:1": "node-1:eth0"`, a port to the legs of a breakout as a list, and ranges.
        between (required): Connections,
        /// The connector at both ends, when it matters: `lc`, `sc`, `mpo-12`, `rj45`, `sff-8088`.
        connector: Option<Text>,
        /// The connector at the far ends, when it is another.
        far_connector: Option<Text>,
        /// How fibre ends are polished: `upc`, `apc`.
        polish: Option<Text>,
        /// The polish at the far ends, when it is another.
        far_polish: Option<Text>,
        /// Polarity of a multi-fibre cable: `A`, `B`, `C`.
        polarity: Option<Text>,
        /// Length.
        length: Option<Spanned<Length>>,
        /// Maker; some speeds need a certain one.
        vendor: Option<Text>,
        /// Part number.
        part: Option<Text>,
        /// The speed the cable is made for.
        speed: Option<Spanned<BitRate>>,
        /// Its colour.
        color: Option<Text>,
        /// Its label.
        label: Option<Text>,
        /// The duct or path it runs in; cables that share one can fail together.
        duct: Option<Text>,
    }
}

/// Connections of a group: near end and far ends, with ranges expanded in step.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// One a cable: the near end, and one far end, or several for a breakout.
    pub items: Vec<Connection>,
}

/// One cable's ends as written.
#[derive(Clone, Debug)]
pub struct Connection {
    /// One end.
    pub near: Spanned<Endpoint>,
    /// The other end, or the legs of a breakout in order.
    pub far: Vec<Spanned<Endpoint>>,
}

impl Field for Connections {
    fn absent() -> Self {
        Self::default()
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        let mut items = Vec::new();
        if let Some(map) = reader.mapping(node, "ListOfConnections") {
            for entry in map.entries.iter() {
                read_connection(&entry.key.value, entry.key.span, &entry.value, reader, &mut items);
            }
        }
        Self { items }
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({
            "type": "object",
            "description": "One end to the other: `\"switch-1:1\": \"node-1:eth0\"`. Ranges on both sides run in step; a list is the legs of a breakout.",
            "additionalProperties": { "anyOf": [
                { "type": "string" }, { "type": "array", "items": { "type": "string" } },
            ] },
        })
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

/// Reads `near: far`. Ranges on both sides pair up one by one; a list of as many as there are near ends too, while one
/// near end with a list is a breakout.
fn read_connection(
    key: &str,
    span: Span,
    value: &Node,
    reader: &mut Reader<'_>,
    items: &mut Vec<Connection>,
) {
    let Some(near) = endpoints(key, span, reader) else { return };
    let nodes = match value {
        Node::Seq(seq) => &seq.items[..],
        other => std::slice::from_ref(other),
    };
    let mut far = Vec::new();
    for node in nodes {
        let Some(scalar) = reader.scalar(node, Endpoint::WHAT) else { continue };
        far.extend(endpoints(&scalar.text, scalar.span, reader).unwrap_or_default());
    }
    if near.is_empty() || far.is_empty() {
        return;
    }
    if near.len() == 1 {
        let near = near.into_iter().next().expect("there is one");
        items.push(Connection { near, far });
    } else if far.len() % near.len() == 0 {
        let legs = far.len() / near.len();
        let mut far = far.into_iter();
        items
            .extend(near.into_iter().map(|near| Connection { near, far: far.by_ref().take(legs).collect() }));
    } else {
        let message = format!("{} ends on one side and {} on the other", near.len(), far.len());
        reader.diagnostics.push(
            lab_source::Diagnostic::error(crate::record::RANGE_MISMATCH, message)
                .at(value.span(), format!("{} ends", far.len()))
                .and(span, format!("{} ends", near.len())),
        );
    }
}

fn endpoints(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<Vec<Spanned<Endpoint>>> {
    let names = reader.names(text, span)?;
    let mut ends = Vec::with_capacity(names.len());
    for name in names {
        match Endpoint::parse(&name) {
            Ok(end) => ends.push(Spanned::new(end, span)),
            Err(error) => reader.bad_value(&error, &name, span),
        }
    }
    Some(ends)
}

/// A list of endpoints, ranges expanded.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The endpoints in order.
    pub items: Vec<Spanned<Endpoint>>,
}

impl Field for Endpoints {
    fn absent() -> Self {
        Self::default()
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        let nodes = match node {
            Node::Seq(seq) => &seq.items[..],
            other => std::slice::from_ref(other),
        };
        let mut items = Vec::new();
        for node in nodes {
            let Some(scalar) = reader.scalar(node, Endpoint::WHAT) else { continue };
            items.extend(endpoints(&scalar.text, scalar.span, reader).unwrap_or_default());
        }
        Self { items }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let item = schemas.scalar("a port, `device:interface`, or a range of them", Endpoint::EXAMPLES);
        json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] })
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

words! {
    /// How links are aggregated.
    pub enum LagMode {
        /// LACP, IEEE 802.1AX.
        Lacp = "802.3ad",
        /// Static, without a protocol.
        Static = "static",
        /// One link at a time.
        ActiveBackup = "active-backup",
        /// Every frame on every link, to neighbours that are joined without a switch: Proxmox's full mesh of three.
        Broadcast = "broadcast",
    }
}

words! {
    /// How often LACP partners speak.
    pub enum LacpRate {
        /// Each second.
        Fast = "fast",
        /// Every 30 seconds.
        Slow = "slow",
    }
}

record! {
    /// Links taken together. Name one side's ports; the other side follows from the cables.
    Lag {
        /// The ports of one side, all on one device (or on two that act as one): `node-1:sfp-1..2`.
        of (required): Endpoints,
        /// How they are aggregated. Default: 802.3ad.
        mode: Option<Spanned<LagMode>>,
        /// How often LACP speaks.
        rate: Option<Spanned<LacpRate>>,
        /// How flows are spread: `layer2`, `layer3+4`.
        hash: Option<Text>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// What the aggregate is called on this side: `bond0`.
        name: Option<Text>,
        /// How the other side is set, where that is known; what is not said is expected to be equal.
        far: Option<LagSide>,
    }
}

record! {
    /// The other side of a LAG.
    LagSide {
        /// Its ports, when they are to be checked against the cables.
        of: Endpoints,
        /// How they are aggregated.
        mode: Option<Spanned<LagMode>>,
        /// How often LACP speaks.
        rate: Option<Spanned<LacpRate>>,
        /// How flows are spread.
        hash: Option<Text>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// What the aggregate is called there: `5`.
        name: Option<Text>,
    }
}

record! {
    /// A virtual switch inside a host.
    Bridge {
        /// What it is in.
        on (required): Option<Ref<BridgeHost>>,
        /// What the host calls it, such as `vmbr0`, when that is not its key here: several hosts often use one name.
        name: Option<Text>,
        /// Interfaces or aggregates of that host that it carries on.
        ports: InterfaceNames,
        /// The VLAN it carries, when it is one.
        vlan: Option<Ref<VlanIdOf>>,
        /// The VLANs it carries with tags.
        tagged: Vlans,
        /// Its own addresses, of the host.
        addresses: Vec<Spanned<crate::written::HostAddress>>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// What it is for.
        description: Option<Text>,
    }
}

/// Names of interfaces inside one host, ranges expanded.
#[derive(Clone, Debug, Default)]
pub struct InterfaceNames {
    /// The names in order.
    pub items: Vec<Text>,
}

impl Field for InterfaceNames {
    fn absent() -> Self {
        Self::default()
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        let nodes = match node {
            Node::Seq(seq) => &seq.items[..],
            other => std::slice::from_ref(other),
        };
        let mut items = Vec::new();
        for node in nodes {
            let Some(scalar) = reader.scalar(node, "the name of an interface") else { continue };
            let names = reader.names(&scalar.text, scalar.span).unwrap_or_default();
            items.extend(names.into_iter().map(|name| Text { text: name.into(), span: scalar.span }));
        }
        Self { items }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let item = schemas.scalar("the name of an interface, or a range of them", &["eth0", "sfp-1..2"]);
        json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] })
    }

    fn visit(&mut self, _: &mut dyn FnMut(&mut dyn AnyRef)) {}
}

/// VLANs on a port: some, or `all`.
#[derive(Clone, Debug)]
pub struct Vlans {
    /// True for `all`.
    pub all: bool,
    /// The VLANs named.
    pub some: Refs<VlanIdOf>,
}

impl Field for Vlans {
    fn absent() -> Self {
        Self { all: false, some: Refs::absent() }
    }

    fn present(node: &Node, reader: &mut Reader<'_>) -> Self {
        match node {
            Node::Scalar(scalar) if &*scalar.text == "all" => {
                let mut some = Refs::absent();
                some.span = Some(scalar.span);
                Self { all: true, some }
            }
            node => Self { all: false, some: Refs::present(node, reader) },
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let some = <Refs<VlanIdOf> as Field>::schema(schemas);
        json!({ "anyOf": [{ "const": "all" }, some] })
    }

    fn visit(&mut self, visit: &mut dyn FnMut(&mut dyn AnyRef)) {
        Field::visit(&mut self.some, visit);
    }
}

words! {
    /// How a port takes part in a private VLAN (RFC 5517).
    pub enum PrivateRole {
        /// Speaks with promiscuous ports only.
        Isolated = "isolated",
        /// Speaks with all: where the router is.
        Promiscuous = "promiscuous",
        /// Carries the primary and secondary VLANs on to another switch.
        Trunk = "trunk",
    }
}

record! {
    /// What a port carries. A single name is the VLAN of an access port.
    PortMode short access {
        /// The VLAN of an access port; frames have no tag.
        access: Option<Ref<VlanIdOf>>,
        /// On a trunk, the VLAN of frames without a tag.
        untagged: Option<Ref<VlanIdOf>>,
        /// On a trunk, the VLANs with tags, or `all`.
        tagged: Vlans,
        /// Its part in a private VLAN.
        private: Option<Spanned<PrivateRole>>,
        /// The community of a private VLAN it belongs to.
        community: Option<Text>,
        /// False when the port is switched off.
        enabled: Option<Spanned<bool>>,
        /// True when it powers what hangs on it.
        poe: Option<Spanned<bool>>,
        /// The largest frame payload.
        mtu: Option<Spanned<Mtu>>,
        /// The speed it is set to.
        speed: Option<Spanned<BitRate>>,
        /// What is expected on it, when no cable says so: `user device`, `spare`.
        description: Option<Text>,
        /// What the documentation says where it differs from the switch.
        documented_as: Option<Text>,
    }
}
