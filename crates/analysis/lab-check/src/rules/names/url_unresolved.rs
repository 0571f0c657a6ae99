//! Names of URLs below the lab's domains that no entry under `names:` and no machine has, in a lab that lists its names.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::grammar::{DnsName, Grammar, UrlHost};

rule!("url-unresolved", Warning, Names, "the name in a URL leads nowhere");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let domains: Vec<&DnsName> =
        lab.head.domain.iter().chain(&lab.head.domains).map(|domain| &domain.value).collect();
    let listed: Vec<DnsName> =
        lab.names.iter().filter_map(|(_, record)| DnsName::parse(&record.name.text).ok()).collect();
    let leads = lab.names.iter().any(|(_, record)| !record.to.is_empty() || !record.addresses.is_empty());
    if !leads || written_by_program(lab) {
        return;
    }
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        for url in &service.url {
            let UrlHost::Name(host) = url.value.host() else { continue };
            let Ok(name) = DnsName::parse(host.as_str()) else { continue };
            let Some(domain) = domains.iter().find(|domain| name.is_within(domain)) else { continue };
            if listed.iter().any(|entry| covers(entry, &name)) || is_machine(lab, &name, domain) {
                continue;
            }
            let finding = context
                .finding(
                    format!("nothing says where `{name}` leads"),
                    url.span,
                    format!("where people open `{}`", service.name),
                )
                .and(
                    lab.names.iter().next().map_or(url.span, |(_, record)| record.name.span),
                    "the names of the lab",
                )
                .about(lab.subject(id))
                .because("whoever opens it is told that there is no such name")
                .help(format!("add `{name}` under `names:`, or a wildcard that covers it"));
            context.report_once(finding);
        }
    }
}

/// Names that a program writes by itself are not listed.
fn written_by_program(lab: &Lab) -> bool {
    let writes = |text: &str| {
        ["external-dns", "k8s-gateway", "k8s_gateway", "unifi-dns"]
            .iter()
            .any(|program| text.contains(program))
    };
    lab.services.iter().any(|(_, service)| {
        writes(&service.name.text) || service.software.as_ref().is_some_and(|software| writes(&software.text))
    })
}

/// True when a record is, or by its wildcard stands for, a name.
fn covers(entry: &DnsName, name: &DnsName) -> bool {
    entry == name
        || (entry.is_wildcard()
            && entry
                .as_str()
                .strip_prefix("*.")
                .is_some_and(|parent| name.as_str().ends_with(&format!(".{parent}"))))
}

fn is_machine(lab: &Lab, name: &DnsName, domain: &DnsName) -> bool {
    let label = name.as_str().strip_suffix(domain.as_str()).and_then(|label| label.strip_suffix('.'));
    label.is_some_and(|label| lab.addressed(label).is_some())
}
