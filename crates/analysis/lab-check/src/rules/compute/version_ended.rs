//! Systems, and versions of Kubernetes and PostgreSQL, that get no security fixes any more, as far as this program knows
//! their dates.

use crate::context::Context;
use crate::rule::rule;
use jiff::civil::{Date, date};
use lab_model::Text;
use lab_model::lab::ThingId;
use std::collections::BTreeMap;

rule!("version-ended", Warning, Compute, "a system gets no security fixes any more");

/// Release and its last day: the long-term support that needs no contract, where there is one. A month without a day
/// counts to its end. Only releases with a published date stand here:
/// Debian: announcements of the LTS team (8 to 11) and wiki.debian.org/LTS (12). Ubuntu: ubuntu.com/about/release-cycle.
/// CentOS: blog.centos.org, 2023-04. Kubernetes: `eol.yaml` and `schedule.yaml` of github.com/kubernetes/website and
/// kubernetes.io/releases. k3OS: github.com/rancher/k3os, read-only since that day. Proxmox VE: the FAQ of pve.proxmox.com.
/// PostgreSQL: postgresql.org/support/versioning. FreeBSD: freebsd.org/security. Alpine: alpinelinux.org/releases.
const ENDS: &[(&str, &str, Date)] = &[
    ("debian", "8", date(2020, 6, 30)),
    ("debian", "9", date(2022, 6, 30)),
    ("debian", "10", date(2024, 6, 30)),
    ("debian", "11", date(2026, 8, 31)),
    ("debian", "12", date(2028, 6, 30)),
    ("ubuntu", "18.04", date(2023, 5, 31)),
    ("ubuntu", "20.04", date(2025, 5, 31)),
    ("ubuntu", "22.04", date(2027, 5, 31)),
    ("ubuntu", "24.04", date(2029, 4, 30)),
    ("centos", "7", date(2024, 6, 30)),
    ("centos", "8", date(2021, 12, 31)),
    ("k3os", "", date(2023, 12, 8)),
    ("proxmox", "5", date(2020, 7, 31)),
    ("proxmox", "6", date(2022, 9, 30)),
    ("proxmox", "7", date(2024, 7, 31)),
    ("proxmox", "8", date(2026, 8, 31)),
    ("freebsd", "12", date(2023, 12, 31)),
    ("freebsd", "13", date(2026, 4, 30)),
    ("alpine", "3.18", date(2025, 5, 9)),
    ("alpine", "3.19", date(2025, 11, 1)),
    ("alpine", "3.20", date(2026, 4, 1)),
    ("alpine", "3.21", date(2026, 11, 1)),
    ("alpine", "3.22", date(2027, 5, 1)),
    ("postgresql", "10", date(2022, 11, 10)),
    ("postgresql", "11", date(2023, 11, 9)),
    ("postgresql", "12", date(2024, 11, 21)),
    ("postgresql", "13", date(2025, 11, 13)),
    ("postgresql", "14", date(2026, 11, 12)),
    ("postgresql", "15", date(2027, 11, 11)),
    ("postgresql", "16", date(2028, 11, 9)),
    ("postgresql", "17", date(2029, 11, 8)),
    ("postgresql", "18", date(2030, 11, 14)),
    ("kubernetes", "1.20", date(2022, 2, 28)),
    ("kubernetes", "1.21", date(2022, 6, 28)),
    ("kubernetes", "1.22", date(2022, 12, 8)),
    ("kubernetes", "1.23", date(2023, 2, 28)),
    ("kubernetes", "1.24", date(2023, 7, 28)),
    ("kubernetes", "1.25", date(2023, 10, 28)),
    ("kubernetes", "1.26", date(2024, 2, 28)),
    ("kubernetes", "1.27", date(2024, 7, 16)),
    ("kubernetes", "1.28", date(2024, 10, 22)),
    ("kubernetes", "1.29", date(2025, 2, 28)),
    ("kubernetes", "1.30", date(2025, 7, 15)),
    ("kubernetes", "1.31", date(2025, 11, 11)),
    ("kubernetes", "1.32", date(2026, 2, 28)),
    ("kubernetes", "1.33", date(2026, 6, 28)),
    ("kubernetes", "1.34", date(2026, 10, 27)),
    ("kubernetes", "1.35", date(2027, 2, 28)),
    ("kubernetes", "1.36", date(2027, 6, 28)),
    ("kubernetes", "1.37", date(2027, 10, 28)),
];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let hosts = lab.hosts.iter().map(|(id, host)| (ThingId::from(id), &host.os));
    let vms = lab.vms.iter().map(|(id, vm)| (ThingId::from(id), &vm.os));
    let mut ended: BTreeMap<(String, Date), Vec<(ThingId, &Text)>> = BTreeMap::new();
    let machines = hosts.chain(vms).filter(|(id, _)| lab.is_active(*id));
    let systems = machines.filter_map(|(id, os)| os.as_ref().map(|os| (id, os, os.text.to_lowercase())));
    let clusters = lab.clusters.iter().filter_map(|(id, cluster)| {
        let kubernetes = cluster.kind.as_ref()?.value == lab_model::written::ClusterKind::Kubernetes;
        let in_use = cluster.members.ids().any(|member| lab.is_active(member));
        let version = cluster.version.as_ref().filter(|_| kubernetes && in_use)?;
        let number = version.text.trim_start_matches(|c: char| !c.is_ascii_digit());
        Some((ThingId::from(id), version, format!("kubernetes {number}")))
    });
    let services = lab.services.iter().filter(|(id, _)| lab.is_active(*id)).filter_map(|(id, service)| {
        let version = service.version.as_ref()?;
        let bare = version.text.starts_with(|c: char| c.is_ascii_digit());
        let software = service.software.as_ref().map_or(&service.name.text, |software| &software.text);
        let system = if bare { format!("{software} {version}") } else { version.text.to_string() };
        Some((ThingId::from(id), version, system.to_lowercase()))
    });
    for (id, text, system) in systems.chain(clusters).chain(services) {
        if let Some((name, version, end)) = ENDS.iter().find(|(name, version, _)| is(&system, name, version))
            && *end < context.today
        {
            ended
                .entry((format!("{name} {version}").trim_end().to_owned(), *end))
                .or_default()
                .push((id, text));
        }
    }
    for ((system, end), things) in ended {
        let (first, text) = things[0];
        let mut finding = context
            .finding(
                format!("{system} gets no security fixes since {end}"),
                text.span,
                format!("`{}` runs it", lab.name(first)),
            )
            .help("move to a later release");
        for (thing, text) in &things {
            finding = finding.about(lab.subject(*thing));
            if text.span != things[0].1.span {
                finding = finding.and(text.span, format!("`{}` as well", lab.name(*thing)));
            }
        }
        context.report_once(finding);
    }
}

/// True when `debian 12.5` is release 12 of Debian.
fn is(system: &str, name: &str, version: &str) -> bool {
    let Some(rest) = system.strip_prefix(name) else { return false };
    if version.is_empty() {
        return rest.is_empty() || rest.starts_with(' ');
    }
    let rest = rest.strip_prefix(" ve").unwrap_or(rest).trim_start_matches([' ', '-', 'v']);
    rest.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '.', '-', '+']))
}
