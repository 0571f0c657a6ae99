//! A box with the lab's real network: every device with a cable is a node of its own, every cable an object that can be cut, the lab's
//! routers run their rendered files, and a provider stands outside.
//!
//! The way through: [`crate::project_wired`] makes a [`WiredPlan`] of a lab; [`up_wired`] makes it stand and verifies it; what it
//! wrote down is a [`WiredRecord`], by which [`crate::faults`] breaks and mends it and [`crate::observe`] asks it;
//! [`crate::down`] takes it away as any box. Nothing here knows what a lab is, or what follows from a fault.

#[cfg(test)]
mod gate;
mod make;
mod plan;
mod record;
mod start;
mod verify;

pub use plan::{
    Aggregate, Bridge, Cable, Choice, Lane, LaneEnd, Node, NodeFile, NodeKind, Plug, Program, Route,
    WiredPlan,
};
pub use record::{CableRecord, NodeRecord, ServiceRecord, WiredRecord};
pub(crate) use start::{end_named, folder, program_names, renew_leases, start_first, start_programs};

use crate::missing;
use crate::net::Namespace;
use crate::plan::{Footprint, PlanFault};
use crate::process::Process;
use crate::progress::{Progress, Stage};
use crate::state::{BoxState, MachineState, Mark, Phase};
use crate::tool::Tool;
use crate::up::{Options, Report, UpError, up_in_namespaces};
use crate::verify::Row;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nodes whose programs are started at once.
const AT_ONCE: usize = 4;
/// How long cables may take to have a carrier once both ends are up. The kernel tells it within a second.
const CARRIER: Duration = Duration::from_secs(3);

/// Brings a wired plan up and verifies it. [`crate::down`] takes it away, as any box.
///
/// # Errors
/// When something could not be made; what was made until then is removed again. A program that does not start is no error: it is a row
/// of the report. Services are played as [`WiredPlan::cast`] has settled, by listeners where it was not asked.
pub fn up_wired(
    plan: &WiredPlan,
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Report, UpError> {
    if plan.nodes.is_empty() {
        return Err(UpError::Plan(vec![PlanFault::NoMachine]));
    }
    let missing = missing::missing_wired(plan);
    if !missing.is_empty() {
        return Err(UpError::Missing(missing));
    }
    up_in_namespaces(&plan.id, options, |begin| make_stand(plan, options, begin, progress))
}

fn make_stand(
    plan: &WiredPlan,
    options: &Options,
    begin: Instant,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Report, UpError> {
    let mut tell = |machine: Option<&str>, stage: Stage| {
        progress(&Progress { elapsed: begin.elapsed(), machine: machine.map(str::to_owned), stage });
    };
    let dirs = &options.dirs;
    let n_cables = plan.cables.iter().filter(|cable| cable.is_described).count();
    tell(None, Stage::Preparing(format!("making {} nodes and {n_cables} cables", plan.nodes.len())));
    let mut state = state(plan);
    dirs.store(&state)?;
    WiredRecord::of(plan).store(dirs, &plan.id)?;
    network(plan, options)?;
    for (index, node) in plan.nodes.iter().enumerate() {
        stop_if_asked(options)?;
        start::write_files(dirs, plan, index)?;
        state.machines[index].process = Some(start_first(dirs, &plan.id, &node.name)?);
        tell(Some(&node.name), Stage::Started);
    }
    dirs.store(&state)?;
    await_carriers(plan);
    let prepared = begin.elapsed();
    tell(None, Stage::Preparing("starting programs of routers and clusters".to_owned()));
    let mut rows = run_programs(plan, &state, options)?;
    stop_if_asked(options)?;
    rows.extend(verify::rows(plan, &options.interrupt));
    let machines = verdicts(plan, &rows);
    for (name, stage) in &machines {
        tell(Some(name), stage.clone());
    }
    state.phase = Phase::Up;
    dirs.store(&state)?;
    let footprint = Footprint { machines: Vec::new(), memory_mib: 0, disk_mib: 0, stand_ins: plan.said() };
    let not_checked = plan.not_checked.clone();
    let elapsed = begin.elapsed();
    Ok(Report { rows, machines, not_checked, footprint, accelerator: None, prepared, elapsed })
}

fn stop_if_asked(options: &Options) -> Result<(), UpError> {
    if options.interrupt.is_set() { Err(UpError::Interrupted) } else { Ok(()) }
}

fn verdicts(plan: &WiredPlan, rows: &[Row]) -> Vec<(String, Stage)> {
    let stage = |node: &Node| {
        let own = rows.iter().filter(|row| row.machine == node.name && !row.ok);
        let wrong: Vec<&str> = own.map(|row| row.fact.as_str()).collect();
        match wrong.is_empty() {
            true => Stage::Verified,
            false => Stage::Failed(format!("not as described: {}", wrong.join(", "))),
        }
    };
    plan.nodes.iter().map(|node| (node.name.clone(), stage(node))).collect()
}

fn state(plan: &WiredPlan) -> BoxState {
    let machine = |node: &Node| {
        let v4 = |net: &ipnet::IpNet| if let IpAddr::V4(v4) = net.addr() { Some(v4) } else { None };
        MachineState {
            name: node.name.clone(),
            hostname: node.name.clone(),
            address: node.addresses.iter().find_map(|(_, net)| v4(net)).unwrap_or(Ipv4Addr::UNSPECIFIED),
            process: None,
            mark: Mark::New,
        }
    };
    BoxState {
        id: plan.id.clone(),
        phase: Phase::Starting,
        plan: String::new(),
        maker: Process::own(),
        machines: plan.nodes.iter().map(machine).collect(),
    }
}

/// Makes namespaces, cables and bridges.
fn network(plan: &WiredPlan, options: &Options) -> Result<(), UpError> {
    Tool::new("ip").args(["-batch", "-"]).input(make::namespaces(plan)).run()?;
    let inside = |namespace: &Namespace, commands: String| {
        Tool::new("ip").args(["-n", namespace.name(), "-batch", "-"]).input(commands).run()
    };
    for node in &plan.nodes {
        let namespace = Namespace::of_machine(&plan.id, &node.name);
        namespace.enter(|| set_kernel(node.forwards))?;
    }
    type Said = fn(&WiredPlan, usize) -> String;
    let rounds: [Said; 3] = [make::cables, make::bridges, make::settings];
    for said in rounds {
        for (index, node) in plan.nodes.iter().enumerate() {
            stop_if_asked(options)?;
            inside(&Namespace::of_machine(&plan.id, &node.name), said(plan, index))?;
        }
    }
    Ok(())
}

/// What a kernel that cannot be told does otherwise is met by patience elsewhere, so failures do not matter.
fn set_kernel(forwards: bool) {
    let set = |path: &str, value: &str| drop(fs::write(format!("/proc/sys/net/{path}"), value));
    set("ipv6/conf/default/accept_dad", "0");
    set("ipv6/conf/all/keep_addr_on_down", "1");
    set("ipv4/ping_group_range", "0 2147483647");
    if forwards {
        set("ipv4/ip_forward", "1");
        set("ipv6/conf/all/forwarding", "1");
    }
}

/// Programs that look at carriers take one that is not there yet for a cut cable.
fn await_carriers(plan: &WiredPlan) {
    let until = Instant::now() + CARRIER;
    let looks = plan.nodes.iter().filter(|node| !node.programs.is_empty());
    for node in looks {
        let namespace = Namespace::of_machine(&plan.id, &node.name);
        let is_late = || {
            let said =
                Tool::new("ip").args(["-n", namespace.name(), "-br", "link"]).run().unwrap_or_default();
            said.lines().any(|line| line.split_whitespace().nth(1) == Some("LOWERLAYERDOWN"))
        };
        while is_late() && Instant::now() < until {
            sleep(Duration::from_millis(50));
        }
    }
}

/// Starts the programs of all nodes; a row for each program.
fn run_programs(plan: &WiredPlan, state: &BoxState, options: &Options) -> Result<Vec<Row>, UpError> {
    let with: Vec<usize> =
        (0..plan.nodes.len()).filter(|&node| !plan.nodes[node].programs.is_empty()).collect();
    let mut failed: Vec<(usize, String, String)> = Vec::new();
    for (last, at_once) in [(false, AT_ONCE), (true, 1)] {
        for nodes in with.chunks(at_once) {
            stop_if_asked(options)?;
            failed.extend(start_together(plan, state, nodes, last));
        }
    }
    let row = |node: usize, program: &Program| {
        let error = failed.iter().find(|(at, name, _)| *at == node && *name == program.name);
        Row {
            machine: plan.nodes[node].name.clone(),
            fact: format!("program {}", program.name),
            asked: "started".to_owned(),
            observed: error.map_or_else(|| "started".to_owned(), |(_, _, error)| error.clone()),
            ok: error.is_none(),
        }
    };
    let rows =
        with.iter().flat_map(|&node| plan.nodes[node].programs.iter().map(move |program| (node, program)));
    Ok(rows.map(|(node, program)| row(node, program)).collect())
}

fn start_together(
    plan: &WiredPlan,
    state: &BoxState,
    nodes: &[usize],
    last: bool,
) -> Vec<(usize, String, String)> {
    std::thread::scope(|scope| {
        let running: Vec<_> = nodes
            .iter()
            .filter_map(|&node| Some((node, state.machines[node].process?)))
            .map(|(node, first)| {
                let names = start::planned_names(plan, node, last);
                (node, scope.spawn(move || start_programs(first, &names)))
            })
            .collect();
        let failed = running.into_iter().flat_map(|(node, run)| {
            let failed = run.join().unwrap_or_default();
            failed.into_iter().map(move |(name, error)| (node, name, error))
        });
        failed.collect()
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A switch with two VLANs; `one` on a trunk, `two` in the first VLAN.
    pub(crate) fn two_hosts_on_a_switch(id: &str) -> WiredPlan {
        let bridge = |name: &str| Bridge { name: name.into(), mac: None, mtu: None, spanning_tree: false };
        let switch = Node {
            bridges: vec![bridge("vlan10"), bridge("vlan20")],
            ..Node::new("switch", NodeKind::Switch)
        };
        let host = |name: &str, addresses: &[(&str, &str)]| Node {
            things: vec![format!("host/{name}")],
            addresses: addresses
                .iter()
                .map(|(device, net)| ((*device).to_owned(), net.parse().unwrap()))
                .collect(),
            ..Node::new(name, NodeKind::Host)
        };
        let end = |device: &str, bridge: Option<&str>| LaneEnd {
            device: device.into(),
            bridge: bridge.map(str::to_owned),
            ..LaneEnd::default()
        };
        let cable = |port: &str, node: usize, name: &str, lanes: Vec<Lane>| Cable {
            name: format!("switch:{port} {name}:eth0"),
            things: vec![format!("cable/copper switch:{port}")],
            ends: [
                Plug { node: 0, port: format!("switch:{port}") },
                Plug { node, port: format!("{name}:eth0") },
            ],
            lanes,
            is_described: true,
        };
        let trunk = vec![
            Lane { tag: None, ends: [end("p1", Some("vlan10")), end("eth0", None)] },
            Lane { tag: Some(20), ends: [end("p1.20", Some("vlan20")), end("eth0.20", None)] },
        ];
        let access = vec![Lane { tag: None, ends: [end("p2", Some("vlan10")), end("eth0", None)] }];
        WiredPlan {
            id: id.into(),
            nodes: vec![
                switch,
                host("one", &[("eth0", "10.0.10.1/24"), ("eth0.20", "10.0.20.1/24")]),
                host("two", &[("eth0", "10.0.10.2/24")]),
            ],
            cables: vec![cable("1", 1, "one", trunk), cable("2", 2, "two", access)],
            ..WiredPlan::default()
        }
    }
}
