//! Who plays what: real programs where they are installed, listeners everywhere else. Asked before the plan is shown, so that it is said.

use super::{Instance, Software};
use crate::missing::Missing;
use crate::storage;
use crate::wired::{Node, Program, WiredPlan};
use std::collections::BTreeMap;

impl WiredPlan {
    /// Settles which services are played by real programs, and whether pools have disks: those whose program is installed here. May be called again after something was
    /// installed; what is settled stays.
    pub fn cast(&mut self) {
        for node in &mut self.nodes {
            // Pools first: what serves their data starts after them.
            storage::play(node);
            for index in 0..node.software.len() {
                if !node.software[index].is_real {
                    play(node, index);
                }
            }
        }
    }

    /// What real programs of services and pools would take and this system lacks. None of it is needed.
    pub fn missing_software(&self) -> Vec<Missing> {
        let absent = self.nodes.iter().flat_map(|node| &node.software).filter(|instance| !instance.is_real);
        let mut missing: Vec<Missing> = absent
            .flat_map(|instance| {
                let what = instance.software.name;
                instance.software.missing().into_iter().map(move |package| Missing { package, what })
            })
            .collect();
        if self.nodes.iter().flat_map(|node| &node.pools).any(|pool| !pool.is_real) {
            missing.extend(storage::missing());
        }
        missing.sort();
        missing.dedup();
        missing
    }

    /// Which services are real and which are not, in words for people: a line for each program.
    pub fn casting(&self) -> Vec<String> {
        let mut lines: BTreeMap<(&str, bool), Line<'_>> = BTreeMap::new();
        for node in &self.nodes {
            for instance in &node.software {
                let software = instance.software;
                let line = lines.entry((software.name, instance.is_real));
                let line = line.or_insert_with(|| Line { software, nodes: Vec::new(), services: Vec::new() });
                line.nodes.push(&node.name);
                line.services.extend(instance.services.iter().map(String::as_str));
            }
        }
        lines.into_iter().map(|((_, is_real), line)| line.words(is_real)).collect()
    }
}

/// What one program plays, or would.
struct Line<'a> {
    software: &'static Software,
    nodes: Vec<&'a str>,
    services: Vec<&'a str>,
}

impl Line<'_> {
    fn words(mut self, is_real: bool) -> String {
        self.services.sort_unstable();
        self.services.dedup();
        let (name, played) = (self.software.name, format!("{} on {}", few(&self.services), few(&self.nodes)));
        match is_real {
            true => format!("{played}: {name} itself, without the lab's data"),
            false => {
                let packages = self.software.missing().join(", ");
                format!("{played}: listeners in place of {name}, which is not installed ({packages})")
            }
        }
    }
}

/// The first few of many.
fn few(names: &[&str]) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        n => format!("{} and {} more", names[..3].join(", "), n - 3),
    }
}

/// Puts the program in the place of its listeners, where it is installed.
fn play(node: &mut Node, index: usize) {
    let instance = &node.software[index];
    let software = instance.software;
    // The resolver of a router is the program already, with the files of its driver.
    let is_there = node.programs.iter().any(|program| program.name == software.name);
    if !is_there && !software.missing().is_empty() {
        return;
    }
    if !is_there {
        node.programs.push(program(instance, node));
    }
    let own = instance.ports.clone();
    node.services.retain(|port| {
        let is_own = own.iter().any(|own| (own.port, own.transport) == (port.port, port.transport));
        !is_own && !software.inner.contains(&port.port)
    });
    node.software[index].is_real = true;
}

fn program(instance: &Instance, node: &Node) -> Program {
    let pools = node.pools.iter().filter(|pool| pool.is_real).map(|pool| pool.name.clone());
    Program {
        name: instance.software.name.to_owned(),
        script: instance.script(&node.name, &pools.collect::<Vec<_>>()),
        processes: instance.software.processes.iter().map(|name| (*name).to_owned()).collect(),
        is_last: false,
    }
}
