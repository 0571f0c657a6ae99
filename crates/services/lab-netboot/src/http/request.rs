//! The head of an HTTP request: method, path, and the four headers that matter here.
//!
//! What cannot be understood safely is refused: two lengths, a transfer encoding, a path that is not plain.

/// How many headers a request may have.
const HEADERS: usize = 64;

/// What is to be done with the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fetch.
    Get,
    /// Fetch the head only.
    Head,
    /// Report.
    Post,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// The path without its first `/` and without query, percent signs decoded.
    pub path: String,
    /// The part that is wanted; none for all of it.
    pub range: Option<Range>,
    /// Whether the connection stays open after the answer.
    pub keep_alive: bool,
    /// The posted body.
    pub body: Vec<u8>,
    pub(super) body_length: usize,
    pub(super) expects_continue: bool,
}

/// A part of a file, as the client writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From a byte to another or to the end, both included.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not HTTP, or ambiguous.
    #[error("the request is damaged")]
    Damaged,
    /// A method other than GET, HEAD, POST and PUT.
    #[error("the method is not known")]
    Method,
    /// A head or body beyond the limit.
    #[error("the request is too large")]
    TooLarge,
    /// A body whose length is not given.
    #[error("the length of the body is missing")]
    LengthRequired,
}

/// Reads a head; returns it and its length, or none when more bytes are needed.
///
/// # Errors
/// When it can never become a good one.
pub fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, RequestError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(RequestError::TooLarge),
        Err(_) => return Err(RequestError::Damaged),
    };
    let method = match head.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST" | "PUT") => Method::Post,
        _ => return Err(RequestError::Method),
    };
    let path = plain_path(head.path.unwrap_or_default()).ok_or(RequestError::Damaged)?;
    let mut request = Request {
        method,
        path,
        range: None,
        keep_alive: head.version == Some(1),
        body: Vec::new(),
        body_length: 0,
        expects_continue: false,
    };
    let mut length_given = false;
    for header in head.headers.iter() {
        let value = std::str::from_utf8(header.value).map_err(|_| RequestError::Damaged)?.trim();
        length_given |= read_header(&mut request, header.name, value, length_given)?;
    }
    if method == Method::Post && !length_given {
        return Err(RequestError::LengthRequired);
    }
    Ok(Some((request, length)))
}

/// Takes over one header; tells whether it was the length of the body.
fn read_header(
    request: &mut Request,
    name: &str,
    value: &str,
    length_given: bool,
) -> Result<bool, RequestError> {
    match name.to_ascii_lowercase().as_str() {
        "content-length" => {
            // Two lengths are how requests are smuggled past whoever stands in front.
            if length_given || !value.bytes().all(|b| b.is_ascii_digit()) {
                return Err(RequestError::Damaged);
            }
            request.body_length = value.parse().map_err(|_| RequestError::TooLarge)?;
            return Ok(true);
        }
        "transfer-encoding" => return Err(RequestError::LengthRequired),
        "connection" => {
            for word in value.split(',').map(str::trim) {
                if word.eq_ignore_ascii_case("close") {
                    request.keep_alive = false;
                } else if word.eq_ignore_ascii_case("keep-alive") {
                    request.keep_alive = true;
                }
            }
        }
        "range" => request.range = range(value),
        "expect" => request.expects_continue = value.eq_ignore_ascii_case("100-continue"),
        _ => {}
    }
    Ok(false)
}

/// One range of bytes. Several at once, or another unit, read as none: all of it is then sent (RFC 9110 §14.2).
fn range(value: &str) -> Option<Range> {
    let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (first.trim(), last.trim()) {
        ("", last) => Some(Range::Last(number(last)?)),
        (first, "") => Some(Range::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Range::From(first, Some(last)))
        }
    }
}

/// The path of a target, decoded; none when it is not plain. A full URL is taken as well (RFC 9112 §3.2.2).
fn plain_path(target: &str) -> Option<String> {
    let path = match target.strip_prefix("http://") {
        Some(rest) => &rest[rest.find('/')?..],
        None => target,
    };
    let path = path.split(['?', '#']).next()?.strip_prefix('/')?;
    let decoded = percent_decoded(path)?;
    let bad =
        decoded.chars().any(char::is_control) || decoded.split('/').any(|part| part == ".." || part == ".");
    (!bad).then_some(decoded)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}
