//! TFTP, read only: RFC 1350 with options (RFC 2347), block size (2348), size and timeout (2349), windows (7440).
//!
//! `wire` is the packets, `machine` one transfer. Which file a name stands for is decided by the caller.

pub mod machine;
pub mod wire;

#[cfg(test)]
mod tests;

/// Feeds arbitrary bytes to everything that reads them; for fuzzing. Panics only on a bug.
#[doc(hidden)]
pub fn fuzz_one(bytes: &[u8]) {
    let Some((head, rest)) = bytes.split_at_checked(4) else { return };
    let length = u64::from(u32::from_be_bytes(head.try_into().expect("four bytes")));
    let (first, later) = rest.split_at(rest.len() / 2);
    let Ok(wire::Packet::Read(request)) = wire::Packet::parse(first) else { return };
    let (mut transfer, _) = machine::Transfer::begin(&request, length, 1468, std::time::Duration::ZERO);
    for (i, packet) in later.chunks(4).enumerate() {
        let now = std::time::Duration::from_millis(i as u64 * 300);
        if let Ok(packet) = wire::Packet::parse(packet) {
            let _ = transfer.receive(&packet, now);
        }
        let _ = transfer.tick(now);
    }
}
