//! A machine's boot ROM, played step by step so that the service can be killed between any two: DHCP packet by packet,
//! files by curl.

use crate::site::{SERVER, Site};
use lab_netboot::Mac;
use lab_netboot::dhcp::options::{Kind, Options, code};
use lab_netboot::dhcp::wire::Message;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// An x86 BIOS with PXE at `e0` of a client's namespace.
pub(crate) struct Rom {
    pub(crate) namespace: String,
    mac: Mac,
    socket: UdpSocket,
    xid: u32,
}

/// What was offered or granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) address: Ipv4Addr,
    /// The boot file; empty when there is none.
    pub(crate) file: String,
}

/// Runs a step in a network namespace: a thread's own.
pub(crate) fn inside<T: Send>(namespace: &str, step: impl FnOnce() -> T + Send) -> T {
    let file = std::fs::File::open(format!("/run/netns/{namespace}")).expect("a namespace");
    std::thread::scope(|scope| {
        let stepping = scope.spawn(move || {
            nix::sched::setns(file, nix::sched::CloneFlags::CLONE_NEWNET).expect("entered");
            step()
        });
        stepping.join().expect("the step")
    })
}

impl Rom {
    pub(crate) fn new(namespace: String, mac: &str) -> Rom {
        let open = || {
            let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).expect("a socket");
            socket.bind_device(Some(b"e0")).expect("the card");
            socket.set_reuse_address(true).expect("to share");
            socket.set_broadcast(true).expect("broadcasts");
            socket.set_read_timeout(Some(Duration::from_secs(1))).expect("a limit");
            socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68).into()).expect("the port");
            UdpSocket::from(socket)
        };
        let socket = inside(&namespace, open);
        Rom { namespace, mac: mac.parse().expect("a card"), socket, xid: 1 }
    }

    /// Asks who has an address and something to boot.
    pub(crate) fn discover(&mut self) -> Answer {
        self.xid += 1;
        self.exchange(&self.message(Kind::Discover), Kind::Offer)
    }

    /// Takes an offer.
    pub(crate) fn request(&self, address: Ipv4Addr) -> Answer {
        let mut message = self.message(Kind::Request);
        message.options.set_addresses(code::REQUESTED_ADDRESS, &[address]);
        message.options.set_addresses(code::SERVER_ID, &[SERVER]);
        self.exchange(&message, Kind::Ack)
    }

    /// What curl exits with and what it wrote, for a URL below the server.
    pub(crate) fn curl(&self, site: &Site, arguments: &[&str], scheme: &str, path: &str) -> (bool, Vec<u8>) {
        let url = format!("{scheme}://{SERVER}/{path}");
        let fixed = ["curl", "-sf", "--max-time", "20"];
        let output = site.run(&self.namespace, &[&fixed[..], arguments, &[&url]].concat());
        (output.status.success(), output.stdout)
    }

    fn exchange(&self, message: &Message, expect: Kind) -> Answer {
        let mut buffer = [0; 2048];
        for _ in 0..5 {
            let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, 67);
            self.socket.send_to(&message.write(0), everybody).expect("sent");
            while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
                let Ok(answer) = Message::parse(&buffer[..length]) else { continue };
                if answer.xid == self.xid && answer.options.kind() == Some(expect) {
                    let option = answer.options.get(code::BOOT_FILE).unwrap_or(&answer.file).to_vec();
                    let file = String::from_utf8(option).expect("a name");
                    return Answer { address: answer.yiaddr, file };
                }
            }
        }
        panic!("no {expect:?} from the service");
    }

    fn message(&self, kind: Kind) -> Message {
        let mut chaddr = [0; 16];
        chaddr[..6].copy_from_slice(&self.mac.0);
        let mut options = Options::default();
        options.set(code::MESSAGE_TYPE, [kind.number()]);
        options.set(code::VENDOR_CLASS, *b"PXEClient:Arch:00000:UNDI:002001");
        options.set(code::ARCHITECTURE, [0, 0]);
        options.set(code::PARAMETER_LIST, [code::SUBNET_MASK, code::BOOT_FILE, code::TFTP_SERVER]);
        let nobody = Ipv4Addr::UNSPECIFIED;
        let (htype, hlen, xid) = (1, 6, self.xid);
        let (ciaddr, yiaddr, siaddr, giaddr) = (nobody, nobody, nobody, nobody);
        let (op, hops, secs, flags, sname, file) = (1, 0, 0, 0x8000, Vec::new(), Vec::new());
        #[rustfmt::skip]
        let message = Message {
            op, htype, hlen, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, options,
        };
        message
    }
}
