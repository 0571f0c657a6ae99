//! Pools and datasets, services with their volumes, and backups with three copies.

use super::random::Random;
use super::site::Site;

const PURPOSES: [(&str, &str); 4] = [
    ("media", "replaceable"),
    ("projects", "important"),
    ("photos", "irreplaceable"),
    ("mail", "irreplaceable"),
];

const SERVICES: [&str; 8] = ["git", "chat", "wiki", "photos", "files", "calendar", "monitoring", "builds"];

/// `storage.yaml` of a site.
pub(super) fn storage(site: &Site, seed: u64) -> String {
    let s = &site.name;
    let (mut pools, mut datasets, mut backups) = (String::new(), String::new(), String::new());
    for rack in &site.racks {
        let r = &rack.name;
        let mut random = Random::of(seed, site.number * 1000 + rack.number);
        pools += &format!(
            "  {r}-tank-1..2:\n    kind: zfs\n    on: {r}-store-1..2\n    vdevs: [{{ raidz2: bay-1..6 }}, {{ raidz2: bay-7..12 }}]\n    log: {{ mirror: [m2-1, m2-2] }}\n    ashift: 12\n    compression: zstd\n"
        );
        let mut worth = Vec::new();
        for (purpose, importance) in PURPOSES {
            datasets += &format!(
                "  {r}-{purpose}: {{ pool: {r}-tank-1, importance: {importance}, size: {} GB, snapshots: {{ every: hourly, keep: \"24 hourly, 30 daily\" }}, shares: [{{ protocol: nfs, to: zone/{s}-servers }}] }}\n",
                random.between(100, 900)
            );
            if importance != "replaceable" {
                worth.push(format!("dataset/{r}-{purpose}"));
            }
        }
        backups += &format!(
            "  {r}-nightly:
    of: [{}]
    tool: restic
    consistent-by: volume snapshot
    rpo: 2 d
    rto: 3 d
    copies:
      - {{ to: {r}-tank-2, every: daily 02:30, keep: \"7 daily, 4 weekly\", medium: disk, encrypted: true, tested: yearly, restored: 2026-02-01 }}
      - {{ to: external/vault, from: source, every: daily 04:00, keep: \"7 daily, 12 monthly\", medium: object-storage, offline: true, encrypted: true, tested: yearly, restored: 2026-03-01 }}
",
            worth.join(", ")
        );
    }
    format!(
        "pools:\n{pools}\ndatasets:\n{datasets}\nstorage-classes:\n  {s}-files: {{ cluster: {s}-k8s, mode: shared, dataset: {r}-projects, driver: csi-nfs, reclaim: retain, default: true }}\n\nbackups:\n{backups}",
        r = site.racks[0].name
    )
}

/// `services.yaml` of a site.
pub(super) fn services(site: &Site, seed: u64) -> String {
    let s = &site.name;
    let mut services = format!(
        "services:\n  {s}-dns:\n    on: {s}-router-1..2\n    software: unbound\n    roles: [dns, ntp]\n    replicas: 2\n    memory: 256 MiB\n    needs: [internet]\n    for: everyone\n    ports: [dns]\n    tolerates: 1 min\n    stateless: true\n"
    );
    let mut volumes = String::from("\nvolumes:\n");
    for (index, what) in SERVICES.iter().enumerate() {
        let mut random = Random::of(seed, site.number * 100_000 + index);
        let r = &site.racks[index % site.racks.len()].name;
        services += &format!(
            "  {s}-{what}:\n    on: {s}-k8s\n    software: {what}\n    replicas: {}\n    memory: {} GiB\n    needs: [volume/{s}-{what}, dataset/{r}-media, {s}-dns]\n    for: household\n    url: https://{what}.{s}.lab.example.net\n    sign-on: own\n    tolerates: 1 d\n",
            random.between(1, 2),
            random.between(1, 4)
        );
        volumes += &format!(
            "  {s}-{what}: {{ on: {s}-files, service: {s}-{what}, size: {} GB, importance: replaceable }}\n",
            random.between(5, 50)
        );
    }
    services + &volumes
}
