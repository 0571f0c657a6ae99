//! Arbitrary bytes as a whole lab: read, checked, every finding and every view rendered. The promises are in
//! `lab_testkit::exercise`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lab_testkit::exercise::exercise(bytes));
