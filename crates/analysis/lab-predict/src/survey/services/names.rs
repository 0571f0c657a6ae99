//! Name servers that machines and people ask, and where names lead.

use super::needs::any_of;
use crate::survey::Surveyor;
use crate::survey::network::{Net, net_of_prefix};
use crate::works::{Holder, Need, NeedOf};
use lab_model::lab::{DnsRecordId, ServiceId as LabServiceId, VipId};
use lab_model::{Kind, Text, ThingId};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Other names of other names are followed this far.
const ALIASES_MAX: u8 = 8;

/// What a name leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lead {
    /// An address that moves.
    Vip(VipId),
    /// A service, machine, device or cluster.
    Thing(ThingId),
}

impl Surveyor<'_> {
    /// The need of a machine for one of the name servers it asks; a server on itself is no need.
    pub(in crate::survey) fn name_servers_need(
        &self,
        of: ThingId,
        servers: &[Text],
        because: &'static str,
    ) -> Option<NeedOf> {
        let own = self.holder(of);
        let addresses: Vec<IpAddr> = servers.iter().filter_map(|text| text.text.parse().ok()).collect();
        let on_itself = |address: &IpAddr| {
            address.is_loopback() || self.owners_of(*address).iter().any(|&owner| self.holder(owner) == own)
        };
        if addresses.iter().any(on_itself) {
            return None;
        }
        let span = servers.first().map(|text| text.span);
        let need = self.any_server(&addresses)?;
        Some(NeedOf { need, because: Some(because), span })
    }

    /// Name servers asked from machines: their own, else those of their networks, else whoever serves names.
    pub(super) fn dns_at(&self, holders: &[Holder]) -> Option<Need> {
        let things =
            self.machine_of.iter().filter(|(_, machine)| holders.contains(&Holder::Machine(**machine)));
        let own = things.flat_map(|(thing, _)| match thing.kind {
            Kind::Host => &self.lab.hosts[lab_model::lab::HostId(thing.index)].dns[..],
            _ => &self.lab.vms[lab_model::lab::VmId(thing.index)].dns[..],
        });
        let own: Vec<IpAddr> = own.filter_map(|text| text.text.parse().ok()).collect();
        let nets: BTreeSet<Net> = holders.iter().flat_map(|&holder| self.nets_of_holder(holder)).collect();
        self.any_server(&own)
            .or_else(|| self.any_server(&self.servers_of(nets)))
            .or_else(|| self.service_with_role("dns", None))
    }

    /// The networks that a holder is in.
    pub(super) fn nets_of_holder(&self, holder: Holder) -> Vec<Net> {
        let is_in = |segment| self.network.vertex_of.contains_key(&(holder, segment));
        self.network.segment_of.iter().filter(|(_, segment)| is_in(**segment)).map(|(&net, _)| net).collect()
    }

    /// Name servers that people in some networks ask: those given to them there, else whoever serves names.
    pub(super) fn dns_for(&self, nets: impl IntoIterator<Item = Net>) -> Option<Need> {
        self.any_server(&self.servers_of(nets)).or_else(|| self.service_with_role("dns", None))
    }

    fn servers_of(&self, nets: impl IntoIterator<Item = Net>) -> Vec<IpAddr> {
        let nets: BTreeSet<Net> = nets.into_iter().collect();
        let plans = self.lab.prefixes.iter().filter(|(id, _)| nets.contains(&net_of_prefix(self.lab, *id)));
        plans.flat_map(|(_, plan)| plan.dns.iter().map(|address| address.value.0)).collect()
    }

    fn any_server(&self, addresses: &[IpAddr]) -> Option<Need> {
        any_of(addresses.iter().flat_map(|&address| self.server_at(address)).collect())
    }

    /// Who answers at an address: a service that has it, name services on whoever holds it, else the holder itself.
    fn server_at(&self, address: IpAddr) -> Vec<Need> {
        if address.is_loopback() {
            return Vec::new();
        }
        if let Some(service) = self.service_at(address) {
            return self
                .service_of
                .get(&service)
                .map(|&service| Need::Service(service))
                .into_iter()
                .collect();
        }
        let owners = self.owners_of(address);
        if owners.is_empty() {
            let is_outside = self.lab.derived.prefix_of(address).is_none();
            return is_outside.then_some(Need::Internet).into_iter().collect();
        }
        let holders: BTreeSet<Holder> = owners.into_iter().filter_map(|owner| self.holder(owner)).collect();
        let mut needs = Vec::new();
        for holder in holders {
            let before = needs.len();
            needs.extend(self.services_on(holder, "dns").map(Need::Service));
            if needs.len() == before {
                needs.push(Need::Holder(holder));
            }
        }
        needs
    }

    fn service_at(&self, address: IpAddr) -> Option<LabServiceId> {
        let has = |id: &LabServiceId| self.lab.services[*id].address.iter().any(|own| own.value.0 == address);
        self.service_of.keys().copied().find(has)
    }

    /// Services with a role that are placed on a holder by name.
    pub(super) fn services_on(
        &self,
        holder: Holder,
        role: &str,
    ) -> impl Iterator<Item = crate::works::ServiceId> {
        let found: Vec<_> = (self.service_of.iter())
            .filter(|(id, _)| {
                let record = &self.lab.services[**id];
                record.roles.iter().any(|own| &*own.text == role)
                    && record.on.ids().any(|on| self.holder(on) == Some(holder))
            })
            .map(|(_, &service)| service)
            .collect();
        found.into_iter()
    }

    /// Where a name leads inside: by a record of just this name, by the name of a machine, by a wildcard.
    pub(super) fn lead_of(&self, name: &str) -> Option<Lead> {
        self.follow(name, 0)
    }

    fn follow(&self, name: &str, depth: u8) -> Option<Lead> {
        if depth > ALIASES_MAX {
            return None;
        }
        if let Some(record) = self.lab.names.find(name) {
            return self.lead_of_record(record, depth);
        }
        if let Some((label, domain)) = name.split_once('.')
            && self.is_own_domain(domain)
            && let Some(thing) = self.lab.addressed(label)
        {
            return Some(Lead::Thing(thing));
        }
        let covers = |record: &str| {
            let zone = record.strip_prefix('*')?;
            name.ends_with(zone).then_some(zone.len())
        };
        let wildcards =
            self.lab.names.iter().filter_map(|(id, record)| Some((covers(&record.name.text)?, id)));
        let (_, record) = wildcards.max_by_key(|(length, _)| *length)?;
        self.lead_of_record(record, depth)
    }

    fn is_own_domain(&self, domain: &str) -> bool {
        let head = &self.lab.head;
        let first = head.domain.as_ref().map(|own| own.value.as_str());
        first.into_iter().chain(head.domains.iter().map(|own| own.value.as_str())).any(|own| own == domain)
    }

    fn lead_of_record(&self, id: DnsRecordId, depth: u8) -> Option<Lead> {
        let record = &self.lab.names[id];
        if let Some(alias) = &record.alias_of {
            return self.follow(alias.value.as_str(), depth + 1);
        }
        let said = record.to.ids().next().map(|thing| match VipId::try_from(thing) {
            Ok(vip) => Lead::Vip(vip),
            Err(()) => Lead::Thing(thing),
        });
        said.or_else(|| self.lead_of_address(record.addresses.first()?.value.0))
    }

    fn lead_of_address(&self, address: IpAddr) -> Option<Lead> {
        let has = |vip: &lab_model::written::Vip| vip.address.iter().any(|own| own.value.0 == address);
        if let Some((vip, _)) = self.lab.vips.iter().find(|(_, vip)| has(vip)) {
            return Some(Lead::Vip(vip));
        }
        let service = self.service_at(address).map(ThingId::from);
        service.or_else(|| self.owners_of(address).first().copied()).map(Lead::Thing)
    }
}
