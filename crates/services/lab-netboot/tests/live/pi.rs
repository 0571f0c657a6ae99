//! Raspberry Pis of three generations, played: from DISCOVER to the kernel, and a folder that lacks something.

use crate::rom::inside;
use crate::site::{Site, can_run};
use lab_netboot::config::{Artefact, Boot, Machine, Processor};
use lab_netboot::pi_client::network::{BootError, Booted, boot};
use lab_netboot::pi_client::{Model, Pi, Prefix};
use lab_netboot::{EventKind, Mac};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const PIS: [(Model, Prefix, Mac); 3] = [
    (Model::Pi3, Prefix::Serial, Mac([0xb8, 0x27, 0xeb, 0x01, 0x36, 0xc2])),
    (Model::Pi4, Prefix::Serial, Mac([0xdc, 0xa6, 0x32, 0x01, 0x36, 0xc2])),
    (Model::Pi5, Prefix::Card, Mac([0x2c, 0xcf, 0x67, 0x01, 0x36, 0xc2])),
];

/// A boot folder with everything a generation asks for, each file one byte longer than its name.
fn fill(folder: &Path, pi: &Pi) {
    std::fs::create_dir_all(folder).expect("a folder");
    for file in pi.first_files().iter().filter(|file| file.is_needed).chain(pi.boot_files()) {
        std::fs::write(folder.join(file.name), format!("{}\n", file.name)).expect("a file");
    }
    // More than 65,535 blocks of 512 bytes would be needed without the options that it asks for.
    let kernel = pi.boot_files().last().expect("a kernel").name;
    std::fs::write(folder.join(kernel), vec![7; 34 << 20]).expect("a kernel");
}

fn play(site: &Site, pi: &Pi) -> Result<Booted, BootError> {
    let client = site.client(0);
    inside(&client, || {
        boot(pi, "e0", Duration::from_secs(1), |offer| {
            let address = format!("{}/{}", offer.address, offer.prefix_len);
            let set = Command::new("ip").args(["addr", "replace", &address, "dev", "e0"]).status()?;
            if set.success() { Ok(()) } else { Err(std::io::Error::other("no address")) }
        })
    })
}

#[test]
fn three_generations_fetch_their_folders() {
    if !can_run(&[]) {
        return;
    }
    for (model, prefix, mac) in PIS {
        let mut site = Site::new(1);
        let pi = Pi { model, mac, serial: 0x9ffe_fdef, prefix };
        site.must(&site.client(0), &["ip", "link", "set", "e0", "address", &mac.to_string()]);
        let folder = site.folder.path().join("pi");
        fill(&folder, &pi);
        let mut config = site.config();
        config.artefacts.insert("pi".into(), Artefact::Folder(folder.clone()));
        config.machines.push(Machine {
            name: "pi0".into(),
            macs: vec![mac],
            answer: None,
            serial: Some("100000009ffefdef".into()),
            arch: Some(Processor::Arm64),
            boot: Boot::Folder("pi".into()),
        });
        site.start(config);
        let booted = play(&site, &pi).unwrap_or_else(|error| panic!("{model:?}: {error}"));
        let (kernel, length) = booted.files.last().expect("a kernel");
        assert!(kernel.starts_with(&pi.prefix_text()) && *length == Some(34 << 20), "{kernel} {length:?}");
        let missing: Vec<&str> =
            booted.files.iter().filter(|(_, length)| length.is_none()).map(|(name, _)| &name[..]).collect();
        let expect: &[&str] = if model == Model::Pi3 { &["bootsig.bin"] } else { &[] };
        assert_eq!(missing, expect, "{model:?}");
        site.wait_for("the kernel", 5, |kind| *kind == EventKind::KernelFetched);
        std::fs::remove_file(folder.join(pi.boot_files().last().expect("a kernel").name)).expect("the file");
        let stopped = play(&site, &pi).expect_err("no kernel");
        assert!(matches!(&stopped, BootError::Missing(name) if name == kernel), "{stopped}");
    }
}
