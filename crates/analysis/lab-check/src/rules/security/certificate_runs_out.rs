//! Certificates that end soon, have ended, or that nobody renews.

use crate::context::Context;
use crate::rule::rule;
use jiff::Unit;
use lab_source::Severity;

rule!(
    "certificate-runs-out",
    Warning,
    Security,
    "a certificate has ended or ends soon, and nothing renews it"
);

/// How early to speak, when `lab.warn-before` does not say.
const WARN_DAYS: u64 = 90;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let early = lab.head.warn_before.as_ref().map_or(WARN_DAYS, |period| period.value.days());
    for (id, certificate) in lab.certificates.iter() {
        let Some(end) = certificate.expires.as_ref().filter(|_| certificate.renewed_by.is_none()) else {
            continue;
        };
        let left = context.today.until((Unit::Day, end.value.0)).map_or(0, |span| i64::from(span.get_days()));
        if left > i64::try_from(early).unwrap_or(i64::MAX) {
            continue;
        }
        let used: Vec<String> =
            certificate.used_by.items.iter().map(|service| service.text.to_string()).collect();
        let ended = left < 0;
        let headline = if ended {
            format!("the certificate `{}` ended on {}", certificate.name, end.value)
        } else {
            format!("the certificate `{}` ends in {left} days", certificate.name)
        };
        let mut finding = context
            .finding(headline, end.span, "its last day")
            .about(lab.subject(id))
            .because("nothing is said to renew it (`renewed-by`)")
            .help("renew it, or let a program do so");
        if !used.is_empty() {
            finding =
                finding.because(format!("{} then show a warning or refuse", crate::amount::names(&used)));
        }
        if ended {
            finding.severity = Severity::Error;
        }
        context.report_once(finding);
    }
}
