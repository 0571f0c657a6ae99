//! Who is to read secrets, by the lab's own words: recipients nobody named, one key only, one key under two names, keys with a typo.

use crate::context::Context;
use crate::rule::rule;
use lab_source::suggest::nearest;
use lab_source::{Severity, Span};
use std::collections::BTreeMap;

rule!("secret-rule-unsafe", Warning, Security, "secrets that nobody, one key, or an impossible key can read");

fn check(context: &mut Context<'_>) {
    let Some(secrets) = &context.lab.secrets else { return };
    let mut by_key: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for (name, recipient) in secrets.recipients.iter() {
        let Some(key) = &recipient.key else { continue };
        if key.text.starts_with("age1") && !key.text[4..].contains('1') && !is_bech32(&key.text) {
            let finding = context.finding(
                format!("the key of `{name}` has a typo"),
                key.span,
                "its checksum does not hold",
            );
            tell(
                context,
                finding.because("nothing can be encrypted to it").help("copy it again, whole"),
                Severity::Error,
            );
        }
        if let Some((first, span)) = by_key.insert(&key.text, (&name.text, key.span)) {
            let finding = context
                .finding(format!("`{first}` and `{name}` are one key"), key.span, "the same key")
                .and(span, format!("also of `{first}`"));
            tell(
                context,
                finding
                    .because("a second recipient is there for the day on which the first key is lost")
                    .help("give the second one a key of its own"),
                Severity::Warning,
            );
        }
    }
    for (pattern, rule) in secrets.rules.iter() {
        for recipient in &rule.recipients {
            if secrets.recipients.get(&recipient.text).is_some() {
                continue;
            }
            let known: Vec<&str> = secrets.recipients.iter().map(|(name, _)| &*name.text).collect();
            let help = nearest(&recipient.text, known.iter().copied()).map_or_else(
                || format!("they are {}", known.join(", ")),
                |name| format!("did you mean `{name}`?"),
            );
            let finding = context.finding(
                format!("no recipient is called `{}`", recipient.text),
                recipient.span,
                "nobody of that name",
            );
            tell(context, finding.help(help), Severity::Error);
        }
        if rule.recipients.is_empty() {
            let finding =
                context.finding(format!("nobody can read `{pattern}`"), pattern.span, "no recipient");
            let finding = finding.because("SOPS encrypts to nobody: the file is refused, or lost");
            tell(context, finding.help("name at least two recipients"), Severity::Error);
        }
        if let [only] = &rule.recipients[..] {
            let finding = context.finding(
                format!("only `{}` can read `{pattern}`", only.text),
                only.span,
                "the only recipient",
            );
            tell(
                context,
                finding
                    .because("when that key is lost, so are the secrets")
                    .help("add a second recipient whose key lies elsewhere, such as on paper"),
                Severity::Warning,
            );
        }
    }
}

fn tell(context: &mut Context<'_>, mut finding: lab_source::Diagnostic, severity: Severity) {
    finding.severity = severity;
    context.report_once(finding);
}

/// Whether the checksum of BIP 173 holds, by which age keys are written.
fn is_bech32(text: &str) -> bool {
    const DIGITS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const PARTS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let Some((prefix, data)) = text.split_once('1') else { return false };
    let digits: Option<Vec<u8>> =
        data.chars().map(|c| DIGITS.find(c).and_then(|at| u8::try_from(at).ok())).collect();
    let Some(digits) = digits else { return false };
    let values =
        prefix.bytes().map(|b| b >> 5).chain([0]).chain(prefix.bytes().map(|b| b & 31)).chain(digits);
    let sum = values.fold(1u32, |sum, value| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        PARTS
            .iter()
            .enumerate()
            .filter(|(bit, _)| top >> bit & 1 == 1)
            .fold(next, |next, (_, part)| next ^ part)
    });
    sum == 1
}
