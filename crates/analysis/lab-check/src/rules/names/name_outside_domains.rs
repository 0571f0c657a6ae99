//! Names and pages in a domain that is not the lab's.

use super::catalogue::{dns_name, domains, is_ours};
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::grammar::UrlHost;
use lab_source::Span;

rule!("name-outside-domains", Warning, Names, "a DNS record or page is in a domain that is not the lab's");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let known = domains(lab);
    let Some(first) = known.first() else { return };
    let mut named: Vec<(String, Span, ThingId)> = lab
        .names
        .iter()
        .map(|(id, record)| (record.name.to_string(), record.name.span, ThingId::from(id)))
        .collect();
    for (id, service) in lab.services.iter() {
        for url in &service.url {
            if let UrlHost::Name(name) = url.value.host() {
                named.push((name.to_string(), url.span, id.into()));
            }
        }
    }
    for (text, span, thing) in named {
        let Some(name) = dns_name(&text).filter(|name| name.labels().count() > 1) else { continue };
        // Reverse zones, and names that only mean something inside a cluster or on a link.
        let special = ["arpa", "local", "internal", "localhost"]
            .iter()
            .any(|top| name.labels().next_back() == Some(top));
        if special || is_ours(lab, &name) {
            continue;
        }
        let all: Vec<String> = known.iter().map(|domain| format!("`{domain}`")).collect();
        let domain_span = lab.head.domain.as_ref().map(|domain| domain.span);
        let mut finding = context
            .finding(format!("`{name}` is in none of the lab's domains"), span, "elsewhere")
            .about(lab.subject(thing));
        if let Some(domain) = domain_span {
            finding = finding.and(domain, "the lab's domain");
        }
        context.report_once(
            finding.because(format!("domains of the lab: {}", all.join(", "))).help(format!(
                "mend the name, as something in `{first}`, or add the domain to `lab.domains`"
            )),
        );
    }
}
