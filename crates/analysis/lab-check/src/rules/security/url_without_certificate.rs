//! Services opened by `https` under a name of the lab that none of its certificates covers.

use super::coverage::{covers, is_below};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::grammar::{DnsName, UrlHost};
use lab_model::lab::ServiceId;
use lab_model::written::{Certificate, Exposure};
use lab_source::{Severity, Span, Spanned};

rule!("url-without-certificate", Warning, Security, "no certificate of the lab covers the name of a service");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    if lab.certificates.is_empty() {
        return;
    }
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        // A tunnel ends at its provider, and so does the certificate.
        if service.exposed.as_ref().is_some_and(|exposed| exposed.value == Exposure::Tunnel) {
            continue;
        }
        for url in &service.url {
            let UrlHost::Name(host) = url.value.host() else { continue };
            let host = host.as_str();
            if url.value.scheme() == "https" && is_ours(lab, host) {
                left_out(context, id, host, url.span);
            }
            if url.value.scheme() != "https" || !is_ours(lab, host) || certified(lab, host) {
                continue;
            }
            let mut finding = context
                .finding(format!("no certificate covers `{host}`"), url.span, "opened by https")
                .about(lab.subject(id))
                .because("browsers warn, and programs refuse to connect");
            finding = match too_shallow(lab, host) {
                Some((owner, name)) => finding
                    .and(
                        name.span,
                        format!("`{}` stands for one label only (RFC 9525, section 6.3)", name.value),
                    )
                    .about(owner)
                    .help("name it in that certificate, or give the service a name one label shorter"),
                None => match nearest(lab, host) {
                    Some(name) => finding
                        .and(name.span, "this certificate is for another name")
                        .help("name it in that certificate"),
                    None => finding.help("name it in a certificate under `certificates:`"),
                },
            };
            context.report_once(finding);
        }
    }
}

/// A note when all certificates that cover a name say who uses them, and this service is not among these.
fn left_out(context: &mut Context<'_>, id: ServiceId, host: &str, span: Span) {
    let lab = context.lab;
    let covering: Vec<_> = lab
        .certificates
        .iter()
        .filter(|(_, certificate)| certificate.names.iter().any(|name| covers(&name.value, host)))
        .collect();
    let leaves_out = |certificate: &Certificate| {
        !certificate.used_by.is_empty() && certificate.used_by.ids().all(|user| user != id)
    };
    let Some((first, certificate)) = covering.first() else { return };
    if !covering.iter().all(|(_, certificate)| leaves_out(certificate)) {
        return;
    }
    let mut finding = context
        .finding(
            format!("`{}` is not said to use the certificate that covers `{host}`", lab.services[id].name),
            span,
            "opened by https",
        )
        .and(certificate.used_by.span.unwrap_or(certificate.name.span), "used by these")
        .about(lab.subject(id))
        .about(lab.subject(*first))
        .help("add the service to `used-by`");
    finding.severity = Severity::Note;
    context.report_once(finding);
}

fn is_ours(lab: &Lab, host: &str) -> bool {
    let mut domains = lab.head.domain.iter().chain(&lab.head.domains);
    domains.any(|domain| is_below(host, domain.value.as_str()))
}

fn certified(lab: &Lab, host: &str) -> bool {
    lab.certificates
        .iter()
        .any(|(_, certificate)| certificate.names.iter().any(|name| covers(&name.value, host)))
}

/// A certified name that `host` is below, without being covered by it.
fn nearest<'a>(lab: &'a Lab, host: &str) -> Option<&'a Spanned<DnsName>> {
    let mut names = lab.certificates.iter().flat_map(|(_, certificate)| &certificate.record.names);
    names.find(|name| is_below(host, name.value.as_str()))
}

/// A wildcard above `host` that is too far above to cover it, and the subject of its certificate.
fn too_shallow<'a>(lab: &'a Lab, host: &str) -> Option<(String, &'a Spanned<DnsName>)> {
    lab.certificates.iter().find_map(|(id, certificate)| {
        let above = |name: &&Spanned<DnsName>| {
            name.value.as_str().strip_prefix("*.").is_some_and(|parent| is_below(host, parent))
        };
        Some((lab.subject(id), certificate.record.names.iter().find(above)?))
    })
}
