//! A failure domain of drives in a cluster that has several hosts.

use crate::context::Context;
use crate::rule::rule;

rule!("ceph-copies-on-one-host", Warning, Storage, "all copies of a Ceph pool may lie in one host");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some(domain) = pool.failure_domain.as_ref().filter(|domain| &*domain.text == "osd") else {
            continue;
        };
        let devices = lab.devices_of_pool(id);
        if devices.len() < 2 {
            continue;
        }
        let finding = context
            .finding(
                format!("all copies of `{}` may lie in one host", pool.name),
                domain.span,
                "only the drives must differ",
            )
            .and(pool.name.span, format!("its drives are in {} hosts", devices.len()))
            .about(lab.subject(id))
            .because("when that host stops, some of the data is gone until it is back")
            .help("write `failure-domain: host`");
        context.report_once(finding);
    }
}
