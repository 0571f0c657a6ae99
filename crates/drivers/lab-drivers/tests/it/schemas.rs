//! Kubernetes resources against the published schemas of the systems that take them. The validator knows the words that those
//! schemas use and says so when there is one that it does not know.

use crate::labs;
use lab_source::{Files, Node};
use serde_json::{Value, json};
use std::path::Path;

/// Words of a schema that say nothing about validity.
const WORDS_WITHOUT_WEIGHT: [&str; 5] = ["description", "default", "title", "$schema", "format"];

/// Every way in which `value` is not as `schema` says.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "type" if !has_type(rule, value) => faults.push(format!("{path} is no {rule}")),
            "type" | "additionalProperties" => {}
            "properties" => faults.extend(property_faults(schema, rule, value, path)),
            "required" => {
                let missing =
                    rule.as_array().unwrap().iter().filter(|key| value.get(key.as_str().unwrap()).is_none());
                faults.extend(missing.map(|key| format!("{path} lacks {key}")));
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    faults.extend(self::faults(rule, item, &format!("{path}[{index}]")));
                }
            }
            "enum" if !rule.as_array().unwrap().contains(value) => {
                faults.push(format!("{path} is none of {rule}"))
            }
            "minimum" if value.as_f64() < rule.as_f64() => faults.push(format!("{path} is below {rule}")),
            "maximum" if value.as_f64() > rule.as_f64() => faults.push(format!("{path} is above {rule}")),
            "minItems" if (value.as_array().unwrap().len() as u64) < rule.as_u64().unwrap() => {
                faults.push(format!("{path} has fewer than {rule}"));
            }
            "maxItems" if value.as_array().unwrap().len() as u64 > rule.as_u64().unwrap() => {
                faults.push(format!("{path} has more than {rule}"));
            }
            "maxLength" if value.as_str().unwrap().len() as u64 > rule.as_u64().unwrap() => {
                faults.push(format!("{path} is too long"));
            }
            "minLength" if (value.as_str().unwrap().len() as u64) < rule.as_u64().unwrap() => {
                faults.push(format!("{path} is too short"));
            }
            "pattern"
                if !regex_lite::Regex::new(rule.as_str().unwrap())
                    .unwrap()
                    .is_match(value.as_str().unwrap()) =>
            {
                faults.push(format!("{path} does not match {rule}"));
            }
            "enum" | "minimum" | "maximum" | "minItems" | "maxItems" | "maxLength" | "minLength"
            | "pattern" => {}
            word if word.starts_with("x-kubernetes-") || WORDS_WITHOUT_WEIGHT.contains(&word) => {}
            "anyOf" | "oneOf" => {
                let holds =
                    rule.as_array().unwrap().iter().any(|one| self::faults(one, value, path).is_empty());
                faults.extend((!holds).then(|| format!("{path} is none of its alternatives")));
            }
            word => faults.push(format!("{path}: the schema says `{word}`, which this test does not know")),
        }
    }
    faults
}

fn property_faults(schema: &Value, properties: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match (properties.get(key), schema.get("additionalProperties")) {
            (Some(schema), _) => faults.extend(self::faults(schema, value, &path)),
            (None, Some(Value::Object(_))) => {}
            // Metadata is Kubernetes's own and not in the schemas.
            (None, _) if path.starts_with(".metadata") => {}
            (None, _) => faults.push(format!("{path} is not known")),
        }
    }
    faults
}

fn has_type(ty: &Value, value: &Value) -> bool {
    match ty.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        _ => ty.as_array().is_some_and(|types| types.iter().any(|ty| has_type(ty, value))),
    }
}

/// The documents of a YAML text as values. Plain scalars are what YAML 1.2 takes them for.
fn documents(text: &str) -> Vec<Value> {
    let parts = text.split("\n---\n").skip(1);
    parts
        .map(|part| {
            let mut files = Files::new();
            let input = lab_source::Input { name: "one.yaml".into(), bytes: part.as_bytes().to_vec() };
            let tree = lab_source::read_tree(&mut files, vec![input], &[]);
            assert!(tree.diagnostics.is_empty(), "{part}: {:?}", tree.diagnostics);
            value(&Node::Map(tree.root))
        })
        .collect()
}

fn value(node: &Node) -> Value {
    match node {
        Node::Map(map) => {
            Value::Object(map.entries.iter().map(|e| (e.key.value.to_string(), value(&e.value))).collect())
        }
        Node::Seq(seq) => Value::Array(seq.items.iter().map(value).collect()),
        Node::Scalar(scalar) if scalar.style != lab_source::ScalarStyle::Plain => json!(&*scalar.text),
        Node::Scalar(scalar) => serde_json::from_str(&scalar.text)
            .ok()
            .filter(|value: &Value| value.is_number() || value.is_boolean())
            .unwrap_or_else(|| json!(&*scalar.text)),
    }
}

fn schema_of(resource: &Value) -> Value {
    let version = resource["apiVersion"].as_str().unwrap().rsplit_once('/').unwrap().1;
    let kind = resource["kind"].as_str().unwrap().to_lowercase();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/schemas/{kind}_{version}.json"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))).unwrap()
}

/// A lab in which everything is asked for: BFD, passwords, several networks.
const FULL: [(&str, &str); 2] =
    [("    cni: cilium\n", "    cni: calico\n"), ("    bfd: false\n", "    bfd: true\n")];

#[test]
fn resources_are_as_their_systems_publish() {
    let mut kinds = std::collections::BTreeSet::new();
    let mut labs: Vec<_> =
        labs::LABS.iter().map(|(name, overlays)| (*name, labs::lab(name, overlays))).collect();
    labs.push(("infra-mk3 with MetalLB", labs::lab_with("infra-mk3", &[], &FULL)));
    for (name, reading) in labs {
        for driver in ["cilium", "metallb"].map(|name| lab_drivers::find(name).unwrap()) {
            for thing in (driver.subjects)(&reading.lab) {
                for (path, file) in (driver.render)(&reading.lab, thing).files {
                    for resource in documents(&file.text) {
                        let faults = faults(&schema_of(&resource), &resource, "");
                        assert_eq!(faults, Vec::<String>::new(), "{name}: {path}: {resource:#}");
                        kinds.insert(resource["kind"].as_str().unwrap().to_owned());
                    }
                }
            }
        }
    }
    let all = [
        "BFDProfile",
        "BGPAdvertisement",
        "BGPPeer",
        "CiliumBGPAdvertisement",
        "CiliumBGPClusterConfig",
        "CiliumBGPPeerConfig",
        "CiliumLoadBalancerIPPool",
        "IPAddressPool",
        "L2Advertisement",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}

/// The validator is a judge: it refuses what is wrong.
#[test]
fn a_wrong_resource_is_refused() {
    let reading = labs::lab("infra-mk3", &[]);
    let cilium = lab_drivers::find("cilium").unwrap();
    let thing = (cilium.subjects)(&reading.lab)[0];
    let text = (cilium.render)(&reading.lab, thing).files["cilium/bgp.yaml"].text.clone();
    for (good, bad) in [
        ("holdTimeSeconds: 9", "holdTimeSeconds: 2"),
        ("peerASN: 64512", "peerAsn: 64512"),
        ("\"10.3.0.1\"", "somewhere"),
        ("safi: unicast", "safi: unicats"),
    ] {
        assert!(text.contains(good));
        let broken = documents(&text.replace(good, bad));
        let faults: Vec<String> = broken.iter().flat_map(|one| faults(&schema_of(one), one, "")).collect();
        assert!(!faults.is_empty(), "`{bad}` passes");
    }
}

/// What must be alike at both ends is: numbers, timers, BFD, addresses, in every file of every end.
#[test]
fn both_ends_say_the_same() {
    for (replaced, bfd) in [(&[][..], false), (&FULL[..], true)] {
        let reading = labs::lab_with("infra-mk3", &[], replaced);
        let render = |driver: &str, name: &str| {
            let driver = lab_drivers::find(driver).unwrap();
            let lab = &reading.lab;
            let thing =
                (driver.subjects)(lab).into_iter().find(|thing| &*lab.name(*thing).text == name).unwrap();
            let files = (driver.render)(lab, thing).files;
            files.values().map(|file| file.text.clone()).collect::<String>()
        };
        let (frr, bird) = (render("linux-router", "router-01"), render("bird", "talos-k8s-mixed-02"));
        let kube = if bfd { render("metallb", "k8s") } else { render("cilium", "k8s") };
        for (text, words) in [
            (&frr, ["router bgp 64512", "remote-as 64513", "timers 3 9", "10.3.1.2"]),
            (&bird, ["as 64513", "as 64512", "hold time 9;\n  keepalive time 3", "neighbor 10.3.0.1"]),
        ] {
            words.iter().for_each(|words| assert!(text.contains(words), "{words}: {text}"));
        }
        let words = match bfd {
            true => [
                "myASN: 64513",
                "peerASN: 64512",
                "holdTime: \"9s\"",
                "keepaliveTime: \"3s\"",
                "bfdProfile: lab",
            ],
            false => [
                "localASN: 64513",
                "peerASN: 64512",
                "holdTimeSeconds: 9",
                "keepAliveTimeSeconds: 3",
                "restartTimeSeconds: 60",
            ],
        };
        let kube = kube
            .replace("keepaliveTime: 3s", "keepaliveTime: \"3s\"")
            .replace("holdTime: 9s", "holdTime: \"9s\"");
        words.iter().for_each(|words| assert!(kube.contains(words), "{words}: {kube}"));
        for text in [&frr, &bird] {
            assert_eq!(text.contains(" bfd on") || text.contains(" bfd profile lab"), bfd, "{text}");
        }
    }
}
