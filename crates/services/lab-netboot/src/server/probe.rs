//! Looks for other DHCP servers on an interface before we give addresses there: one DISCOVER, and whoever offers.
//!
//! Nothing is taken: the offers lapse. A server that answers only clients it knows stays unseen.

use super::socket::{enter_namespace, udp_to_share, wait};
use crate::dhcp::options::{Kind, code};
use crate::dhcp::wire::Message;
use crate::mac::Mac;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// Another DHCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// What it says its address is (option 54).
    pub address: Ipv4Addr,
    /// The address it offered.
    pub offered: Ipv4Addr,
}

/// Asks on an interface (in a namespace, when one is given) and waits so long for offers. Every server once, by address.
///
/// # Errors
/// When the interface has no Ethernet address, or the client port (68) or the right to use it is missing.
pub fn rivals(namespace: Option<&Path>, interface: &str, patience: Duration) -> io::Result<Vec<Rival>> {
    let (namespace, interface) = (namespace.map(Path::to_owned), interface.to_owned());
    // A namespace is a thread's.
    let asking = std::thread::spawn(move || {
        if let Some(namespace) = &namespace {
            enter_namespace(namespace).map_err(io::Error::other)?;
        }
        ask(&interface, patience)
    });
    asking.join().map_err(|_| io::Error::other("asking panicked"))?
}

fn ask(interface: &str, patience: Duration) -> io::Result<Vec<Rival>> {
    let mac = mac_of(interface)?;
    let socket = udp_to_share(68, interface)?;
    let began = Instant::now();
    let xid = u32::from_be_bytes([0x4c, mac.0[3], mac.0[4], mac.0[5]]) ^ std::process::id();
    let discover = discover(mac, xid).write(0);
    let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, 67);
    let mut found = BTreeMap::new();
    // Asked twice, since one packet may be lost while a switch port wakes up.
    for part in 1..=2 {
        socket.send_to(&discover, everybody)?;
        while let Some(left) = (patience * part / 2).checked_sub(began.elapsed()).filter(|l| !l.is_zero()) {
            if wait(&[socket.as_fd()], Some(left))?[0] {
                hear(&socket, xid, &mut found);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn hear(socket: &std::net::UdpSocket, xid: u32, found: &mut BTreeMap<Ipv4Addr, Rival>) {
    let mut buffer = [0; 4096];
    while let Ok((length, _)) = socket.recv_from(&mut buffer) {
        let Ok(message) = Message::parse(&buffer[..length]) else { continue };
        let is_offer = message.op == 2 && message.xid == xid && message.options.kind() == Some(Kind::Offer);
        // What offers no address is a ProxyDHCP server and nobody's rival here.
        if let Some(address) = message.options.address(code::SERVER_ID)
            && is_offer
            && !message.yiaddr.is_unspecified()
        {
            found.insert(address, Rival { address, offered: message.yiaddr });
        }
    }
}

fn discover(mac: Mac, xid: u32) -> Message {
    let mut options = crate::dhcp::options::Options::default();
    options.set(code::MESSAGE_TYPE, [Kind::Discover.number()]);
    options.set(code::PARAMETER_LIST, [code::SUBNET_MASK, code::ROUTERS]);
    Message::from_client(mac, xid, options)
}

fn mac_of(interface: &str) -> io::Result<Mac> {
    let of = |address: nix::ifaddrs::InterfaceAddress| {
        let link = address.address?.as_link_addr()?.addr()?;
        (address.interface_name == interface).then_some(Mac(link))
    };
    let none = || io::Error::new(io::ErrorKind::NotFound, format!("`{interface}` is no Ethernet interface"));
    nix::ifaddrs::getifaddrs()?.find_map(of).ok_or_else(none)
}
