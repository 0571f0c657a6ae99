//! A pool that is said to be reached by two paths, over one cable.

use super::reach::{is_shelf, of_shelf};
use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::DeviceId;
use std::collections::BTreeSet;

rule!("multipath-single-path", Warning, Storage, "a pool with two paths to its drives has one cable");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some(said) = pool.multipath.as_ref().filter(|said| said.value) else { continue };
        let shelves: BTreeSet<DeviceId> = lab
            .data_drives_of(id)
            .iter()
            .map(|drive| lab.derived.drive(*drive).device)
            .filter(|device| is_shelf(lab, *device))
            .collect();
        for shelf in shelves {
            let routes = of_shelf(lab, shelf);
            let controllers: BTreeSet<&str> = routes.iter().map(|(port, _)| controller(port)).collect();
            let name = &lab.devices[shelf].name;
            let (headline, label) = match (routes.len(), controllers.len()) {
                (0, _) => continue,
                (1, _) => (
                    format!("`{}` is to be reached by two paths, and `{name}` has one cable", pool.name),
                    "one cable",
                ),
                (_, 1) => (
                    format!("both paths of `{}` end at one controller of `{name}`", pool.name),
                    "one controller",
                ),
                _ => continue,
            };
            let finding = context
                .finding(headline, said.span, "two paths")
                .and(name.span, format!("{label}: {}", count(routes.len(), "cable")))
                .about(lab.subject(id))
                .about(lab.subject(shelf))
                .because("that cable, or that controller, takes all drives of the shelf away at once")
                .help("cable the other controller of the shelf as well, or write `multipath: false`");
            context.report_once(finding);
        }
    }
}

/// The controller that a port of a shelf belongs to: `iom-a` of `iom-a-square`.
fn controller(port: &str) -> &str {
    match port.match_indices(['-', '/', ':']).nth(1) {
        Some((at, _)) => &port[..at],
        None => port,
    }
}
