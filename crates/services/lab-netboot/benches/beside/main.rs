//! The service beside what people use today, on the same wire with the same clients: leases beside Kea and dnsmasq, TFTP
//! beside tftpd-hpa and atftpd, an image by HTTP beside nginx. Prints figures and ratios; `docs/benchmarks.md` explains.
//!
//! Needs root, for network namespaces. A server that is not installed is left out, and that is said.

#![expect(clippy::print_stdout, reason = "printing figures is what it is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run ends by panicking")]

mod http;
mod leases;
mod ours;
mod rounds;
mod tftp;
mod yard;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [verb, state, files] = &arguments[..]
        && verb == ours::VERB
    {
        return ours::serve(state, files);
    }
    // Without it, somebody only wants to know whether it builds: `cargo test --all-targets`.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        return println!("skipped: network namespaces need root");
    }
    let is_wanted = |name: &str| arguments.len() == 1 || arguments.iter().any(|argument| argument == name);
    for (name, print) in [("leases", leases::print as fn()), ("tftp", tftp::print), ("http", http::print)] {
        if is_wanted(name) {
            print();
        }
    }
}
