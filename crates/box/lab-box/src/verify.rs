//! Asking a machine from outside whether it is what was described: ping, SSH with the key and the host key that it was
//! given, then hostname, addresses, default router and users as the machine itself says them.

use crate::interrupt::Interrupt;
use crate::net::Namespace;
use crate::plan::{BoxPlan, Machine, Shared};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One fact of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The machine.
    pub machine: String,
    /// What was compared, such as `hostname` or `address of lan0`.
    pub fact: String,
    /// What was described.
    pub asked: String,
    /// What was found.
    pub observed: String,
    /// Whether they agree.
    pub ok: bool,
}

/// The box's own files for SSH.
#[derive(Clone, Debug)]
pub(crate) struct SshFiles {
    pub(crate) key: PathBuf,
    pub(crate) known_hosts: PathBuf,
}

impl SshFiles {
    pub(crate) fn in_folder(folder: &Path) -> SshFiles {
        SshFiles { key: folder.join("key"), known_hosts: folder.join("known_hosts") }
    }

    /// Arguments of `ssh` that use these files and nothing of the user's.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let known = format!("UserKnownHostsFile={}", self.known_hosts.display());
        let options = [
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=yes",
            "GlobalKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "ConnectTimeout=15",
            &known,
        ];
        let mut list = vec!["-F".to_owned(), "none".into(), "-i".into(), self.key.display().to_string()];
        list.extend(options.iter().flat_map(|option| ["-o".to_owned(), (*option).to_owned()]));
        list
    }
}

/// How long an answer is awaited.
pub(crate) struct Until {
    pub(crate) deadline: Instant,
    pub(crate) interrupt: Interrupt,
}

impl Until {
    fn is_over(&self) -> bool {
        self.interrupt.is_set() || Instant::now() >= self.deadline
    }
}

/// What the machine is asked. Each part begins with a line of its own.
fn question(machine: &Machine) -> String {
    let users: Vec<&str> = machine.users.iter().map(|user| user.name.as_str()).collect();
    format!(
        "echo @hostname; hostname; echo @address; ip -o address; echo @route; ip route show default; \
         ip -6 route show default; echo @users; for u in {}; do id -un $u; done 2>/dev/null; exit 0",
        users.join(" ")
    )
}

/// Asks `machine`, which is at `address`, until it answers by SSH or the time is over.
pub(crate) fn verify(
    machine: &Machine,
    address: Ipv4Addr,
    namespace: &Namespace,
    ssh: &SshFiles,
    until: &Until,
) -> Vec<Row> {
    let row = |fact: &str, asked: &str, observed: &str, ok| Row {
        machine: machine.name.clone(),
        fact: fact.to_owned(),
        asked: asked.to_owned(),
        observed: observed.to_owned(),
        ok,
    };
    let answer = login(machine, address, namespace, ssh, until);
    let at = address.to_string();
    let ping = namespace.tool("ping").args(["-n", "-c", "1", "-W", "3", &at]).run();
    let mut rows = vec![row("ping", &at, if ping.is_ok() { "answers" } else { "no answer" }, ping.is_ok())];
    match answer {
        Ok(text) => {
            rows.push(row("ssh", &format!("root@{at}"), "logged in", true));
            rows.extend(compare(machine, &text));
        }
        Err(why) => rows.push(row("ssh", &format!("root@{at}"), &why, false)),
    }
    rows
}

fn login(
    machine: &Machine,
    address: Ipv4Addr,
    namespace: &Namespace,
    ssh: &SshFiles,
    until: &Until,
) -> Result<String, String> {
    let socket = SocketAddr::from((address, 22));
    loop {
        let reached = namespace.enter(|| TcpStream::connect_timeout(&socket, Duration::from_secs(2)));
        let last = match reached {
            Err(error) => return Err(error.to_string()),
            Ok(Err(error)) => format!("port 22: {error}"),
            Ok(Ok(_)) => {
                let tool = namespace.tool("ssh").args(ssh.arguments()).args(["-o", "BatchMode=yes"]);
                match tool.arg(format!("root@{address}")).arg(question(machine)).run() {
                    Ok(text) => return Ok(text),
                    Err(error) => error.to_string(),
                }
            }
        };
        if until.is_over() {
            return Err(last);
        }
        sleep(Duration::from_millis(300));
    }
}

/// Asks for every shared address: from a machine of `good` that is in its network and does not hold it, else from the
/// box itself. Also the names of those that nobody can ask for.
pub(crate) fn verify_shared(
    plan: &BoxPlan,
    good: &BTreeMap<String, Ipv4Addr>,
    namespace: &Namespace,
    ssh: &SshFiles,
) -> (Vec<Row>, Vec<String>) {
    let mut by_asker: BTreeMap<Option<&str>, Vec<&Shared>> = BTreeMap::new();
    let mut unasked = Vec::new();
    for shared in &plan.shared {
        let asker = asker(plan, shared, good);
        let own = plan.networks.iter().any(|net| net.name == shared.network && net.service.is_some());
        if asker.is_some() || (own && shared.holder.is_some()) {
            by_asker.entry(asker).or_default().push(shared);
        } else {
            unasked.push(shared.name.clone());
        }
    }
    let mut answering = BTreeSet::new();
    for (asker, asked) in &by_asker {
        let list: Vec<String> = asked.iter().map(|shared| shared.address.to_string()).collect();
        let script = format!(
            "for a in {}; do ping -n -q -c 1 -W 3 $a >/dev/null 2>&1 && echo $a; done; exit 0",
            list.join(" ")
        );
        let tool = match asker.and_then(|name| good.get(name)) {
            Some(at) => namespace
                .tool("ssh")
                .args(ssh.arguments())
                .args(["-o", "BatchMode=yes", &format!("root@{at}")])
                .arg(script),
            None => namespace.tool("sh").arg("-c").arg(script),
        };
        // Who cannot be asked has seen nothing answer.
        answering.extend(tool.run().unwrap_or_default().lines().map(str::to_owned));
    }
    let asked = by_asker.iter().flat_map(|(asker, asked)| asked.iter().map(move |shared| (*asker, *shared)));
    let mut rows: Vec<(usize, Row)> = asked
        .map(|(asker, shared)| {
            let address = shared.address.to_string();
            let ok = answering.contains(&address);
            let observed = if ok { "answers" } else { "no answer" }.to_owned();
            let fact = format!("ping from {}", asker.unwrap_or("the box"));
            let place = plan.shared.iter().position(|other| other.address == shared.address).unwrap_or(0);
            (place, Row { machine: shared.name.clone(), fact, asked: address, observed, ok })
        })
        .collect();
    rows.sort_by_key(|(place, _)| *place);
    (rows.into_iter().map(|(_, row)| row).collect(), unasked)
}

/// A machine that can ask: it works, is in the network, and does not answer itself.
pub(crate) fn asker<'p>(
    plan: &'p BoxPlan,
    shared: &Shared,
    good: &BTreeMap<String, Ipv4Addr>,
) -> Option<&'p str> {
    let near = |machine: &&Machine| {
        good.contains_key(&machine.name)
            && shared.holder.as_ref() != Some(&machine.name)
            && is_reachable(machine, shared.address)
    };
    plan.machines.iter().find(near).map(|machine| machine.name.as_str())
}

fn compare(machine: &Machine, text: &str) -> Vec<Row> {
    let row = |fact: String, asked: String, observed: String| Row {
        machine: machine.name.clone(),
        fact,
        ok: asked == observed,
        asked,
        observed,
    };
    let hostname = part(text, "hostname").trim().to_owned();
    let mut rows = vec![row("hostname".into(), machine.hostname.clone(), hostname)];
    rows.extend(compare_addresses(machine, part(text, "address")));
    if let Some(gateway) = machine.gateway.filter(|gateway| is_reachable(machine, *gateway)) {
        let words = part(text, "route").split_whitespace();
        let routers: BTreeSet<String> = words
            .clone()
            .zip(words.skip(1))
            .filter(|(word, _)| *word == "via")
            .map(|(_, via)| via.into())
            .collect();
        rows.push(row("default router".into(), gateway.to_string(), join(&routers)));
    }
    if !machine.users.is_empty() {
        let asked: BTreeSet<String> = machine.users.iter().map(|user| user.name.clone()).collect();
        let observed = part(text, "users").split_whitespace().map(str::to_owned).collect();
        rows.push(row("users".into(), join(&asked), join(&observed)));
    }
    rows
}

/// Compares the addresses of each interface with the output of `ip -o address`. Held ones are asked for elsewhere.
pub(crate) fn compare_addresses(machine: &Machine, listing: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for interface in &machine.interfaces {
        let asked: BTreeSet<String> = interface.addresses.iter().map(ToString::to_string).collect();
        let mut observed = addresses(listing, &interface.name);
        for held in &interface.held {
            observed.remove(&IpNet::from(*held).to_string());
        }
        let (asked, observed) = (join(&asked), join(&observed));
        rows.push(Row {
            machine: machine.name.clone(),
            fact: format!("address of {}", interface.name),
            ok: asked == observed,
            asked,
            observed,
        });
    }
    rows
}

fn is_reachable(machine: &Machine, gateway: IpAddr) -> bool {
    machine.interfaces.iter().flat_map(|card| &card.addresses).any(|address| address.contains(&gateway))
}

fn join(texts: &BTreeSet<String>) -> String {
    if texts.is_empty() {
        return "none".into();
    }
    texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The lines after `@name`, up to the next such line.
fn part<'a>(text: &'a str, name: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(&format!("@{name}\n")) else { return "" };
    if rest.starts_with('@') { "" } else { rest.split_once("\n@").map_or(rest, |(part, _)| part) }
}

/// The addresses of a card in the output of `ip -o address`, without link-local ones.
fn addresses(listing: &str, card: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in listing.lines() {
        let mut words = line.split_whitespace().skip(1);
        if words.next() != Some(card) {
            continue;
        }
        words.next();
        found.extend(words.next().filter(|address| !address.starts_with("fe80:")).map(str::to_owned));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::machine;

    const ANSWER: &str = "@hostname\nnode1.lab.example\n@address\n\
        1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n\
        2: lan0    inet 10.77.0.11/24 brd 10.77.0.255 scope global lan0\\   valid_lft forever\n\
        2: lan0    inet6 fd77::11/64 scope global \\   valid_lft forever\n\
        2: lan0    inet6 fe80::5054:ff:fe77:1/64 scope link \\   valid_lft forever\n\
        @route\ndefault via 10.77.0.1 dev lan0 onlink \n@users\nada\n";

    #[test]
    fn a_machine_as_described_agrees_in_every_row() {
        let rows = compare(&machine("node1", 1), ANSWER);
        let facts: Vec<&str> = rows.iter().map(|row| row.fact.as_str()).collect();
        assert_eq!(facts, ["hostname", "address of lan0", "default router", "users"]);
        assert!(rows.iter().all(|row| row.ok), "{rows:?}");
    }

    #[test]
    fn every_difference_is_seen() {
        for (from, to, fact) in [
            ("node1.lab", "node2.lab", "hostname"),
            ("10.77.0.11/24", "10.77.0.11/25", "address of lan0"),
            ("2: lan0    inet6 fd77::11/64 ", "2: lan0    inet6 fd77::12/64 ", "address of lan0"),
            ("via 10.77.0.1 ", "via 10.77.0.2 ", "default router"),
            ("@users\nada", "@users\n", "users"),
        ] {
            let rows = compare(&machine("node1", 1), &ANSWER.replace(from, to));
            let wrong: Vec<&str> = rows.iter().filter(|row| !row.ok).map(|row| row.fact.as_str()).collect();
            assert_eq!(wrong, [fact], "{from}");
        }
    }

    #[test]
    fn an_empty_answer_agrees_in_nothing() {
        assert!(compare(&machine("node1", 1), "").iter().all(|row| !row.ok));
    }
}
