//! Starting what runs in a node: its first program, which keeps its host name and its view of files and listens at the ports of its
//! services, then the programs that the plan names. All of them sit in the node's network, by which they are found and ended.

use super::plan::{Aggregate, WiredPlan};
use super::record::NodeRecord;
use crate::listen;
use crate::net::Namespace;
use crate::process::Process;
use crate::state::{BoxDirs, StateError, make_private};
use crate::storage;
use crate::tool::{self, Tool, ToolError};
use crate::up::UpError;
use crate::vm::VmError;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

const INIT: &str = include_str!("init.sh");
const AGGREGATES: &str = include_str!("aggregates.pl");
/// In the place of systemd, for programs that call it.
const SYSTEMCTL: &str = include_str!("systemctl.sh");
/// How long a node's first program may take to be ready.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a node's programs may take: open files, and KiB of address space, in which FRR reserves much that it never uses. A program that
/// maps more, such as etcd, may lift the second.
const LIMITS: &str = "ulimit -n 8192; ulimit -S -v 4000000";

/// The folder of a node.
pub(crate) fn folder(dirs: &BoxDirs, id: &str, node: &str) -> PathBuf {
    dirs.node(id, node)
}

/// Writes everything that the programs of `node` read.
pub(super) fn write_files(dirs: &BoxDirs, plan: &WiredPlan, index: usize) -> Result<(), StateError> {
    let (id, node) = (&plan.id, &plan.nodes[index]);
    let aggregates = aggregates(plan, index);
    let folder = folder(dirs, id, &node.name);
    make_private(&folder)?;
    // Programs that give up root must be able to enter.
    for open in [dirs.state.clone(), dirs.folder(id), dirs.folder(id).join("n"), folder.clone()] {
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755))
            .map_err(StateError::file("open", &open))?;
    }
    put(&folder.join("init"), INIT, false)?;
    for (path, file) in &node.files {
        put(&folder.join(path), &file.text, file.executable)?;
    }
    for program in &node.programs {
        let text = format!("exec >>/mnt/log.{} 2>&1 </dev/null\n{LIMITS}\n{}", program.name, program.script);
        put(&folder.join(format!("start.{}", program.name)), &text, true)?;
    }
    if !node.programs.is_empty() {
        put(&folder.join("systemctl"), SYSTEMCTL, true)?;
    }
    if node.pools.iter().any(|pool| pool.is_real) {
        put(&folder.join("ask-pool"), storage::ASK, false)?;
    }
    if let Some(list) = aggregates {
        put(&folder.join("aggregates.pl"), AGGREGATES, false)?;
        put(&folder.join("aggregates"), &list, false)?;
    }
    if !node.services.is_empty() {
        put(&folder.join("listen"), listen::PROGRAM, false)?;
        put(&folder.join("services"), &listen::list_ports(&node.services), false)?;
    }
    Ok(())
}

/// The links of a node's aggregates as the program that chooses between them reads it; none when it has none.
fn aggregates(plan: &WiredPlan, node: usize) -> Option<String> {
    let mut links: BTreeMap<(usize, &Aggregate), Vec<String>> = BTreeMap::new();
    for (cable, _, end) in plan.ends_of(node) {
        if let (Some(aggregate), Some(bridge)) = (&end.aggregate, &end.bridge) {
            let mark = if end.isolated { "!" } else { "" };
            links.entry((cable, aggregate)).or_default().push(format!("{}={bridge}{mark}", end.device));
        }
    }
    let lines = links.into_iter().map(|((_, aggregate), ports)| {
        format!("{} {} {}\n", aggregate.name, aggregate.choice.words(), ports.join(" "))
    });
    Some(lines.collect::<String>()).filter(|text| !text.is_empty())
}

fn put(path: &Path, text: &str, executable: bool) -> Result<(), StateError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(StateError::file("make", parent))?;
    }
    fs::write(path, text).map_err(StateError::file("write", path))?;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(StateError::file("write", path))
}

/// Starts the first program of a node and waits until it has done what must be done first.
pub(crate) fn start_first(dirs: &BoxDirs, id: &str, node: &str) -> Result<Process, UpError> {
    let failed = |source| VmError::Start { machine: node.to_owned(), source };
    let folder = folder(dirs, id, node);
    let ready = folder.join("ready");
    // Left by an earlier life.
    drop(fs::remove_file(&ready));
    let namespace = Namespace::of_machine(id, node);
    let child = tool::command(tool::find("setsid").unwrap_or_else(|| "setsid".into()))
        .arg("nsenter")
        .arg(format!("--net={}", namespace.path().display()))
        .args(["unshare", "--uts", "--mount", "--ipc", "sh"])
        .arg(folder.join("init"))
        .arg(&folder)
        .arg(node)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("log")).map_err(failed)?)
        .spawn()
        .map_err(failed)?;
    let process = Process::of(child.id().cast_signed());
    let until = Instant::now() + PATIENCE;
    while !ready.exists() && Instant::now() < until {
        sleep(Duration::from_millis(5));
    }
    let process = process.filter(|process| process.is_running() && ready.exists());
    Ok(process.ok_or_else(|| failed(std::io::Error::other("its first program ended at once")))?)
}

/// Runs the start of a node's programs, one after the other. Those that failed, with their last words.
pub(crate) fn start_programs(first: Process, programs: &[&str]) -> Vec<(String, String)> {
    let failed =
        |name: &&&str| start_program(first, name).err().map(|error| ((**name).to_owned(), error.to_string()));
    programs.iter().filter_map(|name| failed(&name)).collect()
}

fn start_program(first: Process, name: &str) -> Result<(), ToolError> {
    // The root as well: below a chroot it is not that of the mount namespace.
    Tool::new("nsenter")
        .args(["--target", &first.pid.to_string(), "--net", "--mount", "--uts", "--ipc", "--root"])
        .args(["setsid", "--wait", "sh", &format!("/mnt/start.{name}")])
        .run()
        .map(drop)
}

/// Ends processes of a node that have one of these names.
pub(crate) fn end_named(namespace: &Namespace, names: &[String]) -> usize {
    named(namespace, names).into_iter().filter(|process| process.end()).count()
}

/// Asks for leases again: a route that came with one has gone with the link.
pub(crate) fn renew_leases(namespace: &Namespace) {
    for process in named(namespace, &["udhcpc".to_owned()]) {
        process.signal(Signal::SIGUSR1);
    }
}

fn named(namespace: &Namespace, names: &[String]) -> Vec<Process> {
    let is_named = |process: &Process| {
        let name = fs::read_to_string(format!("/proc/{}/comm", process.pid)).unwrap_or_default();
        names.iter().any(|known| *known == name.trim_end())
    };
    namespace.processes().into_iter().filter(is_named).collect()
}

/// The names of a node's programs in the order of their start.
pub(crate) fn program_names(node: &NodeRecord) -> Vec<&str> {
    node.programs.iter().map(|(name, _)| name.as_str()).collect()
}

/// The names of a planned node's programs in the order of their start: those that start last, or all others.
pub(super) fn planned_names(plan: &WiredPlan, node: usize, last: bool) -> Vec<&str> {
    let programs = plan.nodes[node].programs.iter().filter(|program| program.is_last == last);
    programs.map(|program| program.name.as_str()).collect()
}
