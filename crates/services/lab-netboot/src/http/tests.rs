//! Requests and answers as tables: what is taken, what is refused, and with which words.

use super::machine::{Connection, Step};
use super::request::{Method, Range, RequestError};
use super::response;
use super::route::{Route, route};
use crate::mac::Mac;
use proptest::prelude::*;

fn first(text: &str) -> Step {
    let mut connection = Connection::new(2000, 100);
    connection.receive(text.as_bytes());
    connection.step()
}

#[test]
fn requests_that_are_taken() {
    for (text, method, path, range, keep) in [
        ("GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n", Method::Get, "a/b", None, true),
        ("\r\nHEAD /a HTTP/1.0\r\n\r\n", Method::Head, "a", None, false),
        ("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", Method::Get, "a", None, true),
        ("GET /a HTTP/1.1\r\nconnection: foo, Close\r\n\r\n", Method::Get, "a", None, false),
        ("GET http://h:80/a?q=1 HTTP/1.1\r\n\r\n", Method::Get, "a", None, true),
        ("GET /a%20b%2e HTTP/1.1\r\n\r\n", Method::Get, "a b.", None, true),
        (
            "GET /a HTTP/1.1\r\nRange: bytes=5-9\r\n\r\n",
            Method::Get,
            "a",
            Some(Range::From(5, Some(9))),
            true,
        ),
        ("GET /a HTTP/1.1\r\nRange: bytes=5-\r\n\r\n", Method::Get, "a", Some(Range::From(5, None)), true),
        ("GET /a HTTP/1.1\r\nRange: bytes=-5\r\n\r\n", Method::Get, "a", Some(Range::Last(5)), true),
        ("GET /a HTTP/1.1\r\nRange: bytes=9-5\r\n\r\n", Method::Get, "a", None, true),
        ("GET /a HTTP/1.1\r\nRange: bytes=1-2,4-5\r\n\r\n", Method::Get, "a", None, true),
        ("GET /a HTTP/1.1\r\nRange: lines=1-2\r\n\r\n", Method::Get, "a", None, true),
        ("PUT /r HTTP/1.1\r\nContent-Length: 2\r\n\r\nok", Method::Post, "r", None, true),
    ] {
        let Step::Request(request) = first(text) else { panic!("{text}") };
        assert_eq!(
            (request.method, &*request.path, request.range, request.keep_alive),
            (method, path, range, keep),
            "{text}"
        );
    }
}

#[test]
fn requests_that_are_refused() {
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(3000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(65));
    for (text, expect) in [
        ("HELLO\r\n\r\n", RequestError::Damaged),
        ("DELETE /a HTTP/1.1\r\n\r\n", RequestError::Method),
        ("GET a HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("GET /../a HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("GET /a/%2e%2e/b HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("GET /a%00b HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("GET /a%0 HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("GET /%ff HTTP/1.1\r\n\r\n", RequestError::Damaged),
        ("POST /a HTTP/1.1\r\n\r\n", RequestError::LengthRequired),
        ("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", RequestError::LengthRequired),
        ("POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", RequestError::Damaged),
        ("POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n", RequestError::Damaged),
        ("POST /a HTTP/1.1\r\nContent-Length: 101\r\n\r\n", RequestError::TooLarge),
        (&long, RequestError::TooLarge),
        (&many, RequestError::TooLarge),
    ] {
        assert_eq!(first(text), Step::Bad(expect), "{}", &text[..text.len().min(60)]);
    }
}

#[test]
fn a_request_in_pieces_and_two_at_once() {
    let text =
        b"POST /r HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbodyGET /n HTTP/1.1\r\n\r\n";
    let mut connection = Connection::new(2000, 100);
    let mut steps = Vec::new();
    for byte in text.chunks(1) {
        connection.receive(byte);
        loop {
            match connection.step() {
                Step::More => break,
                Step::Request(request) => steps.push(format!("{} {:?}", request.path, request.body)),
                other => steps.push(format!("{other:?}")),
            }
        }
    }
    assert_eq!(steps, ["Continue", "r [98, 111, 100, 121]", "n []"]);
    assert!(!connection.is_busy());
}

#[test]
fn answers_to_ranges() {
    for (range, whole, expect) in [
        ("", 10, "200 0+10"),
        ("bytes=0-3", 10, "206 0+4"),
        ("bytes=7-", 10, "206 7+3"),
        ("bytes=7-99", 10, "206 7+3"),
        ("bytes=-4", 10, "206 6+4"),
        ("bytes=-40", 10, "206 0+10"),
        ("bytes=10-", 10, "416 0+0"),
        ("bytes=-0", 10, "416 0+0"),
        ("bytes=0-", 0, "416 0+0"),
        ("bytes=5-18446744073709551615", 10, "206 5+5"),
        ("bytes=99999999999999999999-", 10, "416 0+0"),
    ] {
        let Step::Request(request) = first(&format!("GET /a HTTP/1.1\r\nRange: {range}\r\n\r\n")) else {
            panic!("{range}")
        };
        let answer = response::plan(&request, Some(whole));
        assert_eq!(
            format!("{} {}+{}", answer.status as u16, answer.offset, answer.length),
            expect,
            "{range} of {whole}"
        );
    }
}

#[test]
fn heads_on_the_wire() {
    let Step::Request(mut request) = first("GET /a HTTP/1.1\r\nRange: bytes=2-3\r\n\r\n") else {
        panic!("a request")
    };
    let part = response::head(&response::plan(&request, Some(10)), "text/plain");
    assert_eq!(
        String::from_utf8(part).expect("text"),
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nAccept-Ranges: bytes\r\n\
         Content-Range: bytes 2-3/10\r\nConnection: keep-alive\r\n\r\n"
    );
    request.method = Method::Head;
    let head = response::plan(&request, Some(10));
    assert_eq!((head.length, head.has_body), (10, false), "no ranges for HEAD");
    let missing = response::head(&response::plan(&request, None), "");
    assert!(missing.starts_with(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"));
}

#[test]
fn what_paths_mean() {
    let mac = Mac([0x52, 0x54, 0, 0, 0, 1]);
    for (path, expect) in [
        ("boot/52:54:00:00:00:01.ipxe", Route::Script(mac)),
        ("boot/52-54-00-00-00-01.ipxe", Route::Script(mac)),
        ("report/52:54:00:00:00:01/installed", Route::Report { mac, stage: "installed".into() }),
        ("report/52:54:00:00:00:01/a b", Route::Artefact("report/52:54:00:00:00:01/a b".into())),
        ("boot/x.ipxe", Route::Artefact("boot/x.ipxe".into())),
        ("vmlinuz", Route::Artefact("vmlinuz".into())),
    ] {
        assert_eq!(route(path), expect);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(text in "(GET|POST|HEAD|PUT) /[a-z%0-9./]{0,20} HTTP/1.[01]\r\n((Range: bytes=[0-9-]{0,8}|Content-Length: [0-9]{1,3}|X: .{0,5})\r\n){0,4}\r\n.{0,30}") {
        super::fuzz_one(text.as_bytes());
    }
}
