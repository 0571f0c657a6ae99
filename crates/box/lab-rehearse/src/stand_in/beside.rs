//! Real programs and pools beside a stand-in. The program has the port that is described, so whoever asks it speaks its own protocol, to the
//! described address, through everything that is in between. It knows nothing of what its service is described to need; that is asked of
//! the stand-in beside it, at the same address and port: packets with a mark (a code point of RFC 2474 for local use) take the same way through
//! the same rules, and are handed to the stand-in by the machine that they are for.

use super::{ANSWER, CONNECT, PORT};
use lab_box::observe::{Language, Question, ask_from_here};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The code point of questions for stand-ins (RFC 2474, section 6: pool 2, local use).
const MARK: u32 = 0b00_0111;
/// Names are asked as names, also of real programs.
const DNS: u16 = 53;
/// Whether bridged frames are shown to rules for packets; of the network namespace.
const BRIDGED: &str = "/proc/sys/net/bridge/bridge-nf-call-iptables";
/// How long a real program may take to answer. Members of a cluster wait for an election themselves.
const SPOKEN: Duration = Duration::from_secs(2);
/// Between two looks at a pool.
const LOOK: Duration = Duration::from_millis(700);
/// A look that takes longer is no answer.
const STALE: Duration = Duration::from_millis(2500);

/// Something real beside a stand-in, without which the stand-in is not ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Beside {
    /// A program that has the port of the service.
    Program {
        /// How it is asked.
        language: Language,
        /// Its port.
        port: u16,
        /// What it exports, when it serves files.
        export: Option<String>,
        /// Its name and version.
        title: String,
    },
    /// A pool of disks on the same machine.
    Pool {
        /// Its name.
        name: String,
        /// The folder of the box's node.
        folder: PathBuf,
    },
}

impl Beside {
    /// In words between spaces.
    pub(super) fn to_words(&self) -> String {
        match self {
            Beside::Program { language, port, export, title } => {
                format!("program {} {port} {} {title}", language.word(), export.as_deref().unwrap_or("-"))
            }
            Beside::Pool { name, folder } => format!("pool {name} {}", folder.display()),
        }
    }

    /// Reads what [`Self::to_words`] writes.
    pub(super) fn parse(words: &[&str]) -> Option<Self> {
        match words {
            ["program", language, port, export, title @ ..] => Some(Beside::Program {
                language: Language::of_word(language)?,
                port: port.parse().ok()?,
                export: (*export != "-").then(|| (*export).to_owned()),
                title: title.join(" "),
            }),
            ["pool", name, folder @ ..] => {
                Some(Beside::Pool { name: (*name).to_owned(), folder: folder.join(" ").into() })
            }
            _ => None,
        }
    }
}

/// A connection whose packets are handed to the stand-in, whoever has the port.
pub(super) fn connect(at: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
    if at.is_ipv4() {
        socket.set_tos_v4(MARK << 2)?;
    }
    socket.connect_timeout(&at.into(), CONNECT)?;
    Ok(socket.into())
}

/// Has questions for the stand-in at ports of real programs handed to it.
pub(super) fn divert(taken: impl Iterator<Item = u16>) -> io::Result<()> {
    let ports: Vec<String> = taken.filter(|port| *port != DNS).map(|port| port.to_string()).collect();
    if ports.is_empty() {
        return Ok(());
    }
    // What a bridge of this machine hands on is not for it yet, whatever its address: a router in a virtual machine comes first. Where the kernel
    // has no such switch, it does not show bridged frames to these rules.
    drop(std::fs::write(BRIDGED, "0"));
    // What is only passing through is left alone.
    let rule = format!(
        "fib daddr type local ip dscp {MARK} tcp dport {{ {} }} redirect to :{PORT};",
        ports.join(", ")
    );
    let text = format!(
        "add table ip labwright_aside\ndelete table ip labwright_aside\ntable ip labwright_aside {{\n\
         chain in {{ type nat hook prerouting priority -100; {rule} }}\n\
         chain out {{ type nat hook output priority -100; {rule} }}\n}}\n"
    );
    let mut nft =
        Command::new("nft").args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    nft.stdin.take().ok_or_else(|| io::Error::other("no input"))?.write_all(text.as_bytes())?;
    let is_done = nft.wait()?.success();
    is_done.then_some(()).ok_or_else(|| io::Error::other("nft refuses to hand questions to the stand-in"))
}

/// What a stand-in says when it is ready and whoever asks shall ask the program as well.
pub(super) fn told(ready: String, beside: &[Beside]) -> String {
    let program = beside.iter().find(|beside| matches!(beside, Beside::Program { .. }));
    program.map_or(ready.clone(), |program| format!("{ready} beside {}", program.to_words()))
}

/// The answer of the stand-in at `at`, once the program beside it was asked as well.
pub(super) fn heard(at: SocketAddr, said: String) -> String {
    let Some((ready, words)) = said.split_once(" beside ") else { return said };
    let words: Vec<&str> = words.split(' ').collect();
    let Some(Beside::Program { language, port, export, title }) = Beside::parse(&words) else {
        return format!("no {said}");
    };
    let to = SocketAddr::new(at.ip(), port);
    let question = match export {
        Some(export) => Question::Share { to, export },
        None => Question::Spoken { to, language },
    };
    if ask_from_here(&question, SPOKEN).ok {
        format!("{ready} by {title}")
    } else {
        format!("no {title} at {to} does not answer ({})", language.question())
    }
}

/// What is known of the pools of a machine.
#[derive(Default)]
pub(super) struct Pools(BTreeMap<String, Mutex<Option<(Instant, bool)>>>);

impl Pools {
    pub(super) fn of<'a>(beside: impl Iterator<Item = &'a Beside>) -> Self {
        let name = |beside: &Beside| match beside {
            Beside::Pool { name, .. } => Some(name.clone()),
            Beside::Program { .. } => None,
        };
        Self(beside.filter_map(name).map(|name| (name, Mutex::default())).collect())
    }

    /// Whether a pool was read and written just now.
    pub(super) fn works(&self, name: &str) -> Result<(), String> {
        let known = self.0.get(name).and_then(|pool| *pool.lock().unwrap_or_else(PoisonError::into_inner));
        match known {
            Some((at, true)) if at.elapsed() < STALE => Ok(()),
            Some((_, false)) => Err(format!("pool {name} does not read and write")),
            _ => Err(format!("pool {name} does not answer")),
        }
    }

    /// Looks at a pool, for ever.
    pub(super) fn watch(&self, name: &str, folder: &Path) {
        let Some(pool) = self.0.get(name) else { return };
        loop {
            let is_used = use_pool(name, folder);
            *pool.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), is_used));
            sleep(LOOK);
        }
    }
}

/// Reads and writes a pool, as the machine that has it sees it: in the mounts of its ZFS.
fn use_pool(name: &str, folder: &Path) -> bool {
    let first = std::fs::read_to_string(folder.join("disks/pid")).unwrap_or_default();
    let first = first.trim();
    let is_zfs =
        std::fs::read_to_string(format!("/proc/{first}/comm")).is_ok_and(|comm| comm.trim() == "zfs-fuse");
    if !is_zfs {
        return false;
    }
    let asked = Command::new("nsenter")
        .args(["--target", first, "--mount", "--root", "sh", "/mnt/ask-pool", name, "quick"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    asked.is_ok_and(|output| output.stdout.ends_with(b" yes yes\n"))
}

const _: () =
    assert!(SPOKEN.as_millis() < ANSWER.as_millis(), "whoever asks for others must be able to answer");

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn what_is_beside_is_words() {
        for beside in [
            Beside::Program {
                language: Language::KeyValue,
                port: 2379,
                export: None,
                title: "etcd 3.4.23".into(),
            },
            Beside::Program {
                language: Language::Nfs,
                port: 2049,
                export: Some("tank".into()),
                title: "nfs".into(),
            },
            Beside::Pool { name: "tank".into(), folder: "/var/lib/a b".into() },
        ] {
            let words = beside.to_words();
            assert_eq!(Beside::parse(&words.split(' ').collect::<Vec<_>>()), Some(beside));
        }
        assert_eq!(Beside::parse(&["program", "gopher", "70", "-", "x"]), None);
    }

    /// A stand-in that is ready is not enough: the program beside it must answer in its own protocol.
    #[test]
    fn the_program_itself_is_asked() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let at = listener.local_addr().unwrap();
        let page = |body: &'static str| {
            let listener = listener.try_clone().unwrap();
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(body.as_bytes()).unwrap();
                // Closed only when the question was read, so that the answer is not lost with it.
                drop(io::Read::read(&mut stream, &mut [0; 512]));
            })
        };
        let beside = Beside::Program {
            language: Language::Http,
            port: at.port(),
            export: None,
            title: "nginx 1".into(),
        };
        let said = told("ready shop node-1".into(), &[beside]);
        let server = page("HTTP/1.1 200 OK\r\n\r\nshop\n");
        assert_eq!(heard(at, said.clone()), "ready shop node-1 by nginx 1");
        server.join().unwrap();
        let server = page("HTTP/1.1 502 Bad Gateway\r\n\r\nshop\n");
        assert_eq!(heard(at, said), format!("no nginx 1 at {at} does not answer (HTTP: GET /)"));
        server.join().unwrap();
        assert_eq!(
            heard(at, "ready photos node-1".into()),
            "ready photos node-1",
            "nothing real is beside it"
        );
    }

    #[test]
    fn a_pool_that_nobody_has_looked_at_is_no_answer() {
        let beside = [Beside::Pool { name: "tank".into(), folder: "/nowhere".into() }];
        let pools = Pools::of(beside.iter());
        assert_eq!(pools.works("tank"), Err("pool tank does not answer".into()));
        assert!(!use_pool("tank", Path::new("/nowhere")));
    }
}
