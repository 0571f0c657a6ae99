//! The Pi that is played against the server's own decisions, without a network.

use super::*;
use crate::config::{Boot, Config, Machine, Pool, Processor, Segment, Unknown};
use crate::dhcp::machine::{Arrival, Output, Server};
use crate::permit::Permits;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::SystemTime;

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const ALL: [(Model, Mac); 3] = [
    (Model::Pi3, Mac([0xb8, 0x27, 0xeb, 1, 2, 3])),
    (Model::Pi4, Mac([0xdc, 0xa6, 0x32, 1, 2, 3])),
    // Not one of the cards' prefixes that are known: told by option 97.
    (Model::Pi5, Mac([0x02, 0, 0, 1, 2, 3])),
];

fn pi(model: Model, mac: Mac) -> Pi {
    Pi { model, mac, serial: 0x9ffe_fdef, prefix: Prefix::Serial }
}

/// What the server answers to a message.
fn answer(machine: Option<Boot>, mac: Mac, message: &Message) -> Option<Message> {
    let mut segment = Segment::new("lan", "e0", SERVER, "10.0.0.0/24".parse().expect("a network"));
    segment.pools = vec![Pool { first: Ipv4Addr::new(10, 0, 0, 100), last: Ipv4Addr::new(10, 0, 0, 110) }];
    let mut config = Config::new("/nowhere", segment);
    config.unknown = Unknown::LeaseOnly;
    config.machines.extend(machine.map(|boot| Machine {
        name: "pi".into(),
        macs: vec![mac],
        serial: Some("100000009ffefdef".into()),
        arch: Some(Processor::Arm64),
        boot,
        answer: None,
    }));
    let mut server = Server::new(Arc::new(config), &[]);
    let from = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68);
    let arrival = Arrival { segment: 0, from, proxy_port: false };
    let outputs = server.handle(&message.write(0), arrival, &Permits::default(), SystemTime::UNIX_EPOCH);
    outputs.into_iter().find_map(|output| match output {
        Output::Send { bytes, .. } => Message::parse(&bytes).ok(),
        _ => None,
    })
}

#[test]
fn every_generation_takes_the_offer_that_is_made_to_it() {
    for (model, mac) in ALL {
        let pi = pi(model, mac);
        let offer = answer(Some(Boot::Folder("pi".into())), mac, &pi.discover(7)).expect("an offer");
        let taken = pi.consider(&offer, 7);
        let address = Ipv4Addr::new(10, 0, 0, 100);
        assert_eq!(taken, Ok(Offer { address, prefix_len: 24, server: SERVER, tftp: SERVER }), "{model:?}");
        let request = pi.request(&taken.expect("taken"), 7);
        assert_eq!(request.is_some(), model != Model::Pi3, "{model:?}");
        let kind = request.and_then(|request| answer(Some(Boot::Folder("pi".into())), mac, &request));
        let kind = kind.and_then(|answer| answer.options.kind());
        assert_eq!(kind.is_some(), model != Model::Pi3, "{model:?}");
    }
}

#[test]
fn it_passes_over_what_the_rom_passes_over() {
    for (model, mac) in ALL {
        let pi = pi(model, mac);
        for (boot, why) in [(None, "a stranger"), (Some(Boot::Disk), "a machine that boots from its disk")] {
            let offer = answer(boot, mac, &pi.discover(7)).expect("an address");
            assert_eq!(pi.consider(&offer, 7), Err(NotTaken::NoMenu), "{model:?}: {why}");
        }
        let offer = answer(Some(Boot::Folder("pi".into())), mac, &pi.discover(7)).expect("an offer");
        assert_eq!(pi.consider(&offer, 8), Err(NotTaken::NotMine), "another exchange");
        let far = Message { hops: 2, ..offer.clone() };
        let expect = if model == Model::Pi3 { Some(NotTaken::TooFar) } else { None };
        assert_eq!(pi.consider(&far, 7).err(), expect, "{model:?} behind two relays");
        let nobody = Message { yiaddr: Ipv4Addr::UNSPECIFIED, ..offer };
        assert_eq!(pi.consider(&nobody, 7), Err(NotTaken::NoAddress));
    }
}

#[test]
fn names_are_as_documented() {
    let mut pi = pi(Model::Pi4, Mac([0xdc, 0xa6, 0x32, 0x01, 0x36, 0xc2]));
    assert_eq!(pi.prefix_text(), "9ffefdef/");
    pi.prefix = Prefix::Card;
    assert_eq!(pi.prefix_text(), "dc-a6-32-01-36-c2/");
    let guid = pi.discover(1).options.get(code::GUID).expect("option 97").to_vec();
    assert_eq!(guid[..5], *b"\0RPi4");
    assert_eq!(guid[9..], [0x32, 0x01, 0x36, 0xc2, 0xef, 0xfd, 0xfe, 0x9f]);
}
