//! TFTP packets: what a client sends, read; what a server sends, written.
//!
//! Option names are compared without case (RFC 2347); values stay text until the transfer reads them.

/// A packet from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A read request.
    Read(ReadRequest),
    /// A write request, which is always refused.
    Write,
    /// An acknowledgement.
    Ack(u16),
    /// The client gave up; 8 means that it only did not like the options.
    Error {
        /// The code.
        code: u16,
        /// The text, as far as it is UTF-8.
        message: String,
    },
}

/// What a client wants to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// The file's name as it was sent.
    pub file: String,
    /// The options in their order, names in lower case.
    pub options: Vec<(String, String)>,
}

/// Why bytes are no packet of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Too short, or a text without its closing NUL, or not UTF-8.
    #[error("damaged packet")]
    Damaged,
    /// A kind that no client sends.
    #[error("packet kind {0} is not one of a client's")]
    Kind(u16),
    /// A mode other than octet and netascii.
    #[error("transfer mode is neither octet nor netascii")]
    Mode,
}

/// Error codes of RFC 1350 and 2347.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Anything the text tells.
    Other = 0,
    /// No such file.
    NotFound = 1,
    /// Not allowed.
    Access = 2,
    /// Not an operation we do.
    Illegal = 4,
}

impl Packet {
    /// Reads a packet.
    ///
    /// # Errors
    /// When it is none that a client sends.
    pub fn parse(bytes: &[u8]) -> Result<Packet, WireError> {
        let (kind, rest) = bytes.split_first_chunk::<2>().ok_or(WireError::Damaged)?;
        let number = || rest.first_chunk::<2>().map(|b| u16::from_be_bytes(*b)).ok_or(WireError::Damaged);
        match u16::from_be_bytes(*kind) {
            1 => Ok(Packet::Read(read_request(rest)?)),
            2 => Ok(Packet::Write),
            4 => Ok(Packet::Ack(number()?)),
            5 => {
                let code = number()?;
                let text = rest[2..].split(|b| *b == 0).next().unwrap_or_default();
                Ok(Packet::Error { code, message: String::from_utf8_lossy(text).into_owned() })
            }
            other => Err(WireError::Kind(other)),
        }
    }
}

fn read_request(bytes: &[u8]) -> Result<ReadRequest, WireError> {
    let body = bytes.strip_suffix(&[0]).ok_or(WireError::Damaged)?;
    let texts = body.split(|b| *b == 0).map(|t| std::str::from_utf8(t).map_err(|_| WireError::Damaged));
    let texts: Vec<&str> = texts.collect::<Result<_, _>>()?;
    let [file, mode, options @ ..] = &texts[..] else { return Err(WireError::Damaged) };
    // netascii is what some clients say without being told otherwise; the bytes are sent as they are all the same.
    if !mode.eq_ignore_ascii_case("octet") && !mode.eq_ignore_ascii_case("netascii") {
        return Err(WireError::Mode);
    }
    let pairs = options.as_chunks::<2>().0;
    let options =
        pairs.iter().map(|[name, value]| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
    Ok(ReadRequest { file: (*file).to_owned(), options })
}

/// An option acknowledgement.
pub fn oack(options: &[(&str, u64)]) -> Vec<u8> {
    let mut bytes = vec![0, 6];
    for (name, value) in options {
        bytes.extend_from_slice(format!("{name}\0{value}\0").as_bytes());
    }
    bytes
}

/// The four bytes in front of a block.
pub fn data_head(number: u16) -> [u8; 4] {
    let [high, low] = number.to_be_bytes();
    [0, 3, high, low]
}

/// An error.
pub fn error(code: ErrorCode, message: &str) -> Vec<u8> {
    let mut bytes = vec![0, 5, 0, code as u8];
    bytes.extend(message.bytes().filter(|b| *b != 0));
    bytes.push(0);
    bytes
}
