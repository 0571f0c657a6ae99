//! Files that SOPS has encrypted: who can read them, what is in them, and which places must never be shown.
//!
//! Nothing is decrypted and nothing is verified; without a key the `mac` says nothing.

use crate::files::{FileId, Files};
use crate::span::{Span, Spanned};
use crate::tree::{Entry, Map, Node};

/// One file with a `sops:` entry.
#[derive(Clone, Debug)]
pub struct SecretFile {
    /// The file.
    pub file: FileId,
    /// Its `sops:` key.
    pub span: Span,
    /// Who can read it: age recipients, PGP fingerprints, names of keys of a cloud or vault.
    pub recipients: Vec<Spanned<String>>,
    /// Every single value in it, in order.
    pub keys: Vec<SecretKey>,
}

/// One value of a secret file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretKey {
    /// The keys that lead to it, such as `users.alice.password` or `tokens[0]`.
    pub path: String,
    /// Where the value stands.
    pub span: Span,
    /// False for a value in clear text.
    pub encrypted: bool,
}

/// The key under which SOPS keeps its own data.
const SOPS: &str = "sops";

/// Takes the `sops` entry out of a document and describes it. A document without one comes back as it is.
pub(crate) fn take_sops(file: FileId, map: Map) -> (Map, Option<SecretFile>) {
    let Some(entry) = map.entries.iter().find(|entry| is_sops(entry)) else { return (map, None) };
    let span = entry.key.span;
    let mut recipients = Vec::new();
    gather_recipients(&entry.value, &mut recipients);
    let entries: std::sync::Arc<[Entry]> =
        map.entries.iter().filter(|entry| !is_sops(entry)).cloned().collect();
    let map = Map { entries, span: map.span };
    let mut keys = Vec::new();
    gather_keys(&Node::Map(map.clone()), &mut String::new(), &mut keys);
    (map, Some(SecretFile { file, span, recipients, keys }))
}

/// SOPS always writes `mac` and `lastmodified`; a key of the user's own named `sops` has neither.
fn is_sops(entry: &Entry) -> bool {
    &*entry.key.value == SOPS
        && entry
            .value
            .as_map()
            .is_some_and(|map| map.get("mac").is_some() || map.get("lastmodified").is_some())
}

/// Names a key of each kind that SOPS knows is held under.
const NAMES: [&str; 7] = ["recipient", "fp", "arn", "resource_id", "vault_address", "vault_url", "key_id"];

fn gather_recipients(node: &Node, recipients: &mut Vec<Spanned<String>>) {
    match node {
        Node::Map(map) => {
            for entry in map.entries.iter() {
                match &entry.value {
                    Node::Scalar(scalar) if NAMES.contains(&&*entry.key.value) => {
                        recipients.push(Spanned::new(scalar.text.to_string(), scalar.span));
                    }
                    Node::Scalar(_) => {}
                    inner => gather_recipients(inner, recipients),
                }
            }
        }
        Node::Seq(seq) => seq.items.iter().for_each(|item| gather_recipients(item, recipients)),
        Node::Scalar(_) => {}
    }
}

fn gather_keys(node: &Node, path: &mut String, keys: &mut Vec<SecretKey>) {
    let length = path.len();
    match node {
        Node::Scalar(scalar) if scalar.is_null() => {}
        Node::Scalar(scalar) => {
            keys.push(SecretKey { path: path.clone(), span: scalar.span, encrypted: scalar.secret });
        }
        Node::Seq(seq) => {
            for (position, item) in seq.items.iter().enumerate() {
                path.push_str(&format!("[{position}]"));
                gather_keys(item, path, keys);
                path.truncate(length);
            }
        }
        Node::Map(map) => {
            for entry in map.entries.iter() {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&entry.key.value);
                gather_keys(&entry.value, path, keys);
                path.truncate(length);
            }
        }
    }
}

/// Tells `files` where the encrypted values of a document stand. They may be folded or escaped so that their text alone
/// does not show what they are.
pub(crate) fn mark_secrets(files: &mut Files, node: &Node) {
    match node {
        Node::Scalar(scalar) if scalar.secret => files.mark_secret(scalar.span),
        Node::Scalar(_) => {}
        Node::Seq(seq) => seq.items.iter().for_each(|item| mark_secrets(files, item)),
        Node::Map(map) => map.entries.iter().for_each(|entry| mark_secrets(files, &entry.value)),
    }
}
