//! Tables for the server's decisions, and the codec against an independent one.
//!
//! The independent decoder has faults of its own; messages are made so that these do not matter.

use super::lease::LeaseTable;
use super::machine::{Arrival, Output, Server};
use super::options::{Kind, Options, code};
use super::record::Record;
use super::wire::{Message, WireError};
use crate::config::{
    Artefact, Boot, ClientMatch, Config, Install, Machine, Pool, Reservation, Role, Segment, Unknown,
};
use crate::event::EventKind;
use crate::mac::Mac;
use crate::permit::{Change, Permits};
use proptest::prelude::*;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

fn at(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, last)
}

fn card(last: u8) -> Mac {
    Mac([0x52, 0x54, 0, 0, 0, last])
}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
}

/// A message of a client with options as pairs.
fn from_client(kind: Kind, last: u8, options: &[(u8, &[u8])]) -> Message {
    let mut chaddr = [0; 16];
    chaddr[..6].copy_from_slice(&card(last).0);
    let none = Ipv4Addr::UNSPECIFIED;
    let mut set = Options::default();
    set.set(code::MESSAGE_TYPE, [kind.number()]);
    options.iter().for_each(|(code, value)| set.set(*code, *value));
    Message {
        op: 1,
        htype: 1,
        hlen: 6,
        hops: 0,
        xid: 0x1234_5678,
        secs: 0,
        flags: 0,
        ciaddr: none,
        yiaddr: none,
        siaddr: none,
        giaddr: none,
        chaddr,
        sname: vec![],
        file: vec![],
        options: set,
    }
}

fn install() -> Boot {
    Boot::Install(Install {
        kernel: "vmlinuz".into(),
        initrds: vec![],
        cmdline: String::new(),
        image: None,
        efi_program: None,
    })
}

/// A segment with three addresses in its pool; card 1 is machine `a` with 10.0.0.50, card 2 may never boot.
fn config() -> Config {
    let mut segment = Segment::new("lan", "br0", SERVER, "10.0.0.0/24".parse().expect("a network"));
    segment.pools = vec![Pool { first: at(100), last: at(102) }];
    let client = ClientMatch::Mac(card(1));
    segment.reservations = vec![Reservation { client, address: at(50), hostname: Some("node-a".into()) }];
    segment.options.routers = vec![at(254)];
    let mut config = Config::new("/state", segment);
    let machine = |name: &str, last, boot| Machine {
        name: name.into(),
        macs: vec![card(last)],
        answer: None,
        serial: None,
        arch: None,
        boot,
    };
    config.machines = vec![machine("a", 1, install()), machine("b", 2, Boot::Refuse("it is broken".into()))];
    for name in ["vmlinuz", "undionly.kpxe", "snponly.efi"] {
        config.artefacts.insert(name.into(), Artefact::Bytes(Arc::from(*b"x")));
    }
    config
}

struct Bench {
    server: Server,
    permits: Permits,
}

impl Bench {
    fn new(config: Config) -> Bench {
        Bench { server: Server::new(Arc::new(config), []), permits: Permits::default() }
    }

    fn outputs(&mut self, message: &Message, seconds: u64) -> Vec<Output> {
        let from = SocketAddrV4::new(message.ciaddr, 68);
        let arrival = Arrival { segment: 0, from, proxy_port: false };
        self.server.handle(&message.write(1500), arrival, &self.permits, time(seconds))
    }

    /// The answer and where it goes, if there is one.
    fn answer(&mut self, message: &Message, seconds: u64) -> Option<(Message, SocketAddrV4)> {
        self.outputs(message, seconds).into_iter().find_map(|output| match output {
            Output::Send { to, bytes } => Some((Message::parse(&bytes).expect("an answer"), to)),
            _ => None,
        })
    }

    /// The answer as `KIND address`.
    fn short(&mut self, message: &Message, seconds: u64) -> String {
        match self.answer(message, seconds) {
            Some((answer, _)) => {
                format!("{} {}", answer.options.kind().expect("a kind").name(), answer.yiaddr)
            }
            None => "silence".into(),
        }
    }

    fn lease(&mut self, last: u8, seconds: u64) -> Ipv4Addr {
        let (offer, _) = self.answer(&from_client(Kind::Discover, last, &[]), seconds).expect("an offer");
        let wanted = offer.yiaddr.octets();
        let request = from_client(
            Kind::Request,
            last,
            &[(code::SERVER_ID, &SERVER.octets()), (code::REQUESTED_ADDRESS, &wanted)],
        );
        assert_eq!(self.short(&request, seconds), format!("ACK {}", offer.yiaddr));
        offer.yiaddr
    }
}

fn request(last: u8, options: &[(u8, Ipv4Addr)], ciaddr: Option<Ipv4Addr>) -> Message {
    let octets: Vec<(u8, [u8; 4])> =
        options.iter().map(|(code, address)| (*code, address.octets())).collect();
    let options: Vec<(u8, &[u8])> = octets.iter().map(|(code, bytes)| (*code, &bytes[..])).collect();
    let mut message = from_client(Kind::Request, last, &options);
    message.ciaddr = ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
    message
}

#[test]
fn requests_in_every_state_of_the_client() {
    use code::{REQUESTED_ADDRESS as WANTS, SERVER_ID as FROM};
    // Client 9 has a lease on .100 before each of these.
    for (what, message, expect) in [
        ("selecting us", request(9, &[(FROM, SERVER), (WANTS, at(100))], None), "ACK 10.0.0.100"),
        (
            "selecting us, another address",
            request(9, &[(FROM, SERVER), (WANTS, at(101))], None),
            "ACK 10.0.0.101",
        ),
        (
            "selecting us, an address not given here",
            request(9, &[(FROM, SERVER), (WANTS, at(7))], None),
            "NAK 0.0.0.0",
        ),
        ("selecting another server", request(9, &[(FROM, at(2)), (WANTS, at(100))], None), "silence"),
        ("restarted with its address", request(9, &[(WANTS, at(100))], None), "ACK 10.0.0.100"),
        (
            "restarted on another network",
            request(9, &[(WANTS, Ipv4Addr::new(192, 168, 1, 5))], None),
            "NAK 0.0.0.0",
        ),
        ("restarted with a reserved address", request(9, &[(WANTS, at(50))], None), "NAK 0.0.0.0"),
        ("renewing", request(9, &[], Some(at(100))), "ACK 10.0.0.100"),
        ("renewing the server's own address", request(9, &[], Some(SERVER)), "NAK 0.0.0.0"),
        ("somebody else renewing it", request(8, &[], Some(at(100))), "NAK 0.0.0.0"),
        ("its owner by reservation renewing", request(1, &[], Some(at(50))), "ACK 10.0.0.50"),
        ("its owner renewing a wrong one", request(1, &[], Some(at(101))), "NAK 0.0.0.0"),
        ("naming nothing", request(9, &[], None), "silence"),
    ] {
        let mut bench = Bench::new(config());
        assert_eq!(bench.lease(9, 0), at(100));
        assert_eq!(bench.short(&message, 10), expect, "{what}");
    }
}

#[test]
fn addresses_come_in_the_right_order() {
    let mut bench = Bench::new(config());
    assert_eq!(bench.lease(1, 0), at(50), "the reserved one");
    assert_eq!(bench.lease(10, 1), at(100), "the first of the pool");
    assert_eq!(bench.lease(10, 2), at(100), "the same again");
    let wish = from_client(Kind::Discover, 11, &[(code::REQUESTED_ADDRESS, &at(102).octets())]);
    assert_eq!(bench.short(&wish, 3), "OFFER 10.0.0.102", "what it asks for");
    assert_eq!(bench.lease(12, 4), at(101));
    let other = from_client(Kind::Discover, 13, &[]);
    assert_eq!(bench.short(&other, 5), "silence", "the last one is on offer to somebody");
    assert_eq!(bench.short(&other, 100), "OFFER 10.0.0.102", "the offer was not taken within a minute");
    assert_eq!(
        bench.short(&from_client(Kind::Discover, 14, &[]), 4000),
        "OFFER 10.0.0.102",
        "ended longest ago"
    );
    assert_eq!(bench.short(&from_client(Kind::Discover, 15, &[]), 4000), "OFFER 10.0.0.100");
}

#[test]
fn what_is_released_or_declined_is_handled() {
    let mut bench = Bench::new(config());
    assert_eq!((bench.lease(10, 0), bench.lease(11, 0), bench.lease(12, 0)), (at(100), at(101), at(102)));
    let mut release = from_client(Kind::Release, 11, &[(code::SERVER_ID, &SERVER.octets())]);
    release.ciaddr = at(100);
    assert!(bench.outputs(&release, 1).iter().all(|o| !matches!(o, Output::Keep(_))), "not its own");
    release.ciaddr = at(101);
    assert!(bench.outputs(&release, 1).contains(&Output::Keep(Record::Free { address: at(101) })));
    assert_eq!(bench.lease(13, 2), at(101), "free for the next");
    let decline = |last, address: Ipv4Addr| {
        from_client(
            Kind::Decline,
            last,
            &[(code::SERVER_ID, &SERVER.octets()), (code::REQUESTED_ADDRESS, &address.octets())],
        )
    };
    assert!(
        bench.outputs(&decline(13, at(100)), 3).iter().all(|o| !matches!(o, Output::Keep(_))),
        "not its own"
    );
    let told = bench.outputs(&decline(13, at(101)), 3);
    assert!(
        told.contains(&Output::Tell { mac: Some(card(13)), kind: EventKind::Declined { address: at(101) } })
    );
    assert_eq!(
        bench.short(&from_client(Kind::Discover, 13, &[]), 4),
        "silence",
        "set aside, and no other is free"
    );
    assert_eq!(
        bench.short(&from_client(Kind::Discover, 13, &[]), 604),
        "OFFER 10.0.0.101",
        "for ten minutes"
    );
}

#[test]
fn leases_are_read_back_unless_reserved_since() {
    let mut bench = Bench::new(config());
    let (one, two) = (bench.lease(1, 0), bench.lease(10, 0));
    let records = bench.server.records(time(1));
    let lines: Vec<String> = records.iter().map(Record::line).collect();
    let again: Vec<Record> = lines.iter().map(|line| Record::parse(line).expect(line)).collect();
    assert_eq!(again, records);
    let server = Server::new(Arc::new(config()), &records);
    let held = |server: &Server| server.leases(time(1)).iter().map(|l| l.address).collect::<Vec<_>>();
    assert_eq!(held(&server), [one, two]);
    assert_eq!(server.mac_at(two), Some(card(10)));
    let mut changed = config();
    let client = ClientMatch::Mac(card(77));
    changed.segments[0].reservations.push(Reservation { client, address: at(100), hostname: None });
    assert_eq!(held(&Server::new(Arc::new(changed), &records)), [one]);
    for bad in
        ["", "bound", "bound 10.0.0.1 x - 00", "free ten", "declined 10.0.0.1", "bound 10.0.0.1 5 - 0g"]
    {
        assert_eq!(Record::parse(bad), None, "{bad}");
    }
}

#[test]
fn answers_go_where_the_client_can_hear_them() {
    let mut bench = Bench::new(config());
    let mut check = |change: &dyn Fn(&mut Message), expect: &str| {
        let mut message = from_client(Kind::Discover, 9, &[]);
        change(&mut message);
        let (_, to) = bench.answer(&message, 0).expect("an answer");
        assert_eq!(to.to_string(), expect);
    };
    check(&|_| {}, "255.255.255.255:68");
    check(&|m| m.giaddr = at(253), "10.0.0.253:67");
    check(&|m| *m = request(9, &[], Some(at(100))), "10.0.0.100:68");
    check(&|m| *m = request(9, &[], Some(at(7))), "255.255.255.255:68");
    check(&|m| *m = from_client(Kind::Inform, 9, &[]).with_ciaddr(at(9)), "10.0.0.9:68");
}

impl Message {
    fn with_ciaddr(mut self, address: Ipv4Addr) -> Self {
        self.ciaddr = address;
        self
    }
}

#[test]
fn a_relay_selects_the_segment_and_gets_its_option_back_last() {
    let mut config = config();
    let mut far = Segment::new("far", "unused", SERVER, "10.9.0.0/24".parse().expect("a network"));
    far.interface = None;
    far.pools = vec![Pool { first: Ipv4Addr::new(10, 9, 0, 5), last: Ipv4Addr::new(10, 9, 0, 6) }];
    config.segments.push(far);
    let mut bench = Bench::new(config);
    let circuit: &[u8] = &[1, 3, b'p', b'o', b'7'];
    let mut discover = from_client(Kind::Discover, 9, &[(code::RELAY_AGENT, circuit)]);
    discover.giaddr = Ipv4Addr::new(10, 9, 0, 1);
    let (offer, to) = bench.answer(&discover, 0).expect("an offer");
    assert_eq!((offer.yiaddr, to.to_string()), (Ipv4Addr::new(10, 9, 0, 5), "10.9.0.1:67".into()));
    assert_eq!(offer.options.get(code::RELAY_AGENT), Some(circuit));
    assert_eq!(offer.options.in_order().last().map(|(code, _)| code), Some(code::RELAY_AGENT));
    discover.options.set(code::RELAY_AGENT, [5, 4, 10, 0, 0, 0]);
    assert_eq!(bench.short(&discover, 0), "OFFER 10.0.0.100", "RFC 3527 names the client's own link");
    discover.options.remove(code::RELAY_AGENT);
    discover.giaddr = Ipv4Addr::new(172, 16, 0, 1);
    assert_eq!(bench.short(&discover, 0), "silence", "a network that is not served");
}

#[test]
fn what_a_client_is_told() {
    let mut bench = Bench::new(config());
    let all = from_client(Kind::Discover, 1, &[]);
    let (offer, _) = bench.answer(&all, 0).expect("an offer");
    assert_eq!(offer.options.get(code::HOST_NAME), Some(&b"node-a"[..]));
    assert_eq!(offer.options.address(code::ROUTERS), Some(at(254)));
    assert_eq!(offer.options.address(code::SUBNET_MASK), Some(Ipv4Addr::new(255, 255, 255, 0)));
    let times = [code::LEASE_TIME, code::RENEWAL, code::REBINDING].map(|code| offer.options.u32(code));
    assert_eq!(times, [Some(3600), Some(1800), Some(3150)]);
    let order: Vec<u8> = offer.options.in_order().map(|(code, _)| code).take(2).collect();
    assert_eq!(order, [code::MESSAGE_TYPE, code::SERVER_ID]);
    let some =
        from_client(Kind::Discover, 1, &[(code::PARAMETER_LIST, &[3]), (code::LEASE_TIME, &[0, 0, 0, 5])]);
    let (offer, _) = bench.answer(&some, 0).expect("an offer");
    assert!(!offer.options.has(code::HOST_NAME));
    assert_eq!(offer.options.u32(code::LEASE_TIME), Some(60), "not shorter than a minute");
}

#[test]
fn strangers_and_refused_machines() {
    let mut bench = Bench::new(config());
    let stranger = |outputs: &[Output]| {
        outputs.iter().filter(|o| matches!(o, Output::Tell { kind: EventKind::UnknownMachine, .. })).count()
    };
    let discover = from_client(Kind::Discover, 9, &[]);
    assert_eq!(stranger(&bench.outputs(&discover, 0)), 1);
    assert_eq!(stranger(&bench.outputs(&discover, 1)), 0, "told once");
    assert_eq!(bench.short(&from_client(Kind::Discover, 2, &[]), 0), "silence", "refused by configuration");
    let mut strict = config();
    strict.unknown = Unknown::Ignore;
    let mut bench = Bench::new(strict);
    assert_eq!(bench.short(&discover, 0), "silence");
    assert_eq!(bench.short(&from_client(Kind::Discover, 1, &[]), 0), "OFFER 10.0.0.50");
    let rival = request(1, &[(code::SERVER_ID, at(2)), (code::REQUESTED_ADDRESS, at(50))], None);
    let told = bench.outputs(&rival, 0);
    let expect = EventKind::RivalServer { segment: "lan".into(), address: at(2) };
    assert!(told.contains(&Output::Tell { mac: None, kind: expect }), "{told:?}");
}

const BIOS: &[(u8, &[u8])] =
    &[(code::VENDOR_CLASS, b"PXEClient:Arch:00000:UNDI:002001"), (code::ARCHITECTURE, &[0, 0])];
const UEFI: &[(u8, &[u8])] =
    &[(code::VENDOR_CLASS, b"PXEClient:Arch:00007:UNDI:003016"), (code::ARCHITECTURE, &[0, 7])];
const IPXE: &[(u8, &[u8])] = &[
    (code::VENDOR_CLASS, b"PXEClient:Arch:00007:UNDI:003010"),
    (code::ARCHITECTURE, &[0, 7]),
    (code::USER_CLASS, b"iPXE"),
    (code::IPXE, &[19, 1, 1]),
];

#[test]
fn boot_files_by_kind_of_client() {
    let mut bench = Bench::new(config());
    let mut file = |options: &[(u8, &[u8])], last| {
        let (offer, _) = bench.answer(&from_client(Kind::Discover, last, options), 0).expect("an offer");
        (String::from_utf8(offer.file.clone()).expect("text"), offer)
    };
    assert_eq!(file(BIOS, 1).0, "", "no permit");
    bench.permits.apply(&Change::Open("a".into()));
    let mut file = |options: &[(u8, &[u8])], last| {
        let (offer, _) = bench.answer(&from_client(Kind::Discover, last, options), 0).expect("an offer");
        (String::from_utf8(offer.file.clone()).expect("text"), offer)
    };
    assert_eq!(file(BIOS, 1).0, "undionly.kpxe");
    assert_eq!(file(UEFI, 1).0, "snponly.efi");
    assert_eq!(file(BIOS, 9).0, "", "a stranger");
    assert_eq!(file(&[], 1).0, "", "a running system");
    let (url, offer) = file(IPXE, 1);
    assert_eq!(url, "http://10.0.0.1/boot/52:54:00:00:00:01.ipxe");
    assert_eq!(offer.siaddr, SERVER);
    assert_eq!(offer.options.get(code::IPXE), Some(&[176, 1, 1][..]));
}

#[test]
fn a_raspberry_pi_is_told_the_server_and_the_words() {
    let mut config = config();
    let pi = Mac([0xdc, 0xa6, 0x32, 0, 0, 1]);
    config.artefacts.insert("pi".into(), Artefact::Folder("/srv/pi".into()));
    config.machines[0].macs = vec![pi];
    config.machines[0].boot = Boot::Folder("pi".into());
    let mut bench = Bench::new(config);
    let mut discover = from_client(Kind::Discover, 1, BIOS);
    discover.chaddr[..6].copy_from_slice(&pi.0);
    let (offer, _) = bench.answer(&discover, 0).expect("an offer");
    assert_eq!((offer.yiaddr, offer.siaddr), (at(100), SERVER));
    assert_eq!(offer.options.get(code::TFTP_SERVER), Some(&b"10.0.0.1"[..]));
    assert!(offer.options.get(code::VENDOR).is_some_and(|v| v.ends_with(b"Raspberry Pi Boot\xff")));
    assert_eq!(
        bench.server.mac_at(at(100)),
        Some(pi),
        "the ROM of a Pi 3 never asks for more than the offer"
    );
    // The offer of a Pi 3 must stay the same over its five tries, five seconds apart.
    assert_eq!(bench.short(&discover, 25), "OFFER 10.0.0.100");
}

#[test]
fn proxy_answers_boot_clients_only_and_gives_no_address() {
    let mut config = config();
    config.segments[0].role = Role::Proxy;
    let mut bench = Bench::new(config);
    bench.permits.apply(&Change::Open("a".into()));
    assert_eq!(bench.short(&from_client(Kind::Discover, 1, &[]), 0), "silence");
    assert_eq!(bench.short(&from_client(Kind::Discover, 9, UEFI), 0), "silence");
    assert_eq!(
        bench.short(&from_client(Kind::Request, 1, UEFI), 0),
        "silence",
        "that is for the other server"
    );
    let (offer, _) = bench.answer(&from_client(Kind::Discover, 1, UEFI), 0).expect("an offer");
    assert_eq!((offer.yiaddr, offer.file.as_slice()), (Ipv4Addr::UNSPECIFIED, &b"snponly.efi"[..]));
    assert_eq!(offer.options.get(code::VENDOR_CLASS), Some(&b"PXEClient"[..]));
    assert_eq!(offer.options.get(code::VENDOR), Some(&[6, 1, 8, 255][..]));
    assert!(!offer.options.has(code::LEASE_TIME));
    bench.short(&request(1, &[(code::SERVER_ID, at(2)), (code::REQUESTED_ADDRESS, at(60))], None), 0);
    assert_eq!(bench.server.mac_at(at(60)), Some(card(1)), "overheard");
    let from = SocketAddrV4::new(at(60), 4011);
    let arrival = Arrival { segment: 0, from, proxy_port: true };
    let message = from_client(Kind::Request, 1, UEFI).with_ciaddr(at(60));
    let outputs = bench.server.handle(&message.write(1500), arrival, &bench.permits, time(0));
    let sent = outputs.iter().find_map(|o| match o {
        Output::Send { to, bytes } => Some((*to, Message::parse(bytes).expect("an answer").options.kind())),
        _ => None,
    });
    assert_eq!(sent, Some((from, Some(Kind::Ack))));
}

#[test]
fn a_full_table_gives_nothing_and_forgets_nothing() {
    let mut segment = config().segments.remove(0);
    segment.pools = vec![Pool { first: at(100), last: at(200) }];
    let mut table = LeaseTable::new(&segment, 2);
    let asker = |last| super::lease::Asker {
        key: super::lease::ClientKey::card(card(last)),
        mac: Some(card(last)),
        client_id: None,
    };
    let offers: Vec<_> = (10..14).map(|last| table.offer(&asker(last), None, time(0))).collect();
    assert_eq!(offers, [Some(at(100)), Some(at(101)), None, None]);
    assert_eq!(table.offer(&asker(12), Some(at(150)), time(0)), None, "nor by a wish");
    assert_eq!(table.offer(&asker(12), None, time(61)), Some(at(100)));
}

#[test]
fn damaged_messages() {
    let good = from_client(Kind::Discover, 9, &[]).write(1500);
    assert_eq!(Message::parse(&good[..239]), Err(WireError::Short(239)));
    let mut bad = good.clone();
    bad[236] = 0;
    assert_eq!(Message::parse(&bad), Err(WireError::NoCookie));
    bad = good.clone();
    bad[2] = 17;
    assert_eq!(Message::parse(&bad), Err(WireError::HardwareLength(17)));
    assert!(good.len() >= 300);
}

#[test]
fn overloaded_fields_and_split_options_are_joined() {
    let mut bytes = from_client(Kind::Discover, 9, &[]).write(1500);
    bytes.truncate(240);
    bytes.extend([12, 2, b'a', b'b', 53, 1, 1, 12, 1, b'c', 52, 1, 3, 255]);
    bytes[108..114].copy_from_slice(&[60, 1, b'x', 0, 12, 1]);
    bytes[114..116].copy_from_slice(&[b'd', 255]);
    bytes[44..48].copy_from_slice(&[12, 1, b'e', 255]);
    let message = Message::parse(&bytes).expect("a message");
    assert_eq!(message.options.get(code::HOST_NAME), Some(&b"abcde"[..]));
    assert_eq!(message.options.get(code::VENDOR_CLASS), Some(&b"x"[..]));
    assert!(message.file.is_empty() && message.sname.is_empty());
}

#[test]
fn what_does_not_fit_goes_into_the_free_fields() {
    let mut message = from_client(Kind::Ack, 9, &[]);
    for (number, length) in [(200, 90), (201, 90), (202, 90), (203, 90), (204, 40)] {
        message.options.set(number, vec![number; length]);
    }
    let bytes = message.write(548);
    assert!(bytes.len() <= 548);
    let again = Message::parse(&bytes).expect("a message");
    assert_eq!(again.options, message.options);
    message.file = b"taken".to_vec();
    message.sname = b"taken".to_vec();
    let fewer = Message::parse(&message.write(548)).expect("a message");
    assert_eq!(fewer.file, b"taken");
    assert!(fewer.options.has(code::MESSAGE_TYPE) && !fewer.options.has(204));
}

fn any_message() -> impl Strategy<Value = Message> {
    let options =
        proptest::collection::btree_map(1_u8..=254, proptest::collection::vec(any::<u8>(), 0..600), 0..12);
    let text = |limit| proptest::collection::vec(1_u8..=255, 0..limit);
    (
        any::<[u8; 4]>(),
        any::<(u32, u16, u16)>(),
        any::<[u8; 16]>(),
        any::<[[u8; 4]; 4]>(),
        text(64),
        text(128),
        options,
    )
        .prop_map(
            |([op, htype, hlen, hops], (xid, secs, flags), chaddr, addresses, sname, file, options)| {
                let [ciaddr, yiaddr, siaddr, giaddr] = addresses.map(Ipv4Addr::from);
                let mut set = Options::default();
                options
                    .into_iter()
                    .filter(|(c, _)| *c != code::OVERLOAD)
                    .for_each(|(c, value)| set.set(c, value));
                let hlen = hlen % 17;
                Message {
                    op,
                    htype,
                    hlen,
                    hops,
                    xid,
                    secs,
                    flags,
                    ciaddr,
                    yiaddr,
                    siaddr,
                    giaddr,
                    chaddr,
                    sname,
                    file,
                    options: set,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_message_survives_the_wire(message in any_message()) {
        prop_assert_eq!(Message::parse(&message.write(65_000)).expect("a message"), message);
    }

    #[test]
    fn no_limit_is_passed(message in any_message(), limit in 548_usize..2000) {
        let bytes = message.write(limit);
        prop_assert!(bytes.len() <= limit);
        prop_assert!(Message::parse(&bytes).is_ok());
    }

    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..700), cookie in any::<bool>()) {
        if cookie && bytes.len() > 240 {
            bytes[236..240].copy_from_slice(&[99, 130, 83, 99]);
            (bytes[0], bytes[2]) = (1, bytes[2] % 17);
        }
        super::fuzz_one(&bytes);
    }

    /// Whatever clients do, an address is never given to two of them.
    #[test]
    fn no_address_has_two_holders(steps in proptest::collection::vec((0_u8..6, 10_u8..18, 99_u8..104, 0_u64..90), 0..80)) {
        let mut bench = Bench::new(config());
        let mut now = 0;
        let mut holders: std::collections::BTreeMap<Ipv4Addr, (Mac, SystemTime)> = std::collections::BTreeMap::new();
        for (what, last, address, wait) in steps {
            now += wait;
            let wish: &[(u8, Ipv4Addr)] = &[(code::REQUESTED_ADDRESS, at(address))];
            let message = match what {
                0 | 1 => from_client(Kind::Discover, last, &[]),
                2 => request(last, wish, None),
                3 => request(last, &[(code::SERVER_ID, SERVER), wish[0]], None),
                4 => request(last, &[], Some(at(address))),
                _ => from_client(Kind::Release, last, &[]).with_ciaddr(at(address)),
            };
            for output in bench.outputs(&message, now) {
                match output {
                    Output::Keep(Record::Bound { address, until, holder }) => {
                        let mac = holder.mac.expect("a card");
                        if let Some((other, ends)) = holders.insert(address, (mac, until)) {
                            prop_assert!(other == mac || ends <= time(now), "{address} taken from {other}");
                        }
                        holders.retain(|a, (m, _)| *a == address || *m != mac);
                    }
                    Output::Keep(Record::Free { address } | Record::Declined { address, .. }) => {
                        holders.remove(&address);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The same message read and written by the `dhcproto` crate.
mod oracle {
    use super::*;
    use dhcproto::v4::{self, DhcpOption, OptionCode};
    use dhcproto::{Decodable, Decoder, Encodable, Encoder};

    #[test]
    fn it_reads_what_we_write() {
        let mut bench = Bench::new(config());
        bench.permits.apply(&Change::Open("a".into()));
        let from = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68);
        let arrival = Arrival { segment: 0, from, proxy_port: false };
        let message = from_client(Kind::Discover, 1, BIOS).write(1500);
        let outputs = bench.server.handle(&message, arrival, &bench.permits, time(0));
        let bytes =
            outputs.iter().find_map(|o| if let Output::Send { bytes, .. } = o { Some(bytes) } else { None });
        let theirs =
            v4::Message::decode(&mut Decoder::new(bytes.expect("an answer"))).expect("their reading");
        assert_eq!(theirs.opcode(), v4::Opcode::BootReply);
        assert_eq!((theirs.xid(), theirs.yiaddr(), theirs.siaddr()), (0x1234_5678, at(50), SERVER));
        assert_eq!(theirs.chaddr(), card(1).0);
        let option = |code| theirs.opts().get(code).cloned();
        assert_eq!(option(OptionCode::MessageType), Some(DhcpOption::MessageType(v4::MessageType::Offer)));
        assert_eq!(option(OptionCode::AddressLeaseTime), Some(DhcpOption::AddressLeaseTime(3600)));
        assert_eq!(option(OptionCode::Router), Some(DhcpOption::Router(vec![at(254)])));
        assert_eq!(option(OptionCode::Hostname), Some(DhcpOption::Hostname("node-a".into())));
    }

    #[test]
    fn we_read_what_it_writes() {
        let none = Ipv4Addr::UNSPECIFIED;
        let mut theirs = v4::Message::new_with_id(77, none, at(9), none, none, &card(5).0);
        theirs.set_flags(v4::Flags::default().set_broadcast());
        for option in [
            DhcpOption::MessageType(v4::MessageType::Request),
            DhcpOption::RequestedIpAddress(at(9)),
            DhcpOption::ClientIdentifier(vec![1, 2, 3]),
            DhcpOption::MaxMessageSize(1400),
        ] {
            theirs.opts_mut().insert(option);
        }
        let mut bytes = Vec::new();
        theirs.encode(&mut Encoder::new(&mut bytes)).expect("their writing");
        let ours = Message::parse(&bytes).expect("our reading");
        assert_eq!(
            (ours.xid, ours.yiaddr, ours.mac(), ours.wants_broadcast()),
            (77, at(9), Some(card(5)), true)
        );
        assert_eq!(ours.options.kind(), Some(Kind::Request));
        assert_eq!(ours.options.address(code::REQUESTED_ADDRESS), Some(at(9)));
        assert_eq!(ours.options.get(code::CLIENT_ID), Some(&[1, 2, 3][..]));
        assert_eq!(ours.options.u16(code::MAX_SIZE), Some(1400));
    }
}
