//! "No certificate is signed by itself": who signs the certificates of names that people open.

use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use lab_model::Lab;
use lab_model::grammar::{DnsName, Hostname, UrlHost};
use lab_model::written::{Claim, Issuer};
use lab_source::Span;
use std::sync::Arc;

/// Looks at every certificate, and at every address of a service that none covers.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    if !claim.publicly_signed.as_ref().is_some_and(|signed| signed.value) {
        return Vec::new();
    }
    let lab = forecast.lab;
    let said = "every certificate is signed by a public authority".to_owned();
    let own: Vec<Witness> = signed(lab, |issuer| matches!(issuer, Issuer::Private | Issuer::SelfSigned));
    let opened = Opened::of(lab);
    if !own.is_empty() || !opened.plain.is_empty() {
        let mut phrases = Vec::new();
        if !own.is_empty() {
            phrases.push(format!("Not so for {}.", words::names(own.iter().map(|fact| fact.what.as_str()))));
        }
        if !opened.plain.is_empty() {
            phrases.push(format!(
                "Opened by http, without any certificate: {}.",
                words::names(opened.plain.iter().map(|(name, _)| &**name))
            ));
        }
        return vec![
            Aspect::refuted(said, phrases.join(" ")).with(own).with(facts(&opened.plain, "opened by http")),
        ];
    }
    if !opened.bare.is_empty() {
        let names = words::names(opened.bare.iter().map(|(name, _)| &**name));
        let why = format!("No certificate is written down for {names}.");
        return vec![Aspect::not_judged(said, why).with(facts(&opened.bare, "no certificate covers it"))];
    }
    if let Some((_, silent)) = lab.certificates.iter().find(|(_, certificate)| certificate.issuer.is_none()) {
        let why = format!("Nobody says who issues `{}`.", silent.name);
        return vec![Aspect::not_judged(said, why).with([Witness::new("no issuer", Some(silent.name.span))])];
    }
    if lab.certificates.is_empty() && opened.covered == 0 {
        return vec![Aspect::not_judged(said, "The lab has no certificate, and no address that needs one.")];
    }
    let why = format!(
        "{} certificates, all of a public authority, cover all {} addresses that are opened.",
        lab.certificates.len(),
        opened.covered
    );
    vec![Aspect::proved(said, why).with(signed(lab, |_| true))]
}

/// The certificates of such issuers, as facts.
fn signed(lab: &Lab, is_meant: impl Fn(Issuer) -> bool) -> Vec<Witness> {
    let certificates = lab.certificates.iter().filter_map(|(_, certificate)| {
        let issuer = certificate.issuer.as_ref().filter(|issuer| is_meant(issuer.value))?;
        Some(Witness::new(format!("{}: {}", certificate.name, issuer.value), Some(issuer.span)))
    });
    certificates.collect()
}

/// The name of a service with the place of an address of it.
type Address = (Arc<str>, Span);

/// Addresses that people open.
#[derive(Default)]
struct Opened {
    /// By https, where a certificate has the name.
    covered: usize,
    /// By https, where none has.
    bare: Vec<Address>,
    /// By http.
    plain: Vec<Address>,
}

impl Opened {
    fn of(lab: &Lab) -> Self {
        let mut opened = Self::default();
        for (_, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
            for url in &service.url {
                let address = (service.name.text.clone(), url.span);
                match (url.value.scheme(), url.value.host()) {
                    ("https", UrlHost::Name(name)) if is_covered(lab, name) => opened.covered += 1,
                    ("https", _) => opened.bare.push(address),
                    ("http", _) => opened.plain.push(address),
                    _ => {}
                }
            }
        }
        opened
    }
}

fn facts(addresses: &[Address], what: &str) -> impl Iterator<Item = Witness> {
    addresses.iter().map(move |(name, span)| Witness::new(format!("{name}: {what}"), Some(*span)))
}

/// A certificate's wildcard covers one label and no more (RFC 6125, 6.4.3).
fn is_covered(lab: &Lab, name: &Hostname) -> bool {
    let name = name.as_str();
    let rest = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_owned());
    let covers = |pattern: &DnsName| {
        pattern.as_str() == name || (pattern.is_wildcard() && rest(pattern.as_str()) == rest(name))
    };
    lab.certificates
        .iter()
        .any(|(_, certificate)| certificate.names.iter().any(|pattern| covers(&pattern.value)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::verdicts;

    #[test]
    fn issuers_and_gaps_are_seen() {
        let lab = |url: &str, issuer: &str| {
            format!(
                "
services: {{ web: {{ url: '{url}' }} }}
certificates: {{ all: {{ names: ['*.example.org'], issuer: {issuer} }} }}
promises: {{ it: {{ says: it, claim: {{ publicly-signed: true, of: everything }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("https://web.example.org", "acme-dns")), ["proved"]);
        assert_eq!(verdicts(&lab("https://web.example.org", "self-signed")), ["REFUTED"]);
        assert_eq!(verdicts(&lab("http://web.example.org", "acme-dns")), ["REFUTED"]);
        assert_eq!(verdicts(&lab("https://a.web.example.org", "acme-dns")), ["not judged"]);
    }
}
