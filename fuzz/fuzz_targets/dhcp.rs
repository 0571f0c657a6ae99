//! DHCP messages through the codec and a small server of each role: what is written reads back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_netboot::dhcp::fuzz_one(bytes));
