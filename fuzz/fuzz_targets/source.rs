//! Arbitrary bytes through reading, joining and every renderer. The promises are in `lab_source::exercise`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_source::exercise::exercise(bytes));
