//! Opens the sockets, in the right namespace and on the right interface, and waits for several at once.
//!
//! No packet is read or written here beyond one send with a chosen source address.

use super::StartError;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrIn, sendmsg};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

/// Bytes of packets that may wait.
const BURST: usize = 2 << 20;

/// Moves the calling thread, and the threads it starts from then on, into a network namespace.
///
/// # Errors
/// When the file is no namespace or the right to enter it is missing.
pub(super) fn enter_namespace(path: &Path) -> Result<(), StartError> {
    let file = std::fs::File::open(path).map_err(StartError::Namespace)?;
    nix::sched::setns(file, nix::sched::CloneFlags::CLONE_NEWNET).map_err(|e| StartError::Namespace(e.into()))
}

/// A UDP socket; `device` binds it to an interface, and broadcasts may be sent from it.
///
/// # Errors
/// When the port is taken, or the interface or the right is missing.
pub(super) fn udp(address: Ipv4Addr, port: u16, device: Option<&str>) -> Result<UdpSocket, StartError> {
    let open = || -> io::Result<UdpSocket> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.bind_device(device.map(str::as_bytes))?;
        socket.set_broadcast(true)?;
        socket.set_nonblocking(true)?;
        // Room for a burst of a whole rack. The limit of the system is for others; without the right to pass it, up to it.
        if nix::sys::socket::setsockopt(&socket, RcvBufForce, &BURST).is_err() {
            socket.set_recv_buffer_size(BURST)?;
        }
        socket.bind(&SocketAddr::from((address, port)).into())?;
        Ok(socket.into())
    };
    open().map_err(|source| failed("UDP", address, port, device, source))
}

/// A UDP socket for a client's port on an interface, which other clients of this machine may use as well.
///
/// # Errors
/// When the port is held by somebody who does not share, or the interface or the right is missing.
pub(crate) fn udp_to_share(port: u16, device: &str) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.bind_device(Some(device.as_bytes()))?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
    Ok(socket.into())
}

/// A listening TCP socket on one address.
///
/// # Errors
/// As for [`udp`].
pub(super) fn tcp(address: Ipv4Addr, port: u16) -> Result<TcpListener, StartError> {
    let open = || -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        // A service that is started again must not wait for the connections of the last one.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::from((address, port)).into())?;
        socket.listen(128)?;
        Ok(socket.into())
    };
    open().map_err(|source| failed("TCP", address, port, None, source))
}

/// A raw ICMPv6 socket that hears what is sent to all routers of an interface.
///
/// # Errors
/// When the interface has no IPv6 or the right is missing.
pub(super) fn icmp6(device: &str) -> io::Result<(Socket, u32)> {
    let index = nix::net::if_::if_nametoindex(device)?;
    let socket = Socket::new(Domain::IPV6, Type::RAW, Some(Protocol::ICMPV6))?;
    socket.bind_device(Some(device.as_bytes()))?;
    socket.set_nonblocking(true)?;
    socket.set_multicast_loop_v6(false)?;
    // RFC 4861 §6.1.2: anything less is dropped by the receiver.
    socket.set_multicast_hops_v6(255)?;
    socket.set_unicast_hops_v6(255)?;
    socket.set_multicast_if_v6(index)?;
    let all_routers = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
    socket.join_multicast_v6(&all_routers, index)?;
    Ok((socket, index))
}

fn failed(kind: &str, address: Ipv4Addr, port: u16, device: Option<&str>, source: io::Error) -> StartError {
    let on = device.map(|d| format!(" on interface `{d}`")).unwrap_or_default();
    StartError::Socket { what: format!("{kind} {address} port {port}{on}"), source }
}

/// Sends from a chosen source address: the client takes it for the server's.
///
/// # Errors
/// When the address is not ours or the packet cannot be sent.
pub(super) fn send_from(
    socket: &UdpSocket,
    source: Ipv4Addr,
    to: SocketAddrV4,
    bytes: &[u8],
) -> io::Result<()> {
    let address = |a: Ipv4Addr| nix::libc::in_addr { s_addr: u32::from_ne_bytes(a.octets()) };
    let info = nix::libc::in_pktinfo {
        ipi_ifindex: 0,
        ipi_spec_dst: address(source),
        ipi_addr: address(Ipv4Addr::UNSPECIFIED),
    };
    let control = [ControlMessage::Ipv4PacketInfo(&info)];
    let to = SockaddrIn::from(to);
    sendmsg(socket.as_raw_fd(), &[IoSlice::new(bytes)], &control, MsgFlags::empty(), Some(&to))?;
    Ok(())
}

/// Waits until one of these can be read or the time is over; tells which.
///
/// # Errors
/// What the system says; an interruption is no error and tells of none.
pub(super) fn wait(sources: &[BorrowedFd<'_>], timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    let mut polled: Vec<_> = sources.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    let timeout = match timeout {
        // Rounded up: waking a little early would only turn the loop once more.
        Some(timeout) => {
            let millis = timeout.as_micros().div_ceil(1000).min(60_000);
            PollTimeout::from(u16::try_from(millis).expect("a minute at most"))
        }
        None => PollTimeout::NONE,
    };
    match nix::poll::poll(&mut polled, timeout) {
        Ok(_) => Ok(polled.iter().map(|fd| fd.revents().is_some_and(|events| !events.is_empty())).collect()),
        Err(nix::errno::Errno::EINTR) => Ok(vec![false; sources.len()]),
        Err(error) => Err(error.into()),
    }
}
