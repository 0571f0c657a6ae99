//! What is written down about a wired box, so that another run can break it, mend it and ask it: nodes, cables, programs, services, and the
//! faults that are in force. Written before anything is made.

use super::make;
use super::plan::{Cable, Node, NodeKind, WiredPlan};
use crate::state::{BoxDirs, StateError, make_private};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// A node as written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRecord {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// What it is in the lab.
    pub things: Vec<String>,
    /// The node it runs in, by position.
    pub inside: Option<usize>,
    /// Names of its programs, with those of their processes.
    pub programs: Vec<(String, Vec<String>)>,
    /// What is listened at, by whom.
    pub services: Vec<ServiceRecord>,
    /// Its pools that stand, by name.
    pub pools: Vec<String>,
    /// What `ip` is told when it comes back.
    pub(crate) settings: String,
}

/// A service on a node as written down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceRecord {
    /// The service.
    pub service: String,
    /// Its ports with their transport: `53/tcp 53/udp`.
    pub ports: String,
    /// The real program that has them; none: a listener that stands in.
    pub software: Option<String>,
}

/// A cable as written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CableRecord {
    /// Its name.
    pub name: String,
    /// What it is in the lab.
    pub things: Vec<String>,
    /// The nodes at its ends, by position, and the ports there.
    pub ends: [(usize, String); 2],
    /// The interfaces at its ends.
    pub(crate) devices: [Vec<String>; 2],
}

impl CableRecord {
    /// Whether `word` names it: its name, an end (`switch-1:1`), or a name in the lab.
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word
            || self.things.iter().any(|thing| thing == word)
            || self.ends.iter().any(|(_, port)| port == word)
    }
}

/// A wired box as written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WiredRecord {
    /// Its nodes, in the order of the plan.
    pub nodes: Vec<NodeRecord>,
    /// Its cables, in the order of the plan.
    pub cables: Vec<CableRecord>,
}

impl WiredRecord {
    /// What is to be written down about a plan.
    pub fn of(plan: &WiredPlan) -> WiredRecord {
        let node = |(index, node): (usize, &Node)| NodeRecord {
            name: node.name.clone(),
            kind: node.kind,
            things: node.things.clone(),
            inside: node.inside,
            programs: node.programs.iter().map(|p| (p.name.clone(), p.processes.clone())).collect(),
            services: services(node),
            pools: node.pools.iter().filter(|pool| pool.is_real).map(|pool| pool.name.clone()).collect(),
            settings: make::settings(plan, index),
        };
        let devices = |cable: &Cable, side: usize| {
            cable.lanes.iter().map(|lane| lane.ends[side].device.clone()).collect()
        };
        let cable = |cable: &Cable| CableRecord {
            name: cable.name.clone(),
            things: cable.things.clone(),
            ends: [0, 1].map(|side| (cable.ends[side].node, cable.ends[side].port.clone())),
            devices: [0, 1].map(|side| devices(cable, side)),
        };
        WiredRecord {
            nodes: plan.nodes.iter().enumerate().map(node).collect(),
            cables: plan.cables.iter().map(cable).collect(),
        }
    }

    /// Reads what is written down about box `id`.
    ///
    /// # Errors
    /// There is no such box, it is not wired, or its record is damaged.
    pub fn load(dirs: &BoxDirs, id: &str) -> Result<WiredRecord, StateError> {
        let path = path(dirs, id);
        match fs::read_to_string(&path) {
            Ok(text) => WiredRecord::from_json(&text).ok_or(StateError::Damaged { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(StateError::Absent { id: id.to_owned() })
            }
            Err(error) => Err(StateError::file("read", &path)(error)),
        }
    }

    /// The node called `name`: its own name, or what it is in the lab.
    pub fn find(&self, name: &str) -> Option<usize> {
        let own = self.nodes.iter().position(|node| node.name == name);
        own.or_else(|| self.nodes.iter().position(|node| node.things.iter().any(|thing| thing == name)))
    }

    pub(crate) fn store(&self, dirs: &BoxDirs, id: &str) -> Result<(), StateError> {
        make_private(&dirs.folder(id))?;
        let path = path(dirs, id);
        fs::write(&path, self.to_json()).map_err(StateError::file("write", &path))
    }

    fn to_json(&self) -> String {
        let node = |node: &NodeRecord| {
            json!({
                "name": node.name,
                "kind": node.kind.word(),
                "things": node.things,
                "inside": node.inside,
                "programs": node.programs.iter().map(|(name, processes)| json!([name, processes])).collect::<Vec<_>>(),
                "services": node.services.iter().map(|own| json!([own.service, own.ports, own.software])).collect::<Vec<_>>(),
                "pools": node.pools,
                "settings": node.settings,
            })
        };
        let cable = |cable: &CableRecord| {
            let ends = cable.ends.iter().zip(&cable.devices);
            json!({
                "name": cable.name,
                "things": cable.things,
                "ends": ends.map(|((node, port), devices)| json!([node, port, devices])).collect::<Vec<_>>(),
            })
        };
        let value = json!({
            "version": 1,
            "nodes": self.nodes.iter().map(node).collect::<Vec<_>>(),
            "cables": self.cables.iter().map(cable).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }

    fn from_json(text: &str) -> Option<WiredRecord> {
        let value: Value = serde_json::from_str(text).ok()?;
        if value["version"] != 1 {
            return None;
        }
        let node = |value: &Value| {
            let program = |value: &Value| Some((value[0].as_str()?.to_owned(), texts(&value[1])?));
            let service = |value: &Value| {
                let text = |index: usize| value[index].as_str().map(str::to_owned);
                Some(ServiceRecord { service: text(0)?, ports: text(1)?, software: text(2) })
            };
            Some(NodeRecord {
                name: value["name"].as_str()?.to_owned(),
                kind: NodeKind::of_word(value["kind"].as_str()?)?,
                things: texts(&value["things"])?,
                inside: value["inside"].as_u64().and_then(|index| usize::try_from(index).ok()),
                programs: value["programs"].as_array()?.iter().map(program).collect::<Option<_>>()?,
                services: value["services"].as_array()?.iter().map(service).collect::<Option<_>>()?,
                pools: texts(&value["pools"])?,
                settings: value["settings"].as_str()?.to_owned(),
            })
        };
        let cable = |value: &Value| {
            let end = |side: usize| {
                let end = &value["ends"][side];
                Some((usize::try_from(end[0].as_u64()?).ok()?, end[1].as_str()?.to_owned()))
            };
            let devices = |side: usize| texts(&value["ends"][side][2]);
            Some(CableRecord {
                name: value["name"].as_str()?.to_owned(),
                things: texts(&value["things"])?,
                ends: [end(0)?, end(1)?],
                devices: [devices(0)?, devices(1)?],
            })
        };
        let record = WiredRecord {
            nodes: value["nodes"].as_array()?.iter().map(node).collect::<Option<_>>()?,
            cables: value["cables"].as_array()?.iter().map(cable).collect::<Option<_>>()?,
        };
        let n = record.nodes.len();
        let is_whole = record.cables.iter().flat_map(|cable| &cable.ends).all(|(node, _)| *node < n);
        is_whole.then_some(record)
    }
}

/// Who plays what on a node: a listener at each port, or a program at all of its ports.
fn services(node: &Node) -> Vec<ServiceRecord> {
    let listeners = node.services.iter().map(|port| ServiceRecord {
        service: port.service.clone(),
        ports: port.to_string(),
        software: None,
    });
    let real = node.software.iter().filter(|instance| instance.is_real).flat_map(|instance| {
        let ports: Vec<String> = instance.ports.iter().map(ToString::to_string).collect();
        instance.services.iter().map(move |service| ServiceRecord {
            service: service.clone(),
            ports: ports.join(" "),
            software: Some(instance.software.name.to_owned()),
        })
    });
    listeners.chain(real).collect()
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

fn path(dirs: &BoxDirs, id: &str) -> PathBuf {
    dirs.folder(id).join("wired.json")
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_hosts_on_a_switch;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let root = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
        assert!(matches!(WiredRecord::load(&dirs, "t"), Err(StateError::Absent { .. })));
        let record = WiredRecord::of(&two_hosts_on_a_switch("t"));
        record.store(&dirs, "t").unwrap();
        assert_eq!(WiredRecord::load(&dirs, "t").unwrap(), record);
        fs::write(path(&dirs, "t"), "{\"version\":1}").unwrap();
        assert!(matches!(WiredRecord::load(&dirs, "t"), Err(StateError::Damaged { .. })));
    }
}
