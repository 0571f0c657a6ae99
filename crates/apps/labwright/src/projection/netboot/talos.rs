//! Whether a Talos machine configuration can be handed to a host: found out before a permit is opened for it.
//!
//! The configuration is the user's own and is passed on as it is. Looked at is what would be told only by the machine's screen:
//! text that is no configuration, one that is still encrypted, and another host's. Values are not judged; Talos does.

use lab_source::{Budget, Files, Limits, Map, Node, yaml};

/// Keys of the document without a kind (Talos configuration reference, `v1alpha1.Config`; `persist` until 1.14).
const KEYS: [&str; 5] = ["version", "debug", "persist", "machine", "cluster"];
/// Values of `machine.type`; the first was given up with 1.15.
const TYPES: [&str; 3] = ["init", "controlplane", "worker"];

/// Why a host cannot have this configuration; none when it can.
pub(super) fn refusal(host: &str, text: &str) -> Option<String> {
    let (mut files, limits) = (Files::new(), Limits::default());
    let file = files.add("talos", text);
    let parsed = yaml::parse(file, text, &limits, &mut Budget::new(&limits));
    if let Some(fault) = parsed.diagnostics.first() {
        return Some(format!("it is no YAML: {}", fault.message));
    }
    let documents = parsed.documents.iter().filter(|document| !document.is_null());
    let mut machines = 0;
    for document in documents {
        let Some(map) = document.as_map() else { return Some("a document of it is no mapping".into()) };
        if map.get("sops").is_some() {
            return Some(
                "it is encrypted with SOPS, which Talos cannot read: put the decrypted file there".into(),
            );
        }
        let faulty = match text_at(map, &["kind"]) {
            Some(_) if text_at(map, &["apiVersion"]).is_none() => {
                Some("a document has a `kind` and no `apiVersion`".into())
            }
            Some(_) => None,
            None => {
                machines += 1;
                machine(map)
            }
        };
        if let Some(why) = faulty.or_else(|| another_host(host, map)) {
            return Some(why);
        }
    }
    match machines {
        0 => Some("it has no document with `machine`".into()),
        1 => None,
        _ => Some("it has several documents with `machine`".into()),
    }
}

/// What is wrong with the document that says what the machine is.
fn machine(map: &Map) -> Option<String> {
    if let Some(entry) = map.entries.iter().find(|entry| !KEYS.contains(&&*entry.key.value)) {
        return Some(format!("`{}` is no key of a Talos configuration", entry.key.value));
    }
    match text_at(map, &["machine", "type"]) {
        None => Some("it does not say `machine.type`".into()),
        Some(kind) if !TYPES.contains(&kind) => Some(format!("`{kind}` is no `machine.type`")),
        Some(_) => None,
    }
}

/// The name that the document gives the machine, if it is not this host's.
fn another_host(host: &str, map: &Map) -> Option<String> {
    let own = match text_at(map, &["kind"]) {
        Some("HostnameConfig") => text_at(map, &["hostname"]),
        Some(_) => None,
        None => text_at(map, &["machine", "network", "hostname"]),
    };
    // A configuration may give the whole name.
    let other = own.filter(|own| own.split('.').next() != Some(host))?;
    Some(format!("it is for `{other}`"))
}

fn text_at<'a>(map: &'a Map, path: &[&str]) -> Option<&'a str> {
    let (last, before) = path.split_last()?;
    let inner = before.iter().try_fold(map, |map, key| map.get(key)?.value.as_map())?;
    match &inner.get(last)?.value {
        Node::Scalar(scalar) if !scalar.is_null() => Some(&scalar.text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "version: v1alpha1\nmachine:\n  type: worker\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: n1\n";

    #[test]
    fn what_talos_would_not_take_is_refused() {
        for (from, to, part) in [
            ("", "", ""),
            ("hostname: n1", "hostname: n1.home.example", ""),
            ("hostname: n1", "hostname: n2", "it is for `n2`"),
            ("type: worker", "type: worker\n  network: { hostname: n3 }", "it is for `n3`"),
            ("type: worker", "token: x", "`machine.type`"),
            ("type: worker", "type: wurker", "`wurker`"),
            ("version: v1alpha1", "versions: v1alpha1", "`versions` is no key"),
            ("version: v1alpha1", "version: v1alpha1\nsops: {}", "encrypted"),
            ("apiVersion: v1alpha1\n", "", "no `apiVersion`"),
            ("kind: HostnameConfig", "cluster: {}", "`apiVersion` is no key"),
            ("machine:\n  type: worker", "machine: [", "no YAML"),
            ("version: v1alpha1\nmachine:\n  type: worker\n---\n", "", "no document with `machine`"),
            ("---\n", "---\nmachine: { type: worker }\n---\n", "several"),
            (GOOD, "words", "no mapping"),
            (GOOD, "", "no document"),
        ] {
            let found = refusal("n1", &GOOD.replacen(from, to, 1)).unwrap_or_default();
            assert!(found.contains(part), "{to}: {found}");
            assert_eq!(found.is_empty(), part.is_empty(), "{to}: {found}");
        }
    }

    /// With `LABWRIGHT_SCHEMAS`, a folder that has Talos's schema as `talos/config.schema.json`.
    #[test]
    fn our_words_are_those_of_the_schema() {
        let Some(folder) = std::env::var_os("LABWRIGHT_SCHEMAS") else { return };
        let path = std::path::Path::new(&folder).join("talos/config.schema.json");
        let schema: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("JSON");
        let defined = &schema["$defs"];
        let words = |value: &serde_json::Value| -> Vec<String> {
            value
                .as_array()
                .expect("words")
                .iter()
                .map(|word| word.as_str().expect("a word").to_owned())
                .collect()
        };
        let whole = defined["v1alpha1.Config"]["properties"].as_object().expect("keys");
        assert!(whole.keys().all(|key| KEYS.contains(&key.as_str())), "{:?}", whole.keys());
        let types = words(&defined["v1alpha1.MachineConfig"]["properties"]["type"]["enum"]);
        assert!(types.iter().all(|kind| TYPES.contains(&kind.as_str())), "{types:?}");
        let hostname = &defined["network.HostnameConfigV1Alpha1"]["properties"];
        assert_eq!(words(&hostname["kind"]["enum"]), ["HostnameConfig"]);
        assert!(hostname["hostname"].is_object());
        // Every other document says its kind and its version.
        for reference in schema["oneOf"].as_array().expect("documents") {
            let name =
                reference["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")).expect("a name");
            if name != "v1alpha1.Config" {
                assert_eq!(words(&defined[name]["required"]), ["apiVersion", "kind"], "{name}");
            }
        }
    }
}
