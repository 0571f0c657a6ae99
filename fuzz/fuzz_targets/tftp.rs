//! A TFTP request and the packets after it through one transfer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_netboot::tftp::fuzz_one(bytes));
