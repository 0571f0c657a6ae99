//! Leases a second: whole exchanges (DISCOVER, OFFER, REQUEST, ACK) of perfdhcp, each client new.
//!
//! Ours has every lease on the disk before it is granted; Kea writes without waiting for the disk, and so does dnsmasq.

use crate::ours;
use crate::rounds::{self, Figures, OURS, Table};
use crate::yard::{Running, SERVER, Yard, answer};

/// Exchanges a second that are asked for; more than any of the servers does.
const ASKED: &str = "20000";
const SECONDS: u32 = 4;

pub(crate) fn print() {
    let servers =
        rounds::present(&[("kea", "kea-dhcp4", "kea-dhcp4-server"), ("dnsmasq", "dnsmasq", "dnsmasq-base")]);
    if rounds::present(&[("leases", "perfdhcp", "kea-admin")]).len() < 2 {
        return;
    }
    let table = Table {
        title: "Leases: as many new clients as perfdhcp can send, four seconds",
        rate: ("leases/s", 1.0),
        cpu: "CPU s/1000 leases",
    };
    rounds::print(&table, &servers, measure);
}

fn measure(server: &str) -> Figures {
    let yard = Yard::new();
    let running = start(&yard, server);
    let seconds = SECONDS.to_string();
    let arguments = ["perfdhcp", "-4", "-r", ASKED, "-R", "60000", "-p", &seconds, "-W", "500000", SERVER];
    // It ends with an error when there were drops, and here there must be: more is asked for than anyone grants.
    let said = answer(yard.ask(&arguments), true);
    let leases = acks(&said);
    let cost = running.cost();
    Figures {
        rate: leases / f64::from(SECONDS),
        cpu: cost.cpu.as_secs_f64() / (leases / 1000.0),
        peak_mib: Some(cost.peak_kib as f64 / 1024.0),
    }
}

/// The packets received of the second exchange.
fn acks(said: &str) -> f64 {
    let second = said.split("***Statistics for: REQUEST-ACK***").nth(1).unwrap_or_default();
    let received = second.lines().find_map(|line| line.strip_prefix("received packets: "));
    received
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("no count of ACKs: {said}"))
}

fn start(yard: &Yard, server: &str) -> Running {
    match server {
        OURS => ours::start(yard, 67),
        "kea" => {
            std::fs::write(yard.path("kea.json"), kea(yard)).unwrap();
            yard.serve(&["kea-dhcp4", "-c", &yard.path("kea.json")], 67)
        }
        "dnsmasq" => {
            let leases = format!("--dhcp-leasefile={}", yard.path("dnsmasq.leases"));
            let fixed =
                ["dnsmasq", "-k", "--user=root", "--conf-file=/dev/null", "--port=0", "--interface=s0"];
            let range = ["--no-ping", "--dhcp-range=10.80.16.0,10.80.255.250,1h", "--dhcp-lease-max=61000"];
            yard.serve(&[&fixed[..], &range, &[&leases, "--dhcp-authoritative"]].concat(), 67)
        }
        other => unreachable!("{other} is none of the servers"),
    }
}

/// As its manual advises for speed: several threads, the leases in a file.
fn kea(yard: &Yard) -> String {
    format!(
        r#"{{"Dhcp4": {{
            "interfaces-config": {{"interfaces": ["s0"], "dhcp-socket-type": "raw"}},
            "lease-database": {{"type": "memfile", "persist": true, "name": "{}", "lfc-interval": 0}},
            "valid-lifetime": 3600,
            "multi-threading": {{"enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 64}},
            "subnet4": [{{"subnet": "10.80.0.0/16", "pools": [{{"pool": "10.80.16.0-10.80.255.250"}}]}}],
            "loggers": [{{"name": "kea-dhcp4", "severity": "ERROR", "output_options": [{{"output": "{}"}}]}}]
        }}}}"#,
        yard.path("kea.leases"),
        yard.path("kea.log"),
    )
}
