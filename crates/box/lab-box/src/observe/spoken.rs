//! Asking a service in its own protocol: everything is said at once, then listened to until the answer is clear. Nothing is asked that would
//! change what a service keeps, but for one key of a key-value store and one file of an export.

use super::attempt;

/// A protocol, and the one question that shows that a service speaks it and works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// HTTP/1.1 (RFC 9112): the page `/` is there.
    Http,
    /// TLS 1.2 (RFC 5246): the server says hello. No certificate is looked at.
    Tls,
    /// PostgreSQL's protocol, version 3: `select 1` is 1, for the user `postgres` without a password.
    Sql,
    /// DNS over TCP (RFC 7766): `localhost` has an address (RFC 6761), which a resolver knows by itself.
    Names,
    /// etcd's gateway for JSON: a key is written and read, both of which take a quorum.
    KeyValue,
    /// NFS version 4 (RFC 7530): a file of an export is written to stable storage and read again.
    Nfs,
}

/// Sent to etcd: `labwright` = `asked`, in Base64.
const PUT: &str = r#"{"key":"bGFid3JpZ2h0","value":"YXNrZWQ="}"#;
const RANGE: &str = r#"{"key":"bGFid3JpZ2h0"}"#;
/// Recognises the answer to a call of a procedure.
const CALL: u32 = 0x6c77_6e66;
/// Written to a file by NFS and read again.
const WRITTEN: &[u8; 16] = b"asked: labwright";
/// The export that every NFS server of a box has.
const EXPORT: &str = "export";

impl Language {
    /// The question, in words.
    pub fn question(self) -> &'static str {
        match self {
            Language::Http => "HTTP: GET /",
            Language::Tls => "TLS: hello",
            Language::Sql => "SQL: select 1",
            Language::Names => "DNS: localhost",
            Language::KeyValue => "put and get",
            Language::Nfs => "NFS: write and read",
        }
    }

    /// All of them, each with one word for programs.
    const WORDS: [(Language, &'static str); 6] = [
        (Language::Http, "http"),
        (Language::Tls, "tls"),
        (Language::Sql, "sql"),
        (Language::Names, "dns"),
        (Language::KeyValue, "kv"),
        (Language::Nfs, "nfs"),
    ];

    /// One word, for programs.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(language, _)| *language == self).map_or("", |(_, word)| word)
    }

    /// The protocol of [`Self::word`].
    pub fn of_word(word: &str) -> Option<Language> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(language, _)| *language)
    }

    /// What is sent once the connection stands.
    pub(super) fn request(self) -> Vec<u8> {
        match self {
            Language::Http => b"GET / HTTP/1.1\r\nHost: labwright\r\nConnection: close\r\n\r\n".to_vec(),
            Language::Tls => client_hello(),
            Language::Sql => select(),
            Language::Names => framed(&attempt::query(1, "localhost")),
            Language::KeyValue => [post("put", PUT), post("range", RANGE)].concat().into_bytes(),
            Language::Nfs => share(EXPORT),
        }
    }

    /// What was said so far: `None`, not enough to know; `Some(None)`, no; `Some(Some(said))`, yes.
    pub(super) fn understand(self, heard: &[u8]) -> Option<Option<String>> {
        let known = match self {
            Language::Http => page(heard)?,
            // A handshake, of which the first message is the server's hello.
            Language::Tls => (*heard.first()? == 22 && *heard.get(5)? == 2).then(String::new),
            Language::Sql => row(heard)?,
            Language::Names => {
                let (length, answer) = heard.split_first_chunk::<2>()?;
                attempt::addresses(answer.get(..usize::from(u16::from_be_bytes(*length)))?)
            }
            Language::KeyValue => kept(heard)?,
            Language::Nfs => {
                let word = |at: usize| Some(u32::from_be_bytes(*heard.get(at * 4..)?.first_chunk()?));
                let length = word(0)? & 0x7fff_ffff;
                heard.get(..4 + length as usize)?;
                // Our call, replied to, accepted, without a verifier, done; and all operations are.
                let is_done = word(1) == Some(CALL)
                    && [(2, 1), (3, 0), (6, 0), (7, 0)].iter().all(|(at, is)| word(*at) == Some(*is));
                (is_done && heard.ends_with(WRITTEN)).then(String::new)
            }
        };
        Some(known)
    }
}

/// One call of NFS 4.0: `asked.nfs` in the root of an export is written and read, by a user who is root, without opening it (RFC 7530, sections
/// 9.1.4.3 and 16: the anonymous stateid).
pub(super) fn share(export: &str) -> Vec<u8> {
    // PUTROOTFH, LOOKUP twice; WRITE at 0 to stable storage; READ at 0.
    let mut body = words(&[CALL, 0, 2, 100_003, 4, 1, 1, 32, 0, 9]);
    // AUTH_SYS: a stamp, whose machine, user and group 0, no others; no verifier.
    body.extend(b"labwright\0\0\0");
    body.extend(words(&[0, 0, 0, 0, 0]));
    body.extend(words(&[2]));
    body.extend(b"lw\0\0");
    body.extend(words(&[0, 5, 24]));
    for name in [export, "asked.nfs"] {
        body.extend(words(&[15]));
        body.extend(opaque(name.as_bytes()));
    }
    body.extend(words(&[38, 0, 0, 0, 0, 0, 0, 2]));
    body.extend(opaque(WRITTEN));
    body.extend(words(&[25, 0, 0, 0, 0, 0, 0, WRITTEN.len() as u32]));
    // The last fragment, of so many octets.
    [words(&[0x8000_0000 | body.len() as u32]), body].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// With its length before it and filled up to words (RFC 4506, section 4.10).
fn opaque(bytes: &[u8]) -> Vec<u8> {
    let filled = bytes.len().next_multiple_of(4) - bytes.len();
    [&words(&[bytes.len() as u32]), bytes, &vec![0; filled]].concat()
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes()[..], message].concat()
}

fn post(verb: &str, body: &str) -> String {
    format!(
        "POST /v3/kv/{verb} HTTP/1.1\r\nHost: labwright\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The first line of a page, once all of it is there or enough.
fn page(heard: &[u8]) -> Option<Option<String>> {
    let text = String::from_utf8_lossy(heard);
    let status = text.split("\r\n").next()?.split(' ').nth(1)?.to_owned();
    let (_, body) = text.split_once("\r\n\r\n")?;
    let first = body.split_once('\n')?.0;
    Some(matches!(status.as_bytes(), [b'2' | b'3', _, _]).then(|| first.trim_end().to_owned()))
}

/// A startup message without a password, and a query right behind it.
fn select() -> Vec<u8> {
    let who = b"user\0postgres\0database\0postgres\0\0";
    let query = b"select 1\0";
    let mut bytes = (who.len() as u32 + 8).to_be_bytes().to_vec();
    bytes.extend(196_608_u32.to_be_bytes());
    bytes.extend(who);
    bytes.push(b'Q');
    bytes.extend((query.len() as u32 + 4).to_be_bytes());
    bytes.extend(query);
    bytes
}

/// The one row of the answer; no when a password is asked for, or an error comes.
fn row(heard: &[u8]) -> Option<Option<String>> {
    let mut rest = heard;
    loop {
        let (kind, length) = (*rest.first()?, u32::from_be_bytes(*rest.get(1..)?.first_chunk()?));
        let body = rest.get(5..1 + length as usize)?;
        match kind {
            b'E' => return Some(None),
            b'R' if body != [0; 4] => return Some(None),
            // One column of one octet.
            b'D' => return Some((body == [0, 1, 0, 0, 0, 1, b'1']).then(|| "1".to_owned())),
            _ => rest = rest.get(1 + length as usize..)?,
        }
    }
}

/// Both answers of a key-value store.
fn kept(heard: &[u8]) -> Option<Option<String>> {
    let text = String::from_utf8_lossy(heard);
    let mut answers = text.split("HTTP/1.1 ").skip(1);
    let put = answers.next()?;
    if put.len() >= 3 && !put.starts_with("200") {
        return Some(None);
    }
    let range =
        answers.next().filter(|range| range.contains("\r\n\r\n") && range.trim_end().ends_with('}'))?;
    let is_kept = range.starts_with("200") && range.contains("YXNrZWQ=");
    Some(is_kept.then(|| "asked".to_owned()))
}

/// A hello that any server of today understands: TLS 1.2, forward secrecy, two curves, four kinds of signature.
fn client_hello() -> Vec<u8> {
    const SUITES: [u8; 12] = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8];
    const EXTENSIONS: [u8; 32] = [
        0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, // supported_groups: X25519, P-256
        0, 11, 0, 2, 1, 0, // ec_point_formats: uncompressed
        0, 13, 0, 12, 0, 10, 4, 3, 8, 4, 4, 1, 5, 3, 6, 3, // signature_algorithms
    ];
    let mut body = vec![3, 3];
    // What is random elsewhere protects nothing here.
    body.extend([0x6c; 32]);
    body.push(0);
    body.extend((SUITES.len() as u16).to_be_bytes());
    body.extend(SUITES);
    body.extend([1, 0]);
    body.extend((EXTENSIONS.len() as u16).to_be_bytes());
    body.extend(EXTENSIONS);
    let mut hello = vec![22, 3, 1];
    hello.extend((body.len() as u16 + 4).to_be_bytes());
    hello.extend([1, 0]);
    hello.extend((body.len() as u16).to_be_bytes());
    hello.extend(body);
    hello
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, heard: &[u8], expect: Option<Option<&str>>) {
        let expect = expect.map(|known| known.map(str::to_owned));
        assert_eq!(language.understand(heard), expect, "{language:?}");
        // However it arrives, it never looks like the opposite before it is whole.
        for n in 0..heard.len() {
            let part = language.understand(&heard[..n]);
            assert!(part.is_none() || part == expect, "{language:?} after {n}: {part:?}");
        }
    }

    #[test]
    fn a_page_is_there_or_not() {
        check(Language::Http, b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nphotos\n", Some(Some("photos")));
        check(Language::Http, b"HTTP/1.1 404 Not Found\r\n\r\n<html>\n", Some(None));
        check(Language::Http, b"photos\n", None);
    }

    #[test]
    fn one_is_one_and_a_password_is_a_no() {
        let ready = b"R\0\0\0\x08\0\0\0\0S\0\0\0\x08a\0b\0Z\0\0\0\x05IT\0\0\0\x06\0\0";
        let row = b"D\0\0\0\x0b\0\x01\0\0\0\x011C\0\0\0\x04";
        check(Language::Sql, &[&ready[..], row].concat(), Some(Some("1")));
        check(Language::Sql, ready, None);
        check(Language::Sql, b"R\0\0\0\x08\0\0\0\x03", Some(None));
        check(Language::Sql, b"E\0\0\0\x08FATA", Some(None));
        // The length of the first message counts itself.
        let asked = Language::Sql.request();
        assert_eq!(usize::from(asked[3]), asked.iter().position(|octet| *octet == b'Q').unwrap());
    }

    #[test]
    fn a_key_is_kept_by_those_that_have_a_quorum() {
        let put = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let range = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"kvs\":[{\"key\":\"bGFid3JpZ2h0\",\"value\":\"YXNrZWQ=\"}]}";
        check(Language::KeyValue, format!("{put}{range}").as_bytes(), Some(Some("asked")));
        check(Language::KeyValue, put.as_bytes(), None);
        check(Language::KeyValue, b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Some(None));
    }

    #[test]
    fn a_call_is_replied_to() {
        let read = [words(&[0x8000_0034, CALL, 1, 0, 0, 0, 0, 0, 1]), opaque(WRITTEN)].concat();
        check(Language::Nfs, &read, Some(Some("")));
        // No such version; no such file.
        check(Language::Nfs, &words(&[0x8000_0018, CALL, 1, 0, 0, 0, 2]), Some(None));
        check(Language::Nfs, &words(&[0x8000_0020, CALL, 1, 0, 0, 0, 0, 2, 1]), Some(None));
        let asked = share("tank");
        assert_eq!(u32::from_be_bytes(*asked.first_chunk().unwrap()), 0x8000_0000 | (asked.len() as u32 - 4));
        assert_eq!(asked.len() % 4, 0);
    }

    #[test]
    fn hello_is_answered_by_hello_and_not_by_an_alert() {
        check(Language::Tls, &[22, 3, 3, 0, 50, 2, 0], Some(Some("")));
        check(Language::Tls, &[21, 3, 3, 0, 2, 2, 40], Some(None));
        let hello = Language::Tls.request();
        assert_eq!(hello.len(), 5 + usize::from(hello[4]));
    }
}
