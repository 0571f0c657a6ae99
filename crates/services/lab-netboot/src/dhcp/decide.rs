//! What a client means by a REQUEST: the four states of RFC 2131 §4.3.2, told apart by which fields are set.
//!
//! Real clients set more fields than table 4 allows; the order of the tests is the tolerant one.

use super::options::code;
use super::wire::Message;
use std::net::Ipv4Addr;

/// A REQUEST by the state of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// It takes an offer: of this server, for this address.
    Selecting {
        /// Whose offer.
        server: Ipv4Addr,
        /// Which address.
        address: Ipv4Addr,
    },
    /// It had this address before it was restarted and asks whether it may go on.
    InitReboot {
        /// Which address.
        address: Ipv4Addr,
    },
    /// It uses this address and wants to keep it (renewing by unicast, rebinding by broadcast).
    Extending {
        /// Which address.
        address: Ipv4Addr,
    },
    /// It names no address at all.
    Meaningless,
}

/// Reads the sender's state.
pub fn classify(message: &Message) -> Request {
    let server = message.options.address(code::SERVER_ID);
    let requested = message.options.address(code::REQUESTED_ADDRESS);
    let current = Some(message.ciaddr).filter(|address| !address.is_unspecified());
    match (server, requested, current) {
        (Some(server), Some(address), _) | (Some(server), None, Some(address)) => {
            Request::Selecting { server, address }
        }
        (None, _, Some(address)) => Request::Extending { address },
        (None, Some(address), None) => Request::InitReboot { address },
        (_, None, None) => Request::Meaningless,
    }
}
