//! An image of 300 MB by HTTP to one and to eight clients at once: bytes a second, time of the processor, memory.

use crate::ours;
use crate::rounds::{self, Figures, OURS, Table};
use crate::yard::{Running, SERVER, Yard, answer};
use std::time::Instant;

const BYTES: u64 = 300_000_000;

pub(crate) fn print() {
    let servers = rounds::present(&[("nginx", "nginx", "nginx-light")]);
    if rounds::present(&[("http", "curl", "curl")]).len() < 2 {
        return;
    }
    for clients in [1, 8] {
        let title = format!("HTTP: an image of 300 MB, clients at once: {clients}");
        let table = Table { title: &title, rate: ("MB/s", 1e6), cpu: "CPU s/GB" };
        rounds::print(&table, &servers, |server| measure(server, clients));
    }
}

fn measure(server: &str, clients: u32) -> Figures {
    let yard = Yard::new();
    // Written, not only made long: the file's pages are then in memory, as they are for a second machine.
    std::fs::write(yard.path("image"), vec![0x5a; usize::try_from(BYTES).unwrap()]).unwrap();
    let running = start(&yard, server);
    let url = match server {
        OURS => format!("http://{SERVER}/files/image"),
        _ => format!("http://{SERVER}/image"),
    };
    let before = running.cost();
    let began = Instant::now();
    // One client alone is done in a blink, which the other programs of the machine would decide about: so several times.
    let times = if clients == 1 { 4 } else { 1 };
    let fetch = ["-o", "/dev/null", url.as_str()].repeat(times);
    let arguments = [&["curl", "-sSf", "-w", "%{size_download} "][..], &fetch].concat();
    let asked: Vec<_> = (0..clients).map(|_| yard.ask(&arguments)).collect();
    for client in asked {
        assert_eq!(answer(client, false), format!("{BYTES} ").repeat(times));
    }
    let seconds = began.elapsed().as_secs_f64();
    let (cost, bytes) = (running.cost(), f64::from(clients) * times as f64 * BYTES as f64);
    Figures {
        rate: bytes / seconds,
        cpu: (cost.cpu - before.cpu).as_secs_f64() / (bytes / 1e9),
        peak_mib: Some(cost.peak_kib as f64 / 1024.0),
    }
}

fn start(yard: &Yard, server: &str) -> Running {
    if server == OURS {
        return ours::start(yard, 80);
    }
    let folder = yard.folder.path().display();
    let text = format!(
        "user root; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/body;\n\
         server {{ listen {SERVER}:80; root {folder}; }} }}\n"
    );
    std::fs::write(yard.path("nginx.conf"), text).unwrap();
    yard.serve(&["nginx", "-e", &yard.path("error.log"), "-c", &yard.path("nginx.conf")], 80)
}
