//! One packet, allowed or denied.

use crate::policy::{Grant, Origin, Permit, Policy, ZonePolicy};
use lab_model::grammar::Transport;
use lab_source::Span;
use std::net::IpAddr;

/// The first packet of a connection. Answers go with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet {
    /// Where it comes from.
    pub from: Origin,
    /// The address it comes from; any member without a permission of its own when `None`.
    pub source: Option<IpAddr>,
    /// Where it goes. From outside, the address and port behind the translation.
    pub to: IpAddr,
    /// What carries it.
    pub transport: Transport,
    /// The port it goes to.
    pub port: u16,
}

/// What becomes of a packet, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// True when it passes.
    pub allowed: bool,
    /// The reason, in a sentence.
    pub because: String,
    /// The words of the lab that decide.
    pub span: Option<Span>,
}

impl Policy {
    /// What becomes of a packet.
    pub fn decide(&self, packet: &Packet) -> Decision {
        match packet.from {
            Origin::Internet => self.decide_from_outside(packet),
            Origin::Zone(id) => match self.zone(id) {
                Some(zone) => zone.decide(packet),
                None => denied("no such zone".to_owned(), None),
            },
        }
    }

    fn decide_from_outside(&self, packet: &Packet) -> Decision {
        let opening = self.openings.iter().find(|opening| {
            opening.to.contains(&packet.to)
                && opening.inner_ports().iter().any(|port| port.contains(packet.port, packet.transport))
                && (opening.sources.is_empty()
                    || packet.source.is_none_or(|source| opening.sources.contains(source)))
        });
        match opening {
            Some(opening) => Decision {
                allowed: true,
                because: format!("the forward `{}` leads there", opening.name),
                span: Some(opening.span),
            },
            None => denied("no forward leads there".to_owned(), None),
        }
    }
}

impl ZonePolicy {
    fn decide(&self, packet: &Packet) -> Decision {
        if let Some(permit) = self.permits.iter().find(|permit| permit.covers(packet)) {
            return Decision { allowed: true, because: self.sentence(permit), span: Some(permit.span) };
        }
        match self.isolated.filter(|_| self.members.contains(packet.to)) {
            Some(span) => denied(format!("`{}` is isolated", self.name), Some(span)),
            None => denied(format!("nothing that `{}` may reach covers it", self.name), Some(self.denied_by)),
        }
    }

    /// Why a permit of this zone is there.
    pub fn sentence(&self, permit: &Permit) -> String {
        let ports = permit.ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let on = if ports.is_empty() { String::new() } else { format!(" on {ports}") };
        let (zone, to) = (&self.name, &permit.name);
        match permit.grant {
            Grant::Written => format!("`{zone}` may reach {to}{on}"),
            Grant::SameZone => format!("members of `{zone}` reach each other"),
            Grant::Pair => format!("`{to}` is one of the pairs of `{zone}`"),
            Grant::Management => format!("who manages from `{zone}` is never locked out{on}"),
            Grant::Peering => format!("routers speak{on} with their peers in `{zone}`"),
        }
    }
}

impl Permit {
    /// True when it allows the packet.
    pub fn covers(&self, packet: &Packet) -> bool {
        let from = match (&self.sources, packet.source) {
            (None, _) => true,
            (Some(sources), Some(source)) => sources.contains(source),
            (Some(_), None) => false,
        };
        let on = self.ports.is_empty()
            || self.ports.iter().any(|port| port.contains(packet.port, packet.transport));
        from && on && self.to.contains(packet.to)
    }
}

fn denied(because: String, span: Option<Span>) -> Decision {
    Decision { allowed: false, because, span }
}
