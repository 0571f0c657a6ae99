//! Listeners that stand where services are described, and asking them from outside. They prove that address and port are
//! reachable on the machine; of the service itself, which does not run in the box, they prove nothing.

use crate::interrupt::Interrupt;
use crate::net::Namespace;
use crate::plan::{Machine, ServicePort, Transport};
use crate::verify::Row;
use std::fmt::Write;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The program behind all ports of a machine. Perl, since every Debian has it and it needs no building for a guest.
pub(crate) const PROGRAM: &str = include_str!("listen.pl");

/// How long one question waits for its answer.
const ANSWER: Duration = Duration::from_secs(1);
/// How long a listener may take to be there, once its machine is.
const PATIENCE: Duration = Duration::from_secs(10);
/// Questions asked at once.
const AT_ONCE: usize = 16;

/// The list that the program is given.
pub(crate) fn list(machine: &Machine) -> String {
    list_ports(&machine.services)
}

/// The same of ports alone.
pub(crate) fn list_ports(ports: &[ServicePort]) -> String {
    ports.iter().fold(String::new(), |mut text, port| {
        let transport = if port.transport == Transport::Udp { "udp" } else { "tcp" };
        writeln!(text, "{transport} {} {}", port.port, port.service).expect("a string takes all");
        text
    })
}

/// Asks at every port of `machine`, which the box reaches at `address`; a row for each.
pub(crate) fn verify(
    machine: &Machine,
    address: Ipv4Addr,
    namespace: &Namespace,
    interrupt: &Interrupt,
) -> Vec<Row> {
    let until = Instant::now() + PATIENCE;
    let mut rows = Vec::new();
    for ports in machine.services.chunks(AT_ONCE) {
        // Threads stay in the namespace of the thread that starts them.
        let answers = namespace.enter(|| {
            std::thread::scope(|scope| {
                let asked: Vec<_> = ports
                    .iter()
                    .map(|port| scope.spawn(move || ask_until(port, address.into(), until, interrupt)))
                    .collect();
                asked.into_iter().map(|asked| asked.join().unwrap_or(None)).collect::<Vec<_>>()
            })
        });
        let answers = answers.unwrap_or_else(|_| vec![None; ports.len()]);
        rows.extend(ports.iter().zip(answers).map(|(port, said)| row(machine, port, said)));
    }
    rows
}

fn row(machine: &Machine, port: &ServicePort, said: Option<String>) -> Row {
    let ok = said.as_deref() == Some(&port.service);
    let observed = match said {
        Some(_) if ok => "answers".to_owned(),
        Some(other) => format!("says `{other}`"),
        None => "no answer".to_owned(),
    };
    let fact = format!("service {}", port.service);
    Row { machine: machine.name.clone(), fact, asked: port.to_string(), observed, ok }
}

fn ask_until(port: &ServicePort, at: IpAddr, until: Instant, interrupt: &Interrupt) -> Option<String> {
    let socket = SocketAddr::new(at, port.port);
    loop {
        let said = match port.transport {
            Transport::Tcp => ask_tcp(socket),
            Transport::Udp => ask_udp(socket),
        };
        match said {
            Ok(said) => return Some(said),
            Err(_) if interrupt.is_set() || Instant::now() > until => return None,
            Err(_) => sleep(Duration::from_millis(50)),
        }
    }
}

fn ask_tcp(at: SocketAddr) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&at, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    let mut said = Vec::new();
    stream.take(256).read_to_end(&mut said)?;
    Ok(line(&said))
}

fn ask_udp(at: SocketAddr) -> io::Result<String> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(at)?;
    socket.set_read_timeout(Some(ANSWER))?;
    socket.send(b"who is there\n")?;
    let mut said = [0; 256];
    let n = socket.recv(&mut said)?;
    Ok(line(&said[..n]))
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::machine;
    use std::process::{Child, Command};

    struct Killed(Child);

    impl Drop for Killed {
        fn drop(&mut self) {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }

    fn free_port() -> u16 {
        let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.local_addr().unwrap().port()
    }

    #[test]
    fn the_listener_says_which_service_it_stands_for() {
        let mut machine = machine("node1", 1);
        let port = free_port();
        let service = |transport, service: &str| ServicePort { port, transport, service: service.into() };
        machine.services = vec![service(Transport::Tcp, "photos"), service(Transport::Udp, "names of hosts")];
        let folder = tempfile::tempdir().unwrap();
        let (program, list_file) = (folder.path().join("listen"), folder.path().join("list"));
        std::fs::write(&program, PROGRAM).unwrap();
        std::fs::write(&list_file, format!("nonsense\n{}", list(&machine))).unwrap();
        // In a session of its own: another test ends everything that this process started in its own.
        let _listener =
            Killed(Command::new("setsid").arg("perl").arg(program).arg(list_file).spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        let said = machine
            .services
            .iter()
            .map(|port| ask_until(port, Ipv4Addr::LOCALHOST.into(), until, &Interrupt::default()));
        assert_eq!(said.collect::<Vec<_>>(), [Some("photos".to_owned()), Some("names of hosts".to_owned())]);
    }

    #[test]
    fn somebody_else_at_the_port_is_a_difference() {
        let machine = machine("node1", 1);
        let port = ServicePort { port: 80, transport: Transport::Tcp, service: "photos".into() };
        let found = |said: Option<&str>| {
            let row = row(&machine, &port, said.map(str::to_owned));
            (row.ok, row.observed)
        };
        assert_eq!(found(Some("photos")), (true, "answers".into()));
        assert_eq!(found(Some("nginx")), (false, "says `nginx`".into()));
        assert_eq!(found(None), (false, "no answer".into()));
    }
}
