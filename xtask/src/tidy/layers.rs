//! The direction of dependencies: a crate depends on its own layer and on those above it, and the pure layers on nothing that does I/O.

use crate::workspace::{self, Member};
use std::path::Path;

/// Layers whose crates turn values into values.
const PURE_LAYERS: [&str; 2] = ["model", "analysis"];

/// Crates that do I/O, so no pure layer may name them.
const IMPURE: [&str; 10] = [
    "tokio",
    "reqwest",
    "nix",
    "socket2",
    "notify",
    "clap",
    "anstream",
    "tempfile",
    "rtnetlink",
    "terminal_size",
];

/// What a pure crate's sources may not say. Tests may.
const IMPURE_WORDS: [&str; 9] = [
    "std::fs",
    "std::process",
    "std::env::",
    "std::os::",
    "TcpStream",
    "UdpSocket",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
];

/// Faults of the manifests and of the pure crates' sources.
pub(crate) fn faults(root: &Path) -> Vec<String> {
    let members = workspace::members(root);
    let mut faults = direction(&members);
    for member in members.iter().filter(|member| PURE_LAYERS.contains(&member.layer.as_str())) {
        let named = member.dependencies.iter().filter(|name| IMPURE.contains(&name.as_str()));
        faults.extend(named.map(|name| format!("{}: depends on {name}, but its layer is pure", member.path)));
        faults.extend(impure_sources(root, member));
    }
    faults
}

fn direction(members: &[Member]) -> Vec<String> {
    let mut layers: Vec<&str> = members.iter().map(|member| member.layer.as_str()).collect();
    layers.dedup();
    let place = |layer: &str| layers.iter().position(|known| *known == layer);
    let mut faults = Vec::new();
    for member in members {
        for name in &member.dependencies {
            let Some(other) = members.iter().find(|other| other.name == *name) else { continue };
            if other.layer == "testing" {
                faults.push(format!("{}: {name} is for tests, so a dev-dependency", member.path));
            } else if place(&other.layer) > place(&member.layer) {
                faults.push(format!("{}: depends on {name}, which is in a layer below its own", member.path));
            }
        }
        // Tests may not turn the layers round either, but for the test kit.
        for name in &member.dev_dependencies {
            let below = members.iter().find(|other| other.name == *name && other.layer != "testing");
            if below.is_some_and(|other| place(&other.layer) > place(&member.layer)) {
                faults.push(format!(
                    "{}: its tests depend on {name}, which is in a layer below its own",
                    member.path
                ));
            }
        }
    }
    faults
}

fn impure_sources(root: &Path, member: &Member) -> Vec<String> {
    let mut faults = Vec::new();
    for path in workspace::files(&root.join(&member.path).join("src"), &[".rs"]) {
        let text = workspace::read(&path);
        if path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        // Tests inside a file stand at its end.
        let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code = product.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (word, line) in code.flat_map(|line| IMPURE_WORDS.map(|word| (word, line))) {
            if line.contains(word) {
                faults.push(format!("{}: says {word}, but its layer is pure", workspace::shown(root, &path)));
            }
        }
    }
    faults.dedup();
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, layer: &str, dependencies: &[&str]) -> Member {
        let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
        Member {
            name: name.into(),
            path: name.into(),
            layer: layer.into(),
            dependencies,
            dev_dependencies: vec![],
        }
    }

    #[test]
    fn dependencies_go_up_only() {
        let above = member("above", "model", &[]);
        let below = member("below", "apps", &["above"]);
        assert_eq!(direction(&[above, below]), Vec::<String>::new());
        let turned = [member("above", "model", &["below"]), member("below", "apps", &[])];
        assert_eq!(direction(&turned), ["above: depends on below, which is in a layer below its own"]);
        let kit = [member("app", "apps", &["kit"]), member("kit", "testing", &[])];
        assert_eq!(direction(&kit), ["app: kit is for tests, so a dev-dependency"]);
    }
}
