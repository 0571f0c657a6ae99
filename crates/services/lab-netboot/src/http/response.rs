//! Answers: which status, which part of a file, and the bytes of the head.
//!
//! What is sent after the head is the caller's: a file's part by `sendfile`, or bytes.

use super::request::{Method, Range, Request, RequestError};

/// The statuses we use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 9110")]
pub enum Status {
    Ok = 200,
    NoContent = 204,
    PartialContent = 206,
    BadRequest = 400,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    LengthRequired = 411,
    ContentTooLarge = 413,
    RangeNotSatisfiable = 416,
    InternalServerError = 500,
    NotImplemented = 501,
}

impl Status {
    fn reason(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::NoContent => "No Content",
            Status::PartialContent => "Partial Content",
            Status::BadRequest => "Bad Request",
            Status::Forbidden => "Forbidden",
            Status::NotFound => "Not Found",
            Status::MethodNotAllowed => "Method Not Allowed",
            Status::LengthRequired => "Length Required",
            Status::ContentTooLarge => "Content Too Large",
            Status::RangeNotSatisfiable => "Range Not Satisfiable",
            Status::InternalServerError => "Internal Server Error",
            Status::NotImplemented => "Not Implemented",
        }
    }
}

/// An answer: the head's facts and the part of the content that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// Where the part begins.
    pub offset: u64,
    /// How many bytes follow the head; none follow for HEAD although this says how many would.
    pub length: u64,
    /// Length of the whole content, for `Content-Range`.
    pub whole: u64,
    /// Whether bytes follow.
    pub has_body: bool,
    /// Whether the connection stays open.
    pub keep_alive: bool,
}

/// Plans the answer to a GET or HEAD for content of a length; none means that there is no such content.
pub fn plan(request: &Request, content: Option<u64>) -> Answer {
    let has_body = request.method == Method::Get;
    let answer = |status, offset, length, whole| Answer {
        status,
        offset,
        length,
        whole,
        has_body,
        keep_alive: request.keep_alive,
    };
    let Some(whole) = content else { return answer(Status::NotFound, 0, 0, 0) };
    // RFC 9110 §14.2: a range counts for GET only.
    let range = request.range.filter(|_| has_body);
    match range {
        None => answer(Status::Ok, 0, whole, whole),
        Some(Range::From(first, last)) if first < whole => {
            let end = last.map_or(whole, |last| last.saturating_add(1).min(whole));
            answer(Status::PartialContent, first, end - first, whole)
        }
        Some(Range::Last(count)) if count > 0 && whole > 0 => {
            let length = count.min(whole);
            answer(Status::PartialContent, whole - length, length, whole)
        }
        Some(_) => answer(Status::RangeNotSatisfiable, 0, 0, whole),
    }
}

/// An answer without content.
pub fn empty(status: Status, keep_alive: bool) -> Answer {
    Answer { status, offset: 0, length: 0, whole: 0, has_body: false, keep_alive }
}

/// The answer to what is no good request; the connection ends with it.
pub fn refusal(error: RequestError) -> Answer {
    let status = match error {
        RequestError::Damaged => Status::BadRequest,
        RequestError::Method => Status::NotImplemented,
        RequestError::TooLarge => Status::ContentTooLarge,
        RequestError::LengthRequired => Status::LengthRequired,
    };
    empty(status, false)
}

/// The head on the wire.
pub fn head(answer: &Answer, content_type: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} {}\r\n", answer.status as u16, answer.status.reason());
    if answer.status != Status::NoContent {
        text.push_str(&format!("Content-Length: {}\r\n", answer.length));
    }
    match answer.status {
        Status::Ok | Status::PartialContent => {
            text.push_str(&format!("Content-Type: {content_type}\r\nAccept-Ranges: bytes\r\n"));
        }
        Status::MethodNotAllowed => text.push_str("Allow: GET, HEAD, POST\r\n"),
        _ => {}
    }
    if answer.status == Status::PartialContent {
        let last = answer.offset + answer.length - 1;
        text.push_str(&format!("Content-Range: bytes {}-{last}/{}\r\n", answer.offset, answer.whole));
    } else if answer.status == Status::RangeNotSatisfiable {
        text.push_str(&format!("Content-Range: bytes */{}\r\n", answer.whole));
    }
    text.push_str(if answer.keep_alive {
        "Connection: keep-alive\r\n\r\n"
    } else {
        "Connection: close\r\n\r\n"
    });
    text.into_bytes()
}

/// The type of an EFI program.
pub const EFI_PROGRAM: &str = "application/efi";

/// The type of a file by its name.
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("efi") => EFI_PROGRAM,
        Some("iso") => "application/vnd.efi-iso",
        Some("img") => "application/vnd.efi-img",
        Some("ipxe" | "cfg" | "txt" | "sha256") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("yaml" | "yml") => "application/yaml",
        _ => "application/octet-stream",
    }
}
