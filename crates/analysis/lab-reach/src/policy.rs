//! What the zones of a lab allow, in addresses and ports.

use crate::address_set::AddressSet;
use lab_model::grammar::Port;
use lab_model::lab::{ThingId, ZoneId};
use lab_source::Span;
use std::net::IpAddr;

/// Where a packet comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// A zone.
    Zone(ZoneId),
    /// Outside.
    Internet,
}

/// Why something is permitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grant {
    /// The zone's `may-reach` says so.
    Written,
    /// Members of one zone reach each other unless it is isolated.
    SameZone,
    /// The zone's `pairs` says so.
    Pair,
    /// Who manages a router must not be locked out of it, whatever else is written.
    Management,
    /// Routers and those they speak BGP with must reach each other.
    Peering,
}

/// One thing that is allowed.
#[derive(Clone, Debug)]
pub struct Permit {
    /// What may be reached, in the lab's words.
    pub name: String,
    /// The addresses from which; all of the zone when `None`.
    pub sources: Option<AddressSet>,
    /// The addresses that may be reached.
    pub to: AddressSet,
    /// True when `to` is all that is outside: everything but what is the lab's own or private.
    pub is_internet: bool,
    /// True when `to` is the routers themselves, at their addresses in the zone.
    pub is_gateway: bool,
    /// The ports; every protocol and port when empty.
    pub ports: Vec<Port>,
    /// Why.
    pub grant: Grant,
    /// The words that say so.
    pub span: Span,
}

/// What one zone may do.
#[derive(Clone, Debug)]
pub struct ZonePolicy {
    /// The zone.
    pub id: ZoneId,
    /// Its name.
    pub name: String,
    /// The addresses of its members, and nobody else's.
    pub members: AddressSet,
    /// Where it says that its members do not reach each other, if it does.
    pub isolated: Option<Span>,
    /// True when it is for managing.
    pub is_management: bool,
    /// What it may reach. All of it counts; the order is that of the text.
    pub permits: Vec<Permit>,
    /// The words from which follows that everything else is denied.
    pub denied_by: Span,
}

/// A way in from outside.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its name.
    pub name: String,
    /// The ports outside.
    pub ports: Vec<Port>,
    /// The address behind each, of one family each.
    pub to: Vec<IpAddr>,
    /// The port behind, when it is another.
    pub to_port: Option<Port>,
    /// Who may come; anybody when empty.
    pub sources: AddressSet,
    /// The words that say so.
    pub span: Span,
}

impl Opening {
    /// The ports as they are behind the translation.
    pub fn inner_ports(&self) -> Vec<Port> {
        match self.to_port {
            Some(port) => vec![port],
            None => self.ports.clone(),
        }
    }
}

/// Something that a zone may reach by its words and cannot, since nothing says where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unresolved {
    /// The zone, or the name of a way in.
    pub from: String,
    /// What it names.
    pub to: String,
    /// Where.
    pub span: Span,
}

/// Everything that is allowed between the networks of a lab. What is not in it is denied.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The zones, in the order of the text.
    pub zones: Vec<ZonePolicy>,
    /// The routers.
    pub routers: Vec<ThingId>,
    /// The routers' own addresses, those that move between them included.
    pub gateways: AddressSet,
    /// The lab's own addresses and those that mean nothing outside (RFC 6890): the Internet is all others.
    pub private: AddressSet,
    /// Ways in from outside.
    pub openings: Vec<Opening>,
    /// What could not be compiled.
    pub unresolved: Vec<Unresolved>,
}

impl Policy {
    /// What a zone may do.
    pub fn zone(&self, id: ZoneId) -> Option<&ZonePolicy> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// The zone that an address belongs to.
    pub fn zone_of(&self, address: IpAddr) -> Option<&ZonePolicy> {
        self.zones.iter().find(|zone| zone.members.contains(address))
    }
}
