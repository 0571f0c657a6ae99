//! The service against real clients, each test in network namespaces of its own.
//!
//! These need root and the clients' packages; where one is missing the test says so and ends. Nothing outside the
//! namespaces is touched, and every process started here is ended by its own id.

mod clients;
mod faults;
mod firmware;
mod installer;
mod neighbours;
mod pi;
mod rom;
mod short_install;
mod site;
mod states;
