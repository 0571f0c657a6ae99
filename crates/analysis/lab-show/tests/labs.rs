//! Every view of every lab of this repository in every format it has: nothing fails, what is drawn is well-formed, and
//! the same lab gives the same bytes.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

use lab_model::{Input, Reading, read};
use lab_show::{Asked, Drawing, VIEWS, View, picture, render_csv, render_json, render_text};
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

fn collect(folder: &Path, root: &Path, files: &mut Vec<lab_source::Input>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, root, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(lab_source::Input { name, bytes: std::fs::read(&path).unwrap() });
        }
    }
}

fn folder_of_labs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs")
}

fn read_lab(folder: &Path) -> Reading {
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    read(Input { files, overlays: Vec::new(), types: &() })
}

fn labs() -> Vec<(String, Reading)> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder_of_labs()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("lab.yaml").is_file());
    folders.sort();
    assert!(folders.len() >= 5, "the labs are there");
    folders
        .iter()
        .map(|folder| (folder.file_name().unwrap().to_str().unwrap().to_owned(), read_lab(folder)))
        .collect()
}

/// Names to ask a view for: none, and for those that need one the first device.
fn names(view: &View, reading: &Reading) -> Vec<String> {
    let first = || reading.lab.devices.iter().next().map(|(_, device)| device.name.to_string());
    if matches!(view.name, "thing" | "find") { first().into_iter().collect() } else { Vec::new() }
}

/// Every format of a view, one after the other.
fn all_formats(view: &View, reading: &Reading) -> Vec<String> {
    let names = names(view, reading);
    let asked = Asked { lab: &reading.lab, files: &reading.files, names: &names };
    let document = (view.document)(&asked).unwrap();
    let mut out = vec![
        render_text(&document, 80),
        render_text(&document, 120),
        render_json(&document),
        render_csv(&document),
    ];
    match view.drawing {
        Some(Drawing::Graph(graph)) => {
            let graph = graph(&asked).unwrap();
            out.extend([picture::render_mermaid(&graph), picture::render_svg(&graph)]);
        }
        Some(Drawing::Svg(draw)) => out.push(draw(&asked).unwrap()),
        None => {}
    }
    out
}

#[test]
fn every_view_of_every_lab_is_shown_and_always_the_same() {
    let (once, again) = (labs(), labs());
    for ((name, reading), (_, other)) in once.iter().zip(&again) {
        for view in VIEWS {
            let shown = all_formats(view, reading);
            assert_eq!(shown, all_formats(view, other), "{name} {}", view.name);
            serde_json::from_str::<serde_json::Value>(&shown[2]).unwrap();
            if let Some(svg) = shown.last().filter(|text| text.starts_with("<svg")) {
                assert_eq!(xml_fault(svg), None, "{name} {}", view.name);
            }
        }
    }
}

#[test]
fn tables_fit_their_terminal() {
    for (name, reading) in labs() {
        for view in VIEWS.iter().filter(|view| !matches!(view.name, "thing" | "find")) {
            let asked = Asked { lab: &reading.lab, files: &reading.files, names: &[] };
            let document = (view.document)(&asked).unwrap();
            for width in [80, 120] {
                for line in render_text(&document, width).lines() {
                    assert!(line.width() <= width, "{name} {} at {width}: {line}", view.name);
                }
            }
        }
    }
}

/// What is wrong with a text as XML, in the little of it that drawings use: tags close in order, attributes are quoted,
/// and `&` begins one of the entities that XML knows.
fn xml_fault(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let found = &rest[at..];
        if let Some(entity) = found.strip_prefix('&') {
            if !["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)) {
                return Some(format!("a bare & before {}", entity.lines().next().unwrap_or_default()));
            }
            rest = entity;
            continue;
        }
        let Some(end) = found.find('>') else { return Some("a tag without end".to_owned()) };
        let tag = &found[1..end];
        rest = &found[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if !tag.matches('"').count().is_multiple_of(2) {
            return Some(format!("an open quote in <{tag}>"));
        }
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes something else"));
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.pop().map(|name| format!("<{name}> is not closed"))
}

/// A view of the starter lab as text.
fn starter(view: &str, names: &[&str]) -> String {
    let reading = read_lab(&folder_of_labs().join("starter"));
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let asked = Asked { lab: &reading.lab, files: &reading.files, names: &names };
    match (lab_show::find(view).unwrap().document)(&asked) {
        Ok(document) => render_text(&document, 100),
        Err(error) => format!("{} (near: {})", error.message, error.near.join(", ")),
    }
}

#[test]
fn views_say_what_the_starter_lab_says() {
    for (view, names, parts) in [
        (
            "thing",
            &["tank"][..],
            &["pool/tank", "two of six drives may fail", "any 2 drives", "dataset/photos"][..],
        ),
        ("thing", &["10.10.20.11"], &["host/node-1", "sfp-0"]),
        ("thing", &["nas-1:sfp-0"], &["device/nas-1"]),
        ("thing", &["nas-l"], &["there is no thing `nas-l` (near: nas-1)"]),
        ("thing", &["lab"], &["lab", "domain:"]),
        ("addresses", &["servers"], &["10.10.20.0/24", "host/node-1"]),
        ("addresses", &["nothing-there"], &["there is no prefix, VLAN or thing `nothing-there`"]),
        ("storage", &[], &["raidz2 of 6 × 8 TB", "32 TB"]),
        ("copies", &[], &["dataset/photos", "parents-house", "volume/photos-database"]),
        ("interfaces", &["nas-1"], &["sfp-0"]),
        ("find", &["restic"], &["backups.nas.tool", "storage.yaml:"]),
        ("power", &[], &["grid", "16 A"]),
        ("facts", &["no-such-source"], &["there is no source `no-such-source`"]),
    ] {
        let shown = starter(view, names);
        for part in parts {
            assert!(shown.contains(part), "{view} {names:?} lacks `{part}`:\n{shown}");
        }
    }
}

/// A lab of a few lines, for formats.
fn small(text: &str) -> Reading {
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    read(Input { files: vec![file], overlays: Vec::new(), types: &() })
}

#[test]
fn what_is_not_known_is_empty_and_a_secret_stays_one() {
    let reading = small(
        "lab: { name: small }\n# the only one\ndevices:\n  a: { serial: \"ENC[AES256_GCM,data:Zm9v,iv:YmFy,tag:YmF6,type:str]\" }\n",
    );
    let names = ["a".to_owned()];
    let show = |view: &str, names: &[String]| {
        let asked = Asked { lab: &reading.lab, files: &reading.files, names };
        (lab_show::find(view).unwrap().document)(&asked).unwrap()
    };
    assert_eq!(
        render_csv(&show("devices", &[])),
        "device,type,role,place,fed by,typical,peak,status\r\na,,,,,,,\r\n"
    );
    for view in ["thing", "find"] {
        let text = render_text(&show(view, &names), 100);
        assert!(!text.contains("Zm9v"), "{view}: {text}");
    }
    assert!(render_json(&show("devices", &[])).contains("\"device\": \"a\""));
}

#[test]
fn a_loop_of_plugs_and_a_device_without_anything_are_drawn() {
    let reading = small(
        "lab: { name: small }\ndevices:\n  a: { inlets: { in: b } }\n  b: { inlets: { in: a, in-2: a } }\n  c: {}\n",
    );
    for view in VIEWS {
        assert!(!all_formats(view, &reading).is_empty());
    }
}
