//! HTTP requests in pieces through one connection, its routes and its answers.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_netboot::http::fuzz_one(bytes));
