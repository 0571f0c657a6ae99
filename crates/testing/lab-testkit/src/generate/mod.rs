//! Healthy labs of any size, as the text a person would write: sites of racks with switches of 26 to 59 ports, nodes
//! and storage servers with two power supplies on two circuits, bonds over pairs of switches, VLANs with their prefixes,
//! hosts, virtual machines, clusters, pools, services and backups. Deterministic: same size and seed, same bytes.
//!
//! It deliberately makes no mistakes; tests that want one plant it. One file of this module writes one file of a site.

mod compute;
mod crowded;
mod data;
mod hardware;
mod head;
mod network;
mod random;
mod site;

pub(crate) use random::Random;
use site::Site;

/// Fewer devices than this do not make a site.
pub const DEVICES_MIN: usize = 30;
/// The prefix `10.0.0.0/8` has room for this many sites of 389 devices.
pub const DEVICES_MAX: usize = 95_000;

/// The files of a lab of exactly `devices` devices, with about ten interfaces each; names are relative to the lab's root.
///
/// # Panics
///
/// When `devices` is not from [`DEVICES_MIN`] to [`DEVICES_MAX`].
pub fn generate(devices: usize, seed: u64) -> Vec<(String, Vec<u8>)> {
    assert!((DEVICES_MIN..=DEVICES_MAX).contains(&devices), "no plan for a lab of {devices} devices");
    let sites = Site::plan(devices);
    let mut files =
        vec![("lab.yaml".to_owned(), head::lab(&sites)), ("types.yaml".to_owned(), head::types().to_owned())];
    for site in &sites {
        for (name, text) in [
            ("hardware", hardware::hardware(site, seed)),
            ("cabling", hardware::cabling(site)),
            ("network", network::network(site)),
            ("compute", compute::compute(site, seed)),
            ("storage", data::storage(site, seed)),
            ("services", data::services(site, seed)),
        ] {
            files.push((format!("{}/{name}.yaml", site.name), text));
        }
    }
    files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// As [`generate`], with that many services more at the first site, in a file of their own.
///
/// # Panics
///
/// As [`generate`].
pub fn generate_crowded(devices: usize, seed: u64, n_services: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = generate(devices, seed);
    if let Some(site) = Site::plan(devices).first().filter(|_| n_services > 0) {
        let text = crowded::services(site, seed, n_services);
        files.push((format!("{}/crowded.yaml", site.name), text.into_bytes()));
    }
    files
}

#[cfg(test)]
mod tests;
