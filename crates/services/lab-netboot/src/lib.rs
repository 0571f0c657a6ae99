//! Boots machines over the network: DHCP, TFTP and HTTP from one configuration value.
//!
//! Each protocol is a state machine without I/O (`dhcp`, `tftp`, `http`: bytes and time in, values out); `server`
//! runs them on sockets. `boot` decides what a client is given, `permit` whether it may be wiped. Nothing here knows
//! a lab description, and nothing is served that the configuration does not name.

pub mod answer;
pub mod boot;
pub mod config;
pub mod control;
pub mod dhcp;
pub mod doctor;
pub mod event;
pub mod history;
pub mod http;
pub mod journal;
pub mod mac;
pub mod permit;
pub mod permit_book;
pub mod pi_client;
pub mod ra;
pub mod server;
pub mod tftp;
pub mod timeline;

pub use config::Config;
pub use event::{Event, EventKind};
pub use mac::Mac;
pub use permit::Permit;
pub use permit_book::PermitBook;
pub use server::{Interface, PermitError, Rival, Service, StartError, interfaces, rivals};
