//! Certificates that no service in use shows: renewed for nothing, or the wrong names.

use super::coverage::{covers, is_below};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::grammar::{DnsName, UrlHost};

rule!("certificate-unused", Note, Security, "nothing in use shows a certificate");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let hosts = hosts(lab);
    for (id, certificate) in lab.certificates.iter() {
        let of_service = certificate.used_by.ids().any(|service| lab.is_active(service));
        let of_name = certificate.names.iter().any(|name| hosts.iter().any(|host| covers(&name.value, host)));
        // Without a word about who uses it, one for names outside the lab's domains may serve what is not described.
        let foreign =
            certificate.used_by.is_empty() && !certificate.names.iter().any(|name| is_ours(lab, &name.value));
        if of_service || of_name || foreign {
            continue;
        }
        let finding = context
            .finding(
                format!("nothing in use shows the certificate `{}`", certificate.name),
                certificate.name.span,
                "for no service, host or name of the lab",
            )
            .about(lab.subject(id))
            .help("remove it, or say under `used-by` what uses it");
        context.report_once(finding);
    }
}

fn is_ours(lab: &Lab, name: &DnsName) -> bool {
    let mut domains = lab.head.domain.iter().chain(&lab.head.domains);
    domains.any(|domain| is_below(name.as_str().trim_start_matches("*."), domain.value.as_str()))
}

/// Every name that something in use is reached by.
fn hosts(lab: &Lab) -> Vec<String> {
    let services = lab.services.iter().filter(|(id, _)| lab.is_active(*id));
    let mut hosts: Vec<String> = services
        .flat_map(|(_, service)| &service.record.url)
        .filter_map(|url| match url.value.host() {
            UrlHost::Name(host) => Some(host.as_str().to_owned()),
            UrlHost::Address(_) => None,
        })
        .collect();
    hosts.extend(lab.names.iter().map(|(_, name)| name.name.text.to_lowercase()));
    let machines = lab.hosts.iter().map(|(_, host)| &host.name);
    let machines = machines.chain(lab.vms.iter().map(|(_, vm)| &vm.name));
    let named: Vec<&lab_model::Name> =
        machines.chain(lab.devices.iter().map(|(_, device)| &device.name)).collect();
    for domain in lab.head.domain.iter().chain(&lab.head.domains) {
        hosts.extend(named.iter().map(|name| format!("{}.{}", name.text.to_lowercase(), domain.value)));
    }
    hosts
}
