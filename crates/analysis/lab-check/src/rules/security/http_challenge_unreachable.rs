//! Certificates proved over HTTP for services that the Internet does not reach.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::grammar::Transport;
use lab_model::written::{Exposure, Issuer};

rule!(
    "http-challenge-unreachable",
    Warning,
    Security,
    "a certificate is proved over HTTP, and the Internet cannot reach what it is for"
);

/// Where the authority asks: RFC 8555, section 8.3.
const HTTP: u16 = 80;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    if is_open(lab) {
        return;
    }
    for (id, certificate) in lab.certificates.iter() {
        let Some(issuer) = certificate.issuer.as_ref().filter(|issuer| issuer.value == Issuer::AcmeHttp)
        else {
            continue;
        };
        let used: Vec<String> =
            certificate.used_by.ids().map(|service| lab.services[service].name.to_string()).collect();
        if used.is_empty() {
            continue;
        }
        let mut finding = context
            .finding(
                format!("the authority cannot reach {} to prove the name of `{}`", names(&used), certificate.name),
                issuer.span,
                "proved over HTTP",
            )
            .about(lab.subject(id))
            .because("it asks on port 80 from the Internet (RFC 8555, section 8.3): nothing is exposed there, no forward opens it")
            .help("write `issuer: acme-dns`, which needs no open port, or forward port 80");
        for service in certificate.used_by.ids() {
            if let Some(exposed) = &lab.services[service].exposed {
                finding = finding.and(
                    exposed.span,
                    format!("`{}` from the {} only", lab.services[service].name, exposed.value),
                );
            }
        }
        context.report_once(finding);
    }
}

/// True when something in the lab may answer on port 80 from outside.
fn is_open(lab: &Lab) -> bool {
    let forwarded = lab
        .forwards
        .iter()
        .any(|(_, forward)| forward.ports.iter().any(|port| port.value.contains(HTTP, Transport::Tcp)));
    let exposed = lab.services.iter().any(|(id, service)| {
        lab.is_active(id)
            && service
                .exposed
                .as_ref()
                .is_some_and(|exposed| matches!(exposed.value, Exposure::Internet | Exposure::Tunnel))
    });
    forwarded || exposed
}
