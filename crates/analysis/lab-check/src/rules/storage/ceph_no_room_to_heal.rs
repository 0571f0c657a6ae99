//! Ceph pools with exactly as many places as copies: after one place is gone nothing can be made whole again.

use super::ceph_places::{Placing, placing};
use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, PoolId};
use std::collections::BTreeMap;

rule!("ceph-no-room-to-heal", Note, Storage, "Ceph cannot replace the copies of a lost host");

/// A cluster, what a place in it is, and how many copies take one each.
type Place<'a> = (ClusterId, &'a str, usize);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut of_cluster: BTreeMap<Place<'_>, Vec<(PoolId, Placing<'_>)>> = BTreeMap::new();
    for (id, _) in lab.pools.iter() {
        let Some(of) = placing(lab, id) else { continue };
        if of.unit != "drive" && of.places == of.copies && of.copies > 1 {
            of_cluster.entry((of.cluster, of.unit, of.copies)).or_default().push((id, of));
        }
    }
    for ((cluster, unit, copies), pools) in of_cluster {
        let called: Vec<&str> = pools.iter().map(|(id, _)| &*lab.pools[*id].name.text).collect();
        let mut finding = context
            .finding(
                format!("after one {unit} is lost, {} cannot become whole again", names(&called)),
                pools[0].1.span,
                format!("{copies} copies or chunks"),
            )
            .and(lab.clusters[cluster].name.span, format!("OSDs in {copies} {unit}s"))
            .about(lab.subject(cluster))
            .because(format!("each of the {copies} must be in another {unit}, and none is free: until the lost one is back, one copy fewer is kept"))
            .help(format!("add OSDs in one more {unit}, or keep a spare one ready"));
        for (id, _) in &pools {
            finding = finding.about(lab.subject(*id));
        }
        context.report_once(finding);
    }
}
