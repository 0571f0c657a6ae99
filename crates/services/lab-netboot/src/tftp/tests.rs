//! Packets as tables, and whole transfers over a link that loses, doubles and reorders.
//!
//! The link has a clock of its own; nothing sleeps.

use super::machine::{Output, State, Transfer};
use super::wire::{self, Packet, ReadRequest, WireError};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::time::Duration;

fn asking(options: &[(&str, &str)]) -> ReadRequest {
    let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ReadRequest { file: "f".into(), options }
}

#[test]
fn packets_of_clients() {
    for (bytes, expect) in [
        (&b"\0\x01f\0octet\0"[..], Ok(Packet::Read(asking(&[])))),
        (
            b"\0\x01f\0OCTET\0BlkSize\x001400\0tsize\x000\0",
            Ok(Packet::Read(asking(&[("blksize", "1400"), ("tsize", "0")]))),
        ),
        (b"\0\x01f\0octet\0blksize\0", Ok(Packet::Read(asking(&[])))),
        (b"\0\x01f\0mail\0", Err(WireError::Mode)),
        (b"\0\x01f\0octet", Err(WireError::Damaged)),
        (b"\0\x01f\0", Err(WireError::Damaged)),
        (b"\0\x02f\0octet\0", Ok(Packet::Write)),
        (b"\0\x04\x01\x02", Ok(Packet::Ack(0x102))),
        (b"\0\x04\x01", Err(WireError::Damaged)),
        (b"\0\x05\0\x08no\0", Ok(Packet::Error { code: 8, message: "no".into() })),
        (b"\0\x05\0\x08", Ok(Packet::Error { code: 8, message: String::new() })),
        (b"\0\x03\0\x01data", Err(WireError::Kind(3))),
        (b"\0", Err(WireError::Damaged)),
    ] {
        assert_eq!(Packet::parse(bytes), expect, "{bytes:?}");
    }
}

#[test]
fn options_are_accepted_lowered_or_passed_over() {
    let check = |options: &[(&str, &str)], expect: &[u8]| {
        let (_, out) = Transfer::begin(&asking(options), 1000, 1400, Duration::ZERO);
        assert_eq!(out, [Output::Packet(expect.to_vec())], "{options:?}");
    };
    check(&[("blksize", "1024")], b"\0\x06blksize\x001024\0");
    check(&[("blksize", "9000")], b"\0\x06blksize\x001400\0");
    check(&[("tsize", "0"), ("timeout", "3")], b"\0\x06tsize\x001000\0timeout\x003\0");
    check(&[("windowsize", "16"), ("windowsize", "4")], b"\0\x06windowsize\x0016\0");
    check(&[("windowsize", "1000"), ("multicast", "")], b"\0\x06windowsize\x0064\0");
    for ignored in [
        ("blksize", "7"),
        ("blksize", "x"),
        ("timeout", "0"),
        ("timeout", "256"),
        ("tsize", "5"),
        ("foo", "1"),
    ] {
        let (_, out) = Transfer::begin(&asking(&[ignored]), 1000, 1400, Duration::ZERO);
        assert_eq!(
            out,
            [Output::Block { number: 1, offset: 0, length: 512 }],
            "{ignored:?}: data at once, no options"
        );
    }
}

#[test]
fn a_duplicate_acknowledgement_sends_nothing() {
    let (mut transfer, _) = Transfer::begin(&asking(&[]), 2000, 1400, Duration::ZERO);
    let now = Duration::from_millis(10);
    let second = vec![Output::Block { number: 2, offset: 512, length: 512 }];
    assert_eq!(transfer.receive(&Packet::Ack(1), now), second);
    assert_eq!(transfer.receive(&Packet::Ack(1), now), []);
    assert_eq!(transfer.receive(&Packet::Ack(9), now), [], "not sent yet");
    assert_eq!(transfer.tick(Duration::from_millis(900)), [], "too early");
    assert_eq!(transfer.tick(Duration::from_millis(1010)), second);
}

#[test]
fn a_window_goes_back_to_what_was_lost() {
    let options = [("windowsize", "4"), ("blksize", "100")];
    let (mut transfer, _) = Transfer::begin(&asking(&options), 1000, 1400, Duration::ZERO);
    let mut numbers = |ack: u16| {
        let out = transfer.receive(&Packet::Ack(ack), Duration::from_millis(1));
        let number = |o: &Output| if let Output::Block { number, .. } = o { *number } else { 0 };
        out.iter().map(number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [1, 2, 3, 4]);
    assert_eq!(numbers(2), [3, 4, 5, 6], "block 3 was lost");
    assert_eq!(numbers(2), [3, 4, 5, 6], "and lost again");
    assert!(numbers(2).is_empty(), "but once only until the clock");
    assert_eq!(numbers(6), [7, 8, 9, 10]);
    assert_eq!(numbers(10), [11]);
    assert!(numbers(11).is_empty());
    assert_eq!(transfer.state(), State::Done);
}

#[test]
fn a_silent_client_is_given_up_and_a_refusal_ends() {
    let (mut transfer, _) = Transfer::begin(&asking(&[("tsize", "0")]), 2000, 1400, Duration::ZERO);
    let mut sent = 1;
    for second in 1..20 {
        sent += transfer.tick(Duration::from_secs(second)).len();
    }
    assert_eq!((sent, transfer.state()), (8, State::Lost));
    let (mut transfer, _) = Transfer::begin(&asking(&[("tsize", "0")]), 2000, 1400, Duration::ZERO);
    let refusal = Packet::Error { code: 8, message: String::new() };
    assert_eq!(transfer.receive(&refusal, Duration::ZERO), []);
    assert_eq!(transfer.state(), State::Aborted);
}

/// A client that reads a file over a link. `fate` says what becomes of each packet: 0 lost, 1 doubled, 2 late, else well.
fn fetch(length: u64, options: &[(&str, &str)], window: u16, fate: &mut dyn FnMut() -> u8) -> (State, u64) {
    let mut now = Duration::ZERO;
    let (mut transfer, first) = Transfer::begin(&asking(options), length, 1400, now);
    let mut to_client: VecDeque<Output> = first.into();
    let mut to_server: VecDeque<u16> = VecDeque::new();
    let (mut got, mut blocks, mut since) = (0, 0_u64, 0);
    while !transfer.is_over() && now < Duration::from_secs(500) {
        while let Some(output) = to_client.pop_front() {
            match output {
                Output::Packet(_) => push(&mut to_server, 0, fate()),
                Output::Block { number, offset, length } if number == (blocks + 1) as u16 => {
                    assert_eq!(offset, got, "bytes in order");
                    got += length as u64;
                    blocks += 1;
                    since += 1;
                    let last = got == self::total(offset, length);
                    if since >= window || last || to_client.is_empty() {
                        since = 0;
                        push(&mut to_server, number, fate());
                    }
                }
                // Out of order or once more: say what is there, as a client does.
                Output::Block { .. } => push(&mut to_server, blocks as u16, fate()),
            }
        }
        let mut out = Vec::new();
        while let Some(number) = to_server.pop_front() {
            out.extend(transfer.receive(&Packet::Ack(number), now));
        }
        if out.is_empty() {
            now += Duration::from_millis(500);
            out = transfer.tick(now);
        }
        for output in out {
            push(&mut to_client, output, fate());
        }
    }
    (transfer.state(), got)
}

/// The client does not know the length; a short block says so, and here it is enough to answer each queue's end.
fn total(offset: u64, length: usize) -> u64 {
    offset + length as u64
}

fn push<T: Clone>(queue: &mut VecDeque<T>, item: T, fate: u8) {
    match fate {
        0 => {}
        1 => queue.extend([item.clone(), item]),
        2 => queue.push_front(item),
        _ => queue.push_back(item),
    }
}

#[test]
fn block_numbers_wrap() {
    let length = 8 * 70_000 + 3;
    assert_eq!(fetch(length, &[("blksize", "8")], 1, &mut || 9), (State::Done, length));
    let windows = [("blksize", "8"), ("windowsize", "32")];
    assert_eq!(fetch(length, &windows, 32, &mut || 9), (State::Done, length));
}

proptest! {
    #[test]
    fn a_bad_link_delivers_every_byte_in_order(
        length in 0_u64..6000,
        window in 1_u16..9,
        fates in proptest::collection::vec(0_u8..12, 1..200),
    ) {
        let window_text = window.to_string();
        let options: Vec<(&str, &str)> =
            if window == 1 { vec![] } else { vec![("blksize", "128"), ("windowsize", &window_text)] };
        // The bad stretch ends, or eight losses in a row would rightly end the transfer.
        let mut fates = fates.into_iter();
        let mut row = 0;
        let mut fate = || {
            let fate = fates.next().unwrap_or(9);
            row = if fate == 0 { row + 1 } else { 0 };
            if row > 3 { 9 } else { fate }
        };
        prop_assert_eq!(fetch(length, &options, window, &mut fate), (State::Done, length));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), whole in any::<bool>()) {
        let bytes = if whole { [&b"\0\0\x10\0\0\x01f\0octet\0windowsize\08\0"[..], &bytes].concat() } else { bytes };
        super::fuzz_one(&bytes);
    }
}

#[test]
fn errors_are_whole_packets() {
    assert_eq!(wire::error(wire::ErrorCode::NotFound, "no\0pe"), b"\0\x05\0\x01nope\0");
}
