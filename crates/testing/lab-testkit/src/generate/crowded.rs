//! Many services on the machines of a generated lab, for benchmarks: a third on the virtual machines, a third on single nodes, a third
//! on the cluster, where each may run on any of its nodes. They need names, most of them a dataset, some the Internet or one another.

use super::random::Random;
use super::site::{Rack, Site};

/// `crowded.yaml` of a site with that many services.
pub(super) fn services(site: &Site, seed: u64, n_services: usize) -> String {
    let mut text = String::from("services:\n");
    for number in 1..=n_services {
        let mut random = Random::of(seed, site.number * 1_000_000 + number);
        let (on, replicas) = place(site, &mut random, number);
        text += &format!(
            "  {s}-app-{number:03}: {{ on: {on}, replicas: {replicas}, memory: 256 MiB, needs: [{}], for: household, tolerates: 1 d }}\n",
            needs(site, &mut random, number),
            s = site.name,
        );
    }
    text
}

fn place(site: &Site, random: &mut Random, number: usize) -> (String, u64) {
    let (s, first) = (&site.name, &site.racks[0]);
    let has_vms = site.racks.len() > 1 && first.nodes >= 3;
    let with_nodes: Vec<&Rack> = site.racks.iter().filter(|rack| rack.nodes >= 3).collect();
    match number % 3 {
        0 if has_vms => (format!("{s}-vm-{:02}", random.between(1, 2 * first.nodes as u64)), 1),
        1 if !with_nodes.is_empty() => {
            let rack = random.pick(&with_nodes);
            (format!("{}-node-{:02}", rack.name, random.between(1, rack.nodes as u64)), 1)
        }
        _ => (format!("{s}-k8s"), random.between(1, 3)),
    }
}

fn needs(site: &Site, random: &mut Random, number: usize) -> String {
    let s = &site.name;
    let mut needs = vec![format!("{s}-dns")];
    if random.between(1, 4) > 1 {
        let rack = random.between(0, site.racks.len() as u64 - 1) as usize;
        needs.push(format!("dataset/{}-media", site.racks[rack].name));
    }
    if random.between(1, 6) == 1 {
        needs.push("internet".to_owned());
    }
    if number > 30 && random.between(1, 4) == 1 {
        needs.push(format!("{s}-app-{:03}", random.between(1, number as u64 - 20)));
    }
    needs.join(", ")
}
