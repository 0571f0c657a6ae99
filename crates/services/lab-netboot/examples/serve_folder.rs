//! Serves one folder by TFTP and HTTP, and addresses from a pool, on one interface, until it is killed.
//!
//! `serve_folder INTERFACE SERVER/PREFIX FIRST LAST FOLDER STATE`, such as
//! `serve_folder br0 10.0.0.1/24 10.0.0.100 10.0.0.199 /srv/boot /tmp/state`. Files are at `files/NAME`.
//! Good for trying a client or for measuring; it knows no machine and so boots none.

use lab_netboot::config::{Artefact, Pool, Segment};
use lab_netboot::{Config, Event, Service};
use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::mpsc::channel;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [interface, server, first, last, folder, state] = &arguments[..] else {
        return Err("usage: serve_folder INTERFACE SERVER/PREFIX FIRST LAST FOLDER STATE".into());
    };
    let server: ipnet::Ipv4Net = server.parse()?;
    let mut segment = Segment::new("lan", interface, server.addr(), server.trunc());
    segment.pools = vec![Pool { first: first.parse::<Ipv4Addr>()?, last: last.parse::<Ipv4Addr>()? }];
    let mut config = Config::new(state, segment);
    config.artefacts.insert("files".into(), Artefact::Folder(folder.into()));
    let (sender, events) = channel();
    let _service = Service::start(config, sender)?;
    let mut output = std::io::stdout().lock();
    for Event { mac, kind, .. } in events {
        let who = mac.map(|mac| mac.to_string()).unwrap_or_default();
        writeln!(output, "{who} {kind:?}")?;
    }
    Ok(())
}
