//! A port that manages machines, or shares files and data, opened to everybody.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Transport;

rule!(
    "forward-of-management-port",
    Warning,
    Switching,
    "a port for management or raw data is open to everybody"
);

/// Ports that are not made for strangers.
const PORTS: &[(u16, &str)] = &[
    (22, "SSH"),
    (23, "Telnet"),
    (111, "the NFS port mapper"),
    (139, "Windows file sharing"),
    (161, "SNMP"),
    (389, "LDAP"),
    (445, "SMB file sharing"),
    (623, "IPMI"),
    (2049, "NFS"),
    (2375, "Docker without a password"),
    (2379, "etcd"),
    (3260, "iSCSI"),
    (3306, "MariaDB"),
    (3389, "remote desktop"),
    (5432, "PostgreSQL"),
    (5900, "VNC"),
    (6379, "Redis"),
    (6443, "the Kubernetes API"),
    (8006, "Proxmox"),
    (9100, "metrics of machines"),
    (10250, "the kubelet"),
    (50000, "the Talos API"),
];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, forward) in lab.forwards.iter().filter(|(_, forward)| forward.from.is_empty()) {
        let inside: Vec<_> =
            forward.to_port.as_ref().map_or_else(|| forward.ports.iter().collect(), |port| vec![port]);
        for port in inside {
            let covers = |number: u16| {
                port.value.contains(number, Transport::Tcp) || port.value.contains(number, Transport::Udp)
            };
            let Some((number, what)) = PORTS.iter().find(|(number, _)| covers(*number)) else { continue };
            let to = forward.to.as_ref().map_or("", |to| &to.text);
            let mut finding = context
                .finding(
                    format!("{what} of `{to}` is open to everybody"),
                    port.span,
                    format!("port {number} inside"),
                )
                .about(lab.subject(id))
                .because("the Internet tries passwords and known faults on this port all day")
                .help("reach it through a VPN, or say who may come: `from: 203.0.113.0/24`");
            if let Some(target) = forward.to.as_ref().and_then(|to| to.id) {
                finding = finding.about(lab.subject(target));
            }
            context.report_once(finding);
        }
    }
}
