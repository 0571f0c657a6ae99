//! Asking from where people sit: questions on lines of the input, asked again and again, an answer a line of the output.

use super::serve::first_ready;
use super::{CONNECT, dns};
use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Questions that are asked at once from one place.
const AT_ONCE: usize = 12;
/// One question is not asked again sooner.
const PAUSE: Duration = Duration::from_millis(500);
/// How long one name server is waited for before the next is asked.
const NAME: Duration = Duration::from_secs(1);

/// What is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Question {
    /// A service, by its name: one of the name servers says where, and there it answers.
    Named {
        /// The service.
        service: String,
        /// Its name.
        name: String,
        /// The port.
        port: u16,
        /// The name servers, in the order in which they are asked.
        servers: Vec<IpAddr>,
    },
    /// A service, at any of its addresses.
    At {
        /// The service.
        service: String,
        /// Where.
        at: Vec<SocketAddr>,
    },
    /// A name, at one name server: it leads to one of the addresses.
    Name {
        /// The name.
        name: String,
        /// The name server.
        server: IpAddr,
        /// Where it leads.
        to: Vec<IpAddr>,
    },
    /// Whether a connection is accepted.
    Open(SocketAddr),
}

impl Question {
    /// One line of words.
    pub fn to_line(&self) -> String {
        let list = |items: Vec<String>| if items.is_empty() { "-".to_owned() } else { items.join(",") };
        match self {
            Question::Named { service, name, port, servers } => {
                format!(
                    "named {service} {name} {port} {}",
                    list(servers.iter().map(IpAddr::to_string).collect())
                )
            }
            Question::At { service, at } => {
                format!("at {service} {}", list(at.iter().map(SocketAddr::to_string).collect()))
            }
            Question::Name { name, server, to } => {
                format!("name {name} {server} {}", list(to.iter().map(IpAddr::to_string).collect()))
            }
            Question::Open(at) => format!("open {at}"),
        }
    }

    /// Reads what [`Self::to_line`] writes.
    pub fn parse(line: &str) -> Option<Self> {
        fn list<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
            if text == "-" {
                Some(Vec::new())
            } else {
                text.split(',').map(|item| item.parse().ok()).collect()
            }
        }
        let owned = |text: &str| text.to_owned();
        Some(match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["named", service, name, port, servers] => Question::Named {
                service: owned(service),
                name: owned(name),
                port: port.parse().ok()?,
                servers: list(servers)?,
            },
            ["at", service, at] => Question::At { service: owned(service), at: list(at)? },
            ["name", name, server, to] => {
                Question::Name { name: owned(name), server: server.parse().ok()?, to: list(to)? }
            }
            ["open", at] => Question::Open(at.parse().ok()?),
            _ => return None,
        })
    }

    /// Asks once. What was said, or why not.
    fn ask(&self) -> Result<String, String> {
        match self {
            Question::Named { service, name, port, servers } => {
                let (addresses, server) = lookup(name, servers)?;
                let at: Vec<SocketAddr> =
                    addresses.into_iter().map(|at| SocketAddr::new(at.into(), *port)).collect();
                first_ready("ask", service, &at, "-").map(|said| format!("{said}, named by {server}"))
            }
            Question::At { service, at } => first_ready("ask", service, at, "-"),
            Question::Name { name, server, to } => match dns::ask(*server, name, NAME) {
                Ok(found) if found.iter().any(|at| to.contains(&IpAddr::V4(*at))) => Ok(format!("{found:?}")),
                Ok(found) => Err(format!("it leads to {found:?}")),
                Err(error) => Err(error.to_string()),
            },
            Question::Open(at) => match TcpStream::connect_timeout(at, CONNECT) {
                Ok(_) => Ok("accepted".to_owned()),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

fn lookup(name: &str, servers: &[IpAddr]) -> Result<(Vec<Ipv4Addr>, IpAddr), String> {
    let mut why = "no name server".to_owned();
    for server in servers {
        match dns::ask(*server, name, NAME) {
            Ok(found) if !found.is_empty() => return Ok((found, *server)),
            Ok(_) => why = format!("{server} does not know {name}"),
            Err(error) => why = format!("{server}: {error}"),
        }
    }
    Err(why)
}

/// Asks the questions on `input`, `NUMBER QUESTION` a line up to an empty one, again and again until the input ends. Writes a line for
/// each answer: `NUMBER up|down MILLISECONDS WHAT`.
///
/// # Errors
/// When the questions cannot be read.
pub fn watch(mut input: impl BufRead, output: impl Write + Send + 'static) -> io::Result<()> {
    let mut questions = VecDeque::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((number, question)) = line.trim().split_once(' ')
            && let Some(question) = Question::parse(question)
        {
            questions.push_back((Instant::now(), number.to_owned(), question));
        }
    }
    let queue = Arc::new((Mutex::new(questions), Condvar::new()));
    let output = Arc::new(Mutex::new(output));
    for _ in 0..AT_ONCE {
        let (queue, output) = (Arc::clone(&queue), Arc::clone(&output));
        std::thread::spawn(move || {
            while ask_next(&queue, &output).is_ok() {}
            // Nobody reads any more.
        });
    }
    // Whoever watches holds the input open as long as it watches.
    io::copy(&mut input, &mut io::sink()).map(drop)
}

type Queue = (Mutex<VecDeque<(Instant, String, Question)>>, Condvar);

fn ask_next(queue: &Queue, output: &Mutex<impl Write>) -> io::Result<()> {
    let (waiting, there_is_one) = queue;
    let mut locked = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (due, number, question) = loop {
        match locked.pop_front() {
            Some(next) => break next,
            None => locked = there_is_one.wait(locked).unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    };
    drop(locked);
    sleep(due.saturating_duration_since(Instant::now()));
    let begin = Instant::now();
    let said = question.ask();
    let (word, detail) = match &said {
        Ok(said) => ("up", said),
        Err(why) => ("down", why),
    };
    let line = format!("{number} {word} {} {}\n", begin.elapsed().as_millis(), detail.replace('\n', " "));
    let mut out = output.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    out.write_all(line.as_bytes()).and_then(|()| out.flush())?;
    drop(out);
    waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push_back((
        begin + PAUSE,
        number,
        question,
    ));
    there_is_one.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_lines() {
        let at = SocketAddr::from(([10, 0, 0, 1], 443));
        let questions = [
            Question::Named {
                service: "photos".into(),
                name: "photos.home".into(),
                port: 443,
                servers: vec![at.ip()],
            },
            Question::At { service: "photos".into(), at: vec![at, at] },
            Question::Name { name: "photos.home".into(), server: at.ip(), to: vec![] },
            Question::Open(at),
        ];
        for question in questions {
            assert_eq!(Question::parse(&question.to_line()), Some(question));
        }
        assert_eq!(Question::parse("whatever"), None);
    }
}
