//! Vocabulary of the name rules: every name that DNS answers in the lab, and the lab's domains.

use lab_model::Lab;
use lab_model::ThingId;
use lab_model::grammar::{DnsName, Grammar, UrlHost};
use std::collections::BTreeMap;

/// The lab's domains: `domain` first.
pub(super) fn domains(lab: &Lab) -> Vec<&DnsName> {
    lab.head.domain.iter().chain(&lab.head.domains).map(|domain| &domain.value).collect()
}

/// True when a name is in one of the lab's domains.
pub(super) fn is_ours(lab: &Lab, name: &DnsName) -> bool {
    domains(lab).iter().any(|domain| name.is_within(domain))
}

/// Names of machines and devices in each domain, in lower case.
pub(super) fn machines(lab: &Lab) -> BTreeMap<String, ThingId> {
    let devices = lab.devices.iter().map(|(id, device)| (ThingId::from(id), &device.name));
    let hosts = lab.hosts.iter().map(|(id, host)| (id.into(), &host.name));
    let vms = lab.vms.iter().map(|(id, vm)| (id.into(), &vm.name));
    let mut all = BTreeMap::new();
    for (thing, name) in devices.chain(hosts).chain(vms) {
        for domain in domains(lab) {
            all.insert(format!("{}.{domain}", name.text.to_ascii_lowercase()), thing);
        }
    }
    all
}

/// Names of services' pages.
pub(super) fn pages(lab: &Lab) -> Vec<String> {
    let urls = lab.services.iter().flat_map(|(_, service)| &service.url);
    urls.filter_map(|url| match url.value.host() {
        UrlHost::Name(name) => Some(name.as_str().to_owned()),
        UrlHost::Address(_) => None,
    })
    .collect()
}

/// A name as DNS takes it; `None` when it is none.
pub(super) fn dns_name(text: &str) -> Option<DnsName> {
    DnsName::parse(text).ok()
}
