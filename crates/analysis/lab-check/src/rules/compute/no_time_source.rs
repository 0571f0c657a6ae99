//! A member of a cluster of which nobody says where it has the time from, in a lab that says so of others.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::HostId;

rule!("no-time-source", Note, Compute, "a member of a cluster has no time server, and others have one");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (_, cluster) in lab.clusters.iter() {
        let hosts: Vec<HostId> = cluster
            .members
            .ids()
            .filter(|id| lab.is_active(*id))
            .filter_map(|id| HostId::try_from(id).ok())
            .collect();
        let Some(example) = hosts.iter().find(|host| !lab.hosts[**host].ntp.is_empty()) else { continue };
        for host in hosts.iter().filter(|host| !has_time(lab, **host)) {
            let record = &lab.hosts[*host];
            let mut finding = context
                .finding(
                    format!("nothing says where `{}` has the time from", record.name),
                    record.name.span,
                    format!("a member of `{}`", cluster.name),
                )
                .about(lab.subject(*host))
                .because("clocks that drift apart stop clusters: certificates are not valid yet, monitors and leases disagree");
            if let Some(server) = lab.hosts[*example].ntp.first() {
                finding = finding.and(server.span, format!("`{}` asks this one", lab.hosts[*example].name));
            }
            context.report_once(finding.help("add `ntp:` to it, or to its network"));
        }
    }
}

/// True when the host, or a network that it has an address in, names a time server.
fn has_time(lab: &Lab, host: HostId) -> bool {
    let mut networks = lab.derived.addresses_of(host).filter_map(|assignment| assignment.prefix);
    !lab.hosts[host].ntp.is_empty() || networks.any(|prefix| !lab.prefixes[prefix].ntp.is_empty())
}
