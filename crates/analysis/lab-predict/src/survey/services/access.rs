//! From where people use a service, by which address, and what they need beside a way.

use super::Placed;
use super::names::Lead;
use super::needs::any_of;
use crate::survey::Surveyor;
use crate::survey::machines::is_true;
use crate::survey::network::{Net, net_of_address};
use crate::works::{Audience, Holder, Need, NeedOf, VipId};
use lab_model::grammar::{Grammar, Port, UrlHost};
use lab_model::lab::{ServiceId as LabServiceId, VipId as LabVipId, ZoneId};
use lab_model::written::{self, Exposure, Reach};
use lab_model::{Kind, ThingId};
use std::collections::BTreeSet;

/// How people come to a service.
pub(super) struct Access {
    pub(super) front: Option<VipId>,
    pub(super) clients_need: Vec<NeedOf>,
    pub(super) used_from: Vec<u32>,
}

/// Where a service is, as far as rules of zones are concerned.
struct Whereabouts {
    holders: Vec<Holder>,
    /// The networks of its addresses.
    addressed_in: BTreeSet<Net>,
    /// These, and all that its places are in.
    nets: BTreeSet<Net>,
}

impl Surveyor<'_> {
    pub(super) fn access(&self, id: LabServiceId, placed: &Placed, audience: Audience) -> Access {
        let leads = self.leads(id);
        let front = self.front(id, &leads);
        let used_from = self.used_from(id, placed, audience, front);
        let mut clients_need = Vec::new();
        clients_need.extend(self.names_need(id, &used_from));
        clients_need.extend(self.ingress_needs(id, placed, &leads));
        Access { front: front.and_then(|vip| self.vip_of.get(&vip).copied()), clients_need, used_from }
    }

    /// Where the names in the addresses of its pages lead.
    fn leads(&self, id: LabServiceId) -> Vec<Lead> {
        let urls = self.lab.services[id].url.iter();
        let names = urls.filter_map(|url| match url.value.host() {
            UrlHost::Name(name) => Some(name.as_str().to_owned()),
            UrlHost::Address(_) => None,
        });
        names.filter_map(|name| self.lead_of(&name)).collect()
    }

    /// The moving address that people come by: where its name leads, else the one that names it, else the one with its address.
    fn front(&self, id: LabServiceId, leads: &[Lead]) -> Option<LabVipId> {
        let by_name = leads.iter().find_map(|lead| match lead {
            Lead::Vip(vip) => Some(*vip),
            Lead::Thing(thing) => {
                LabServiceId::try_from(*thing).ok().and_then(|service| self.vip_of_service(service))
            }
        });
        by_name.or_else(|| self.vip_of_service(id)).filter(|vip| self.vip_of.contains_key(vip))
    }

    fn vip_of_service(&self, id: LabServiceId) -> Option<LabVipId> {
        let own: Vec<_> = self.lab.services[id].address.iter().map(|address| address.value).collect();
        let all = || self.lab.vips.iter();
        let names = all().find(|(_, vip)| vip.service.as_ref().and_then(|service| service.id) == Some(id));
        let shares = || all().find(|(_, vip)| vip.address.iter().any(|address| own.contains(&address.value)));
        names.or_else(shares).map(|(vip, _)| vip)
    }

    /// People who come by a name need somebody to tell them where it leads. Those outside ask others.
    fn names_need(&self, id: LabServiceId, used_from: &[u32]) -> Option<NeedOf> {
        let url =
            self.lab.services[id].url.iter().find(|url| matches!(url.value.host(), UrlHost::Name(_)))?;
        let inside = used_from.iter().filter(|&&at| !self.works.vantages[at as usize].outside);
        let asked =
            inside.filter_map(|&at| self.dns_for(self.vantage_facts[at as usize].nets.iter().copied()));
        let mut servers = Vec::new();
        for need in asked {
            match need {
                Need::AnyOf(several) => servers.extend(several),
                one => servers.push(one),
            }
        }
        // Public servers know no names of the house.
        if servers.iter().any(|need| *need != Need::Internet) {
            servers.retain(|need| *need != Need::Internet);
        }
        servers.retain(|need| *need != Need::Service(self.service_of[&id]));
        let need = any_of(servers)?;
        Some(NeedOf { need, because: Some("people find it by its name"), span: Some(url.span) })
    }

    /// The service or machine in front that its name leads to.
    fn ingress_needs(&self, id: LabServiceId, placed: &Placed, leads: &[Lead]) -> Vec<NeedOf> {
        let holders = Self::holders_of(placed);
        let span = self.lab.services[id].url.first().map(|url| url.span);
        let mut needs = Vec::new();
        for lead in leads {
            let thing = match *lead {
                Lead::Vip(vip) => {
                    self.lab.vips[vip].service.as_ref().and_then(|service| service.id).map(ThingId::from)
                }
                Lead::Thing(thing) => Some(thing),
            };
            let Some(thing) = thing.filter(|thing| *thing != ThingId::from(id)) else { continue };
            needs.extend(self.ingress_need(thing, &holders));
        }
        needs.sort_unstable();
        needs.dedup();
        let because = Some("its name leads there");
        needs.into_iter().map(|need| NeedOf { need, because, span }).collect()
    }

    fn ingress_need(&self, thing: ThingId, holders: &[Holder]) -> Option<Need> {
        if let Ok(service) = LabServiceId::try_from(thing) {
            return self.service_of.get(&service).map(|&service| Need::Service(service));
        }
        if !matches!(thing.kind, Kind::Host | Kind::Vm | Kind::Device) {
            return None;
        }
        let holder = self.holder(thing).filter(|holder| !holders.contains(holder))?;
        Some(self.services_on(holder, "ingress").next().map_or(Need::Holder(holder), Need::Service))
    }

    /// The vantages from which a service is used: those that may reach it, of the people it is for.
    fn used_from(
        &self,
        id: LabServiceId,
        placed: &Placed,
        audience: Audience,
        front: Option<LabVipId>,
    ) -> Vec<u32> {
        let record = &self.lab.services[id];
        let exposed = record.exposed.as_ref().map(|exposed| exposed.value);
        if audience == Audience::Lab {
            return Vec::new();
        }
        let whereabouts = self.whereabouts(id, placed, front);
        let inside = (0u32..).zip(&self.vantage_facts).filter(|(at, facts)| {
            let is_inside = !self.works.vantages[*at as usize].outside;
            is_inside && facts.zone.is_none_or(|zone| self.zone_reaches(zone, id, &whereabouts))
        });
        let mut found: Vec<u32> = inside.map(|(at, _)| at).collect();
        self.keep_those_it_is_for(record.r#for.as_ref().map(|who| who.value), &mut found);
        let is_outside = audience == Audience::Public
            || matches!(exposed, Some(Exposure::Internet | Exposure::Tunnel | Exposure::Vpn));
        if is_outside {
            let outside = self.works.vantages.iter().position(|vantage| vantage.outside);
            found.extend(outside.map(|at| at as u32));
        }
        found
    }

    /// The household is not among guests or at the switch's management; guests are only among themselves.
    fn keep_those_it_is_for(&self, who: Option<written::Audience>, found: &mut Vec<u32>) {
        let zone = |at: u32| self.vantage_facts[at as usize].zone.map(|zone| &self.lab.zones[zone]);
        let is_management = |at: u32| zone(at).is_some_and(|zone| is_true(zone.management.as_ref()));
        let is_strange = |at: u32| zone(at).is_some_and(|zone| is_true(zone.untrusted.as_ref()));
        let kept: Vec<u32> = match who {
            Some(written::Audience::Household) => {
                found.iter().copied().filter(|&at| !is_management(at) && !is_strange(at)).collect()
            }
            Some(written::Audience::Guests) => found.iter().copied().filter(|&at| is_strange(at)).collect(),
            _ => return,
        };
        if !kept.is_empty() {
            *found = kept;
        }
    }

    fn whereabouts(&self, id: LabServiceId, placed: &Placed, front: Option<LabVipId>) -> Whereabouts {
        let holders = Self::holders_of(placed);
        let mut nets: BTreeSet<Net> =
            holders.iter().flat_map(|&holder| self.nets_of_holder(holder)).collect();
        let own = self.lab.services[id].address.iter().map(|address| address.value.0);
        let moving =
            front.into_iter().flat_map(|vip| self.lab.vips[vip].address.iter().map(|own| own.value.0));
        let addressed_in: BTreeSet<Net> =
            own.chain(moving).filter_map(|address| net_of_address(self.lab, address)).collect();
        nets.extend(&addressed_in);
        Whereabouts { holders, addressed_in, nets }
    }

    /// True when the rules of a zone let it reach a service. Neighbours in one network reach each other without a rule, unless they are isolated.
    fn zone_reaches(&self, zone: ZoneId, id: LabServiceId, at: &Whereabouts) -> bool {
        let nets = self.nets_of_zone(zone);
        let record = &self.lab.zones[zone];
        // What a router offers is not for whoever is beside it: rules to the `gateway` say that.
        let gateways: Vec<Holder> = nets.iter().flat_map(|&net| self.gateways_of(net)).collect();
        let is_beside = |holder: &Holder| {
            !gateways.contains(holder) && self.nets_of_holder(*holder).iter().any(|net| nets.contains(net))
        };
        let is_neighbour =
            nets.iter().any(|net| at.addressed_in.contains(net)) || at.holders.iter().any(is_beside);
        let may = |reach: &Reach| self.rule_covers(reach, &nets, id, at);
        is_neighbour && !is_true(record.isolated.as_ref()) || record.may_reach.iter().any(may)
    }

    fn rule_covers(&self, reach: &Reach, nets: &[Net], id: LabServiceId, at: &Whereabouts) -> bool {
        let Some(to) = &reach.to else { return false };
        let Some(thing) = to.id else {
            return match &*to.text {
                "gateway" => {
                    let gateways: Vec<Holder> = nets.iter().flat_map(|&net| self.gateways_of(net)).collect();
                    at.holders.iter().any(|holder| gateways.contains(holder))
                        && self.is_on_ports(reach, id, false)
                }
                "itself" => nets.iter().any(|net| at.nets.contains(net)) && self.is_on_ports(reach, id, true),
                _ => false,
            };
        };
        let covers = match thing.kind {
            Kind::Zone => self.nets_of_zone(ZoneId(thing.index)).iter().any(|net| at.nets.contains(net)),
            Kind::Service => thing == ThingId::from(id),
            Kind::Host | Kind::Vm | Kind::Device => {
                self.holder(thing).is_some_and(|holder| at.holders.contains(&holder))
            }
            _ => false,
        };
        covers && self.is_on_ports(reach, id, true)
    }

    /// True when a rule's ports are among those of a service: the ones it says, those of its pages, those that its roles are called by.
    fn is_on_ports(&self, reach: &Reach, id: LabServiceId, when_unknown: bool) -> bool {
        if reach.on.is_empty() {
            return true;
        }
        let record = &self.lab.services[id];
        let mut own: Vec<Port> = record.ports.iter().map(|port| port.value).collect();
        own.extend(record.url.iter().filter_map(|url| Port::parse(url.value.scheme()).ok()));
        own.extend(record.roles.iter().filter_map(|role| Port::parse(&role.text).ok()));
        if own.is_empty() {
            return when_unknown;
        }
        reach.on.iter().any(|on| own.iter().any(|port| port.overlaps(on.value)))
    }
}
