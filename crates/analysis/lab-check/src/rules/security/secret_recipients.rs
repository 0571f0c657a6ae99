//! Encrypted files against the recipients that the lab names: readers nobody knows, a single key, values left in clear.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::Lab;
use lab_source::{SecretFile, Severity, Span};
use std::collections::BTreeSet;

rule!(
    "secret-recipients",
    Warning,
    Security,
    "a secret is readable by an unknown key, by one key only, or in clear"
);

/// Words in the names of values that are secrets.
const SECRET: [&str; 8] =
    ["password", "passwd", "token", "secret", "apikey", "api_key", "private", "credential"];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    private_keys(context);
    for file in &lab.secret_files {
        for (severity, span, headline, help) in faults(lab, file) {
            let mut finding = context.finding(headline, span, "here").help(help);
            finding.severity = severity;
            context.report_once(finding);
        }
    }
}

fn faults(lab: &Lab, file: &SecretFile) -> Vec<(Severity, Span, String, &'static str)> {
    let mut found = Vec::new();
    let known: BTreeSet<&str> = lab
        .secrets
        .iter()
        .flat_map(|secrets| secrets.recipients.iter())
        .filter_map(|(_, recipient)| Some(&*recipient.key.as_ref()?.text))
        .collect();
    for recipient in &file.recipients {
        if !known.is_empty() && !known.contains(recipient.value.as_str()) {
            found.push((
                Severity::Error,
                recipient.span,
                "a key that nobody knows can read this file".to_owned(),
                "re-encrypt it without that key, or name it under `secrets.recipients`",
            ));
        }
    }
    if let [only] = &file.recipients[..] {
        found.push((
            Severity::Warning,
            only.span,
            "only one key can read this file: when it is lost, so is the secret".to_owned(),
            "encrypt it to a second key that is kept elsewhere",
        ));
    }
    let clear: Vec<&lab_source::SecretKey> =
        file.keys.iter().filter(|key| !key.encrypted && sounds_secret(&key.path)).collect();
    if let Some(first) = clear.first() {
        let paths: Vec<&str> = clear.iter().map(|key| &*key.path).collect();
        found.push((
            Severity::Error,
            first.span,
            format!("{} in clear in an encrypted file", names(&paths)),
            "encrypt the value, and change it: the history keeps what was once committed",
        ));
    }
    found
}

fn sounds_secret(path: &str) -> bool {
    // Names and labels of a Kubernetes manifest are read in clear by everybody who applies it.
    if path.starts_with("metadata.") {
        return false;
    }
    let last = path.rsplit('.').next().unwrap_or(path).to_lowercase().replace('-', "_");
    let names_one = SECRET.iter().any(|word| last.contains(word));
    names_one && !last.ends_with("name") && !last.ends_with("ref")
}

/// Private keys where public ones belong.
fn private_keys(context: &mut Context<'_>) {
    let lab = context.lab;
    let recipients = lab.secrets.iter().flat_map(|secrets| secrets.recipients.iter());
    let recipients =
        recipients.filter_map(|(name, recipient)| Some((format!("secrets/{name}"), recipient.key.as_ref()?)));
    let users = lab.hosts.iter().flat_map(|(id, host)| {
        let subject = lab.subject(id);
        host.record
            .users
            .iter()
            .flat_map(|(_, user)| &user.keys)
            .map(move |key| (subject.clone(), key))
            .collect::<Vec<_>>()
    });
    let found: Vec<(String, Span)> = recipients
        .chain(users)
        .filter(|(_, key)| key.text.starts_with("AGE-SECRET-KEY-") || key.text.contains("PRIVATE KEY-----"))
        .map(|(subject, key)| (subject, key.span))
        .collect();
    for (subject, span) in found {
        let mut finding = context
            .finding("a private key stands here in clear", span, "whoever reads the repository has it")
            .about(subject)
            .help("write the public key, and make a new pair: this one is known now");
        finding.severity = Severity::Error;
        context.report_once(finding);
    }
}
