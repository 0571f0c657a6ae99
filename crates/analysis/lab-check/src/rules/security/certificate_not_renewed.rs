//! Certificates of ACME authorities, which end after weeks, that nobody is said to renew.

use crate::context::Context;
use crate::rule::rule;
use lab_model::written::Issuer;

rule!("certificate-not-renewed", Warning, Security, "nothing renews a certificate and its end is not known");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, certificate) in lab.certificates.iter() {
        let Some(issuer) = certificate
            .issuer
            .as_ref()
            .filter(|issuer| matches!(issuer.value, Issuer::AcmeDns | Issuer::AcmeHttp))
        else {
            continue;
        };
        if certificate.renewed_by.is_some() || certificate.expires.is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nothing renews the certificate `{}`", certificate.name),
                issuer.span,
                "signed for some weeks",
            )
            .about(lab.subject(id))
            .because("ACME authorities sign for 90 days or less")
            .help("say what renews it, `renewed-by:`, or when it ends, `expires:`");
        context.report_once(finding);
    }
}
