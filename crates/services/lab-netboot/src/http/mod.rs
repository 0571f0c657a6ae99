//! HTTP/1.1 for boot loaders and installers: GET and HEAD with ranges, POST of reports. No TLS, no chunks, no pipelines
//! beyond what arrives in order.
//!
//! `request` reads a head, `response` plans the answer, `machine` is one connection, `route` what a path means.

pub mod machine;
pub mod request;
pub mod response;
pub mod route;

#[cfg(test)]
mod tests;

/// Feeds arbitrary bytes to everything that reads them; for fuzzing. Panics only on a bug.
#[doc(hidden)]
pub fn fuzz_one(bytes: &[u8]) {
    let mut connection = machine::Connection::new(4096, 4096);
    for part in bytes.chunks(7) {
        connection.receive(part);
        while let machine::Step::Request(request) = connection.step() {
            let _ = route::route(&request.path);
            let _ = response::plan(&request, Some(1000));
        }
    }
}
