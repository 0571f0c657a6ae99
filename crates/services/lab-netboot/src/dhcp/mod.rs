//! DHCP version 4 for machines that boot (RFC 2131, 2132, 3046, 3396, 4578) and ProxyDHCP beside another server.
//!
//! `wire` and `options` are the bytes, `lease` and `record` the table and its journal, `decide` what a REQUEST means,
//! `reply` what an answer holds, `machine` who is answered what. No socket, file or clock in here.

pub mod decide;
pub mod lease;
pub mod machine;
pub mod options;
pub mod record;
mod reply;
pub mod wire;

#[cfg(test)]
mod tests;

/// Feeds arbitrary bytes to everything that reads them; for fuzzing. Panics only on a bug.
#[doc(hidden)]
pub fn fuzz_one(bytes: &[u8]) {
    let Ok(message) = wire::Message::parse(bytes) else { return };
    let again = wire::Message::parse(&message.write(usize::MAX / 2)).expect("what was written reads back");
    assert_eq!(again.options, message.options, "options survive writing");
    let _ = crate::boot::client::Client::read(message.mac(), &message.options);
    machine::fuzz_one(bytes);
}
