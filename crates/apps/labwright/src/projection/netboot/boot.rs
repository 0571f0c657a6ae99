//! What a host boots when it asks the network: by `boots-from`, `firmware` and `os`, as far as the files for it are there.

use super::{Stand, Target, disk};
use lab_model::Lab;
use lab_model::lab::HostId;
use lab_model::written::{BootFrom, Firmware};
use lab_netboot::config::{Boot, Config};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The files that can be served, by the names of their artefacts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// Each file or folder.
    pub(crate) by_name: BTreeMap<String, PathBuf>,
    /// Which of them are folders.
    pub(crate) folders: BTreeSet<String>,
}

/// What installers ask that a lab does not say.
#[derive(Clone, Debug)]
pub(crate) struct Locale {
    /// Country, as in ISO 3166, in lower case.
    pub(crate) country: String,
    /// Keyboard layout.
    pub(crate) keyboard: String,
}

/// What is decided for a host.
pub(super) struct Choice {
    pub(super) boot: Boot,
    pub(super) install: Result<Target, String>,
    pub(super) note: Option<String>,
}

/// The folder with a Raspberry Pi's firmware among the files.
const PI: &str = "raspberry-pi";

/// Decides for one host, and adds what it needs to the artefacts.
pub(super) fn choose(lab: &Lab, id: HostId, stand: &Stand<'_>, _config: &mut Config) -> Choice {
    let host = &lab.hosts[id];
    let from = host.boots_from.as_ref().map_or(BootFrom::Disk, |from| from.value);
    let is_pi = host.firmware.as_ref().is_some_and(|firmware| firmware.value == Firmware::RaspberryPi);
    let each_time = || Err("it boots from the network each time; there is no disk of its system".to_owned());
    match from {
        BootFrom::Network if is_pi && stand.files.folders.contains(PI) => {
            Choice { boot: Boot::Folder(PI.into()), install: each_time(), note: None }
        }
        BootFrom::Network => {
            let note = if is_pi {
                format!(
                    "the boot files of a Raspberry Pi are not here (folder `{PI}`), so it gets an address only"
                )
            } else {
                "it boots from the network each time, and there is no such system for it; it gets an address only"
                    .into()
            };
            Choice { boot: Boot::Disk, install: each_time(), note: Some(note) }
        }
        BootFrom::Card => Choice {
            boot: Boot::Disk,
            install: Err("it boots from a card; write that with another machine".into()),
            note: None,
        },
        BootFrom::Disk => {
            let install =
                disk::target(lab, id).and_then(|_| Err("there is nothing to install it with".into()));
            Choice { boot: Boot::Disk, install, note: None }
        }
    }
}
