//! Files that a rule of `secrets.rules` covers and that are in clear, or encrypted to other keys than it names.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Name;
use lab_model::written::{SecretRule, Secrets};
use lab_source::{FileId, SecretFile, Severity};
use std::collections::BTreeMap;

rule!(
    "secret-not-encrypted-as-ruled",
    Error,
    Security,
    "a file is in clear, or encrypted to other keys than `secrets.rules` asks for"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let Some(secrets) = &lab.secrets else { return };
    unknown_recipients(context, secrets);
    let encrypted: BTreeMap<FileId, &SecretFile> =
        lab.secret_files.iter().map(|file| (file.file, file)).collect();
    for (path, span) in &lab.paths {
        let Some((pattern, rule)) = secrets.rule_for(path) else { continue };
        match encrypted.get(&span.file) {
            Some(file) => keys(context, secrets, path, file, (pattern, rule)),
            None if span.start == span.end => {}
            None => {
                let finding = context
                    .finding(
                        format!("`{path}` is to be encrypted and stands in clear"),
                        *span,
                        "not encrypted by SOPS",
                    )
                    .and(pattern.span, "this rule covers it")
                    .about(format!("secrets/{pattern}"))
                    .because("whoever reads the repository has what is in it, and its history keeps it")
                    .help(format!("run `sops --encrypt --in-place {path}` before it is committed; was it committed, change what is in it"));
                context.report(finding);
            }
        }
    }
}

/// Compares the keys of a file with those of its rule.
fn keys(
    context: &mut Context<'_>,
    secrets: &Secrets,
    path: &str,
    file: &SecretFile,
    (pattern, rule): (&Name, &SecretRule),
) {
    let wanted: BTreeMap<&str, &str> = rule
        .recipients
        .iter()
        .filter_map(|name| Some((bare(&secrets.recipients.get(&name.text)?.key.as_ref()?.text), &*name.text)))
        .collect();
    let there: Vec<&str> = file.recipients.iter().map(|recipient| bare(&recipient.value)).collect();
    let lacking: Vec<&str> =
        wanted.iter().filter(|(key, _)| !there.contains(key)).map(|(_, name)| *name).collect();
    if !lacking.is_empty() {
        let finding = context
            .finding(
                format!("{} cannot read `{path}`", names(&lacking)),
                file.span,
                "encrypted to others only",
            )
            .and(pattern.span, "this rule asks for it")
            .about(format!("secrets/{pattern}"))
            .help(format!("run `sops updatekeys {path}` after the rule stands in `.sops.yaml` as well"));
        context.report(finding);
    }
    // Keys that the lab does not know at all are another rule's.
    for (name, recipient) in secrets.recipients.iter() {
        let Some(key) = recipient.key.as_ref().map(|key| bare(&key.text)) else { continue };
        let Some(at) = there.iter().position(|there| *there == key && !wanted.contains_key(key)) else {
            continue;
        };
        let mut finding = context
            .finding(format!("`{name}` can read `{path}` and is not meant to"), file.recipients[at].span, "this key")
            .and(pattern.span, "this rule does not name it")
            .about(format!("secrets/{pattern}"))
            .help(format!("take it away and run `sops updatekeys {path}`, then change the secrets in it; or name it in the rule"));
        finding.severity = Severity::Warning;
        context.report(finding);
    }
}

/// A key without the comment that SSH keys end with.
fn bare(key: &str) -> &str {
    match key.match_indices(' ').nth(1) {
        Some((end, _)) if key.starts_with("ssh-") => &key[..end],
        _ => key.trim(),
    }
}

/// Rules that name recipients which are not there.
fn unknown_recipients(context: &mut Context<'_>, secrets: &Secrets) {
    let known: Vec<&str> = secrets.recipients.iter().map(|(name, _)| &*name.text).collect();
    for (pattern, rule) in secrets.rules.iter() {
        for name in rule.recipients.iter().filter(|name| !known.contains(&&*name.text)) {
            let finding = context
                .finding(format!("no recipient is called `{name}`"), name.span, "nobody")
                .about(format!("secrets/{pattern}"));
            let finding = match lab_source::suggest::nearest(&name.text, known.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("name its key under `secrets.recipients`"),
            };
            context.report(finding);
        }
    }
}
