//! The format of the community library, read as its files and its schema have it. `testdata/` holds a few of its files
//! (CC0); a whole checkout is read when `LABWRIGHT_DEVICE_TYPES` names one.

use super::*;
use crate::derived::PortClass;
use crate::read::{Input, Reading, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The files of a library by kind and name.
struct Folder {
    files: BTreeMap<(TypeKind, String), PathBuf>,
}

impl Folder {
    fn open(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        for (folder, kind) in [("device-types", TypeKind::Device), ("module-types", TypeKind::Card)] {
            for maker in entries(&root.join(folder)) {
                for model in entries(&maker) {
                    let name = |path: &Path| slugify(&path.file_stem().unwrap().to_string_lossy());
                    let maker = slugify(&maker.file_name().unwrap().to_string_lossy());
                    files.insert((kind, format!("{maker}/{}", name(&model))), model);
                }
            }
        }
        Self { files }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

impl TypeSource for Folder {
    fn find(&self, kind: TypeKind, name: &str) -> Option<TypeFile> {
        let path = self.files.get(&(kind, name.to_owned()))?;
        Some(TypeFile { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() })
    }

    fn names(&self, kind: TypeKind) -> Vec<String> {
        self.files.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.clone()).collect()
    }
}

/// A lab with one device of each type of a library, and each card in a device of its own, in a bay called `7`.
fn lab_of(library: &Folder) -> Reading {
    let mut text = String::from("lab: { name: all }\ndevices:\n");
    for (index, (kind, name)) in library.files.keys().enumerate() {
        match kind {
            TypeKind::Device => writeln!(text, "  d-{index}: {{ type: {name:?} }}").unwrap(),
            TypeKind::Card => writeln!(text, "  d-{index}: {{ cards: {{ 7: {name:?} }} }}").unwrap(),
        }
    }
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.into_bytes() };
    read(Input { files: vec![file], overlays: Vec::new(), types: library })
}

fn findings(reading: &Reading) -> Vec<String> {
    let show = |finding: &lab_source::Diagnostic| {
        let place = finding.primary.as_ref().map(|label| reading.files.get(label.span.file).name.clone());
        format!("{} {} in {place:?}", finding.code, finding.message)
    };
    reading.diagnostics.iter().map(show).collect()
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// What a device has: network, front, rear and console ports, inlets, outlets, module bays, device bays, parts.
fn counts(reading: &Reading, index: usize) -> [usize; 9] {
    let id = reading.lab.devices.find(&format!("d-{index}")).unwrap();
    let facts = reading.lab.derived.device(id);
    let of =
        |class| facts.ports.iter().filter(|port| reading.lab.derived.port(**port).class == class).count();
    let of_type = |count: fn(&DeviceType) -> usize| facts.ty.as_deref().map_or(0, count);
    [
        of(PortClass::Network),
        of(PortClass::Front),
        of(PortClass::Rear),
        of(PortClass::Console),
        reading.lab.derived.inlets_of(id).count(),
        reading.lab.derived.outlets_of(id).count(),
        of_type(|ty| ty.module_bays.len()),
        of_type(|ty| ty.device_bays.len()),
        of_type(|ty| ty.inventory_items.len()),
    ]
}

#[test]
fn files_of_every_component_kind_read_without_a_finding() {
    let library = Folder::open(&testdata());
    let reading = lab_of(&library);
    assert_eq!(findings(&reading), Vec::<String>::new());
    let seen: Vec<(&str, [usize; 9])> = library
        .files
        .keys()
        .enumerate()
        .map(|(index, (_, name))| (name.as_str(), counts(&reading, index)))
        .collect();
    let expected = EXPECTED_COUNTS;
    assert_eq!(seen, expected);
}

#[test]
fn a_whole_library_reads_without_a_finding() {
    let Some(root) = std::env::var_os("LABWRIGHT_DEVICE_TYPES") else { return };
    let library = Folder::open(Path::new(&root));
    let reading = lab_of(&library);
    assert_eq!(findings(&reading), Vec::<String>::new());
    assert_eq!(reading.lab.types.iter().count(), library.files.len());
}

/// The keys of a part of the library's schema.
fn keys_of(part: &serde_json::Value) -> BTreeSet<&str> {
    part["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_key_of_the_schema_is_known() {
    let schema = |name: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(testdata().join("schema").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let unknown = |keys: BTreeSet<&str>, known: &[crate::record::Key]| -> Vec<String> {
        let is_known = |key: &&str| known.iter().any(|known| known.name.is(key));
        keys.into_iter().filter(|key| !is_known(key)).map(str::to_owned).collect()
    };
    let none = Vec::<String>::new();
    assert_eq!(unknown(keys_of(&schema("devicetype.json")), DeviceType::KEYS), none);
    assert_eq!(unknown(keys_of(&schema("moduletype.json")), DeviceType::KEYS), none);
    let components = schema("components.json");
    for (name, part) in components["definitions"].as_object().unwrap() {
        let known = match name.as_str() {
            "console-port" | "console-server-port" | "module-bay" | "device-bay" => Component::KEYS,
            "power-port" => PowerPort::KEYS,
            "power-outlet" => PowerOutlet::KEYS,
            "interface" => InterfaceTemplate::KEYS,
            "front-port" => FrontPort::KEYS,
            "rear-port" => RearPort::KEYS,
            "inventory-item" => InventoryItem::KEYS,
            other => panic!("a component that is not known: {other}"),
        };
        assert_eq!(unknown(keys_of(part), known), none, "{name}");
    }
}

fn device_of(ty: &str) -> Reading {
    let text = format!("lab: {{ name: one }}\ndevices: {{ d-0: {{ type: t }} }}\ndevice-types:\n  t: {ty}\n");
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.into_bytes() };
    read(Input { files: vec![file], overlays: Vec::new(), types: &() })
}

#[test]
fn fronts_lead_to_rears_in_both_ways_of_the_library() {
    let old = "{ front-ports: [{ name: P, rear_port: P }], rear-ports: [{ name: P, positions: 2 }] }";
    let new = "{ front-ports: [{ name: P, positions: 1 }], rear-ports: [{ name: P, positions: 2 }],\n    \
               port-mappings: [{ front_port: P, front_port_position: 1, rear_port: P, rear_port_position: 2 }] }";
    for (ty, position) in [(old, 1), (new, 2)] {
        let reading = device_of(ty);
        assert_eq!(findings(&reading), Vec::<String>::new());
        let derived = &reading.lab.derived;
        let device = reading.lab.devices.find("d-0").unwrap();
        let front = derived.port(derived.find_port(device, "P").unwrap());
        assert_eq!(front.class, PortClass::Front);
        assert_eq!(front.leads_to, Some(("rear/P".into(), position)));
        assert_eq!(derived.port(derived.find_port(device, "rear/P").unwrap()).class, PortClass::Rear);
    }
}

#[test]
fn ports_of_a_module_are_named_by_its_bay() {
    let text = "
lab: { name: one }
device-types:
  own/chassis: { module-bays: [{ name: Network Module, position: 1 }, { name: Supply, position: 2 }] }
card-types:
  own/psu: { power-ports: [{ name: \"PSU{module}\", type: iec-60320-c14, maximum_draw: 650 }] }
  own/module: { interfaces: [{ name: \"Gi1/{module}/1\", type: 1000base-x-sfp }] }
devices:
  a: { type: own/chassis, cards: { Network Module: own/module, Supply: own/psu } }
  b: { cards: { slot-2: own/module } }
";
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let reading = read(Input { files: vec![file], overlays: Vec::new(), types: &() });
    assert_eq!(findings(&reading), Vec::<String>::new());
    for (device, port) in [("a", "Gi1/1/1"), ("b", "Gi1/slot-2/1")] {
        let id = reading.lab.devices.find(device).unwrap();
        assert!(reading.lab.derived.find_port(id, port).is_some(), "{device}:{port}");
    }
    let chassis = reading.lab.devices.find("a").unwrap();
    let inlets: Vec<String> =
        reading.lab.derived.inlets_of(chassis).map(|(_, inlet)| inlet.name.to_string()).collect();
    assert_eq!(inlets, ["PSU2"]);
}

/// Counted in the files by another program. Of cards, the parts that a device gets from them.
const EXPECTED_COUNTS: &[(&str, [usize; 9])] = &[
    ("apc/ap7954", [1, 0, 0, 1, 1, 24, 0, 0, 0]),
    ("dell/poweredge-c6400", [0, 0, 0, 0, 0, 0, 2, 0, 0]),
    ("dell/poweredge-r630", [1, 0, 0, 2, 0, 0, 6, 0, 0]),
    ("eaton/5px3000rtn", [1, 0, 0, 0, 1, 7, 0, 0, 0]),
    ("generic/lc-12-port-fiber-patch-panel-half-depth", [0, 12, 12, 0, 0, 0, 0, 0, 0]),
    ("generic/wall-box-4-utp-plugs", [0, 4, 4, 0, 0, 0, 0, 0, 0]),
    ("mellanox/sx6036", [38, 0, 0, 1, 2, 0, 0, 0, 0]),
    ("panduit/fwme4", [0, 0, 0, 0, 0, 0, 0, 4, 0]),
    ("synology/ds1618-plus", [4, 0, 0, 0, 1, 0, 0, 0, 0]),
    ("testing/test-1000", [3, 3, 3, 6, 3, 3, 3, 3, 3]),
    ("ubiquiti/u6-lr", [3, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("ubiquiti/usw-24-poe", [26, 0, 0, 0, 1, 0, 0, 0, 0]),
    ("wti/rem-0r4-1", [1, 0, 0, 3, 1, 4, 0, 0, 0]),
    ("cisco/c9300-nm-4g", [4, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("dell/0yt39ya01", [0, 0, 0, 0, 1, 0, 0, 0, 0]),
    ("juniper/jpsu-650w-ac-ao", [0, 0, 0, 0, 1, 0, 0, 0, 0]),
    ("panduit/fc29n-24-10as", [0, 12, 1, 0, 0, 0, 0, 0, 0]),
];
