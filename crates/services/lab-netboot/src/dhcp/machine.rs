//! The DHCP server as a state machine: a packet and the time in, answers, journal lines and events out.
//!
//! [`Output::Keep`] must be on the disk before any [`Output::Send`] of the same call goes out: an address that was
//! granted is never forgotten. Who may boot what is not decided here but in [`crate::boot::choice`].

use super::decide::{Request, classify};
use super::lease::{Asker, ClientKey, Lease, LeaseTable};
use super::options::{Kind, code};
use super::record::Record;
use super::reply;
use super::wire::{Message, SAFE_SIZE};
use crate::boot::choice::{self, Choice, Why};
use crate::boot::client::Client;
use crate::config::{Boot, Config, Role, Segment, Unknown};
use crate::event::EventKind;
use crate::mac::Mac;
use crate::permit::Permits;
use crate::timeline::Fact;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::time::SystemTime;

/// So many strangers are told of once each; after that they are told of again.
const STRANGERS: usize = 4096;

/// Where a packet came from.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Index of the segment on whose interface it came in.
    pub segment: usize,
    /// Its sender.
    pub from: SocketAddrV4,
    /// Whether it came to the PXE boot server port (4011) instead of the DHCP port.
    pub proxy_port: bool,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A line for the lease journal.
    Keep(Record),
    /// A packet to send from the interface it came in by.
    Send {
        /// Where to.
        to: SocketAddrV4,
        /// The packet.
        bytes: Vec<u8>,
    },
    /// Something for the caller.
    Tell {
        /// The card it concerns.
        mac: Option<Mac>,
        /// What.
        kind: EventKind,
    },
    /// A line for the timeline of a client.
    Note {
        /// The client's card.
        mac: Mac,
        /// What came or went, and why.
        fact: Fact,
    },
}

/// The server's whole state.
#[derive(Debug)]
pub struct Server {
    config: Arc<Config>,
    tables: Vec<LeaseTable>,
    machines: BTreeMap<Mac, usize>,
    strangers: BTreeSet<Mac>,
    rivals: BTreeSet<Ipv4Addr>,
    /// Cards by the address another server gave them, overheard in proxy mode.
    overheard: BTreeMap<Ipv4Addr, Mac>,
}

/// One packet with everything known about it.
struct Case<'a> {
    message: Message,
    arrival: Arrival,
    segment: usize,
    asker: Asker,
    machine: Option<usize>,
    client: Client,
    permits: &'a Permits,
    now: SystemTime,
    port: u16,
    out: Vec<Output>,
}

impl Server {
    /// A server with the leases that the journal holds.
    pub fn new<'a>(config: Arc<Config>, records: impl IntoIterator<Item = &'a Record>) -> Server {
        let mut tables: Vec<LeaseTable> =
            config.segments.iter().map(|s| LeaseTable::new(s, config.limits.leases)).collect();
        for record in records {
            let at = config.segments.iter().position(|s| s.network.contains(&record.address()));
            if let Some(at) = at {
                tables[at].restore(record);
            }
        }
        let machines = config
            .machines
            .iter()
            .enumerate()
            .flat_map(|(i, m)| m.macs.iter().map(move |mac| (*mac, i)))
            .collect();
        Server {
            config,
            tables,
            machines,
            strangers: BTreeSet::new(),
            rivals: BTreeSet::new(),
            overheard: BTreeMap::new(),
        }
    }

    /// The records that lead to this state.
    pub fn records(&self, now: SystemTime) -> Vec<Record> {
        self.tables.iter().flat_map(|table| table.records(now)).collect()
    }

    /// How many records there can be at most; costs nothing.
    pub fn most_records(&self) -> usize {
        self.tables.iter().map(LeaseTable::taken).sum()
    }

    /// All leases that are in force.
    pub fn leases(&self, now: SystemTime) -> Vec<Lease> {
        self.tables.iter().flat_map(|table| table.leases(now)).collect()
    }

    /// The card that has an address.
    pub fn mac_at(&self, address: Ipv4Addr) -> Option<Mac> {
        let overheard = || self.overheard.get(&address).copied();
        self.tables.iter().find_map(|table| table.mac_at(address)).or_else(overheard)
    }

    /// Takes one packet.
    pub fn handle(
        &mut self,
        bytes: &[u8],
        arrival: Arrival,
        permits: &Permits,
        now: SystemTime,
    ) -> Vec<Output> {
        let Ok(message) = Message::parse(bytes) else { return Vec::new() };
        let Some(kind) = message.options.kind().filter(|_| message.op == 1) else { return Vec::new() };
        let Some(segment) = self.segment_of(&message, arrival) else { return Vec::new() };
        let mut case = self.case(message, arrival, segment, permits, now);
        let client = case.client.to_string();
        case.note(Fact::Heard { message: kind, from: *arrival.from.ip(), client });
        if self.is_refused(&mut case) {
            return case.out;
        }
        match (self.config.segments[segment].role, kind) {
            (Role::Proxy, _) => self.proxy(&mut case, kind),
            (Role::Server, Kind::Discover) => self.discover(&mut case),
            (Role::Server, Kind::Request) => self.request(&mut case),
            (Role::Server, Kind::Decline) => self.decline(&mut case),
            (Role::Server, Kind::Release) => self.release(&mut case),
            (Role::Server, Kind::Inform) => self.inform(&mut case),
            (Role::Server, Kind::Offer | Kind::Ack | Kind::Nak) => {}
        }
        case.out
    }

    /// The segment a packet belongs to: by what the relay says (RFC 3527, then giaddr), by the address the client
    /// already has, by the interface.
    fn segment_of(&self, message: &Message, arrival: Arrival) -> Option<usize> {
        let of = |address: Ipv4Addr| self.config.segments.iter().position(|s| s.network.contains(&address));
        if !message.giaddr.is_unspecified() {
            let link = message.options.inside(code::RELAY_AGENT).find(|(sub, _)| *sub == 5);
            let link = link.and_then(|(_, v)| <[u8; 4]>::try_from(v).ok()).map(Ipv4Addr::from);
            return of(link.unwrap_or(message.giaddr));
        }
        if !message.ciaddr.is_unspecified()
            && let Some(segment) = of(message.ciaddr)
        {
            return Some(segment);
        }
        Some(arrival.segment)
    }

    fn case<'a>(
        &self,
        message: Message,
        arrival: Arrival,
        segment: usize,
        permits: &'a Permits,
        now: SystemTime,
    ) -> Case<'a> {
        let mac = message.mac();
        let machine = mac.and_then(|mac| self.machines.get(&mac).copied());
        let client_id = message.options.get(code::CLIENT_ID).filter(|id| id.len() >= 2).map(<[u8]>::to_vec);
        let key = match (machine.and(mac), &client_id) {
            (Some(mac), _) => ClientKey::card(mac),
            (None, Some(id)) => ClientKey::id(id),
            (None, None) => ClientKey::hardware(message.htype, &message.chaddr[..usize::from(message.hlen)]),
        };
        let client = Client::read(mac, &message.options);
        let asker = Asker { key, mac, client_id };
        let port = self.config.ports.dhcp;
        Case { message, arrival, segment, asker, machine, client, permits, now, port, out: Vec::new() }
    }

    /// Whether the client gets no answer at all.
    fn is_refused(&mut self, case: &mut Case<'_>) -> bool {
        let Some(mac) = case.asker.mac else { return false };
        let Some(machine) = case.machine else {
            if self.strangers.len() >= STRANGERS {
                self.strangers.clear();
            }
            if self.strangers.insert(mac) {
                case.tell(EventKind::UnknownMachine);
            }
            let reserved = self.tables[case.segment].reservation(&case.asker).is_some();
            return self.config.unknown == Unknown::Ignore && !reserved;
        };
        let Boot::Refuse(reason) = &self.config.machines[machine].boot else { return false };
        case.refuse(reason.clone());
        true
    }

    fn discover(&mut self, case: &mut Case<'_>) {
        let segment = &self.config.segments[case.segment];
        if case.machine.is_some() {
            case.tell(EventKind::Seen { client: case.client.to_string() });
        }
        let wish = case.message.options.address(code::REQUESTED_ADDRESS);
        let table = &mut self.tables[case.segment];
        let Some(address) = table.offer(&case.asker, wish, case.now) else {
            case.refuse(format!("no address is free on segment `{}`", segment.name));
            return;
        };
        let choice = self.choose(case);
        let mut reply = reply::begin(&case.message, Kind::Offer, segment.server);
        reply::give_address(&mut reply, address, reply::lease_seconds(&case.message, &segment.options));
        self.fill(case, &mut reply, &choice);
        case.send(&reply, answered(Kind::Offer, Some(address), &choice));
        if case.machine.is_some() {
            case.tell(EventKind::Offered { address: Some(address), boot_file: boot_file(&choice) });
        }
    }

    fn request(&mut self, case: &mut Case<'_>) {
        let segment = &self.config.segments[case.segment];
        let address = match classify(&case.message) {
            Request::Selecting { server, .. } if server != segment.server => {
                // RFC 2131 §3.1 step 4: it took somebody else's offer.
                self.tables[case.segment].forget_offer(&case.asker);
                self.rival(case, server);
                return;
            }
            Request::Selecting { address, .. }
            | Request::InitReboot { address }
            | Request::Extending { address } => address,
            Request::Meaningless => return,
        };
        let table = &mut self.tables[case.segment];
        if !segment.network.contains(&address) {
            self.nak(case, "the address is not of this network");
            return;
        }
        if !table.may_have(&case.asker, address, case.now) {
            self.nak(case, "the address is not free for this client");
            return;
        }
        let seconds = reply::lease_seconds(&case.message, &segment.options);
        let record = table.bind(&case.asker, address, case.now + reply::duration(seconds));
        case.out.push(Output::Keep(record));
        let choice = self.choose(case);
        let mut reply = reply::begin(&case.message, Kind::Ack, segment.server);
        reply.ciaddr = case.message.ciaddr;
        reply::give_address(&mut reply, address, seconds);
        self.fill(case, &mut reply, &choice);
        case.send(&reply, answered(Kind::Ack, Some(address), &choice));
        if case.machine.is_some() {
            case.tell(EventKind::Acked { address });
        }
    }

    fn nak(&self, case: &mut Case<'_>, reason: &str) {
        let segment = &self.config.segments[case.segment];
        let reply = reply::nak(&case.message, segment.server, reason);
        case.send(&reply, Fact::Denied { reason: reason.to_owned() });
    }

    fn decline(&mut self, case: &mut Case<'_>) {
        if !self.is_for_us(case) {
            return;
        }
        let Some(address) = case.message.options.address(code::REQUESTED_ADDRESS) else { return };
        if let Some(record) = self.tables[case.segment].decline(&case.asker, address, case.now) {
            case.out.push(Output::Keep(record));
            case.tell(EventKind::Declined { address });
        }
    }

    fn release(&mut self, case: &mut Case<'_>) {
        if self.is_for_us(case)
            && let Some(record) = self.tables[case.segment].release(&case.asker, case.message.ciaddr)
        {
            case.out.push(Output::Keep(record));
        }
    }

    /// RFC 2131 §4.3.5: everything but an address and its times, by unicast.
    fn inform(&mut self, case: &mut Case<'_>) {
        if case.message.ciaddr.is_unspecified() {
            return;
        }
        let choice = self.choose(case);
        let mut reply = reply::begin(&case.message, Kind::Ack, self.config.segments[case.segment].server);
        reply.ciaddr = case.message.ciaddr;
        self.fill(case, &mut reply, &choice);
        case.send(&reply, answered(Kind::Ack, None, &choice));
    }

    /// Another server gives the addresses: PXE clients are told what to boot, all others are left alone.
    fn proxy(&mut self, case: &mut Case<'_>, kind: Kind) {
        if kind == Kind::Request {
            self.overhear(case);
        }
        let answer = match (kind, case.arrival.proxy_port) {
            (Kind::Discover, false) => Kind::Offer,
            (Kind::Discover | Kind::Request | Kind::Inform, true) => Kind::Ack,
            _ => return,
        };
        let segment = &self.config.segments[case.segment];
        if case.client.boots() && case.machine.is_some() && answer == Kind::Offer {
            case.tell(EventKind::Seen { client: case.client.to_string() });
        }
        let choice = self.choose(case);
        if boot_file(&choice).is_none() {
            if let Fact::Answered { why: reason, .. } = answered(answer, None, &choice)
                && !reason.is_empty()
            {
                case.note(Fact::Refused { reason });
            }
            return;
        }
        let mut reply = reply::begin(&case.message, answer, segment.server);
        reply.ciaddr = case.message.ciaddr;
        reply::give_boot(&mut reply, &case.message, segment, &case.client, &choice);
        case.send(&reply, answered_by_proxy(answer, &choice));
        if answer == Kind::Offer {
            case.tell(EventKind::Offered { address: None, boot_file: boot_file(&choice) });
        }
    }

    /// A REQUEST to the other server is a broadcast and tells which address its client will have.
    fn overhear(&mut self, case: &Case<'_>) {
        let requested = case.message.options.address(code::REQUESTED_ADDRESS);
        let address = requested.unwrap_or(case.message.ciaddr);
        if let Some(mac) = case.asker.mac.filter(|_| case.machine.is_some() && !address.is_unspecified()) {
            if self.overheard.len() >= STRANGERS {
                self.overheard.clear();
            }
            self.overheard.insert(address, mac);
        }
    }

    fn fill(&self, case: &Case<'_>, reply: &mut Message, choice: &Choice) {
        let segment = &self.config.segments[case.segment];
        let reserved = self.tables[case.segment].reservation(&case.asker);
        let name = reserved
            .and_then(|r| r.hostname.as_deref())
            .or_else(|| case.machine.map(|at| self.config.machines[at].name.as_str()));
        reply::tell_settings(reply, &case.message, segment, name);
        reply::give_boot(reply, &case.message, segment, &case.client, choice);
    }

    fn choose(&self, case: &mut Case<'_>) -> Choice {
        let config = &self.config;
        let machine = case.machine.map(|at| &config.machines[at]);
        let permit = machine.map(|m| case.permits.of(&m.name)).unwrap_or_default();
        let segment: &Segment = &config.segments[case.segment];
        let choice = choice::choose(config, segment, machine, permit, case.asker.mac, &case.client);
        if let Choice::Nothing(Why::Refused(reason)) = &choice {
            case.refuse(reason.clone());
        }
        choice
    }

    fn is_for_us(&self, case: &Case<'_>) -> bool {
        case.message
            .options
            .address(code::SERVER_ID)
            .is_none_or(|s| s == self.config.segments[case.segment].server)
    }

    fn rival(&mut self, case: &mut Case<'_>, address: Ipv4Addr) {
        case.note(Fact::ChoseOther { server: address });
        if self.rivals.len() < STRANGERS && self.rivals.insert(address) {
            let segment = self.config.segments[case.segment].name.clone();
            case.out.push(Output::Tell { mac: None, kind: EventKind::RivalServer { segment, address } });
        }
    }
}

impl Case<'_> {
    fn tell(&mut self, kind: EventKind) {
        self.out.push(Output::Tell { mac: self.asker.mac, kind });
    }

    /// What strangers do that are not booting is nobody's question.
    fn note(&mut self, fact: Fact) {
        let of_interest = self.machine.is_some() || self.client.boots();
        if let Some(mac) = self.asker.mac.filter(|_| of_interest) {
            self.out.push(Output::Note { mac, fact });
        }
    }

    fn refuse(&mut self, reason: String) {
        self.note(Fact::Refused { reason: reason.clone() });
        self.tell(EventKind::Refused { reason });
    }

    fn send(&mut self, reply: &Message, fact: Fact) {
        let limit = self.message.options.u16(code::MAX_SIZE).map_or(SAFE_SIZE, |size| {
            // More than one Ethernet frame would be sent in fragments, which boot ROMs do not join.
            usize::from(size.min(1500)).saturating_sub(28)
        });
        let to = self.destination(reply.options.kind() == Some(Kind::Nak));
        self.note(fact);
        self.out.push(Output::Send { to, bytes: reply.write(limit) });
    }

    /// RFC 2131 §4.1. A client without an address is always answered by broadcast: unicast to an address that it does
    /// not have yet needs an entry in the neighbour table, and every client must take a broadcast.
    fn destination(&self, nak: bool) -> SocketAddrV4 {
        let message = &self.message;
        if self.arrival.proxy_port {
            return self.arrival.from;
        }
        if !message.giaddr.is_unspecified() {
            return SocketAddrV4::new(message.giaddr, self.port);
        }
        let client_port = self.port.saturating_add(1);
        if !nak && !message.ciaddr.is_unspecified() {
            return SocketAddrV4::new(message.ciaddr, client_port);
        }
        SocketAddrV4::new(Ipv4Addr::BROADCAST, client_port)
    }
}

fn boot_file(choice: &Choice) -> Option<String> {
    match choice {
        Choice::Nothing(_) => None,
        Choice::File(file) | Choice::Url(file) => Some(file.clone()),
        Choice::Folder(folder) => Some(format!("{folder}/")),
    }
}

fn answered(message: Kind, address: Option<Ipv4Addr>, choice: &Choice) -> Fact {
    let why = match choice {
        Choice::Nothing(Why::Unknown) => "not a machine of the lab",
        Choice::Nothing(Why::OwnDisk) => "it has its own disk and no open permit",
        Choice::Nothing(Why::Refused(reason)) => reason,
        Choice::Nothing(Why::NotBooting) | Choice::File(_) | Choice::Url(_) | Choice::Folder(_) => "",
    };
    Fact::Answered { message, proxy: false, address, boot: boot_file(choice), why: why.to_owned() }
}

fn answered_by_proxy(message: Kind, choice: &Choice) -> Fact {
    Fact::Answered { message, proxy: true, address: None, boot: boot_file(choice), why: String::new() }
}

/// Runs one packet through a small server of each role.
pub(super) fn fuzz_one(bytes: &[u8]) {
    use crate::config::Pool;
    let at = |last| Ipv4Addr::new(10, 0, 0, last);
    let network = "10.0.0.0/24".parse().expect("a network");
    for role in [Role::Server, Role::Proxy] {
        let mut segment = Segment::new("lan", "lo", at(1), network);
        segment.role = role;
        segment.pools = vec![Pool { first: at(10), last: at(12) }];
        let config = Config::new("/nonexistent", segment);
        let mut server = Server::new(Arc::new(config), []);
        for proxy_port in [false, true] {
            let arrival = Arrival { segment: 0, from: SocketAddrV4::new(at(99), 68), proxy_port };
            for output in server.handle(bytes, arrival, &Permits::default(), SystemTime::UNIX_EPOCH) {
                if let Output::Send { bytes, .. } = output {
                    Message::parse(&bytes).expect("what we send reads back");
                }
            }
        }
    }
}
