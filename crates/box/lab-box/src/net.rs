//! The box's network: one namespace with a bridge for each network and a tap for each card. The host's own interfaces,
//! routes and firewall are neither read nor changed; nothing leads out of the namespace.

use crate::plan::BoxPlan;
use crate::process::Process;
use crate::tool::{Tool, ToolError};
use ipnet::IpNet;
use nix::sched::{CloneFlags, setns};
use std::fmt::Write;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// The network could not be made, entered or removed.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// A namespace needs root.
    #[error("network namespaces, taps and the image's files need root, and this is not root")]
    NotRoot,
    /// `ip` failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The namespace cannot be entered.
    #[error("cannot enter network namespace {name}")]
    Enter {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The namespace of one box. A value of this type says nothing about whether the namespace exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    name: String,
}

/// The bridge of the network at `index` in the plan.
pub(crate) fn bridge_name(index: usize) -> String {
    format!("br{index}")
}

/// The tap of a card.
pub(crate) fn tap_name(machine: usize, interface: usize) -> String {
    format!("m{machine}c{interface}")
}

impl Namespace {
    /// The namespace of box `id`.
    pub(crate) fn of_box(id: &str) -> Namespace {
        Namespace { name: format!("lw-{id}") }
    }

    /// The namespace of one machine of box `id`, when it is no virtual machine. A box's name has no dot.
    pub(crate) fn of_machine(id: &str, machine: &str) -> Namespace {
        Namespace { name: format!("lw-{id}.{machine}") }
    }

    /// Every namespace there is of box `id`: its own and those of its machines.
    pub(crate) fn family(id: &str) -> Vec<Namespace> {
        let own = format!("lw-{id}");
        let listing = fs::read_dir("/run/netns").into_iter().flatten().flatten();
        let names = listing.filter_map(|entry| entry.file_name().into_string().ok());
        let ours = |name: &String| {
            name.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        names.filter(ours).map(|name| Namespace { name }).collect()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where `ip` keeps it.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(&self.name)
    }

    pub(crate) fn exists(&self) -> bool {
        self.path().exists()
    }

    /// Makes the namespace with everything that `plan` needs in it.
    pub(crate) fn create(&self, plan: &BoxPlan) -> Result<(), NetError> {
        if !nix::unistd::geteuid().is_root() {
            return Err(NetError::NotRoot);
        }
        Tool::new("ip").args(["netns", "add", &self.name]).run()?;
        // Without duplicate address detection our own addresses can be used at once. Where this cannot be set they
        // can be used a second later.
        self.enter(|| drop(fs::write("/proc/sys/net/ipv6/conf/default/accept_dad", "0")))?;
        Tool::new("ip").args(["-n", &self.name, "-batch", "-"]).input(commands(plan)).run()?;
        Ok(())
    }

    /// Removes the namespace, and with it every interface in it. Processes must have been ended before.
    pub(crate) fn remove(&self) -> Result<(), NetError> {
        if self.exists() {
            Tool::new("ip").args(["netns", "delete", &self.name]).run()?;
        }
        Ok(())
    }

    /// A run of `program` inside.
    pub(crate) fn tool(&self, program: &str) -> Tool {
        Tool::new("nsenter").arg(format!("--net={}", self.path().display())).arg(program)
    }

    /// Runs `work` on a thread of its own inside the namespace; sockets that it opens stay there.
    pub(crate) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, NetError> {
        let fail = |source| NetError::Enter { name: self.name.clone(), source };
        let file = File::open(self.path()).map_err(fail)?;
        let result = std::thread::scope(|scope| {
            let inside = scope.spawn(|| setns(file, CloneFlags::CLONE_NEWNET).map(|()| work()));
            inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        result.map_err(|error| fail(error.into()))
    }

    /// Every process whose network is this namespace: all that belongs to the box, whoever started it.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let Ok(namespace) = fs::metadata(self.path()) else { return Vec::new() };
        let listing = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = listing.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let inside = pids.filter(|pid: &i32| {
            fs::metadata(format!("/proc/{pid}/ns/net"))
                .is_ok_and(|own| (own.dev(), own.ino()) == (namespace.dev(), namespace.ino()))
        });
        inside.filter_map(Process::of).collect()
    }
}

/// What `ip -batch` is given.
fn commands(plan: &BoxPlan) -> String {
    let mut text = bridges(plan);
    for (m, machine) in plan.machines.iter().enumerate() {
        for (c, interface) in machine.interfaces.iter().enumerate() {
            let network = plan.networks.iter().position(|network| network.name == interface.network);
            let bridge = bridge_name(network.expect("the plan has no faults"));
            let tap = tap_name(m, c);
            writeln!(text, "tuntap add {tap} mode tap\nlink set {tap} master {bridge} up")
                .expect("a string takes all");
        }
    }
    text
}

/// The bridges, with the addresses of the box itself.
pub(crate) fn bridges(plan: &BoxPlan) -> String {
    let mut text = "link set lo up\n".to_owned();
    for (index, network) in plan.networks.iter().enumerate() {
        let bridge = bridge_name(index);
        writeln!(text, "link add {bridge} type bridge\nlink set {bridge} up").expect("a string takes all");
        if let Some(service) = network.service {
            writeln!(text, "addr add {service} dev {bridge}").expect("a string takes all");
        }
        let own = plan.shared.iter().filter(|s| s.network == network.name && s.holder.is_none());
        for shared in own {
            writeln!(text, "addr add {} dev {bridge}", IpNet::from(shared.address))
                .expect("a string takes all");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    #[test]
    fn every_network_and_card_gets_its_device() {
        assert_eq!(
            commands(&plan(2)),
            "link set lo up\nlink add br0 type bridge\nlink set br0 up\naddr add 10.77.0.1/24 dev br0\n\
             tuntap add m0c0 mode tap\nlink set m0c0 master br0 up\n\
             tuntap add m1c0 mode tap\nlink set m1c0 master br0 up\n"
        );
    }

    #[test]
    fn the_box_answers_for_what_no_machine_holds() {
        let mut plan = plan(1);
        let shared = |n: u8, holder: Option<&str>| crate::plan::Shared {
            name: format!("vip{n}"),
            address: [10, 77, 0, n].into(),
            network: "lan".into(),
            holder: holder.map(str::to_owned),
        };
        plan.shared = vec![shared(2, None), shared(3, Some("node1"))];
        let text = commands(&plan);
        assert!(text.contains("addr add 10.77.0.2/32 dev br0\n") && !text.contains("10.77.0.3"), "{text}");
    }

    #[test]
    fn a_namespace_that_does_not_exist_holds_nothing() {
        let namespace = Namespace::of_box("no-such-box");
        assert!(namespace.processes().is_empty());
        namespace.remove().unwrap();
        assert!(namespace.enter(|| ()).is_err());
    }
}
