//! A service that needs a dataset which is on another machine and not offered to where the service runs.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{DatasetId, Lab, ThingId, VlanIdOf, ZoneId};
use lab_model::written::{HostAddress, Share};
use std::net::IpAddr;

rule!(
    "dataset-not-offered",
    Error,
    Storage,
    "a service needs a dataset that is not offered to where it runs"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let places = lab.places_of(id);
        for need in &service.needs.items {
            let Some(dataset) = need.id.and_then(|need| DatasetId::try_from(need).ok()) else { continue };
            let Some(why) = refusal(lab, dataset, id.into(), &places) else { continue };
            let record = &lab.datasets[dataset];
            let finding = context
                .finding(
                    format!("`{}` needs `{}` and cannot reach it", service.name, record.name),
                    need.span,
                    "needs it",
                )
                .and(record.shares.first().map_or(record.name.span, |share| share.span), why)
                .about(lab.subject(id))
                .about(lab.subject(dataset))
                .help("offer it to the network or zone that the service runs in");
            context.report_once(finding);
        }
    }
}

/// Why none of the places gets at the dataset; `None` when one does, or when it is not known.
fn refusal(lab: &Lab, dataset: DatasetId, service: ThingId, places: &[ThingId]) -> Option<String> {
    let record = &lab.datasets[dataset];
    let pool = record.pool.as_ref()?.id?;
    let home = lab.devices_under(lab.pools[pool].on.as_ref()?.id?);
    let devices: Vec<_> = places.iter().flat_map(|place| lab.devices_under(*place)).collect();
    if home.is_empty() || devices.is_empty() || devices.iter().any(|device| home.contains(device)) {
        return None;
    }
    if lab
        .storage_classes
        .iter()
        .any(|(_, class)| class.dataset.as_ref().and_then(|of| of.id) == Some(dataset))
    {
        return None;
    }
    if record.shares.is_empty() {
        return Some("it has no share, and the service runs on other machines".to_owned());
    }
    let addresses: Option<Vec<Vec<IpAddr>>> = places.iter().map(|place| fixed(lab, *place)).collect();
    let addresses = addresses?;
    let open = |share: &Share| may_use(lab, share, service, places, &addresses);
    let all: Option<Vec<bool>> = record.shares.iter().map(open).collect();
    (!all?.into_iter().any(|open| open)).then(|| "offered to others only".to_owned())
}

/// The fixed addresses of a machine; `None` when one of them is not known.
fn fixed(lab: &Lab, place: ThingId) -> Option<Vec<IpAddr>> {
    let uses = match place.kind {
        lab_model::Kind::Host => &lab.hosts[lab_model::lab::HostId(place.index)].addresses,
        lab_model::Kind::Vm => &lab.vms[lab_model::lab::VmId(place.index)].addresses,
        _ => return None,
    };
    let all: Option<Vec<IpAddr>> = uses
        .iter()
        .flat_map(|(_, uses)| &uses.address)
        .map(|address| match address.value {
            HostAddress::Fixed(fixed) => Some(fixed.address),
            _ => None,
        })
        .collect();
    all.filter(|all| !all.is_empty())
}

/// Whether a share is open to one of the places; `None` when that is not known.
fn may_use(
    lab: &Lab,
    share: &Share,
    service: ThingId,
    places: &[ThingId],
    addresses: &[Vec<IpAddr>],
) -> Option<bool> {
    if share.to.is_empty() && share.networks.is_empty() {
        return None;
    }
    let inside = |network: &ipnet::IpNet| addresses.iter().flatten().any(|address| network.contains(address));
    if share.networks.iter().any(|network| inside(&network.value.network())) {
        return Some(true);
    }
    for to in &share.to.items {
        let id = to.id?;
        if id == service
            || places.contains(&id)
            || places
                .iter()
                .any(|place| lab.devices_under(*place).iter().any(|device| ThingId::from(*device) == id))
        {
            return Some(true);
        }
        let Ok(zone) = ZoneId::try_from(id) else { continue };
        let mut known = false;
        for member in lab.zones[zone].of.ids() {
            let vlan = VlanIdOf::try_from(member).ok();
            for (prefix, _) in lab.prefixes.iter() {
                let facts = lab.derived.prefix(prefix);
                if (vlan.is_some() && facts.vlan == vlan) || member == prefix.into() {
                    known = true;
                    if facts.network.is_some_and(|network| inside(&network)) {
                        return Some(true);
                    }
                }
            }
        }
        if !known {
            return None;
        }
    }
    Some(false)
}
