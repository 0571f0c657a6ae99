//! A service whose URL is not among the names of the certificate it uses.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::names::url_unresolved::covers;
use lab_model::grammar::{DnsName, Grammar, UrlHost};

rule!("certificate-does-not-cover", Error, Security, "a service uses a certificate that is not for its name");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, certificate) in lab.certificates.iter() {
        for user in &certificate.used_by.items {
            let Some(service) = user.id else { continue };
            let other = |url: &DnsName| {
                let mut all =
                    lab.certificates.iter().filter(|(_, other)| other.used_by.ids().any(|by| by == service));
                all.any(|(_, other)| other.names.iter().any(|name| is_for(&name.value, url)))
            };
            for url in lab.services[service].url.iter().filter(|url| url.value.scheme() == "https") {
                let UrlHost::Name(host) = url.value.host() else { continue };
                let Ok(host) = DnsName::parse(host.as_str()) else { continue };
                if other(&host) {
                    continue;
                }
                let finding = context
                    .finding(
                        format!("the certificate `{}` is not for `{host}`", certificate.name),
                        certificate.names.first().map_or(user.span, |name| name.span),
                        "the names it is for",
                    )
                    .and(url.span, format!("where `{user}` is opened"))
                    .about(lab.subject(id))
                    .about(lab.subject(service))
                    .because("browsers refuse to open it; a wildcard stands for one label only (RFC 9525)")
                    .help(format!("add `{host}` to its names"));
                context.report_once(finding);
            }
        }
    }
}

/// A wildcard in a certificate stands for exactly one label.
fn is_for(entry: &DnsName, name: &DnsName) -> bool {
    covers(entry, name) && entry.labels().count() == name.labels().count()
}
