//! Which interfaces this machine has, and the IPv4 addresses on them.
//!
//! As the calling thread's network namespace sees it; loopback is left out.

use ipnet::Ipv4Net;
use nix::net::if_::InterfaceFlags;
use std::io;

/// An interface and one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// An address, with the length of its network's prefix.
    pub address: Ipv4Net,
}

/// All interfaces that are up and have an IPv4 address, once for each address.
///
/// # Errors
/// What the system says.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let of = |one: nix::ifaddrs::InterfaceAddress| {
        let usable =
            one.flags.contains(InterfaceFlags::IFF_UP) && !one.flags.contains(InterfaceFlags::IFF_LOOPBACK);
        let address = one.address?.as_sockaddr_in()?.ip();
        let mask = one.netmask?.as_sockaddr_in()?.ip();
        let address = Ipv4Net::with_netmask(address, mask).ok()?;
        usable.then_some(Interface { name: one.interface_name, address })
    };
    Ok(nix::ifaddrs::getifaddrs()?.filter_map(of).collect())
}
