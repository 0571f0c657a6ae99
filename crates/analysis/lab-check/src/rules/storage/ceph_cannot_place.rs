//! A Ceph pool whose copies cannot all be placed: fewer hosts (or drives, or racks) than copies.

use super::ceph_places::{Placing, placing};
use crate::amount::{count, names};
use crate::context::Context;
use crate::rule::rule;

rule!("ceph-cannot-place", Error, Storage, "a Ceph pool has more copies than places for them");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some(Placing { cluster, copies, span, places, unit, domain, usable }) = placing(lab, id) else {
            continue;
        };
        let osds = &lab.derived.cluster_drives(cluster).osds;
        if places >= copies {
            continue;
        }
        let called: Vec<String> = usable.iter().map(|drive| lab.drive_name(*drive)).collect();
        let mut finding = context
            .finding(
                format!("`{}` has {copies} copies or chunks and {} to put them on", pool.name, count(places, unit)),
                span,
                format!("{copies}, no two in one {domain}"),
            )
            .and(lab.clusters[cluster].name.span, format!("OSDs: {}", if called.is_empty() { "none of this class".to_owned() } else { names(&called) }))
            .about(lab.subject(id))
            .about(lab.subject(cluster))
            .because("placement groups stay undersized for ever: less is borne than is meant, or nothing is written at all")
            .help(format!("add OSDs in other {domain}s, or keep fewer copies"));
        if let Some(class) = pool.device_class.as_ref().filter(|_| usable.len() < osds.len()) {
            finding =
                finding.and(class.span, format!("{} of {} OSDs are of this class", usable.len(), osds.len()));
        }
        if let Some(domain) = &pool.failure_domain {
            finding = finding.and(domain.span, "set here");
        }
        context.report_once(finding);
    }
}
