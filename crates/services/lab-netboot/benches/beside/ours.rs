//! Our own service as one of the servers: this program, started once more with other arguments.
//!
//! Its configuration is the default one: everything that is switched on for users is switched on here.

use crate::yard::{Running, SERVER, Yard};
use lab_netboot::config::{Artefact, Pool, Segment};
use lab_netboot::{Config, Service};
use std::net::Ipv4Addr;

/// The first argument of the program as a server; a state folder and a folder with files follow.
pub(crate) const VERB: &str = "serve";

/// Starts it in the server's namespace.
pub(crate) fn start(yard: &Yard, port: u16) -> Running {
    let program = std::env::current_exe().unwrap();
    let (state, files) = (yard.path("state"), yard.folder.path().to_string_lossy());
    yard.serve(&[&program.to_string_lossy(), VERB, &state, &files], port)
}

/// Serves until killed: addresses from `10.80.16.0` on, the folder as `files/`.
pub(crate) fn serve(state: &str, files: &str) {
    let network = "10.80.0.0/16".parse().unwrap();
    let mut segment = Segment::new("lan", "s0", SERVER.parse().unwrap(), network);
    let at = |third, fourth| Ipv4Addr::new(10, 80, third, fourth);
    segment.pools = vec![Pool { first: at(16, 0), last: at(255, 250) }];
    let mut config = Config::new(state, segment);
    config.artefacts.insert("files".into(), Artefact::Folder(files.into()));
    let (sender, events) = std::sync::mpsc::channel();
    let _service = Service::start(config, sender).unwrap();
    while events.recv().is_ok() {}
}
