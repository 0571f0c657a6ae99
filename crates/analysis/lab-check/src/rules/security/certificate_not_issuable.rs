//! Certificates that no public authority will sign: for names that are nobody's, or in a way that the name forbids.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::DnsName;
use lab_model::written::Issuer;

rule!(
    "certificate-not-issuable",
    Error,
    Security,
    "no public authority signs a certificate for this name in this way"
);

/// Top-level names that are set aside for private use or belong to nobody (RFC 6761, RFC 6762, RFC 8375, ICANN 2024).
const PRIVATE: [&str; 12] = [
    "local",
    "internal",
    "lan",
    "home",
    "corp",
    "localdomain",
    "localhost",
    "test",
    "example",
    "invalid",
    "private",
    "intranet",
];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, certificate) in lab.certificates.iter() {
        let Some(issuer) = &certificate.issuer else { continue };
        if !matches!(issuer.value, Issuer::AcmeDns | Issuer::AcmeHttp | Issuer::Public) {
            continue;
        }
        for name in &certificate.names {
            let (why, help) = if let Some(why) = private(&name.value) {
                (why, "use a name under a domain of your own, or the lab's own authority (`issuer: private`)")
            } else if name.value.is_wildcard() && issuer.value == Issuer::AcmeHttp {
                (
                    "wildcards are signed after a DNS challenge only (RFC 8555, section 7.1.3)",
                    "write `issuer: acme-dns`, or name each host",
                )
            } else {
                continue;
            };
            let finding = context
                .finding(
                    format!("no public authority signs `{}` by {}", name.value, issuer.value),
                    name.span,
                    "this name",
                )
                .and(issuer.span, "asked to sign it")
                .about(lab.subject(id))
                .because(why)
                .help(help);
            context.report_once(finding);
        }
    }
}

/// Why a name cannot be proved to be anybody's.
fn private(name: &DnsName) -> Option<&'static str> {
    let labels: Vec<&str> = name.labels().collect();
    let last = *labels.last()?;
    if labels.len() == 1 {
        return Some("a name without a dot is nobody's");
    }
    let home_arpa = last == "arpa" && labels.len() >= 2 && labels[labels.len() - 2] == "home";
    (home_arpa || PRIVATE.contains(&last))
        .then_some("the name is set aside for private use: nobody can prove that it is theirs")
}
