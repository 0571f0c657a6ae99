//! A certificate that signed itself, for services that somebody opens.

use crate::context::Context;
use crate::rule::rule;
use lab_model::written::Issuer;

rule!("certificate-self-signed", Warning, Security, "a certificate signed itself");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let promised = lab.promises.iter().find_map(|(id, promise)| {
        let said = promise.claim.as_ref()?.publicly_signed.as_ref().filter(|said| said.value)?;
        Some((id, said.span))
    });
    for (id, certificate) in lab.certificates.iter() {
        let Some(issuer) = certificate.issuer.as_ref().filter(|issuer| issuer.value == Issuer::SelfSigned)
        else {
            continue;
        };
        let mut finding = context
            .finding(
                format!("the certificate `{}` signed itself", certificate.name),
                issuer.span,
                "nobody vouches for it",
            )
            .about(lab.subject(id))
            .because("people learn to click warnings away, and then nobody sees the one that matters");
        if let Some((promise, span)) = promised {
            finding = finding
                .and(span, "all certificates are promised to be publicly signed")
                .about(lab.subject(promise));
        }
        context.report_once(
            finding.help("take `acme-dns` for a name of your own, or `private` with your own authority"),
        );
    }
}
