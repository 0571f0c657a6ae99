//! A box of namespaces in place of virtual machines: each machine of the lab has a network and a host name of its own, and
//! the interfaces that it has on paper. Up within seconds, also where the lab is larger than the machine.
//!
//! Everything hangs on namespaces that carry the box's name, so that `down` finds it however the run ended.

mod wiring;

use crate::interrupt::Interrupt;
use crate::listen;
use crate::missing;
use crate::net::Namespace;
use crate::plan::{BoxPlan, Footprint, Machine};
use crate::process::Process;
use crate::progress::{Progress, Stage};
use crate::state::{BoxState, MachineState, Mark, Phase, StateError};
use crate::tool::{self, Tool};
use crate::up::{Options, Report, UpError, up_in_namespaces};
use crate::verify::{self, Row};
use crate::vm::VmError;
use ipnet::IpNet;
use lab_netboot::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A plan for namespaces. Of its machines only names, interfaces and the default router matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightPlan {
    /// Networks, machines, shared addresses.
    pub plan: BoxPlan,
    /// The interfaces of each machine, in the order of the plan; what one stands on comes before it.
    pub wiring: Vec<Vec<Device>>,
}

/// An interface inside a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name, 15 characters at most.
    pub name: String,
    /// Its address; none: any.
    pub mac: Option<Mac>,
    /// What it is.
    pub link: Link,
}

/// What an interface is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A cable into the box's networks: without a tag, and with tags.
    Uplink {
        /// Tag and name of the network; no tag is none.
        carries: Vec<(Option<u16>, String)>,
    },
    /// Frames of one VLAN of another interface.
    Vlan {
        /// The other interface.
        over: String,
        /// Its tag.
        vlan: u16,
    },
    /// A bridge.
    Bridge {
        /// The interface it has as port.
        port: String,
    },
    /// A card on a bridge of another machine.
    OnBridge {
        /// Index of the machine in the plan.
        host: usize,
        /// Name of the bridge there.
        bridge: String,
    },
}

/// How long a namespace may take to get its host name.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings a light plan up and verifies it. [`crate::down`] takes it away, as any box.
///
/// # Errors
/// When something could not be made; what was made until then is removed again.
pub fn up_light(
    light: &LightPlan,
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Report, UpError> {
    let plan = &light.plan;
    if plan.machines.is_empty() {
        return Err(UpError::Plan(vec![crate::plan::PlanFault::NoMachine]));
    }
    let missing = missing::missing_light();
    if !missing.is_empty() {
        return Err(UpError::Missing(missing));
    }
    up_in_namespaces(&plan.id, options, |begin| make(light, options, begin, progress))
}

fn make(
    light: &LightPlan,
    options: &Options,
    begin: Instant,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Report, UpError> {
    let plan = &light.plan;
    let mut tell = |machine: Option<&str>, stage: Stage| {
        progress(&Progress { elapsed: begin.elapsed(), machine: machine.map(str::to_owned), stage });
    };
    tell(None, Stage::Preparing(format!("making {} namespaces", plan.machines.len())));
    let mut state = state(plan);
    options.dirs.store(&state)?;
    let mut stand_ins = plan.stand_ins.clone();
    stand_ins.extend(network(light)?);
    let folder = options.dirs.folder(&plan.id);
    let program = folder.join("listen");
    fs::write(&program, listen::PROGRAM).map_err(StateError::file("write", &program))?;
    for (index, machine) in plan.machines.iter().enumerate() {
        if options.interrupt.is_set() {
            return Err(UpError::Interrupted);
        }
        state.machines[index].process = Some(start(&plan.id, machine, &folder)?);
        tell(Some(&machine.name), Stage::Started);
    }
    options.dirs.store(&state)?;
    let prepared = begin.elapsed();
    let answering = answering(plan);
    let mut rows = Vec::new();
    let mut machines = Vec::new();
    for (machine, made) in plan.machines.iter().zip(&state.machines) {
        let mut own = look(plan, machine, made, &answering)?;
        own.extend(services(plan, machine, &options.interrupt));
        let wrong: Vec<&str> = own.iter().filter(|row| !row.ok).map(|row| row.fact.as_str()).collect();
        let stage = if wrong.is_empty() {
            Stage::Verified
        } else {
            Stage::Failed(format!("not as described: {}", wrong.join(", ")))
        };
        tell(Some(&machine.name), stage.clone());
        machines.push((machine.name.clone(), stage));
        rows.extend(own);
    }
    rows.extend(shared(plan));
    state.phase = Phase::Up;
    options.dirs.store(&state)?;
    let footprint = Footprint { machines: Vec::new(), memory_mib: 0, disk_mib: 0, stand_ins };
    let not_checked = plan.not_checked.clone();
    let elapsed = begin.elapsed();
    Ok(Report { rows, machines, not_checked, footprint, accelerator: None, prepared, elapsed })
}

fn state(plan: &BoxPlan) -> BoxState {
    let address = |machine: &Machine| {
        let mut all = machine.interfaces.iter().flat_map(|card| &card.addresses);
        all.find_map(|net| if let IpAddr::V4(v4) = net.addr() { Some(v4) } else { None })
    };
    let machine = |machine: &Machine| MachineState {
        name: machine.name.clone(),
        hostname: machine.hostname.clone(),
        address: address(machine).unwrap_or(Ipv4Addr::UNSPECIFIED),
        process: None,
        mark: Mark::New,
    };
    BoxState {
        id: plan.id.clone(),
        phase: Phase::Starting,
        plan: String::new(),
        maker: Process::own(),
        machines: plan.machines.iter().map(machine).collect(),
    }
}

/// Makes namespaces and interfaces. Says what stands in for VLANs where the kernel has none.
fn network(light: &LightPlan) -> Result<Option<String>, UpError> {
    let id = &light.plan.id;
    Tool::new("ip").args(["-batch", "-"]).input(wiring::namespaces(&light.plan)).run()?;
    let untagged = (light.has_tags() && !has_vlans(id)).then(|| light.without_tags());
    let light = untagged.as_ref().unwrap_or(light);
    let inside = |namespace: &Namespace, commands: String| -> Result<(), UpError> {
        namespace.enter(|| drop(fs::write("/proc/sys/net/ipv6/conf/default/accept_dad", "0")))?;
        Tool::new("ip").args(["-n", namespace.name(), "-batch", "-"]).input(commands).run()?;
        Ok(())
    };
    inside(&Namespace::of_box(id), wiring::of_box(light))?;
    for (index, machine) in light.plan.machines.iter().enumerate() {
        inside(&Namespace::of_machine(id, &machine.name), wiring::links(light, index))?;
    }
    // Cards on bridges of other machines exist only now.
    for (index, machine) in light.plan.machines.iter().enumerate() {
        inside(&Namespace::of_machine(id, &machine.name), wiring::addresses(light, index))?;
    }
    Ok(untagged.map(|_| "VLAN tags: a cable for each VLAN, since this kernel has no VLANs".to_owned()))
}

/// Whether the kernel can make VLAN interfaces, found out by making one in the box's namespace.
fn has_vlans(id: &str) -> bool {
    let namespace = Namespace::of_box(id);
    let ip =
        |commands: &str| Tool::new("ip").args(["-n", namespace.name(), "-batch", "-"]).input(commands).run();
    let made = ip("link add try type bridge\nlink add link try name try.1 type vlan id 1\n").is_ok();
    // What remains of the try goes with the namespace.
    drop(ip("link del try\n"));
    made
}

impl LightPlan {
    fn has_tags(&self) -> bool {
        self.wiring.iter().flatten().any(|device| matches!(device.link, Link::Vlan { .. }))
    }

    /// The same with a cable of its own for each VLAN.
    fn without_tags(&self) -> LightPlan {
        let mut plan = self.clone();
        for (devices, before) in plan.wiring.iter_mut().zip(&self.wiring) {
            for device in devices {
                match &mut device.link {
                    Link::Uplink { carries } => carries.retain(|(vlan, _)| vlan.is_none()),
                    Link::Vlan { over, vlan } => {
                        let carries = carried(before, over, *vlan).map(|network| (None, network));
                        device.link = Link::Uplink { carries: carries.into_iter().collect() };
                    }
                    _ => {}
                }
            }
        }
        plan
    }
}

/// The network that an uplink carries with a tag.
fn carried(devices: &[Device], over: &str, vlan: u16) -> Option<String> {
    let uplink = devices.iter().find(|device| device.name == over)?;
    let Link::Uplink { carries } = &uplink.link else { return None };
    carries.iter().find(|(tag, _)| *tag == Some(vlan)).map(|(_, network)| network.clone())
}

#[cfg(test)]
mod tests;

/// A process that keeps the machine's host name and listens at the ports of its services. It sits in the machine's
/// network, by which it is found.
fn start(id: &str, machine: &Machine, folder: &Path) -> Result<Process, UpError> {
    let failed = |source| VmError::Start { machine: machine.name.clone(), source };
    let list = folder.join(format!("{}.services", machine.name));
    fs::write(&list, listen::list(machine)).map_err(StateError::file("write", &list))?;
    let work = if machine.services.is_empty() { "sleep infinity" } else { "perl \"$2\" \"$3\"" };
    let namespace = Namespace::of_machine(id, &machine.name);
    let child = tool::command(tool::find("setsid").unwrap_or_else(|| "setsid".into()))
        .arg("nsenter")
        .arg(format!("--net={}", namespace.path().display()))
        .args(["unshare", "--uts", "sh", "-c", &format!("hostname \"$1\" && exec {work}"), "sh"])
        .arg(&machine.hostname)
        .args([folder.join("listen"), list])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let ended = || failed(std::io::Error::other("it ended at once"));
    Ok(Process::of(child.id().cast_signed()).ok_or_else(ended)?)
}

/// Runs a program in a machine: in its network and with its host name.
pub(crate) fn command(id: &str, machine: &MachineState) -> Option<Vec<String>> {
    let namespace = Namespace::of_machine(id, &machine.name);
    let pid = machine.process.filter(|_| namespace.exists())?.pid;
    Some(vec![format!("--net={}", namespace.path().display()), format!("--uts=/proc/{pid}/ns/uts")])
}

/// The addresses that answer to the box.
fn answering(plan: &BoxPlan) -> BTreeSet<String> {
    let asked = plan.machines.iter().flat_map(|machine| asked(plan, machine)).map(|(_, at)| at);
    ping(&Namespace::of_box(&plan.id), asked)
}

/// The addresses of a machine that the box can ask for, since it is itself in their network.
fn asked(plan: &BoxPlan, machine: &Machine) -> Vec<(String, IpAddr)> {
    let near = |address: IpAddr| {
        let services = plan.networks.iter().filter_map(|network| network.service);
        services.map(IpNet::V4).any(|service| service.contains(&address))
    };
    let all = machine
        .interfaces
        .iter()
        .flat_map(|card| card.addresses.iter().map(|address| (card.name.clone(), address.addr())));
    all.filter(|(_, address)| near(*address)).collect()
}

fn ping(from: &Namespace, addresses: impl Iterator<Item = IpAddr>) -> BTreeSet<String> {
    let list: BTreeSet<String> = addresses.map(|address| address.to_string()).collect();
    let list: Vec<String> = list.into_iter().collect();
    let script = format!(
        "for a in {}; do (ping -n -q -c 1 -W 3 $a >/dev/null 2>&1 && echo $a) & done; wait",
        list.join(" ")
    );
    // Who cannot be asked has seen nothing answer.
    let said = from.tool("sh").arg("-c").arg(script).run().unwrap_or_default();
    said.lines().map(str::to_owned).collect()
}

fn look(
    plan: &BoxPlan,
    machine: &Machine,
    made: &MachineState,
    answering: &BTreeSet<String>,
) -> Result<Vec<Row>, UpError> {
    let row = |fact: String, asked: String, observed: String, ok: bool| Row {
        machine: machine.name.clone(),
        fact,
        asked,
        observed,
        ok,
    };
    let hostname = hostname(&plan.id, made, &machine.hostname);
    let is_right = hostname == machine.hostname;
    let mut rows = vec![row("hostname".into(), machine.hostname.clone(), hostname, is_right)];
    let name = Namespace::of_machine(&plan.id, &machine.name);
    let listing = Tool::new("ip").args(["-n", name.name(), "-o", "address"]).run()?;
    rows.extend(verify::compare_addresses(machine, &listing));
    for (_, address) in asked(plan, machine) {
        let ok = answering.contains(&address.to_string());
        let observed = if ok { "answers" } else { "no answer" };
        rows.push(row("ping".into(), address.to_string(), observed.into(), ok));
    }
    Ok(rows)
}

/// Asks at the ports of services, where the box is in a network of the machine's.
fn services(plan: &BoxPlan, machine: &Machine, interrupt: &Interrupt) -> Vec<Row> {
    let v4 = |(_, address)| if let IpAddr::V4(v4) = address { Some(v4) } else { None };
    let Some(address) = asked(plan, machine).into_iter().find_map(v4) else { return Vec::new() };
    listen::verify(machine, address, &Namespace::of_box(&plan.id), interrupt)
}

/// The name that the machine has, awaited a moment: its process may just be starting.
fn hostname(id: &str, made: &MachineState, expect: &str) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let run = command(id, made).map(|inside| Tool::new("nsenter").args(inside).arg("hostname").run());
        let said = run.and_then(Result::ok).unwrap_or_default().trim().to_owned();
        if said == expect || Instant::now() > until {
            return said;
        }
        sleep(Duration::from_millis(10));
    }
}

fn shared(plan: &BoxPlan) -> Vec<Row> {
    let all: BTreeMap<String, Ipv4Addr> =
        plan.machines.iter().map(|machine| (machine.name.clone(), Ipv4Addr::UNSPECIFIED)).collect();
    let rows = plan.shared.iter().filter_map(|shared| {
        let asker = verify::asker(plan, shared, &all);
        let is_near = plan.networks.iter().any(|net| net.name == shared.network && net.service.is_some());
        let from = match asker {
            Some(name) => Namespace::of_machine(&plan.id, name),
            None if is_near && shared.holder.is_some() => Namespace::of_box(&plan.id),
            None => return None,
        };
        let ok = !ping(&from, std::iter::once(shared.address)).is_empty();
        Some(Row {
            machine: shared.name.clone(),
            fact: format!("ping from {}", asker.unwrap_or("the box")),
            asked: shared.address.to_string(),
            observed: if ok { "answers" } else { "no answer" }.into(),
            ok,
        })
    });
    rows.collect()
}
