//! What an answer holds: the options of a segment, the lease times, and what there is to boot.
//!
//! Whether there is an answer at all, and where it goes, is decided in [`super::machine`].

use super::options::{Kind, code};
use super::wire::Message;
use crate::boot::choice::Choice;
use crate::boot::client::{Client, Firmware};
use crate::boot::pi;
use crate::config::{Options as Settings, Role, Segment};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Shorter leases only make traffic.
const SHORTEST_LEASE: u32 = 60;

/// An answer of a kind with what every answer has.
pub(super) fn begin(request: &Message, kind: Kind, server: Ipv4Addr) -> Message {
    let mut reply = Message::answer(request);
    reply.options.set(code::MESSAGE_TYPE, [kind.number()]);
    reply.options.set(code::SERVER_ID, server.octets());
    for echoed in [code::RELAY_AGENT, code::CLIENT_ID, code::GUID] {
        // RFC 3046 §2.2, RFC 6842, RFC 4578 §2.3: what the relay and the client said of themselves goes back.
        if let Some(value) = request.options.get(echoed) {
            reply.options.set(echoed, value);
        }
    }
    reply
}

/// A refusal, with the reason for whoever looks at the wire.
pub(super) fn nak(request: &Message, server: Ipv4Addr, reason: &str) -> Message {
    let mut reply = begin(request, Kind::Nak, server);
    reply.options.set(code::MESSAGE, reason.as_bytes());
    // RFC 2131 §4.3.2: the relay must broadcast it, the client has no address that it may use.
    if !request.giaddr.is_unspecified() {
        reply.flags |= 0x8000;
    }
    reply
}

/// The lease a client gets: what it asks for, within what the segment gives. All times are seconds.
pub(super) fn lease_seconds(request: &Message, settings: &Settings) -> u32 {
    let longest = u32::try_from(settings.lease.as_secs()).unwrap_or(u32::MAX).max(1);
    let shortest = SHORTEST_LEASE.min(longest);
    request.options.u32(code::LEASE_TIME).unwrap_or(longest).clamp(shortest, longest)
}

/// Adds address and lease times.
pub(super) fn give_address(reply: &mut Message, address: Ipv4Addr, seconds: u32) {
    reply.yiaddr = address;
    reply.options.set_u32(code::LEASE_TIME, seconds);
    let part = |of_eight: u64| u32::try_from(u64::from(seconds) * of_eight / 8).unwrap_or(u32::MAX);
    // RFC 2131 §4.4.5: the defaults, said aloud.
    reply.options.set_u32(code::RENEWAL, part(4));
    reply.options.set_u32(code::REBINDING, part(7));
}

/// Adds what the segment tells its clients, as far as this one asks for it.
pub(super) fn tell_settings(reply: &mut Message, request: &Message, segment: &Segment, name: Option<&str>) {
    let (settings, network) = (&segment.options, segment.network);
    let options = &mut reply.options;
    options.set(code::SUBNET_MASK, network.netmask().octets());
    let asked = |code: u8| request.options.asks_for(code);
    for (code, addresses) in
        [(code::ROUTERS, &settings.routers), (code::DNS, &settings.dns), (code::NTP, &settings.ntp)]
    {
        if asked(code) {
            options.set_addresses(code, addresses);
        }
    }
    if asked(code::BROADCAST) {
        options.set(code::BROADCAST, network.broadcast().octets());
    }
    for (code, text) in [(code::HOST_NAME, name), (code::DOMAIN, settings.domain.as_deref())] {
        if let Some(text) = text.filter(|text| asked(code) && !text.is_empty()) {
            options.set(code, text.as_bytes());
        }
    }
    if let Some(mtu) = settings.mtu.filter(|mtu| asked(code::MTU) && *mtu >= 68) {
        options.set(code::MTU, mtu.to_be_bytes());
    }
    let listed = request.options.get(code::PARAMETER_LIST).unwrap_or_default();
    for (code, value) in settings.extra.iter().filter(|(code, _)| listed.contains(code)) {
        options.set(*code, value.clone());
    }
}

/// Adds what there is to boot.
pub(super) fn give_boot(
    reply: &mut Message,
    request: &Message,
    segment: &Segment,
    client: &Client,
    choice: &Choice,
) {
    reply.siaddr = segment.server;
    let file = match choice {
        Choice::Nothing(_) => {
            reply.siaddr = Ipv4Addr::UNSPECIFIED;
            return;
        }
        Choice::Folder(_) => {
            give_pi_boot(reply, request, segment);
            return;
        }
        Choice::File(file) | Choice::Url(file) => file,
    };
    // 128 bytes with the closing NUL. What is longer fits in the option alone.
    let fits = file.len() < 128;
    if fits {
        reply.file = file.as_bytes().to_vec();
    }
    let http_boot = matches!(client.firmware, Firmware::EfiHttp(_)) && !client.ipxe;
    if http_boot
        || !fits
        || request.options.get(code::PARAMETER_LIST).is_some_and(|l| l.contains(&code::BOOT_FILE))
    {
        reply.options.set(code::BOOT_FILE, file.as_bytes());
    }
    if http_boot {
        // UEFI specification §24.7: without this class the firmware takes the answer for one without HTTP.
        reply.options.set(code::VENDOR_CLASS, *b"HTTPClient");
        return;
    }
    if matches!(choice, Choice::File(_)) {
        reply.options.set(code::TFTP_SERVER, segment.server.to_string().into_bytes());
    }
    match segment.role {
        Role::Proxy => {
            reply.options.set(code::VENDOR_CLASS, *b"PXEClient");
            // Discovery control 8: no discovery, no menu, use the boot file of this very answer.
            reply.options.set(code::VENDOR, [6, 1, 8, code::END]);
        }
        // Option 176, no-pxedhcp: iPXE need not wait 3 s for a ProxyDHCP server, there is none.
        Role::Server if client.ipxe => reply.options.set(code::IPXE, [176, 1, 1]),
        Role::Server => {}
    }
}

/// A Raspberry Pi knows its file names by itself; it wants the server and the right words.
fn give_pi_boot(reply: &mut Message, request: &Message, segment: &Segment) {
    reply.options.set(code::TFTP_SERVER, segment.server.to_string().into_bytes());
    reply.options.set(code::VENDOR_CLASS, *b"PXEClient");
    if let Some(mac) = request.mac() {
        reply.options.set(code::VENDOR, pi::vendor_option(mac));
    }
}

/// The lease time as a duration.
pub(super) fn duration(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}
