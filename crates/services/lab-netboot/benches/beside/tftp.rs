//! Bytes a second by TFTP with blocks that fill an Ethernet frame, one block at a time and in windows (RFC 7440).
//!
//! tftpd-hpa knows no windows and so answers the same request one block at a time; atftpd knows them.

use crate::ours;
use crate::rounds::{self, Figures, OURS, Table};
use crate::yard::{Running, SERVER, Yard, answer};
use std::time::Instant;

/// A kernel with a large initramfs. Longer files need block numbers that wrap, which not every server does.
const BYTES: usize = 64 << 20;

pub(crate) fn print() {
    let servers = rounds::present(&[("tftpd-hpa", "in.tftpd", "tftpd-hpa"), ("atftpd", "atftpd", "atftpd")]);
    if rounds::present(&[("tftp", "atftp", "atftp")]).len() < 2 {
        return;
    }
    for (window, clients) in [(1, 1), (8, 1), (64, 1), (1, 8), (8, 8)] {
        let title =
            format!("TFTP: 64 MiB in blocks of 1,428 bytes, windows of {window}, clients at once: {clients}");
        let table = Table { title: &title, rate: ("MB/s", 1e6), cpu: "CPU s/GB" };
        rounds::print(&table, &servers, |server| measure(server, window, clients));
    }
}

fn measure(server: &str, window: u32, clients: u32) -> Figures {
    let yard = Yard::new();
    std::fs::write(yard.path("image"), vec![0x5a; BYTES]).unwrap();
    let running = start(&yard, server);
    let name = if server == OURS { "files/image" } else { "image" };
    let option = format!("windowsize {window}");
    let began = Instant::now();
    let fixed = ["atftp", "-g", "-r", name, "-l", "/dev/null", "--option", "blksize 1428"];
    let arguments = [&fixed[..], &["--option", &option, SERVER]].concat();
    let asked: Vec<_> = (0..clients).map(|_| yard.ask(&arguments)).collect();
    asked.into_iter().for_each(|client| drop(answer(client, false)));
    let (seconds, bytes) = (began.elapsed().as_secs_f64(), f64::from(clients) * BYTES as f64);
    Figures {
        rate: bytes / seconds,
        cpu: running.cost().cpu.as_secs_f64() / (bytes / 1e9),
        peak_mib: (server == OURS).then(|| running.cost().peak_kib as f64 / 1024.0),
    }
}

fn start(yard: &Yard, server: &str) -> Running {
    let folder = yard.folder.path().to_string_lossy();
    // They read as another user, who may not enter a folder made for one alone.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(yard.folder.path(), open).unwrap();
    match server {
        OURS => ours::start(yard, 69),
        "tftpd-hpa" => yard.serve(&["in.tftpd", "-L", "-a", "10.80.0.1:69", "-u", "root", "-s", &folder], 69),
        "atftpd" => {
            let fixed = ["atftpd", "--daemon", "--no-fork", "--bind-address", SERVER, "--user", "root"];
            yard.serve(&[&fixed[..], &["--group", "root", "--logfile", "-", &folder]].concat(), 69)
        }
        other => unreachable!("{other} is none of the servers"),
    }
}
