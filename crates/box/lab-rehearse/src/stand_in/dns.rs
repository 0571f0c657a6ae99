//! A name server of a few lines (RFC 1035): addresses of names that it is given, wildcards as RFC 4592 has them, nothing else. And
//! the question that is put to one.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

/// Type A, class IN.
const A_IN: [u8; 4] = [0, 1, 0, 1];
const NAME_ERROR: u8 = 3;
const TTL_SECS: u32 = 1;

/// The answer to a question in one datagram; none to what is no question.
pub(super) fn answer(names: &[(String, Vec<IpAddr>)], asked: &[u8]) -> Option<Vec<u8>> {
    let (name, end) = name_at(asked, 12)?;
    if asked.get(2)? & 0x80 != 0 || asked.get(4..6)? != [0, 1] {
        return None;
    }
    let question = asked.get(12..end + 4)?;
    let found = find(names, &name);
    let is_a = question.ends_with(&A_IN);
    let addresses: Vec<Ipv4Addr> =
        found.iter().copied().flatten().filter_map(|at| v4(*at)).filter(|_| is_a).collect();
    let code = if found.is_some() { 0 } else { NAME_ERROR };
    let mut said = asked.get(..2)?.to_vec();
    // A response, authoritative, recursion as it was desired.
    said.extend([
        0x84 | (asked[2] & 1),
        0x80 | code,
        0,
        1,
        0,
        u8::try_from(addresses.len()).ok()?,
        0,
        0,
        0,
        0,
    ]);
    said.extend(question);
    for address in addresses {
        // The name is the one at byte 12.
        said.extend([0xc0, 12]);
        said.extend(A_IN);
        said.extend(TTL_SECS.to_be_bytes());
        said.extend([0, 4]);
        said.extend(address.octets());
    }
    Some(said)
}

fn v4(address: IpAddr) -> Option<Ipv4Addr> {
    if let IpAddr::V4(v4) = address { Some(v4) } else { None }
}

fn find<'a>(names: &'a [(String, Vec<IpAddr>)], name: &str) -> Option<&'a Vec<IpAddr>> {
    let exact = names.iter().find(|(own, _)| own == name);
    let wild = || {
        let fits = names.iter().filter(|(own, _)| {
            own.strip_prefix('*').is_some_and(|end| name.len() > end.len() && name.ends_with(end))
        });
        fits.max_by_key(|(own, _)| own.len())
    };
    exact.or_else(wild).map(|(_, at)| at)
}

/// The name at a place, in lower case, and the place behind it.
fn name_at(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        match length {
            0 => return Some((labels.join("."), at)),
            1..=63 => {
                labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
                at += length;
            }
            // Questions are not compressed.
            _ => return None,
        }
    }
}

/// Asks a name server for the addresses of a name.
pub(super) fn ask(server: IpAddr, name: &str, wait: Duration) -> io::Result<Vec<Ipv4Addr>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(SocketAddr::new(server, 53))?;
    socket.set_read_timeout(Some(wait))?;
    let id = socket.local_addr()?.port().to_be_bytes();
    socket.send(&question(id, name))?;
    let mut said = [0; 1500];
    loop {
        let n = socket.recv(&mut said)?;
        if said[..2] == id {
            return Ok(addresses(&said[..n]).unwrap_or_default());
        }
    }
}

fn question(id: [u8; 2], name: &str) -> Vec<u8> {
    let mut message = vec![id[0], id[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        message.push(u8::try_from(label.len().min(63)).unwrap_or(63));
        message.extend(label.bytes().take(63));
    }
    message.push(0);
    message.extend(A_IN);
    message
}

/// The addresses in an answer. Other records, such as aliases on the way, are stepped over.
fn addresses(said: &[u8]) -> Option<Vec<Ipv4Addr>> {
    let count = u16::from_be_bytes([*said.get(6)?, *said.get(7)?]);
    let mut at = name_at(said, 12)?.1 + 4;
    let mut found = Vec::new();
    for _ in 0..count {
        while *said.get(at)? & 0xc0 != 0xc0 && *said.get(at)? != 0 {
            at += 1 + usize::from(*said.get(at)?);
        }
        at += if *said.get(at)? == 0 { 1 } else { 2 };
        let length = usize::from(u16::from_be_bytes([*said.get(at + 8)?, *said.get(at + 9)?]));
        let data = said.get(at + 10..at + 10 + length)?;
        if said.get(at..at + 4)? == A_IN && length == 4 {
            found.push(Ipv4Addr::new(data[0], data[1], data[2], data[3]));
        }
        at += 10 + length;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(names: &[(&str, [u8; 4])], name: &str) -> Option<Vec<Ipv4Addr>> {
        let names: Vec<(String, Vec<IpAddr>)> =
            names.iter().map(|(name, at)| ((*name).to_owned(), vec![IpAddr::from(*at)])).collect();
        addresses(&answer(&names, &question([1, 2], name))?)
    }

    #[test]
    fn names_and_wildcards_are_answered() {
        let names = [("*.home", [10, 0, 0, 1]), ("nas.home", [10, 0, 0, 2])];
        let one = |n: u8| Some(vec![Ipv4Addr::new(10, 0, 0, n)]);
        assert_eq!(asked(&names, "Photos.home"), one(1));
        assert_eq!(asked(&names, "nas.home"), one(2));
        assert_eq!(asked(&names, "home"), Some(vec![]));
        assert_eq!(asked(&names, "nas.elsewhere"), Some(vec![]));
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        for noise in [&[][..], &[0; 11], &[0xff; 40], &question([1, 2], "a.b")[..14]] {
            assert_eq!(answer(&[], noise), None);
        }
    }
}
